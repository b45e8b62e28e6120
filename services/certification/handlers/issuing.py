"""The job that issues: intent and snapshot, check, signature, verification, store and event, each step committed.

A crash between any two steps runs it again. The snapshot is taken once and Ed25519 is deterministic, so a second
run signs the same bytes: one certificate, and no signature that is not stored (`certificate.md` section 4).
"""

import hashlib
from datetime import timedelta
from typing import Final

from services.certification.domain.award import Need
from services.certification.domain.decisions import assembled, issued
from services.certification.domain.snapshot import Snapshot
from services.certification.formats.multikey import public_key
from services.certification.formats.renderer import (
    EUROPEAN,
    OPEN_BADGES,
    OPEN_BADGES_JWT,
    RENDERERS,
    JoseSeal,
    Rendering,
    RenderingError,
    Seal,
)
from services.certification.handlers.assembling import assemble, gather
from services.certification.handlers.saving import save
from services.certification.handlers.stacked import facts_now
from services.certification.handlers.status_lists import ensure_signed
from services.certification.keys.seals import Seals
from services.certification.keys.signing import Signers
from services.certification.keys.time_stamps import TimeStampUnavailableError
from services.certification.store import issuance, issuer_keys, log
from services.certification.store.awards import load_award
from services.certification.store.issuer_keys import EDDSA
from shared.messaging.jobs import Job, JobContext, RetryLater
from shared.messaging.unit_of_work import StaleAggregateError, UnitOfWork

_SOON: Final = timedelta(seconds=10)


def issue(signers: Signers, seals: Seals | None, context: JobContext, job: Job) -> None:
    """Job: bring the award's due certificate as far as the facts allow; run again whenever one arrives."""
    with context.read() as connection:
        stored = load_award(connection, job.key)
        if stored is None or not stored.award.due:
            return
        being_made = stored.award.open
        intended = being_made is not None and being_made.state == "ready"
        turned = intended and facts_now(connection, stored.award)
    if turned:
        _withhold(context, job.key)
    elif intended or assemble(context, gather(context, stored.award)):
        publish(signers, seals, context, job.key)


def publish(signers: Signers, seals: Seals | None, context: JobContext, award_id: str) -> None:
    """Steps 2 to 4: check every rendering, sign and verify, then store with the event.

    Raises:
        RetryLater: the time-stamp authority is away.
        SealingError: an operator has to install or renew the institution's certificate for seals.
    """
    with context.read() as connection:
        ready = issuance.ready_of(connection, award_id)
        jwt_algorithm = issuer_keys.jwt_algorithm(connection, ready.issuer) if ready is not None else ""
    if ready is None:
        return
    snapshot = Snapshot.from_json(ready.snapshot)
    try:
        for name in snapshot.formats:
            RENDERERS[name].check(snapshot)
    except RenderingError as error:
        block(context, award_id, Need("certificate that can be shown in full", str(error), "certification"))
        return
    ensure_signed(signers, context, ready.status_list_id)
    seal = _seal(signers, seals, snapshot, jwt_algorithm)
    try:
        renderings = render(snapshot, seal)
    except TimeStampUnavailableError as error:
        raise RetryLater(_SOON, str(error)) from error
    store(context, snapshot, seal, renderings)


def _withhold(context: JobContext, award_id: str) -> None:
    """A fact has turned against the certificate since its intent; it waits, and nothing is signed."""
    with context.unit_of_work() as uow:
        stored = load_award(uow.connection, award_id)
        missing = facts_now(uow.connection, stored.award) if stored is not None else ()
        if stored is not None and stored.award.open is not None and missing:
            save(uow, stored, assembled(stored.award, stored.award.open.id, missing))


def _seal(signers: Signers, seals: Seals | None, snapshot: Snapshot, jwt_algorithm: str) -> Seal:
    issuer, did = snapshot.elements.issuer.id, snapshot.issuer_did
    signer, jose = signers.active(issuer), None
    if OPEN_BADGES_JWT in snapshot.formats:
        by = signers.active(issuer, jwt_algorithm)
        jose = JoseSeal(f"{did}#{by.key}", by.sign, by.public, jwt_algorithm)
    return Seal(
        f"{did}#{signer.key}",
        signer.sign,
        public_key(signer.key),
        jose,
        seals.sealing(snapshot) if seals is not None and EUROPEAN in snapshot.formats else None,
    )


def render(snapshot: Snapshot, seal: Seal) -> list[Rendering]:
    """All formats of the snapshot; each renderer has verified what it signed."""
    made: dict[str, Rendering] = {}
    for name in snapshot.formats:
        made[name] = RENDERERS[name].render(snapshot, seal, made)
    return list(made.values())


def store(context: JobContext, snapshot: Snapshot, seal: Seal, renderings: list[Rendering]) -> None:
    """Keep the signed certificate and tell the world, unless a fact has turned against it in the meantime."""
    with context.unit_of_work() as uow:
        stored = load_award(uow.connection, snapshot.award_id)
        being_made = stored.award.open if stored else None
        if stored is None or being_made is None or being_made.id != snapshot.certificate_id:
            return
        if being_made.state != "ready" or not issuance.has_snapshot(uow.connection, snapshot):
            raise StaleAggregateError("the certificate is being assembled anew")
        if missing := facts_now(uow.connection, stored.award):
            save(uow, stored, assembled(stored.award, being_made.id, missing))
            return
        _require_active(uow, snapshot, seal)
        save(uow, stored, issued(stored.award, being_made.id))
        issuance.put_renderings(uow, snapshot.certificate_id, seal.verification_method, renderings)
        issuer = snapshot.elements.issuer.id
        log.append(uow, "issued", snapshot.certificate_id, issuer, _digest(renderings))


def _require_active(uow: UnitOfWork, snapshot: Snapshot, seal: Seal) -> None:
    """Each key that signed is still the one that signs its kind."""
    issuer = snapshot.elements.issuer.id
    used = {EDDSA: seal.verification_method}
    if seal.jose is not None:
        used[issuer_keys.jwt_algorithm(uow.connection, issuer)] = seal.jose.verification_method
    for algorithm, method in used.items():
        issuer_keys.require_active(uow.connection, issuer, algorithm, method.partition("#")[2])


def _digest(renderings: list[Rendering]) -> str:
    (credential,) = (each.content for each in renderings if each.format == OPEN_BADGES)
    return "sha256:" + hashlib.sha256(credential).hexdigest()


def block(context: JobContext, award_id: str, need: Need) -> None:
    """A certificate that cannot be shown as it should be waits for its facts to change."""
    with context.unit_of_work() as uow:
        stored = load_award(uow.connection, award_id)
        if stored is not None and stored.award.open is not None:
            save(uow, stored, assembled(stored.award, stored.award.open.id, (need,)))
