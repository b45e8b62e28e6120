"""Parts, rules and stacks for the tests of stacking, one by one and as strategies."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from services.certification.domain.stack import Stack, StackPart
from services.certification.domain.stack_rules import Part, Rule
from services.certification.domain.stack_steps import Move, grant
from services.certification.domain.stacking import Holdings, detect

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
