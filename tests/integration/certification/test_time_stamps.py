"""The client of a time-stamp authority, against OpenSSL's authority behind a real HTTP server."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from shutil import which

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from services.certification.formats.jades import seal
from services.certification.formats.jades_verification import verify_seal
from services.certification.keys.sealing import certified
from services.certification.keys.time_stamps import TimeStampAuthority, TimeStampUnavailableError
from tests.support.authority import Authority, StampingAuthority, name

pytestmark = pytest.mark.skipif(which("openssl") is None, reason="no openssl, which plays the authority")
Answer = Callable[[bytes], tuple[int, bytes]]


class _Server:
    """Answers every POST by `answer`, which a test may exchange."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.types: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.types.append(self.headers["Content-Type"])
                status, body = outer.answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Nothing."""

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


ROOT = Authority("Test root")


@pytest.fixture
def stamps(tmp_path: Path) -> StampingAuthority:
    return StampingAuthority(tmp_path, ROOT)


@pytest.fixture
def server(stamps: StampingAuthority) -> Iterator[_Server]:
    made = _Server(lambda request: (200, stamps.answer(request)))
    yield made
    made.close()


@pytest.fixture
def client(server: _Server) -> Iterator[TimeStampAuthority]:
    made = TimeStampAuthority(server.url, [ROOT.certificate])
    yield made
    made.close()


def test_a_seal_gets_its_time_stamp(client: TimeStampAuthority, server: _Server) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    sealer = certified(key, [ROOT.certify(key, name("Seal", organisation="VATFI-1"))])
    now = datetime.now(UTC)
    verified = verify_seal(
        seal("{}", sealer, now, client.stamp),
        now + timedelta(minutes=1),
        anchors=[ROOT.certificate],
        stamp_anchors=[ROOT.certificate],
    )
    assert verified.trusted
    assert verified.stamped_at is not None
    assert server.types == ["application/timestamp-query"]


def test_an_answer_to_another_question_is_refused(
    client: TimeStampAuthority, server: _Server, stamps: StampingAuthority
) -> None:
    first = client.stamp(b"first")
    old: list[bytes] = []

    def remember(request: bytes) -> tuple[int, bytes]:
        old.append(stamps.answer(request))
        return 200, old[0]

    server.answer = remember
    assert client.stamp(b"second") != first
    for data in (b"second", b"third"):  # the nonce is another, then the data as well
        with pytest.raises(TimeStampUnavailableError, match="does not hold"):
            client.stamp(data)


def test_an_authority_that_nobody_vouches_for_is_refused(server: _Server) -> None:
    client = TimeStampAuthority(server.url, [Authority("Another root").certificate])
    with pytest.raises(TimeStampUnavailableError, match="does not hold"):
        client.stamp(b"data")
    client.close()


@pytest.mark.parametrize(
    "answer", [(503, b""), (302, b""), (200, b""), (200, b"<html>"), (200, b"\x30" * 100_000)]
)
def test_an_answer_that_is_no_time_stamp_is_refused(
    client: TimeStampAuthority, server: _Server, answer: tuple[int, bytes]
) -> None:
    server.answer = lambda _request: answer
    with pytest.raises(TimeStampUnavailableError):
        client.stamp(b"data")


def test_an_authority_that_is_away_is_said() -> None:
    away = TimeStampAuthority("http://127.0.0.1:9/", [ROOT.certificate])
    with pytest.raises(TimeStampUnavailableError, match="does not answer"):
        away.stamp(b"data")
    away.close()
