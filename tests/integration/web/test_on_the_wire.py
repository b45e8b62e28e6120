"""The edge behind the real server: what only shows when gunicorn hands the bytes on as they come."""

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress

import pytest

from deploy.local_servers.process import free_port, wait_until
from shared.settings import load_settings
from shared.web.development import mint_token

PATIENCE = 120.0
SERVER = """
from shared.server import serve
from shared.settings import load_settings
from tests.support.sample_service import create_sample, make_database

settings = load_settings()
serve(settings, lambda: create_sample(settings, make_database(f"sqlite:///{settings.home}/sample.sqlite")))
"""


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'database.sqlite'}"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The sample service behind gunicorn on a free port: its settings' variables and how to send bytes to it."""
    port = free_port()
    home = tmp_path_factory.mktemp("wire")
    variables = {
        **os.environ,
        "PASSERELLE_HOME": str(home),
        "BIND": f"127.0.0.1:{port}",
        "LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen([sys.executable, "-c", SERVER], env=variables, stderr=subprocess.PIPE)
    wait_until(lambda: listens(port, process), seconds=PATIENCE, what="the server listens")
    yield variables, port
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert process.stderr.read() == b"", "no fault was logged"
    process.stderr.close()


def listens(port, process):
    assert process.poll() is None, process.stderr.read()
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
        return True
    return False


@pytest.fixture
def exchange(server):
    variables, port = server
    settings = load_settings({name: variables[name] for name in ("PASSERELLE_HOME", "BIND")})
    token = mint_token(settings, "coordinator", institution="helsinki.fi")

    def send(head, body=b""):
        lines = [
            "POST /sample/v1/things HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Authorization: Bearer {token}",
            "Content-Type: application/json",
            "Connection: close",
            *head,
        ]
        answer = b""
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            # A server that has refused need not read to the end; what it said until then is the answer.
            with suppress(ConnectionError):
                connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
                connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionError):
                while received := connection.recv(65_536):
                    answer += received
        head, _, content = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), content

    return send


GOOD = b'{"title": "x", "seats": 1}'
CHUNKED = ["Transfer-Encoding: chunked"]


def test_a_good_body_is_taken_in_one_piece_or_in_chunks(exchange):
    assert exchange([f"Content-Length: {len(GOOD)}"], GOOD)[0] == 201
    half = len(GOOD) // 2
    chunks = [GOOD[:half], GOOD[half:], b""]
    assert exchange(CHUNKED, b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks))[0] == 201


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (CHUNKED, b"ZZZ\r\n"),
        (CHUNKED, b"5\r\n{"),
        (CHUNKED, b"5\r\n{}xxxxx\r\n0\r\n\r\n"),
        (["Content-Length: 100"], GOOD),
        ([], b""),
        (["Content-Length: 0"], b""),
    ],
    ids=[
        "no size",
        "an early end",
        "a size that does not fit",
        "less than announced",
        "no body",
        "an empty body",
    ],
)
def test_a_body_that_is_not_all_there_is_malformed(exchange, head, body):
    """Less than announced may well be a whole document: it is refused all the same, nothing may act on half of it."""
    status, content = exchange(head, body)
    assert status == 400, content
    assert json.loads(content)["type"].rpartition("/")[2] in {"malformed-request", "malformed-json"}


@pytest.mark.parametrize("size", [70_000, 5_000_000])
def test_a_body_that_is_too_large_is_refused_however_it_comes(exchange, size):
    assert exchange([f"Content-Length: {size}"], b" " * min(size, 1_000))[0] == 413
    blank = GOOD + b" " * 70_000
    assert exchange(CHUNKED, b"%x\r\n%s\r\n0\r\n\r\n" % (len(blank), blank))[0] == 413
