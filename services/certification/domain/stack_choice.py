"""Which certificates a stack is made of: enough of them, none to spare, never two of one offering."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from services.certification.domain.stack_rules import Document, Part, Parts, holds
from shared.stacking import offerings_in


def choose(requirement: Document, parts: Iterable[Part], unwanted: Iterable[str] = ()) -> Parts | None:
    """Certificates that satisfy the requirement and of which none can be spared; None where they do not suffice.

    The choice depends on the set of `parts` alone, never on its order: those issued first are preferred, and to them
    those whose award is not among `unwanted`.
    """
    shunned = frozenset(unwanted)
    chosen = sorted(one_per_offering(parts, offerings_in(requirement)), key=_age)
    if not holds(requirement, chosen):
        return None
    for part in sorted(chosen, key=lambda part: (part.award_id in shunned, _age(part)), reverse=True):
        rest = [each for each in chosen if each is not part]
        if holds(requirement, rest):
            chosen = rest
    return tuple(chosen)


def one_per_offering(parts: Iterable[Part], offerings: Iterable[str]) -> Parts:
    """Of each offering the certificate with most credits, then of the highest level, then the one issued first.

    The same offering completed twice never adds its credits twice.
    """
    wanted, best = frozenset(offerings), dict[str, Part]()
    for part in sorted(parts, key=_worth):
        if part.offering_id in wanted:
            best.setdefault(part.offering_id, part)
    return tuple(best.values())


def _worth(part: Part) -> tuple[Decimal, int, datetime, str]:
    return -(part.ects or Decimal(0)), -(part.eqf or 0), part.issued_at, part.award_id


def _age(part: Part) -> tuple[datetime, str]:
    return part.issued_at, part.award_id
