"""Following enrolments: redelivered, out of order, early and late (practice check 11; D4)."""

import itertools
from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.assessment.store.tables import plans
from shared.ids import derived_id
from tests.integration.assessment.conftest import HELSINKI, AssessmentService, short_offering
from tests.unit.assessment.stories import instrument

LEARNER = "learner-of-enrolment-1"
PLAN = derived_id("plan", "enrolment-1")


def _final_state(service: AssessmentService) -> tuple[str, bool] | None:
    with service.database.read() as connection:
        row = connection.execute(sa.select(plans.c.state, plans.c.held_since)).first()
    return None if row is None else (row.state, row.held_since is not None)


def test_a_redelivered_activation_makes_one_plan(service: AssessmentService):
    """Thrice delivered, and once more under another event id: one plan, one event."""
    event = service.event("activated", "enrolment-1")
    again = service.event("activated", "enrolment-1", sequence=1)
    service.deliver(event, event, event, again)
    service.run_jobs()
    service.deliver(event, again)
    service.run_jobs()
    assert service.names() == ["assessment_plan.assigned"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_activation_suspension_and_withdrawal_end_alike_in_every_order(service: AssessmentService, order):
    actions = ["activated", "suspended", "withdrawn"]
    events = [service.event(a, "enrolment-1", sequence=n + 1) for n, a in enumerate(actions)]
    for number in order:
        service.deliver(events[number], events[number])
        service.run_jobs()
    # Where the withdrawal was known before the plan could be made, none is made; otherwise it is voided.
    assert _final_state(service) in {None, ("voided", True)}
    assert service.names().count("assessment_plan.voided") <= 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_resumption_that_arrives_first_is_not_undone_by_the_suspension(service: AssessmentService, order):
    actions = ["activated", "suspended", "resumed"]
    events = []
    for number, action in enumerate(actions, start=1):
        events.append(service.event(action, "enrolment-1", sequence=number))
        service.clock.advance(timedelta(hours=1))
    for number in order:
        service.deliver(events[number])
        service.run_jobs()
    assert _final_state(service) == ("assigned", False)


def test_facts_before_the_plan_are_followed_when_it_is_made(service: AssessmentService):
    """An enrolment suspended while admission was away gets a plan whose clocks stand still."""
    service.admission.away = True
    service.deliver(service.event("activated", "enrolment-1"))
    service.run_jobs()
    service.deliver(service.event("suspended", "enrolment-1"))
    service.admission.away = False
    service.clock.advance(timedelta(minutes=6))
    service.run_jobs()
    assert _final_state(service) == ("assigned", True)
    assert service.job_names() == set()


def test_a_withdrawal_before_the_plan_leaves_nothing_to_make(service: AssessmentService):
    service.deliver(service.event("activated", "enrolment-1"), service.event("withdrawn", "enrolment-1"))
    service.run_jobs()
    assert service.names() == []


def test_a_suspension_refuses_attempts_and_moves_the_deadlines(service: AssessmentService):
    """D4, `held`."""
    service.admission.publish(short_offering(instrument("exam", "a", duration="PT2H")))
    plan = service.start()
    attempt = service.open(plan, "exam")
    service.deliver(service.event("suspended", "enrolment-1"))
    assert service.job_names() == set()
    path = f"/attempts/{attempt}/submission"
    refused = service.call("POST", path, "learner", subject=LEARNER, body={})
    assert (refused.status, "suspended" in refused.detail) == (409, True)
    service.clock.advance(timedelta(days=30))
    service.run_jobs()
    service.deliver(service.event("resumed", "enrolment-1"))
    seen = service.plan(plan, "coordinator", HELSINKI)
    assert (seen["suspended"], seen["expected_end"]) == (False, "2027-04-01T09:30:00+00:00")
    assert service.job_due("attempt.time_out").isoformat() == "2026-04-01T11:30:00+00:00"
    service.submit(attempt)


@pytest.mark.parametrize(
    ("action", "changes", "state"),
    [
        ("cancelled", {}, "voided"),
        ("withdrawn", {}, "voided"),
        ("ended", {"reason_code": "no_show"}, "voided"),
        ("ended", {"reason_code": "plan_lapsed"}, "in_progress"),
    ],
)
def test_leaving_voids_the_plan_and_an_enrolment_that_ended_with_it_does_not(
    service: AssessmentService, action, changes, state
):
    plan = service.start()
    service.open(plan, "essay")
    service.deliver(service.event(action, "enrolment-1", **changes))
    assert service.plan(plan)["state"] == state


def test_a_settled_plan_stays_when_the_learner_leaves(service: AssessmentService):
    service.admission.publish(short_offering(instrument("exam", "a")))
    plan = service.start()
    service.final(plan, "exam", a="60")
    service.deliver(service.event("withdrawn", "enrolment-1"))
    assert service.plan(plan)["state"] == "achieved"


def test_fields_that_this_service_does_not_know_are_ignored(service: AssessmentService):
    """Evolution: a producer may add fields at any time, nested ones too."""
    service.deliver(service.event("activated", "enrolment-1", added={"deep": [1]}, another=None))
    service.run_jobs()
    assert service.names() == ["assessment_plan.assigned"]
