"""Stacking as sets: what is proposed, and that no order and no repetition changes it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.certification.domain.stack import COUNTING, Stack
from services.certification.domain.stack_choice import choose
from services.certification.domain.stack_rules import Part, Rule
from services.certification.domain.stack_steps import grant, refuse
from services.certification.domain.stacking import counted, detect
from tests.unit.certification.stacks import (
    NOW,
    applied,
    granted,
    held,
    holdings,
    leaf,
    names,
    part,
    proposed,
    requirements,
    rule,
)


@given(st.lists(requirements, min_size=1, max_size=3), held, st.randoms())
def test_proposals_are_a_function_of_sets_and_asking_again_changes_nothing(
    wanted: list[dict[str, Any]], parts: list[Part], random: Any
) -> None:
    rules = [rule(each, f"rule-{number}") for number, each in enumerate(wanted)]
    moves = detect(holdings(*parts), rules, [])
    shuffled, others = list(parts), list(rules)
    random.shuffle(shuffled)
    random.shuffle(others)
    assert detect(holdings(*shuffled), others, []) == moves
    stacks = applied([], moves)
    random.shuffle(stacks)
    assert detect(holdings(*parts), rules, stacks) == ()


steps = st.lists(
    st.tuples(
        st.sampled_from(("grant", "refuse", "suspend part", "revoke part", "part stands")), st.integers(0, 9)
    ),
    max_size=12,
)


@given(st.lists(requirements, min_size=1, max_size=3), held, steps)
def test_credits_never_count_twice_within_a_kind(
    wanted: list[dict[str, Any]], parts: list[Part], actions: list[tuple[str, int]]
) -> None:
    """Whatever is decided in whatever order: of each offering, credits count at most once per kind of award."""
    rules = [rule(each, f"rule-{number}") for number, each in enumerate(wanted)]
    differences: dict[str, str] = {}
    stacks: list[Stack] = applied([], detect(holdings(*parts), rules, []))
    for action, number in actions:
        open_ones = sorted((s for s in stacks if s.state == "proposed"), key=lambda s: s.id)
        if action in {"grant", "refuse"} and open_ones:
            stack = open_ones[number % len(open_ones)]
            decide = grant if action == "grant" else refuse
            stacks = applied(stacks, (decide(stack, "rita", NOW, "why"),))
        elif parts and action.endswith("part"):
            word = "suspended" if action.startswith("suspend") else "revoked"
            differences[parts[number % len(parts)].offering_id] = word
        else:
            differences.clear()
        moves = detect(holdings(*parts, **differences), rules, stacks)
        stacks = applied(stacks, moves)
        counting = [(s.kind, o) for s in stacks if s.state in COUNTING for o in s.offerings]
        assert len(counting) == len(set(counting)) == len(counted(stacks))
        assert detect(holdings(*parts, **differences), rules, stacks) == ()


def test_a_satisfied_rule_is_proposed_to_its_deciding_body_without_any_entitlement() -> None:
    moves = detect(holdings(part("a"), part("b")), [rule({"kind": "all", "of": [leaf("a"), leaf("b")]})], [])
    ((event,),) = [move.events for move in moves]
    assert event.name == "stack.proposed"
    assert event.audience == {"helsinki.fi"}
    assert event.data["automatic_entitlement"] is False
    assert [each["certificate_id"] for each in event.data["parts"]] == ["certificate-a-0", "certificate-b-0"]


def test_the_same_parts_are_proposed_once_per_version_of_the_rule() -> None:
    both = holdings(part("a"), part("b"))
    first = rule({"kind": "all", "of": [leaf("a"), leaf("b")]})
    refused = refuse(proposed(part("a"), part("b")), "rita", NOW, "the criteria ask for more").after
    assert detect(both, [first], [refused]) == ()
    second = rule({"kind": "all", "of": [leaf("a"), leaf("b")]}, version=2)
    (move,) = detect(both, [second], [refused])
    assert (names((move,)), move.after.id != refused.id) == (["proposed"], True)


def test_an_addendum_that_leaves_the_rule_as_it_was_proposes_nothing_again() -> None:
    wanted = rule({"kind": "all", "of": [leaf("a"), leaf("b")]})
    known = proposed(part("a"), part("b"), of=wanted)
    later = Rule("una-europa", 2, wanted.document)
    assert detect(holdings(part("a"), part("b")), [later], [known]) == ()


def test_after_a_refusal_a_new_certificate_makes_a_new_set_of_parts() -> None:
    any_two = rule({"kind": "any", "count": 2, "of": [leaf("a"), leaf("b"), leaf("c")]})
    refused = refuse(proposed(part("a"), part("b"), of=any_two), "rita", NOW, "why").after
    (move,) = detect(holdings(part("a"), part("b"), part("c", day=1)), [any_two], [refused])
    assert move.after.award_ids == {"award-a-0", "award-c-0"}


def test_of_two_proposals_with_the_same_credits_the_grant_of_one_ends_the_other() -> None:
    first = rule({"kind": "all", "of": [leaf("a"), leaf("b")]}, "first")
    second = rule({"kind": "all", "of": [leaf("b"), leaf("c")]}, "second")
    mine = holdings(part("a"), part("b"), part("c"))
    stacks = applied([], detect(mine, [first, second], []))
    assert {stack.state for stack in stacks} == {"proposed"}
    one, other = sorted(stacks, key=lambda stack: stack.rule_id)
    moves = detect(mine, [first, second], [grant(one, "rita", NOW, "why").after, other])
    assert names(moves) == ["lapsed"]


def test_rules_of_another_kind_may_count_the_same_credits() -> None:
    first = granted(part("a"), part("b"))
    other = rule({"kind": "all", "of": [leaf("a"), leaf("b")]}, "other", kind="badge")
    assert names(detect(holdings(part("a"), part("b")), [other], [first])) == ["proposed"]


def test_a_second_certificate_of_the_same_offering_adds_no_credits() -> None:
    requirement = {"kind": "credits", "at_least": "10", "level": None, "offerings": ["a", "b"]}
    assert choose(requirement, [part("a"), part("a", number=1)]) is None
    assert choose(requirement, [part("a"), part("a", number=1), part("b")]) is not None
