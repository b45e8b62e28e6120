"""What administrators do with the keys of an awarding body; every step stands in the transparency log."""

from datetime import datetime
from typing import Final

from services.certification.domain import issuer_key as rules
from services.certification.domain.issuer_key import IssuerKey
from services.certification.handlers.saving import ISSUE, SIGN_COPIES_STATUS, SIGN_STATUS_LIST
from services.certification.keys.safes import RSA_BITS
from services.certification.keys.signing import Signers
from services.certification.store import issuance, issuer_keys, log, status_lists, token_status_lists
from shared.domain import ConflictError, NotFoundError
from shared.messaging.jobs import Job, JobContext
from shared.messaging.unit_of_work import UnitOfWork

PREPARE_KEY: Final = "prepare_key"


def prepare_key(signers: Signers, context: JobContext, job: Job) -> None:  # noqa: ARG001 - the shape of a job
    """Job: make the pending key that an administrator asked for, where the key-encryption key is."""
    bits = job.payload.get("bits") or RSA_BITS
    signers.prepare(job.payload["institution"], job.payload["algorithm"], bits)


def request(uow: UnitOfWork, institution: str, algorithm: str, bits: int | None = None) -> None:
    """Have a key made that waits to be activated; `bits` is the length of an RSA key, 3072 unless told.

    Raises:
        ConflictError: one waits already.
    """
    known = issuer_keys.history(uow.connection, institution)
    if any(key.state == "pending" and key.algorithm == algorithm for key in known):
        raise ConflictError(f"{institution} has a pending {algorithm} key; activate or retire that one.")
    payload = {"institution": institution, "algorithm": algorithm, "bits": bits}
    uow.schedule(PREPARE_KEY, f"{institution}/{algorithm}", payload=payload)


def activate(uow: UnitOfWork, multikey: str) -> IssuerKey:
    """Propose a pending key or, as the second person, put it in the place of the active one.

    What waits for a signature is signed with it, and the status lists are signed anew.

    Raises:
        NotFoundError, ConflictError: there is no such key, it is not pending, or it is the same person.
    """
    key = rules.activate(_key(uow, multikey), uow.actor, uow.now)
    if key.state == "active":
        before = issuer_keys.active(uow.connection, key.institution, key.algorithm)
        if before is not None:
            issuer_keys.put(uow, rules.retire(before, uow.now, f"followed by {multikey}"))
            log.append(uow, "key_retired", before.multikey, key.institution)
        log.append(uow, "key_activated", multikey, key.institution)
        _sign_what_waits(uow, key.institution)
    issuer_keys.put(uow, key)
    return key


def discard(uow: UnitOfWork, multikey: str, reason: str) -> IssuerKey:
    """Retire a pending key, or the active one for RS256 (JWTs are signed by ES256 again).

    Raises:
        NotFoundError, ConflictError: there is no such key, or it is another that signs.
    """
    key = rules.discard(_key(uow, multikey), uow.now, reason)
    issuer_keys.put(uow, key)
    log.append(uow, "key_retired", multikey, key.institution)
    return key


def compromise(uow: UnitOfWork, multikey: str, since: datetime, reason: str) -> IssuerKey:
    """Mark a key as compromised since a moment; it leaves the DID document at once.

    Raises:
        NotFoundError, ConflictError, InvalidError: there is no such key, it is marked already, or `since` is wrong.
    """
    key = rules.compromise(_key(uow, multikey), since, uow.now, reason)
    issuer_keys.put(uow, key)
    log.append(uow, "key_compromised", multikey, key.institution)
    return key


def _key(uow: UnitOfWork, multikey: str) -> IssuerKey:
    found = issuer_keys.find(uow.connection, multikey)
    if found is None:
        raise NotFoundError("There is no such key.")
    return found


def _sign_what_waits(uow: UnitOfWork, institution: str) -> None:
    for list_id in status_lists.of_issuer(uow.connection, institution):
        uow.schedule(SIGN_STATUS_LIST, list_id)
    for list_id in token_status_lists.of_issuer(uow.connection, institution):
        uow.schedule(SIGN_COPIES_STATUS, list_id)
    for award_id in issuance.ready_awards(uow.connection, institution):
        uow.schedule(ISSUE, award_id)
