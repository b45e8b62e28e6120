"""What the ladder believes: an engine that answers, a server that goes with its starter, words when there is none."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local_servers import docker, kafka, ladder, postgres, process
from deploy.local_servers.process import Process, ServerFailedError, ServerMissingError, free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def answering(path: Path, answer: bytes) -> Iterator[None]:
    """Something that listens at `path` and says `answer` to whoever connects."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.recv(1024)
                client.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "engine.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    monkeypatch.setattr(docker, "_ANSWER_SECONDS", 60)
    return path


def test_an_engine_that_answers_is_one(engine):
    with answering(engine, b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nOK"):
        docker.require_engine()


def test_something_else_that_answers_is_none(engine):
    with answering(engine, b"HTTP/1.0 503 Service Unavailable\r\n\r\n"), pytest.raises(ServerMissingError):
        docker.require_engine()


def test_a_client_without_an_engine_proves_nothing(engine, tmp_path, monkeypatch):
    client = tmp_path / "docker"
    client.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ServerMissingError, match="no container engine answers"):
        docker.require_engine()


def test_an_engine_of_another_machine_is_not_used(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    with pytest.raises(ServerMissingError, match="only an engine on this machine"):
        docker.require_engine()


def test_a_server_ends_with_a_starter_that_is_killed():
    if not shutil.which("setpriv"):
        pytest.skip("setpriv (util-linux) ties a server to its starter")
    program = (
        "from pathlib import Path; import sys, threading\n"
        "from deploy.local_servers.process import Process\n"
        "server = Process(['sleep', '600'], log=Path('/dev/null')); server.start()\n"
        "print(server.pid, flush=True); threading.Event().wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as starter:
        assert starter.stdout
        server = int(starter.stdout.readline())
        # Before it has become the server itself it is not tied to its starter yet.
        wait_until(lambda: _runs(server, "sleep"), seconds=60, what="the server runs")
        starter.kill()
    wait_until(lambda: not _lives(server), seconds=60, what="the server has ended")


def _runs(pid: int, program: str) -> bool:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() == program


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_server_that_ends_while_starting_is_reported_at_once_with_its_last_words(tmp_path):
    process = Process(["sh", "-c", "echo the reason; exit 3"], log=tmp_path / "log")
    process.start()
    with pytest.raises(ServerFailedError, match="the reason"):
        process.wait_ready(lambda: False, seconds=30)
    process.end(signal.SIGTERM)


def test_without_kafkas_jars_and_maven_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(ServerMissingError, match="apt install maven"):
        kafka.ensure_jars()
    with pytest.raises(ServerMissingError, match="apt install default-jre-headless"):
        kafka.find_java()


def test_an_old_java_is_named(tmp_path, monkeypatch):
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n", encoding="utf-8")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(ServerMissingError, match=r"Java 17 or newer.*11\.0\.2"):
        kafka.find_java()


def test_a_half_fetched_set_of_jars_does_not_pass_for_a_full_one(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    maven = tmp_path / "mvn"
    maven.write_text(
        "#!/bin/sh\n"
        'for word; do case "$word" in -DoutputDirectory=*) folder=${word#*=} ;; esac; done\n'
        'mkdir -p "$folder" && touch "$folder/kafka.jar" && echo no network >&2 && exit 1\n',
        encoding="utf-8",
    )
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ServerMissingError, match="no network"):
        kafka.ensure_jars()
    assert not (kafka.cache_folder() / "libs").exists()


def test_the_name_of_a_cluster_may_begin_with_a_hyphen(tmp_path, monkeypatch):
    """One in 64 does, and a command line would take it for an option."""
    java = tmp_path / "java"
    java.write_text('#!/bin/sh\nfor word; do echo "<$word>"; done >&2\nexit 1\n', encoding="utf-8")
    java.chmod(0o755)
    monkeypatch.setattr(kafka, "find_java", lambda: (str(java), "17"))
    monkeypatch.setattr(kafka, "ensure_jars", lambda: tmp_path)
    monkeypatch.setattr(kafka, "urlsafe_b64encode", lambda _: b"-AAAAAAAAAAAAAAAAAAAAA==")
    with pytest.raises(ServerFailedError, match="<--cluster-id=-AAAAAAAAAAAAAAAAAAAAA>"):
        kafka.LocalKafka().start()


def test_the_ladder_takes_the_named_server_and_never_kills_it(monkeypatch):
    monkeypatch.setenv(ladder.KAFKA_VARIABLE, "kafka://broker.example:9092")
    monkeypatch.setattr(kafka, "answers", lambda bootstrap: bootstrap == "broker.example:9092")
    server = ladder.start_kafka()
    assert server.bootstrap == "broker.example:9092"
    with pytest.raises(ServerFailedError, match="not ours to kill"):
        server.kill()


def test_the_named_postgresql_keeps_its_password_for_other_databases(monkeypatch):
    monkeypatch.setenv(ladder.POSTGRES_VARIABLE, "postgresql+psycopg://me:s%40cret@db.example/postgres")
    monkeypatch.setattr(postgres, "answers", lambda url: True)
    assert ladder.start_postgres().url("mine") == "postgresql+psycopg://me:s%40cret@db.example/mine"


def test_free_ports_lie_below_the_ephemeral_ones_and_none_is_given_twice(monkeypatch):
    monkeypatch.setattr(process, "_PORTS", range(20_000, 20_300))
    monkeypatch.setattr(process, "_given", given := set())
    ports = [free_port() for _ in range(150)]
    assert len(set(ports)) == 150
    assert given == set(ports) <= set(range(20_000, 20_300))


def test_the_ports_of_servers_are_below_linuxs_ephemeral_ones():
    assert max(process._PORTS) < 32_768
