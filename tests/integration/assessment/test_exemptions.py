"""A recognised certificate takes the place of outcomes, whichever comes first: the decision or the plan (ADM-32)."""

import itertools
from typing import Any

import pytest

from services.assessment.handlers.exemptions import EXEMPT
from shared.contracts import check_contract
from shared.messaging.envelope import Event, event_type
from tests.integration.assessment.conftest import HELSINKI, LEUVEN, AssessmentService

_numbers = itertools.count(1)


def recognised(service: AssessmentService, **changes: Any) -> Event:
    """Certification's word that an institution has recognised a certificate in place of outcome `b`."""
    type_ = event_type("certification", "recognition.decided")
    data = {
        "recognition_id": "recognition-1",
        "learner_id": service.learner_id("learner-of-enrolment-1"),
        "institution": HELSINKI,
        "origin": "request",
        "state": "recognised",
        "agreement_id": "una-europa",
        "agreement_version": 1,
        "criteria_version": "2026-1",
        "link": "/certification/v1/recognitions/recognition-1",
        "decision_number": 1,
        "offering_id": "sustainability",
        "offering_version": 1,
        "outcomes": ["b"],
        **changes,
    }
    data = {name: value for name, value in data.items() if value is not None}
    check_contract(type_, data)
    return Event(
        id=f"recognition-event-{next(_numbers)}",
        type=type_,
        source="/certification/v1/recognitions/recognition-1",
        subject="recognition-1",
        time=service.clock.now(),
        partitionkey="recognition-1",
        sequence="0000000002",
        correlationid="correlation-1",
        causationid=None,
        traceparent=None,
        data=data,
    )


def outcomes(service: AssessmentService, plan: str) -> dict[str, str]:
    return {each["outcome"]: each["state"] for each in service.plan(plan)["results"]}


def test_a_decision_after_the_plan_takes_the_place_of_the_outcome(service: AssessmentService) -> None:
    plan = service.start()
    event = recognised(service)
    service.deliver(event, event)
    service.run_jobs()
    assert outcomes(service, plan) == {"b": "recognised"}
    service.final(plan, "essay", a="60")
    assert service.plan(plan)["state"] == "achieved"
    assert service.names().count("outcome.recognised") == 1


def test_a_decision_before_the_plan_waits_for_it(service: AssessmentService) -> None:
    service.deliver(recognised(service))
    service.run_jobs()
    plan = service.start()
    service.run_jobs()
    assert outcomes(service, plan) == {"b": "recognised"}


def test_the_plan_says_by_which_recognition(service: AssessmentService) -> None:
    plan = service.start()
    service.deliver(recognised(service))
    service.run_jobs()
    (found,) = service.plan(plan, "confirmer", HELSINKI)["recognitions"]
    assert (found["recognised_by"], found["institution"]) == ("recognition:recognition-1", HELSINKI)


NOTHING = [
    {"offering_id": None},
    {"state": "refused"},
    {"outcomes": None},
    {"outcomes": ["x"]},
    {"institution": LEUVEN},
    {"learner_id": "somebody-else"},
    {"offering_version": 2},
    {"offering_id": "chip-design"},
]


@pytest.mark.parametrize("change", NOTHING, ids=str)
def test_what_is_of_no_concern_changes_nothing(service: AssessmentService, change: dict[str, Any]) -> None:
    plan = service.start()
    service.deliver(recognised(service, **change))
    service.run_jobs()
    assert outcomes(service, plan) == {}
    assert service.plan(plan)["state"] == "assigned"


def test_an_older_decision_that_comes_late_is_not_the_last_word(service: AssessmentService) -> None:
    service.deliver(recognised(service, state="refused", decision_number=2), recognised(service))
    plan = service.start()
    service.run_jobs()
    assert outcomes(service, plan) == {}


def test_what_has_been_shown_already_stays_as_it_was_shown(service: AssessmentService) -> None:
    plan = service.start()
    service.final(plan, "essay", a="60")
    service.deliver(recognised(service, outcomes=["a", "b"]))
    service.run_jobs()
    assert outcomes(service, plan) == {"a": "achieved", "b": "recognised"}
    assert service.plan(plan)["state"] == "achieved"


def test_a_plan_that_is_over_is_left_as_it_is(service: AssessmentService) -> None:
    plan = service.start()
    service.deliver(service.event("withdrawn", "enrolment-1"), recognised(service))
    service.run_jobs()
    assert (service.plan(plan)["state"], outcomes(service, plan)) == ("voided", {})
    assert EXEMPT not in {kind for kind, _ in service.job_names()}, "nothing fails, nothing is tried again"
