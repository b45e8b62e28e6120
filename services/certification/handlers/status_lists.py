"""Sign the status list of an awarding body from the states of its certificates."""

import json

from services.certification.domain.snapshot import written
from services.certification.formats.did import issuer_did
from services.certification.formats.multikey import public_key
from services.certification.formats.proof import add_proof, verify_proof
from services.certification.formats.statuslist import status_list
from services.certification.keys.signing import Signers
from services.certification.store import issuer_keys, status_lists
from shared.messaging.jobs import Job, JobContext
from shared.messaging.unit_of_work import StaleAggregateError
from shared.settings import Settings


def status_list_url(settings: Settings, list_id: str) -> str:
    return f"{settings.public_url}/certification/v1/status-lists/{list_id}"


def sign_status_list(signers: Signers, context: JobContext, job: Job) -> None:
    """Job: publish the list as the certificates are now. Its bits are derived, so that none is ever forgotten."""
    sign(signers, context, job.key)


def ensure_signed(signers: Signers, context: JobContext, list_id: str) -> None:
    """Publish the list for the first time, before any certificate that points to it."""
    with context.read() as connection:
        row = status_lists.find(connection, list_id)
    if row is not None and row.credential is None:
        sign(signers, context, list_id)


def sign(signers: Signers, context: JobContext, list_id: str) -> None:
    """Sign the list with the issuer's active key, verify it, keep it.

    Raises:
        StaleAggregateError: a bit has changed since it was read, or the key was replaced; sign again.
    """
    with context.read() as connection:
        row = status_lists.find(connection, list_id)
        indexes = status_lists.withdrawn_indexes(connection, list_id)
    if row is None:
        return
    did = issuer_did(context.settings.public_host, row.issuer)
    signer = signers.active(row.issuer)
    moment = written(context.clock.now())
    secured = add_proof(
        status_list(status_list_url(context.settings, list_id), did, moment, indexes),
        created=moment,
        verification_method=f"{did}#{signer.key}",
        sign=signer.sign,
    )
    verify_proof(secured, lambda _method: public_key(signer.key))
    with context.unit_of_work() as uow:
        # Written before anything is compared: a newer list waits for this transaction, or its bits are seen here.
        status_lists.put_credential(uow, list_id, json.dumps(secured, ensure_ascii=False))
        if status_lists.withdrawn_indexes(uow.connection, list_id) != indexes:
            raise StaleAggregateError("a bit has changed while the list was signed")
        issuer_keys.require_active(uow.connection, row.issuer, issuer_keys.EDDSA, signer.key)
