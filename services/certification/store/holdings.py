"""A learner's certificates as rules of stacking look at them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from services.certification.domain.award import STACKED
from services.certification.domain.machines import LIVE
from services.certification.domain.stack import COUNTING, STANDS, Stack, StackPart
from services.certification.domain.stack_rules import Part
from services.certification.domain.stacking import Holdings
from services.certification.store.tables import awards, certificates
from shared.annex1 import MICRO_CREDENTIAL


def holdings_of(connection: sa.Connection, learner_id: str, stacked: Iterable[Stack]) -> Holdings:
    """The learner's certificates: those that may count, and how each part of `stacked` stands."""
    known = list(stacked)
    rows = list(connection.execute(_latest(learner_id)))
    wanted = {award_id for stack in known for award_id in stack.award_ids}
    larger = {stack.larger_award_id for stack in known if stack.state in COUNTING}
    return Holdings(
        learner_id,
        tuple(_part(row) for row in rows if _may_count(row)),
        {row.award_id: _standing(row) for row in rows if row.award_id in wanted},
        frozenset(row.award_id for row in rows if row.award_id in larger and row.state == "revoked"),
    )


def _latest(learner_id: str) -> sa.Select[Any]:
    """Of each award of the learner the certificate that is live, or the last one that was signed."""
    first = sa.func.row_number().over(
        partition_by=certificates.c.award_id,
        order_by=(
            sa.case((certificates.c.state.in_(sorted(LIVE)), 0), else_=1),
            certificates.c.ordinal.desc(),
        ),
    )
    ranked = (
        sa.select(certificates.c.id.label("certificate_id"), first.label("place"))
        .join(awards, awards.c.id == certificates.c.award_id)
        .where(certificates.c.issued_at.is_not(None), awards.c.learner_id == learner_id)
        .subquery()
    )
    return (
        sa.select(
            certificates.c.award_id,
            certificates.c.id,
            certificates.c.state,
            certificates.c.acceptance,
            certificates.c.results_digest,
            certificates.c.issued_at,
            certificates.c.snapshot,
            awards.c.offering_id,
            awards.c.track,
        )
        .join(ranked, sa.and_(ranked.c.certificate_id == certificates.c.id, ranked.c.place == 1))
        .join(awards, awards.c.id == certificates.c.award_id)
    )


def _may_count(row: sa.Row[Any]) -> bool:
    """It stands, its holder has not rejected it, something was assessed, and it is not itself a larger one."""
    assessed: bool = row.snapshot["elements"]["document_type"] == MICRO_CREDENTIAL
    return row.state == "issued" and row.acceptance != "rejected" and assessed and row.track != STACKED


def _part(row: sa.Row[Any]) -> Part:
    elements = row.snapshot["elements"]
    ects = elements["workload"]["ects"]
    return Part(
        award_id=row.award_id,
        certificate_id=row.id,
        offering_id=row.offering_id,
        issued_at=row.issued_at,
        results_digest=row.results_digest,
        ects=None if ects is None else Decimal(ects),
        eqf=elements["level"]["eqf"],
        outcomes=frozenset(outcome["id"] for outcome in elements["outcomes"]),
        skills=frozenset(skill for outcome in elements["outcomes"] for skill in outcome["esco"]),
    )


def _standing(row: sa.Row[Any]) -> StackPart:
    standing = {"issued": STANDS, "suspended": "suspended"}.get(row.state, "revoked")
    return StackPart(row.award_id, row.offering_id, row.id, row.results_digest, standing)
