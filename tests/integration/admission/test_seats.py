"""Seats, the queue and promotion (D1 'Seats', ADM-10, checks 3, 4 and 14)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.admission.handlers import jobs as handlers
from services.admission.store import seats as store
from shared.domain import ConflictError
from tests.integration.admission.conftest import DIPLOMA, IELTS, few_seats


def queue_of(service: Any, seats: int, people: int) -> list[tuple[str, str]]:
    """An open offering with few seats and people who applied one after the other: (application, subject)."""
    service.publish(**few_seats(seats))
    applied = []
    for _ in range(people):
        subject = service.learner()
        applied.append((service.apply(subject), subject))
        service.clock.advance(timedelta(seconds=1))
    return applied


def states(service: Any, applied: list[tuple[str, str]]) -> list[str]:
    return [service.state(application) for application, _ in applied]


def test_the_last_seat_goes_to_one_of_fifty_who_ask_at_once(service: Any):
    """Check 3: exactly one offer, the others wait."""
    service.publish(**few_seats(1))
    drafts = [(service.draft(subject), subject) for subject in (service.learner() for _ in range(50))]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda case: service.submit(*case), drafts))
    assert {answer.status for answer in answers} == {201}
    found = states(service, drafts)
    assert (found.count("offer"), found.count("waitlisted")) == (1, 49)
    assert service.seats() == {"capacity": 1, "free": 0, "waiting": 49}
    service.run_jobs()
    assert states(service, drafts).count("offer") == 1


def test_a_declined_offer_promotes_the_next_and_a_withdrawal_the_one_after(service: Any):
    """Check 3."""
    applied = queue_of(service, 1, 4)
    assert states(service, applied) == ["offer", "waitlisted", "waitlisted", "waitlisted"]
    service.respond(*applied[0], "decline")
    assert service.application(applied[1][0])["state"] == "waitlisted"
    service.run_jobs()
    assert states(service, applied) == ["declined", "offer", "waitlisted", "waitlisted"]
    service.learner_step(applied[1][0], "withdrawal", applied[1][1], {})
    service.run_jobs()
    assert states(service, applied) == ["declined", "withdrawn", "offer", "waitlisted"]
    assert service.names(applied[2][0]) == ["application.submitted", "application.waitlisted", "offer.made"]
    assert service.seats() == {"capacity": 1, "free": 0, "waiting": 1}


def test_a_lapse_promotes_the_one_after(service: Any):
    """Check 3, where the offering declines by default."""
    service.publish(**few_seats(1, decline_by_default=True))
    applied = []
    for _ in range(3):
        subject = service.learner()
        applied.append((service.apply(subject), subject))
        service.clock.advance(timedelta(seconds=1))
    service.clock.advance(timedelta(days=7))
    service.run_jobs()
    assert states(service, applied) == ["declined", "offer", "waitlisted"]
    reply_by = service.application(applied[1][0])["offer"]["reply_by"]
    assert reply_by == (service.clock.now() + timedelta(days=7)).isoformat()
    service.clock.advance(timedelta(days=7))
    service.run_jobs()
    assert states(service, applied) == ["declined", "declined", "offer"]


def test_a_withdrawal_after_an_offer_voids_it_and_frees_the_seat_in_the_same_transaction(service: Any):
    """Check 4: no job has to run first."""
    ((application, subject),) = queue_of(service, 1, 1)
    assert service.seats()["free"] == 0
    service.learner_step(application, "withdrawal", subject, {})
    assert service.seats()["free"] == 1
    assert service.application(application)["offer"]["state"] == "void"
    assert service.learner_step(application, "offer-response", subject, {"response": "accept"}).status == 409


def test_newcomers_wait_while_anyone_waits(service: Any):
    """A seat that is free for a moment belongs to the queue."""
    applied = queue_of(service, 1, 2)
    service.respond(*applied[0], "decline")
    newcomer = service.apply(service.learner())
    assert service.seats()["free"] == 1
    assert service.state(newcomer) == "waitlisted"
    service.run_jobs()
    assert states(service, applied) == ["declined", "offer"]
    assert service.state(newcomer) == "waitlisted"


def test_whoever_leaves_the_queue_is_not_promoted(service: Any):
    applied = queue_of(service, 1, 3)
    # The automatic queue has not been looked at by a person: the learner leaves by being rejected or by time;
    # here two people reject.
    assert service.decide(applied[1][0], "rejection").status == 201
    assert service.seats()["waiting"] == 1
    service.respond(*applied[0], "decline")
    service.run_jobs()
    assert states(service, applied) == ["declined", "rejected", "offer"]


def test_a_greater_capacity_promotes(service: Any):
    applied = queue_of(service, 1, 3)
    service.publish(**few_seats(2))
    service.run_jobs()
    assert states(service, applied) == ["offer", "offer", "waitlisted"]
    assert service.seats() == {"capacity": 2, "free": 0, "waiting": 1}


def test_a_capacity_set_later_counts_who_has_a_place_already(service: Any):
    service.publish(admission=few_seats(1)["admission"] | {"capacity": None})
    placed = service.apply(service.learner())
    assert service.seats() == {"capacity": None, "free": None, "waiting": 0}
    service.publish(**few_seats(1))
    assert service.state(placed) == "offer"
    assert service.seats()["free"] == 0
    assert service.state(service.apply(service.learner())) == "waitlisted"


def test_a_lifted_capacity_promotes_everybody(service: Any):
    applied = queue_of(service, 1, 3)
    service.publish(admission=few_seats(1)["admission"] | {"capacity": None})
    service.run_jobs()
    assert states(service, applied) == ["offer"] * 3
    assert service.seats()["waiting"] == 0


@pytest.mark.parametrize("name", ["cancelled", "withdrawn"])
def test_an_enrolment_that_never_was_promotes_the_next(service: Any, name: str):
    applied = queue_of(service, 1, 2)
    service.respond(*applied[0], "accept")
    service.deliver_enrolment(applied[0][0], name, name)
    service.run_jobs()
    assert states(service, applied) == ["admitted", "offer"]
    case = service.application(applied[0][0])
    assert (case["live"], case["enrolment"]["state"]) == (False, name)


def test_a_redelivered_enrolment_event_frees_one_seat_only(service: Any):
    applied = queue_of(service, 2, 4)
    service.respond(*applied[0], "accept")
    service.deliver_enrolment(applied[0][0], "cancelled", "cancelled", event_id="same")
    service.deliver_enrolment(applied[0][0], "cancelled", "cancelled", event_id="same")
    service.deliver_enrolment(applied[0][0], "cancelled", "cancelled")
    service.run_jobs()
    assert states(service, applied) == ["admitted", "offer", "offer", "waitlisted"]


def test_the_queue_is_ordered_by_score_and_then_by_time(service: Any):
    service.publish(admission={"capacity": {"max": 1, "min": None, "ranking": "score"}})
    applied = []
    for score in ("90", "60", "80", "80", None):
        subject = service.learner()
        application = service.apply(subject, IELTS, DIPLOMA)
        service.step(application, "review")
        service.step(application, "offers", {"score": score})
        applied.append((application, subject))
        service.clock.advance(timedelta(seconds=1))
    assert states(service, applied) == ["offer"] + ["waitlisted"] * 4
    places = service.officer("GET", "/offerings/sustainability/waiting-list").body["places"]
    assert [place["application_id"] for place in places] == [applied[i][0] for i in (2, 3, 1, 4)]
    for expected in (2, 3, 1, 4):
        current = next(case for case in applied if service.state(case[0]) == "offer")
        service.respond(*current, "decline")
        service.run_jobs()
        assert service.state(applied[expected][0]) == "offer"


def test_an_officer_queues_only_where_the_offering_is_full(service: Any):
    service.publish(admission={"capacity": {"max": 1, "min": None, "ranking": "first_come"}})
    first, second = (service.apply(service.learner(), IELTS, DIPLOMA) for _ in range(2))
    for application in (first, second):
        service.step(application, "review")
    assert service.officer("POST", f"/applications/{first}/waiting-list", {}).status == 409
    service.step(first, "offers", {})
    waiting = service.step(second, "waiting-list", {})
    assert (waiting["state"], waiting["offer"], waiting["association_state"]) == (
        "waitlisted",
        None,
        "queued",
    )
    assert service.officer("POST", f"/applications/{second}/offers", {}).status == 409


def test_a_prepared_offer_keeps_its_conditions_through_the_queue(service: Any):
    service.publish(admission={"capacity": {"max": 1, "min": None, "ranking": "first_come"}})
    first, second = ((service.apply(s, DIPLOMA), s) for s in (service.learner() for _ in range(2)))
    for application, _ in (first, second):
        service.step(application, "review")
        service.step(application, "offers", {"conditions": [{"text": "Send the original."}]})
    service.respond(*first, "decline")
    service.run_jobs()
    offer = service.application(second[0])["offer"]
    assert (offer["state"], offer["kind"]) == ("open", "conditional")
    assert {condition["criterion"] for condition in offer["conditions"]} == {None, "english"}


def test_the_count_of_seats_cannot_go_wrong_by_sql(service: Any):
    service.publish(**few_seats(1))
    with pytest.raises(Exception, match=r"(?i)constraint"):
        service.statement("UPDATE seats SET taken = -1")


def test_without_the_guard_of_the_update_the_last_seat_would_be_given_twice(
    service: Any, monkeypatch: pytest.MonkeyPatch
):
    """Negative control of check 3: a look before, and a blind count after, overbook."""

    def blind(connection: Any, offering_id: str, **_: Any) -> bool:
        connection.execute(
            store.seats.update().where(store.seats.c.id == offering_id).values(taken=store.seats.c.taken + 1)
        )
        return True

    monkeypatch.setattr(store, "take", blind)
    assert states(service, queue_of(service, 1, 2)) == ["offer", "offer"]


def test_promotion_takes_one_application_per_transaction(service: Any, monkeypatch: pytest.MonkeyPatch):
    applied = queue_of(service, 2, 4)
    for case in applied[:2]:
        service.respond(*case, "decline")
    promote, promoted = handlers.promote, []

    def failing(uow: Any, case: Any) -> Any:
        if promoted:
            raise ConflictError("the process dies here")
        promoted.append(case.application.id)
        return promote(uow, case)

    monkeypatch.setattr(handlers, "promote", failing)
    service.run_jobs()
    assert states(service, applied) == ["declined", "declined", "offer", "waitlisted"]
    monkeypatch.undo()
    service.clock.advance(timedelta(minutes=1))
    service.run_jobs()
    assert states(service, applied) == ["declined", "declined", "offer", "offer"]


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["apply", "accept", "decline", "withdraw", "cancelled", "jobs"]), st.integers(0, 5)
    ),
    max_size=16,
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(seats=st.integers(1, 3), actions=ACTIONS)
def test_seats_are_counted_right_under_any_sequence(service: Any, seats: int, actions: list[tuple[str, int]]):
    """Model: offers and admissions with a place never exceed the capacity; nobody waits beside a free seat."""
    number = len(service.ok("GET", "/offerings?limit=200")["items"])
    offering = service.publish(id=f"run-{number:03}", **few_seats(seats))
    cases: list[tuple[str, str]] = []
    for action, index in actions:
        if action == "apply":
            subject = service.learner()
            cases.append((service.apply(subject, offering=offering), subject))
            service.clock.advance(timedelta(seconds=1))
        elif action == "jobs":
            service.run_jobs()
        elif cases:
            _act(service, action, cases[index % len(cases)])
        held = sum(_holds(service.application(application)) for application, _ in cases)
        counted = service.seats(offering)
        assert counted["free"] == seats - held
        assert counted["waiting"] == states(service, cases).count("waitlisted")
    service.run_jobs()
    left = service.seats(offering)
    assert not (left["free"] and left["waiting"])


def _act(service: Any, action: str, case: tuple[str, str]) -> None:
    application, subject = case
    if action in {"accept", "decline"}:
        service.learner_step(application, "offer-response", subject, {"response": action})
    elif action == "withdraw":
        service.learner_step(application, "withdrawal", subject, {})
    elif service.state(application) == "admitted":
        service.deliver_enrolment(application, action, action)


def _holds(shown: dict[str, Any]) -> bool:
    ended = (shown["enrolment"] or {}).get("state") == "cancelled"
    return shown["state"] in {"offer", "pending_conditions", "admitted"} and not ended
