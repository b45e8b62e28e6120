"""The demonstration's client speaks HTTP as any client would, and never does a thing twice."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deploy.demo.client import Door, RefusedError


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self):
        length = int(self.headers.get("Content-Length", 0))
        self.server.requests.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        status, headers, document = self.server.answers.pop(0)
        body = json.dumps(document).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": len(body),
            **headers,
        }.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815 - the names that http.server calls

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as running:
        running.requests, running.answers = [], []
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def door(server):
    address = f"http://127.0.0.1:{server.server_port}"
    door = Door({"admission": address, "enrolment": address, "certification": address}, f"{address}/issuer")
    yield door
    door.close()


def test_a_command_that_met_a_closed_door_is_sent_again_with_the_same_key(door, server):
    server.answers = [(503, {}, {}), (201, {}, {"id": "a1"})]
    assert door.anybody().post("/admission/v1/applications", {"offering_id": "x"}) == {"id": "a1"}
    keys = [headers["Idempotency-Key"] for _, _, headers, _ in server.requests]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_conflict_of_the_moment_is_tried_again_as_the_answer_says(door, server):
    """Others were faster: 409 with Retry-After is an invitation, not a refusal."""
    server.answers = [
        (409, {"Retry-After": "0"}, {"title": "busy"}),
        (200, {}, {"remote_state": "associated"}),
    ]
    assert door.anybody().patch("/enrolment/v1/registrations/r1", {"remote_state": "associated"}) == {
        "remote_state": "associated"
    }
    assert len(server.requests) == 2


def test_nobody_waits_a_quarter_of_an_hour(door, server):
    """Who has asked too often is told so at once; only what is over within the minute is waited for."""
    server.answers = [(429, {"Retry-After": "900"}, {"title": "too many"})]
    with pytest.raises(RefusedError) as refused:
        door.anybody().post("/certification/v1/verifications", {})
    assert refused.value.status == 429
    assert len(server.requests) == 1


def test_two_commands_have_two_keys(door, server):
    server.answers = [(201, {}, {}), (201, {}, {})]
    for _ in range(2):
        door.anybody().post("/admission/v1/applications", {})
    assert len({headers["Idempotency-Key"] for _, _, headers, _ in server.requests}) == 2


def test_a_refusal_carries_its_problem_document(door, server):
    server.answers = [(409, {"Content-Type": "application/problem+json"}, {"detail": "no seat"})]
    with pytest.raises(RefusedError, match="no seat") as refused:
        door.anybody().post("/admission/v1/applications", {})
    assert refused.value.status == 409
    assert refused.value.problem == {"detail": "no seat"}


def test_a_person_gets_a_token_of_role_institution_and_subject(door, server):
    server.answers = [(200, {}, {"access_token": "t"}), (200, {}, {"items": [], "next": None})]
    officer = door.caller("admissions_officer", institution="helsinki.fi", subject="officer-1")
    assert list(officer.items("/admission/v1/applications")) == []
    (_, path, _, form), (_, _, headers, _) = server.requests
    assert path == "/issuer/token"
    assert b"role=admissions_officer&institution=helsinki.fi&subject=officer-1" in form
    assert headers["Authorization"] == "Bearer t"


def test_lists_are_read_to_their_end(door, server):
    server.answers = [
        (200, {}, {"items": [1, 2], "next": "/enrolment/v1/enrolments?after=c"}),
        (200, {}, {"items": [3], "next": None}),
    ]
    assert list(door.anybody().items("/enrolment/v1/enrolments")) == [1, 2, 3]


def test_the_feed_goes_on_from_the_position_in_the_link(door, server):
    link = {"Link": '</enrolment/v1/events?after=7&limit=200>; rel="next"'}
    server.answers = [(200, link, [{"id": "e"}])]
    assert door.anybody().feed("enrolment", 3) == ([{"id": "e"}], 7)
    assert server.requests[0][1].startswith("/enrolment/v1/events?after=3")


def test_names_travel_as_they_are_written(door, server):
    server.answers = [(201, {}, {})]
    door.anybody().post("/admission/v1/learners", {"family_name": "Brzęczyszczykiewicz Ζωγράφου"})
    assert "Brzęczyszczykiewicz Ζωγράφου" in server.requests[0][3].decode()


def test_a_page_of_verification_is_at_the_door_of_certification(door):
    assert door.url("/verify/abc") == f"{door.addresses['certification']}/verify/abc"
