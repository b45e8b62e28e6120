"""D7: what follows from each fact and step, as examples and under any sequence of facts."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certification.domain.award import Award, Completion, Need, Registration
from services.certification.domain.decisions import Decision, assembled, completed, enrolment_moved, issued
from services.certification.domain.machines import CERTIFICATE, LIVE, OPEN, WITHDRAWN
from shared.domain import IllegalTransitionError

NOW = datetime(2026, 11, 3, tzinfo=UTC)
NEED = Need("registration at kuleuven.be", "it is pending", "kuleuven.be")
AWARD = Award("award-1", "enrolment-1", "learner-1", "sustainability", 1, enrolment_state="enrolled")


def word(state: str, number: int = 1, digest: str = "sha256:a") -> Completion:
    return Completion(number, state, digest if state == "achieved" else None, NOW)


def names(decision: Decision) -> list[str]:
    return [event.name.removeprefix("certificate.") for event in decision.events]


def issued_award(number: int = 1) -> Award:
    award = completed(AWARD, word("achieved", number)).award
    award = assembled(award, "c1", ()).award
    return issued(award, "c1").award


def suspended_award() -> Award:
    return completed(issued_award(), word("overturned")).award


def test_every_state_is_reachable_and_the_final_ones_are_final() -> None:
    reached, frontier = {CERTIFICATE.initial}, {CERTIFICATE.initial}
    while frontier:
        frontier = {row.target for row in CERTIFICATE.table if row.source in frontier} - reached
        reached |= frontier
    assert reached == CERTIFICATE.states
    assert {state for state in CERTIFICATE.states if not CERTIFICATE.triggers(state)} == {
        "cancelled",
        "revoked",
        "superseded",
    }


def test_a_completion_calls_for_a_certificate() -> None:
    assert completed(AWARD, word("achieved")).award.due
    assert not AWARD.due


@pytest.mark.parametrize("state", ["cancelled", "withdrawn"])
def test_no_certificate_is_due_where_the_enrolment_was_called_off(state: str) -> None:
    award = enrolment_moved(completed(AWARD, word("achieved")).award, state).award
    assert not award.due
    assert assembled(award, "c1", ()).events == ()


def test_with_nothing_missing_the_draft_is_ready_at_once() -> None:
    decision = assembled(completed(AWARD, word("achieved")).award, "c1", ())
    assert names(decision) == ["ready"]
    assert [change.source for change in decision.changes] == ["draft"]


def test_what_is_missing_is_named_in_the_event_without_personal_data() -> None:
    (event,) = assembled(completed(AWARD, word("achieved")).award, "c1", (NEED,)).events
    assert event.name == "certificate.blocked"
    assert event.data["missing"] == [
        {"element": None, "name": "registration at kuleuven.be", "from": "kuleuven.be"}
    ]


def test_the_arrival_of_the_missing_fact_makes_it_ready() -> None:
    blocked = assembled(completed(AWARD, word("achieved")).award, "c1", (NEED,)).award
    assert names(assembled(blocked, "other", ())) == ["ready"]


def test_another_missing_fact_is_named_without_a_second_event() -> None:
    blocked = assembled(completed(AWARD, word("achieved")).award, "c1", (NEED,)).award
    decision = assembled(blocked, "other", (replace(NEED, name="another"),))
    assert decision.events == ()
    assert decision.award.open is not None
    assert [need.name for need in decision.award.open.missing] == ["another"]


def test_a_ready_certificate_is_blocked_again_when_a_fact_turns() -> None:
    ready = assembled(completed(AWARD, word("achieved")).award, "c1", ()).award
    assert names(assembled(ready, "other", (NEED,))) == ["blocked"]


def test_an_issued_certificate_answers_its_completion() -> None:
    """Redelivery, or a second run of the job, issues nothing (D7: at most one live certificate)."""
    award = issued_award()
    assert not award.due
    assert completed(award, word("achieved")).events == ()
    assert assembled(award, "c2", ()).events == ()


def test_an_overturned_result_suspends_the_certificate() -> None:
    assert names(completed(issued_award(), word("overturned"))) == ["suspended"]


def test_the_same_results_reinstate_it() -> None:
    decision = completed(suspended_award(), word("achieved", 2))
    assert names(decision) == ["reinstated"]
    assert not decision.award.due


def test_other_results_supersede_it_by_a_new_certificate() -> None:
    award = completed(suspended_award(), word("achieved", 2, "sha256:b")).award
    assert award.due
    ready = assembled(award, "c2", ()).award
    decision = issued(ready, "c2")
    assert names(decision) == ["superseded", "issued"]
    assert [certificate.state for certificate in decision.award.certificates] == ["superseded", "issued"]
    assert decision.award.certificates[1].supersedes == "c1"


def test_the_old_certificate_stays_suspended_while_the_new_one_waits() -> None:
    award = completed(suspended_award(), word("achieved", 2, "sha256:b")).award
    blocked = assembled(award, "c2", (NEED,)).award
    assert [certificate.state for certificate in blocked.certificates] == ["suspended", "incomplete"]


def test_outcomes_no_longer_achieved_revoke_it() -> None:
    decision = completed(suspended_award(), word("not_achieved", 2))
    assert names(decision) == ["revoked"]
    assert not decision.award.due


def test_a_completion_after_a_revocation_starts_a_new_certificate() -> None:
    revoked = completed(suspended_award(), word("not_achieved", 2)).award
    assert completed(revoked, word("achieved", 3)).award.due


@pytest.mark.parametrize("state", ["withdrawn", "cancelled"])
def test_a_withdrawal_after_an_overturn_leaves_it_suspended(state: str) -> None:
    decision = enrolment_moved(suspended_award(), state)
    assert decision.events == ()
    assert decision.award.live is not None
    assert decision.award.live.state == "suspended"


@pytest.mark.parametrize("missing", [(), (NEED,)])
@pytest.mark.parametrize("fact", ["overturned", "cancelled", "withdrawn"])
def test_before_issue_it_is_cancelled(fact: str, missing: tuple[Need, ...]) -> None:
    award = assembled(completed(AWARD, word("achieved")).award, "c1", missing).award
    decision = completed(award, word(fact)) if fact == "overturned" else enrolment_moved(award, fact)
    assert names(decision) == ["cancelled"]


def test_a_new_completion_after_a_cancelled_certificate_starts_another() -> None:
    award = assembled(completed(AWARD, word("achieved")).award, "c1", ()).award
    award = completed(award, word("overturned")).award
    award = completed(award, word("achieved", 2)).award
    assert award.due
    assert [c.state for c in assembled(award, "c2", ()).award.certificates] == ["cancelled", "ready"]


def test_an_older_completion_than_is_known_changes_nothing() -> None:
    award = completed(AWARD, word("not_achieved", 2)).award
    assert completed(award, word("achieved", 1)).award == award


def test_a_signature_over_a_cancelled_certificate_is_thrown_away() -> None:
    award = assembled(completed(AWARD, word("achieved")).award, "c1", ()).award
    cancelled = enrolment_moved(award, "withdrawn").award
    with pytest.raises(IllegalTransitionError):
        issued(cancelled, "c1")


def test_partners_hear_of_signed_certificates_only() -> None:
    known = replace(AWARD, registrations=(Registration("r", "kuleuven.be", "start", "associated", 1),))
    award = completed(known, word("achieved")).award
    ready = assembled(award, "c1", ())
    assert ready.events[0].audience == frozenset()
    assert issued(ready.award, "c1").events[0].audience == {"kuleuven.be"}


FACTS = st.one_of(
    st.tuples(
        st.just("completion"),
        st.sampled_from(["achieved", "not_achieved", "overturned"]),
        st.integers(1, 4),
        st.sampled_from(["sha256:a", "sha256:b"]),
    ),
    st.tuples(
        st.just("enrolment"),
        st.sampled_from(["enrolled", "suspended", "completed", "ended", "withdrawn", "cancelled"]),
    ),
    st.tuples(st.just("assemble"), st.booleans()),
    st.tuples(st.just("issue")),
)


def apply(award: Award, fact: tuple[Any, ...], step: int) -> Decision:
    match fact:
        case "completion", state, number, digest:
            return completed(award, word(state, number, digest))
        case "enrolment", state:
            return enrolment_moved(award, state)
        case "assemble", complete:
            return assembled(award, f"c{step}", () if complete else (NEED,))
        case _:
            ready = award.open
            if ready is None or ready.state != "ready":
                return Decision(award)
            return issued(award, ready.id)


@given(st.lists(FACTS, max_size=30))
def test_under_any_sequence_of_facts_the_table_holds_and_one_at_most_is_live(
    facts: list[tuple[Any, ...]],
) -> None:
    award = AWARD
    for step, fact in enumerate(facts):
        before = {certificate.id: certificate.state for certificate in award.certificates}
        decision = apply(award, fact, step)
        award = decision.award
        for change in decision.changes:
            row = CERTIFICATE.fire(change.source, change.trigger, target=change.target)
            assert before.get(change.subject, CERTIFICATE.initial) == row.source
            before[change.subject] = row.target
        assert len(decision.events) == len(decision.changes)
        assert sum(certificate.state in LIVE for certificate in award.certificates) <= 1
        assert sum(certificate.state in OPEN for certificate in award.certificates) <= 1
        assert {c.id: c.state for c in award.certificates} == before


def test_the_status_bit_belongs_to_the_states_that_do_not_stand() -> None:
    assert {"suspended", "revoked", "superseded"} == WITHDRAWN
