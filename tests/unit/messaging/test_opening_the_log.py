"""Which event log a URL means, and that Kafka's client stays out of processes that do not use it."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.messaging.log import open_event_log
from shared.messaging.log.base import MAX_MESSAGE_BYTES, Message, MessageTooLargeError, check_size
from shared.messaging.log.kafka import KafkaEventLog
from shared.messaging.log.sqlite import SqliteEventLog
from shared.settings import load_settings

ROOT = Path(__file__).parents[3]


def opened(url: str, **variables: str):
    return open_event_log(load_settings({"EVENT_LOG_URL": url, **variables}))


def test_a_file(tmp_path: Path):
    log = opened(f"sqlite-log:///{tmp_path}/deep/er/events.sqlite")
    assert isinstance(log, SqliteEventLog)
    assert (tmp_path / "deep/er/events.sqlite").exists()
    log.close()


def test_brokers_with_their_settings():
    log = opened("kafka://one:9092,two:9093", EVENT_LOG_ACCEPT_LOSS="true", EVENT_LOG_INSTANCE_ID="worker-1")
    assert isinstance(log, KafkaEventLog)
    assert log._servers == ("one:9092", "two:9093")
    assert log._accept_loss
    assert log._instance_id == "worker-1"


@pytest.mark.parametrize(
    "url",
    [
        "redis://x",
        "kafka://",
        "kafka:///",
        "events.sqlite",
        "sqlite-log:",
        "kafka://host",
        "kafka://a:1,,b:2",
    ],
)
def test_anything_else_is_refused_by_name(url):
    with pytest.raises(ValueError, match=r"EVENT_LOG_URL|sqlite"):
        opened(url)


def test_the_embedded_profile_never_loads_kafkas_client(tmp_path: Path):
    program = (
        "import sys\n"
        "import shared.messaging.worker, shared.web\n"
        "from shared.messaging.log import open_event_log\n"
        "from shared.settings import load_settings\n"
        f"open_event_log(load_settings({{'EVENT_LOG_URL': 'sqlite-log:///{tmp_path}/e.sqlite'}}))\n"
        "sys.exit(any(name.split('.')[0] == 'kafka' for name in sys.modules))\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_the_size_limit_counts_key_value_and_headers_in_bytes():
    def message(key: str, headers: tuple[tuple[str, bytes], ...], size: int) -> Message:
        return Message("t", key, headers, bytes(size))

    check_size(message("ż", (), MAX_MESSAGE_BYTES - 2))
    with pytest.raises(MessageTooLargeError):
        check_size(message("ż", (), MAX_MESSAGE_BYTES - 1))
    check_size(message("", (("ż", b"12"),), MAX_MESSAGE_BYTES - 12))
    with pytest.raises(MessageTooLargeError):
        check_size(message("", (("ż", b"12"),), MAX_MESSAGE_BYTES - 11))
