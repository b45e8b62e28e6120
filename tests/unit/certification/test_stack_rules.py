"""What satisfies a rule of stacking, what is missing, and which certificates are chosen: sets, without order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certification.domain.stack_choice import choose, one_per_offering
from services.certification.domain.stack_rules import Part, holds, lacking
from tests.unit.certification.stacks import (
    OFFERINGS,
    held,
    leaf,
    part,
    requirements,
)


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
