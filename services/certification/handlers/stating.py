"""The job that puts a decision into the learner's hands: intent, signature, verification, then store with the event.

As with certificates, a crash between any two steps runs it again, and a second run signs the same bytes (CRT-43).
"""

import hashlib

from services.certification.domain.recognition import Recognition, Step, facts
from services.certification.domain.snapshot import Snapshot, written
from services.certification.domain.statement import Statement
from services.certification.formats.did import issuer_did
from services.certification.formats.multikey import public_key
from services.certification.formats.renderer import Seal
from services.certification.formats.statements import signed_statement
from services.certification.formats.statuslist import ENTRIES
from services.certification.handlers.documents import agreement_version, asked, learner_from
from services.certification.handlers.recognition_keeping import keep
from services.certification.handlers.saving import SIGN_STATUS_LIST
from services.certification.handlers.status_lists import ensure_signed, status_list_url
from services.certification.keys.signing import Signers
from services.certification.store import (
    issuance,
    issuer_keys,
    log,
    recognitions,
    statements,
    status_lists,
)
from shared.annex1 import Institution, Learner, institution
from shared.domain import DomainEvent
from shared.ids import derived_id, secret_id
from shared.messaging.jobs import Job, JobContext
from shared.messaging.unit_of_work import StaleAggregateError


def state_recognition(signers: Signers, context: JobContext, job: Job) -> None:
    """Job: sign the last decision of the case as its institution, unless that has been done."""
    with context.read() as connection:
        stored = recognitions.load(connection, job.key)
        row = None if stored is None else statements.find(connection, stored.case.id, stored.case.number)
    if stored is None or stored.case.ruling is None or (row is not None and row.state != statements.READY):
        return
    if row is None:
        statement, list_id = _intend(context, stored.case)
    else:
        statement, list_id = Statement.from_json(row.snapshot), row.status_list_id
    ensure_signed(signers, context, list_id)
    signer = signers.active(statement.institution.id)
    seal = Seal(f"{statement.issuer_did}#{signer.key}", signer.sign, public_key(signer.key))
    _store(context, statement, seal.verification_method, signed_statement(statement, seal))


def _intend(context: JobContext, case: Recognition) -> tuple[Statement, str]:
    """Store what will be signed before anything is, with the id of its list; each decision has an intent of its own."""
    learner, body = _learner(context, case), _institution(context, case)
    with context.unit_of_work() as uow:
        stored = recognitions.load(uow.connection, case.id)
        if stored is None or stored.case.number != case.number or case.ruling is None:
            raise StaleAggregateError("another decision has been made in the meantime")
        list_id, index = status_lists.allocate(uow, case.institution, ENTRIES)
        earlier = statements.issued_before(uow.connection, case.id, case.number)
        statement = Statement(
            id=derived_id("statement", case.id, str(case.number)),
            recognition_id=case.id,
            number=case.number,
            public_id=f"v{secret_id()}",
            institution=body,
            learner=learner,
            programme=case.programme,
            rule=case.rule,
            basis=case.basis,
            ruling=case.ruling,
            decided_at=written(recognitions.decided_at(uow.connection, case.id) or uow.now),
            issued_at=written(uow.now),
            issuer_did=issuer_did(context.settings.public_host, case.institution),
            base_url=context.settings.public_url,
            status_list_url=status_list_url(context.settings, list_id),
            status_index=index,
            supersedes=earlier.id if earlier is not None else None,
        )
        statements.put_intent(uow, statement, list_id)
    return statement, list_id


def _learner(context: JobContext, case: Recognition) -> Learner:
    """Whom the certificate names where it is ours; else whom admission knows as the learner who asked."""
    if case.basis.certificate_id is not None:
        with context.read() as connection:
            snapshot = Snapshot.from_json(issuance.snapshot_of(connection, case.basis.certificate_id))
        return snapshot.elements.learner
    return learner_from(asked(context, "admission", f"/admission/v1/learners/{case.learner_id}"))


def _institution(context: JobContext, case: Recognition) -> Institution:
    agreement = agreement_version(context, case.rule.agreement_id, case.rule.agreement_version)
    return institution(agreement, case.institution)


def _store(context: JobContext, statement: Statement, verification_method: str, content: bytes) -> None:
    """Keep the signed statement and tell of it; the one before is replaced in the same step."""
    with context.unit_of_work() as uow:
        stored = recognitions.load(uow.connection, statement.recognition_id)
        if stored is None or stored.case.number != statement.number:
            raise StaleAggregateError("another decision has been made in the meantime")
        row = statements.find(uow.connection, statement.recognition_id, statement.number)
        if row is None or row.state != statements.READY or row.snapshot_digest != statement.digest:
            return
        key = verification_method.partition("#")[2]
        issuer_keys.require_active(uow.connection, statement.institution.id, issuer_keys.EDDSA, key)
        case = stored.case
        told = {**facts(case), "statement_id": statement.id}
        event = DomainEvent("recognition.stated", told, frozenset({case.institution}))
        keep(uow, stored, Step(case, (event,)))
        earlier = statements.issued_before(uow.connection, case.id, case.number)
        if earlier is not None:
            statements.supersede(uow, earlier.id)
            uow.schedule(SIGN_STATUS_LIST, earlier.status_list_id)
            log.append(uow, "statement_replaced", earlier.id, case.institution)
        statements.put_signed(uow, statement, verification_method, content)
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        log.append(uow, "stated", statement.id, case.institution, digest)
