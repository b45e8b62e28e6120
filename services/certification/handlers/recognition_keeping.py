"""What recognitions rest on, the rules and the certificates as they stand; and how they are kept."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.award import Award, Certificate
from services.certification.domain.recognition import (
    REJECTED,
    REVOKED,
    SUSPENDED,
    WAITING,
    Basis,
    Rule,
    Standing,
    Step,
)
from services.certification.domain.recognition_rules import ForeignRule
from services.certification.domain.snapshot import Snapshot, text_in
from services.certification.formats.renderer import OPEN_BADGES
from services.certification.store import issuance, queries, recognitions
from services.certification.store.recognitions import StoredRecognition
from shared.annex1 import MICRO_CREDENTIAL
from shared.messaging.unit_of_work import UnitOfWork

Document = Mapping[str, Any]

OVERDUE: Final = "recognition_overdue"
STATE: Final = "state_recognition"
EXAMINE: Final = "examine_presented"


def keep(uow: UnitOfWork, stored: StoredRecognition, step: Step) -> None:
    """Write the case; its deadline reminds, and a decision becomes a statement.

    Raises:
        StaleAggregateError: the case has changed since it was loaded.
    """
    recognitions.save(uow, stored, step)
    case = step.case
    if case.state in WAITING and case.decide_by is not None and not case.overdue:
        uow.schedule(OVERDUE, case.id, due_at=case.decide_by, replace=True)
    if case.number > stored.case.number:
        uow.schedule(STATE, case.id)


def rule_of(agreement: Document, entry: Document | None = None) -> Rule:
    """By what is decided: the programme's own criteria where it has some, else the agreement's clause."""
    clause: Document = agreement.get("recognition_clause") or {}
    unversioned: Document = {"version": f"agreement-{agreement['version']}", "text": {}}
    criteria: Document = (entry or {}).get("criteria") or clause.get("criteria") or unversioned
    foreign = clause.get("foreign")
    owner = agreement["governance"]["complaints_owner"]
    return Rule(
        agreement_id=agreement["id"],
        agreement_version=agreement["version"],
        criteria_version=criteria["version"],
        criteria=criteria["text"],
        appeal=clause.get("appeal") or {"en": f"To {owner}, which owns complaints under the agreement."},
        decide_within=clause.get("decide_within") or "P30D",
        foreign=ForeignRule(tuple(foreign["issuers"]), foreign["eqf"], foreign["credits"])
        if foreign
        else None,
    )


def standing_of(connection: sa.Connection, award: Award) -> Standing:
    """How the award's certificates stand for somebody who recognises them."""
    live = award.live
    if live is None:
        return Standing(None, REVOKED)
    if live.state == "suspended":
        return Standing(None, SUSPENDED)
    if live.acceptance == "rejected":
        return Standing(None, REJECTED)
    return Standing(basis_of(connection, award, live))


def basis_of(connection: sa.Connection, award: Award, certificate: Certificate) -> Basis | None:
    """A signed certificate of ours as the basis of a recognition; None where it certifies attendance only."""
    snapshot = Snapshot.from_json(issuance.snapshot_of(connection, certificate.id))
    made = queries.rendering(connection, certificate.id, OPEN_BADGES)
    elements = snapshot.elements
    if made is None or elements.document_type != MICRO_CREDENTIAL:
        return None
    return Basis(
        credential_id=snapshot.credential_id,
        digest=f"sha256:{made.sha256}",
        title=elements.title,
        issuer=text_in(elements.issuer.name, "en") or elements.issuer.id,
        credits=elements.workload.ects,
        eqf=elements.level.eqf,
        certificate_id=certificate.id,
        award_id=award.id,
    )
