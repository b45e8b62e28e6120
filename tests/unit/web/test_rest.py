"""The client between services: one token for many requests, time limits, and errors that say what to do."""

import json
import threading
from collections import Counter
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType

import pytest
import structlog

from shared.rest import MAX_BYTES, RestClient, RestMissingError, RestRefusedError, RestUnavailableError
from shared.settings import SERVICES


class Peer:
    """An issuer and a service on one local address; what they answer is set by the test."""

    def __init__(self):
        self.seen = Counter()
        self.headers = []
        self.answers = {}
        self.token = "first"
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _answer(self, status, document, **headers):
                body = document if isinstance(document, bytes) else json.dumps(document).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                peer.seen[self.path] += 1
                peer.headers.append(dict(self.headers))
                if self.path == "/issuer/.well-known/openid-configuration":
                    return self._answer(200, {"token_endpoint": f"{peer.address}/issuer/token"})
                if self.headers["Authorization"] != f"Bearer {peer.token}":
                    return self._answer(401, {})
                return self._answer(*peer.answers.get(self.path, (404, {})))

            def do_POST(self):
                peer.seen[self.path] += 1
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path in peer.answers:
                    peer.headers.append(dict(self.headers))
                    status, answer = peer.answers[self.path]
                    return self._answer(status, {**answer, "asked": json.loads(sent)})
                return self._answer(200, {"access_token": peer.token, "expires_in": 600})

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def peer():
    running = Peer()
    yield running
    running.close()


class Time:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def client(settings, peer, time):
    urls = MappingProxyType(dict.fromkeys(SERVICES, peer.address))
    pointed = replace(settings, oidc_issuer=f"{peer.address}/issuer", service_urls=urls)
    made = RestClient(pointed, monotonic=time)
    yield made
    made.close()


def test_one_token_serves_many_requests_until_shortly_before_it_ends(client, peer, time):
    peer.answers["/admission/v1/offerings/a"] = (200, {"id": "a"})
    for _ in range(10):
        assert client.get("admission", "/admission/v1/offerings/a") == {"id": "a"}
    assert peer.seen["/issuer/token"] == 1
    time.now = 575
    client.get("admission", "/admission/v1/offerings/a")
    assert peer.seen["/issuer/token"] == 2
    assert peer.seen["/issuer/.well-known/openid-configuration"] == 1


def test_a_long_question_is_posted_as_json_with_the_token(client, peer):
    peer.answers["/verifications"] = (200, {"verdict": "valid"})
    answer = client.post("certification", "/verifications", {"credential": {"name": "Ελένη"}})
    assert answer == {"verdict": "valid", "asked": {"credential": {"name": "Ελένη"}}}
    assert peer.headers[-1]["Authorization"] == "Bearer first"
    assert peer.headers[-1]["Content-Type"] == "application/json"


def test_a_token_that_does_not_count_any_more_is_replaced_once(client, peer):
    peer.answers["/x"] = (200, 1)
    client.get("admission", "/x")
    peer.token = "second"
    assert client.get("admission", "/x") == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, RestMissingError),
        (403, RestRefusedError),
        (422, RestRefusedError),
        (302, RestRefusedError),
        (429, RestUnavailableError),
        (500, RestUnavailableError),
        (503, RestUnavailableError),
    ],
)
def test_every_refusal_says_whether_trying_again_helps(client, peer, status, error):
    peer.answers["/x"] = (status, {})
    with pytest.raises(error, match=str(status)):
        client.get("admission", "/x")


def test_an_answer_that_is_not_json_is_the_other_side_in_trouble(client, peer):
    peer.answers["/x"] = (200, b"<html>")
    with pytest.raises(RestUnavailableError):
        client.get("admission", "/x")


def test_an_answer_without_end_is_not_read_to_its_end(client, peer):
    peer.answers["/x"] = (200, b"1" * (MAX_BYTES + 1))
    with pytest.raises(RestRefusedError, match="exceeds"):
        client.get("admission", "/x")


def test_a_service_that_is_away_is_unavailable(client, peer):
    peer.close()
    with pytest.raises(RestUnavailableError):
        client.get("admission", "/x")
    peer._server.server_close = peer._server.shutdown = lambda: None


def test_parameters_and_pages(client, peer):
    peer.answers["/x?state=new"] = (200, {"items": [1, 2], "next": "/x?state=new&after=2"})
    peer.answers["/x?state=new&after=2"] = (200, {"items": [3], "next": None})
    assert list(client.pages("admission", "/x", {"state": "new"})) == [1, 2, 3]


def test_the_case_that_a_request_belongs_to_travels_along(client, peer):
    peer.answers["/x"] = (200, 1)
    with structlog.contextvars.bound_contextvars(correlation_id="case-00001", traceparent="00-a-b-01"):
        client.get("admission", "/x")
    sent = peer.headers[-1]
    assert (sent["X-Correlation-Id"], sent["traceparent"]) == ("case-00001", "00-a-b-01")


def test_an_error_never_shows_parameters_or_tokens(client, peer):
    peer.answers["/x?secret=value"] = (500, {})
    with pytest.raises(RestUnavailableError) as failed:
        client.get("admission", "/x", {"secret": "value"})
    assert "value" not in str(failed.value)
    assert "first" not in str(failed.value)
