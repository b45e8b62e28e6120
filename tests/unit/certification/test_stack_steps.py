"""What becomes of a stack once its parts change, what may be decided of it, and what its learner sees."""

from dataclasses import replace

import pytest

from services.certification.domain.stack import STACK
from services.certification.domain.stack_steps import fire, grant, keep, refuse
from services.certification.domain.stacking import detect, paths
from shared.domain import ConflictError, IllegalTransitionError
from tests.unit.certification.stacks import (
    NOW,
    granted,
    holdings,
    leaf,
    names,
    part,
    proposed,
    rule,
)


def test_a_part_that_falls_before_the_decision_lapses_and_comes_back() -> None:
    wanted = rule({"kind": "all", "of": [leaf("a"), leaf("b")]})
    known = proposed(part("a"), part("b"), of=wanted)
    moves = detect(holdings(part("a"), part("b"), a="suspended"), [wanted], [known])
    assert names(moves) == ["lapsed"]
    (again,) = detect(holdings(part("a"), part("b")), [wanted], [moves[0].after])
    assert (names((again,)), again.after.id) == (["proposed"], known.id)


def test_other_results_in_a_part_are_a_new_proposal_of_the_same_stack() -> None:
    wanted = rule({"kind": "all", "of": [leaf("a"), leaf("b")]})
    known = proposed(part("a"), part("b"), of=wanted)
    changed = replace(part("a"), results_digest="sha256:other", certificate_id="certificate-new")
    (move,) = detect(holdings(changed, part("b")), [wanted], [known])
    assert (names((move,)), move.after.state) == (["lapsed", "proposed"], "proposed")


@pytest.mark.parametrize("standing", ["suspended", "revoked"])
def test_a_part_that_falls_after_the_grant_is_proposed_for_review_and_nothing_else(standing: str) -> None:
    """CRT-24: never a suspension by itself."""
    known = granted(part("a"), part("b"))
    (move,) = detect(holdings(part("a"), part("b"), b=standing), [], [known])
    assert (names((move,)), move.after.state) == (["review_proposed"], "in_review")
    assert detect(holdings(part("a"), part("b"), b=standing), [], [move.after]) == ()
    (settled,) = detect(holdings(part("a"), part("b")), [], [move.after])
    assert (names((settled,)), settled.after.state) == (["review_settled"], "granted")


def test_a_successor_with_the_same_results_takes_the_place_of_a_part() -> None:
    known = granted(part("a"), part("b"))
    successor = replace(part("a"), certificate_id="certificate-a-new")
    (move,) = detect(holdings(successor, part("b")), [], [known])
    assert (names((move,)), move.after.state) == ([], "granted")
    assert "certificate-a-new" in {each.certificate_id for each in move.after.parts}


def test_a_successor_with_other_results_is_proposed_for_review() -> None:
    known = granted(part("a"), part("b"))
    successor = replace(part("a"), certificate_id="certificate-a-new", results_digest="sha256:other")
    (move,) = detect(holdings(successor, part("b")), [], [known])
    assert names((move,)) == ["review_proposed"]
    assert {each.standing for each in move.after.parts} == {"stands", "replaced"}


def test_who_keeps_the_award_is_asked_again_only_when_a_standing_changes() -> None:
    known = granted(part("a"), part("b"))
    revoked = holdings(part("a"), part("b"), b="revoked")
    (review,) = detect(revoked, [], [known])
    kept = keep(review.after, "the part is not decisive").after
    assert detect(revoked, [], [kept]) == ()
    (again,) = detect(holdings(part("a"), part("b"), a="suspended", b="revoked"), [], [kept])
    assert names((again,)) == ["review_proposed"]


def test_a_revoked_larger_award_frees_its_credits() -> None:
    wanted = rule({"kind": "all", "of": [leaf("a"), leaf("b")]})
    other = rule({"kind": "all", "of": [leaf("a"), leaf("b")]}, "other")
    known = granted(part("a"), part("b"), of=wanted)
    mine = holdings(part("a"), part("b"), revoked=frozenset({known.larger_award_id}))
    assert sorted(names(detect(mine, [wanted, other], [known]))) == ["proposed", "withdrawn"]


def test_what_is_not_proposed_can_be_neither_granted_nor_refused() -> None:
    lapsed = fire(proposed(part("a"), part("b")), "lapse", reason="x").after
    for decide in (grant, refuse):
        with pytest.raises(IllegalTransitionError):
            decide(lapsed, "rita", NOW, "why")


def test_nothing_is_granted_on_a_part_that_does_not_stand() -> None:
    known = proposed(part("a"), part("b"))
    first, second = known.parts
    with pytest.raises(ConflictError):
        grant(replace(known, parts=(replace(first, standing="suspended"), second)), "rita", NOW, "why")


def test_every_state_is_reachable_and_the_final_ones_are_final() -> None:
    reached, frontier = {STACK.initial}, {STACK.initial}
    while frontier:
        frontier = {row.target for row in STACK.table if row.source in frontier} - reached
        reached |= frontier
    assert reached == STACK.states
    assert {state for state in STACK.states if not STACK.triggers(state)} == {"refused", "withdrawn"}


def test_a_learner_sees_what_counts_and_what_is_missing() -> None:
    """CRT-26."""
    wanted = rule({"kind": "all", "of": [leaf("a"), leaf("b")]})
    (path,) = paths(holdings(part("a")), [wanted, rule(leaf("e"), "elsewhere")], [])
    assert [each.offering_id for each in path.counting] == ["a"]
    assert [each.what for each in path.lacks] == ["a certificate of 'b'"]
