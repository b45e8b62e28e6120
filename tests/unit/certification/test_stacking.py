"""Stacking as sets: what satisfies a rule, what is proposed, and that no order and no repetition changes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certification.domain.stack import COUNTING, STACK, Stack, StackPart
from services.certification.domain.stack_choice import choose, one_per_offering
from services.certification.domain.stack_rules import Part, Rule, holds, lacking
from services.certification.domain.stack_steps import Move, fire, grant, keep, refuse
from services.certification.domain.stacking import Holdings, counted, detect, paths
from shared.domain import ConflictError, IllegalTransitionError

NOW = datetime(2026, 11, 3, tzinfo=UTC)
OFFERINGS = ("a", "b", "c", "d", "e")
LEARNER = "learner-1"


def part(
    offering: str, *, number: int = 0, ects: str | None = "5", eqf: int | None = 6, day: int = 0
) -> Part:
    return Part(
        award_id=f"award-{offering}-{number}",
        certificate_id=f"certificate-{offering}-{number}",
        offering_id=offering,
        issued_at=NOW + timedelta(days=day),
        results_digest=f"sha256:{offering}{number}",
        ects=None if ects is None else Decimal(ects),
        eqf=eqf,
        outcomes=frozenset({f"lo-{offering}"}),
        skills=frozenset({f"skill-{offering}"}),
    )


def leaf(offering: str) -> dict[str, Any]:
    return {"kind": "offering", "offering": offering}


def rule(requirement: dict[str, Any], rule_id: str = "green", **differences: Any) -> Rule:
    document = {
        "id": rule_id,
        "version": 1,
        "kind": "track",
        "deciding_body": "helsinki.fi",
        "requirement": requirement,
    }
    return Rule("una-europa", 1, {**document, **differences})


def standings(parts: list[Part] | tuple[Part, ...], **differences: str) -> dict[str, StackPart]:
    return {
        p.award_id: StackPart(
            p.award_id,
            p.offering_id,
            p.certificate_id,
            p.results_digest,
            differences.get(p.offering_id, "stands"),
        )
        for p in parts
    }


def holdings(*parts: Part, revoked: frozenset[str] = frozenset(), **differences: str) -> Holdings:
    standing = tuple(p for p in parts if p.offering_id not in differences)
    return Holdings(LEARNER, standing, standings(parts, **differences), revoked)


def applied(stacks: list[Stack], moves: tuple[Move, ...]) -> list[Stack]:
    after = {stack.id: stack for stack in stacks} | {move.after.id: move.after for move in moves}
    return list(after.values())


def names(moves: tuple[Move, ...]) -> list[str]:
    return [event.name.removeprefix("stack.") for move in moves for event in move.events]


def proposed(*parts: Part, of: Rule | None = None) -> Stack:
    wanted = of or rule({"kind": "all", "of": [leaf("a"), leaf("b")]})
    (move,) = detect(holdings(*parts), [wanted], [])
    return move.after


def granted(*parts: Part, of: Rule | None = None) -> Stack:
    return grant(proposed(*parts, of=of), "rita", NOW, "as the criteria say").after


# The algebra


@pytest.mark.parametrize(
    ("requirement", "parts", "lack"),
    [
        (leaf("a"), [part("b")], "a certificate of 'a'"),
        ({"kind": "all", "of": [leaf("a"), leaf("b")]}, [part("a")], "a certificate of 'b'"),
        (
            {"kind": "any", "count": 2, "of": [leaf("a"), leaf("b"), leaf("c")]},
            [part("c")],
            "1 more of these: a certificate of 'a'; a certificate of 'b'",
        ),
        (
            {"kind": "credits", "at_least": "7.5", "level": None, "offerings": ["a", "b"]},
            [part("a"), part("c")],
            "2.5 more ECTS credits",
        ),
        (
            {"kind": "credits", "at_least": "5", "level": 7, "offerings": ["a", "b"]},
            [part("a", eqf=6), part("b", eqf=None)],
            "5 more ECTS credits at EQF level 7 or higher",
        ),
        (
            {"kind": "level", "level": 7, "count": 1, "offerings": ["a", "b"]},
            [part("a", eqf=6)],
            "1 more certificate(s) at EQF level 7 or higher",
        ),
        (
            {
                "kind": "outcomes",
                "outcomes": [{"offering": "a", "outcome": "lo-a"}],
                "skills": [],
                "offerings": ["a"],
            },
            [part("b")],
            "the outcome 'lo-a' of 'a'",
        ),
        (
            {"kind": "outcomes", "outcomes": [], "skills": ["skill-b"], "offerings": ["a", "b"]},
            [part("a"), part("c")],
            "the skill skill-b",
        ),
    ],
)
def test_what_is_missing_is_said(requirement: dict[str, Any], parts: list[Part], lack: str) -> None:
    assert not holds(requirement, parts)
    assert [each.what for each in lacking(requirement, tuple(parts))] == [lack]


def test_credits_are_exact() -> None:
    """0.1 and 0.2 are not more than 0.3, and not less."""
    requirement = {"kind": "credits", "at_least": "0.3", "level": None, "offerings": ["a", "b"]}
    assert holds(requirement, [part("a", ects="0.1"), part("b", ects="0.2")])
    assert not holds({**requirement, "at_least": "0.301"}, [part("a", ects="0.1"), part("b", ects="0.2")])


offerings = st.lists(st.sampled_from(OFFERINGS), min_size=1, max_size=4, unique=True)
leaves = st.one_of(
    st.sampled_from(OFFERINGS).map(leaf),
    st.builds(
        lambda at_least, level, named: {
            "kind": "credits",
            "at_least": str(at_least),
            "level": level,
            "offerings": named,
        },
        st.decimals("0.1", "12", places=1),
        st.sampled_from((None, 5, 6, 7)),
        offerings,
    ),
    st.builds(
        lambda level, count, named: {"kind": "level", "level": level, "count": count, "offerings": named},
        st.integers(5, 7),
        st.integers(1, 3),
        offerings,
    ),
    st.builds(
        lambda named, skill: {
            "kind": "outcomes",
            "outcomes": [{"offering": o, "outcome": f"lo-{o}"} for o in named],
            "skills": [f"skill-{skill}"],
            "offerings": [*OFFERINGS],
        },
        offerings,
        st.sampled_from(OFFERINGS),
    ),
)
requirements = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda of: {"kind": "all", "of": of}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(
            lambda of, count: {"kind": "any", "of": of, "count": min(count, len(of))},
            st.lists(inner, min_size=1, max_size=3),
            st.integers(1, 3),
        ),
    ),
    max_leaves=6,
)
held = st.lists(
    st.builds(
        lambda offering, number, ects, eqf, day: part(offering, number=number, ects=ects, eqf=eqf, day=day),
        st.sampled_from(OFFERINGS),
        st.integers(0, 2),
        st.sampled_from((None, "0.1", "2.5", "5", "10")),
        st.sampled_from((None, 5, 6, 7)),
        st.integers(0, 4),
    ),
    max_size=8,
    unique_by=lambda p: p.award_id,
)


@given(requirements, held, held)
def test_a_further_certificate_never_makes_a_requirement_fail(
    requirement: dict[str, Any], some: list[Part], more: list[Part]
) -> None:
    if holds(requirement, some):
        assert holds(requirement, [*some, *more])


@given(requirements, held, st.randoms())
def test_the_choice_is_enough_spares_nothing_and_knows_no_order(
    requirement: dict[str, Any], parts: list[Part], random: Any
) -> None:
    chosen = choose(requirement, parts)
    shuffled = list(parts)
    random.shuffle(shuffled)
    assert choose(requirement, shuffled) == chosen
    if chosen is None:
        assert not holds(requirement, one_per_offering(parts, OFFERINGS))
        return
    assert holds(requirement, chosen)
    assert len({p.offering_id for p in chosen}) == len(chosen), "no offering twice"
    for spared in chosen:
        assert not holds(requirement, [p for p in chosen if p is not spared])


# What is proposed


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


# What becomes of a part later


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
