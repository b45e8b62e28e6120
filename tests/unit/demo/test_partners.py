"""A partner's student system answers what the feed asks, and refuses whom its own records refuse."""

import threading

import pytest

from deploy.demo.client import Answer, RefusedError
from deploy.demo.partners import Registrar

ALL = {"registration_id": "r1", "learner_id": "l1", "desired_state": "associated"}


class Api:
    """The two routes that a registrar uses, and a feed of one page after the other."""

    def __init__(self, *pages, learner=("Rūta", "Jonaitytė"), refuses=()):
        self.pages = list(pages)
        self.learner = dict(zip(("given_name", "family_name"), learner, strict=True))
        self.refuses = list(refuses)
        self.patches = []
        self.asked_after = []
        self.stop = threading.Event()

    def caller(self, *roles, institution):
        assert set(roles) == {"partner", "registrar"}
        return self

    def feed(self, service, after):
        self.asked_after.append(after)
        if not self.pages:
            self.stop.set()
            return [], after
        page = self.pages.pop(0)
        return page, after + len(page)

    def get(self, path):
        assert path == "/admission/v1/learners/l1"
        return self.learner

    def patch(self, path, document):
        if self.refuses:
            raise RefusedError("PATCH", path, Answer(self.refuses.pop(0), {}, b""))
        self.patches.append((path, document))


def _event(name, **data):
    return {"type": f"eu.passerelle.enrolment.{name}.v1", "data": {**ALL, **data}}


def _follow(api, refused=()):
    Registrar(api, "ku.lt", list(refused)).follow(api.stop)
    return api


def test_a_request_is_confirmed_with_a_student_number_and_access():
    api = _follow(Api([_event("registration.requested")]))
    ((path, said),) = api.patches
    assert path == "/enrolment/v1/registrations/r1"
    assert said == {
        "remote_state": "associated",
        "local_student_number": "KU-0001",
        "access_provisioned": True,
    }


def test_whom_the_records_refuse_is_denied():
    api = _follow(Api([_event("registration.requested")]), refused=["Rūta Jonaitytė"])
    assert [said for _, said in api.patches] == [{"remote_state": "denied"}]


def test_a_registration_no_longer_wanted_is_cancelled_and_other_events_are_passed_over():
    changed = _event("registration.desired_state_changed", desired_state="cancelled")
    api = _follow(Api([_event("enrolment.activated"), changed]))
    assert [said for _, said in api.patches] == [{"remote_state": "cancelled"}]


def test_the_position_moves_with_the_feed_and_only_after_the_page_was_answered():
    api = _follow(Api([_event("registration.requested")], [], [_event("enrolment.activated")]))
    assert api.asked_after == [0, 1, 1, 2]


def test_an_answer_that_comes_too_late_does_not_stop_the_others(capsys):
    requests = [_event("registration.requested"), _event("registration.requested", registration_id="r2")]
    api = _follow(Api(requests, refuses=[409]))
    assert [path for path, _ in api.patches] == ["/enrolment/v1/registrations/r2"]
    assert "409" in capsys.readouterr().err


def test_an_event_is_heard_again_until_it_could_be_answered():
    page = [_event("registration.requested")]
    api = _follow(Api(page, page, page, refuses=[503, 500]))
    assert api.asked_after == [0, 0, 0, 1]
    ((_, said),) = api.patches
    assert said["local_student_number"] == "KU-0001"


@pytest.mark.parametrize("name", ["registration.requested", "registration.desired_state_changed"])
def test_event_names_are_matched_whole(name):
    api = _follow(Api([{"type": f"eu.passerelle.enrolment.other-{name}.v1", "data": ALL}]))
    assert api.patches == []
