"""Sign the Token Status Lists of an awarding body from the states of its certificates."""

from datetime import timedelta
from typing import Final

from services.certification.formats.did import issuer_did
from services.certification.formats.did_key import key_from_multikey
from services.certification.formats.jws import JwtFaultError
from services.certification.formats.token_status import signed_list, status_at, verified_list
from services.certification.formats.wallet_metadata import issuer_address
from services.certification.handlers.saving import SIGN_COPIES_STATUS
from services.certification.keys.signing import Signers
from services.certification.store import issuer_keys, token_status_lists
from services.certification.store.issuer_keys import ES256
from shared.messaging.jobs import Job, JobContext
from shared.messaging.unit_of_work import StaleAggregateError
from shared.settings import Settings

_RENEWED_AFTER: Final = timedelta(hours=12)


def list_address(settings: Settings, list_id: str) -> str:
    return f"{settings.public_url}/certification/v1/token-status-lists/{list_id}"


def sign_token_status_list(signers: Signers, context: JobContext, job: Job) -> None:
    """Job: publish the list as the certificates are now, and again long before it is out of date."""
    sign(signers, context, job.key)


def ensure_signed(signers: Signers, context: JobContext, list_id: str) -> None:
    """Publish the list for the first time, before any copy that points to it."""
    with context.read() as connection:
        row = token_status_lists.find(connection, list_id)
    if row is not None and row.token is None:
        sign(signers, context, list_id)


def sign(signers: Signers, context: JobContext, list_id: str) -> None:
    """Sign the list with the issuer's active key, read it back, keep it.

    Raises:
        JwtFaultError: what was signed does not verify, or says something else.
        StaleAggregateError: a certificate has changed its state since, or the key was replaced; sign again.
    """
    with context.read() as connection:
        row = token_status_lists.find(connection, list_id)
        statuses = token_status_lists.statuses(connection, list_id)
    if row is None:
        return
    signer = signers.active(row.issuer, ES256)
    now, address = context.clock.now(), list_address(context.settings, list_id)
    token = signed_list(
        address,
        issuer_address(context.settings.public_url, row.issuer),
        int(now.timestamp()),
        statuses,
        kid=f"{issuer_did(context.settings.public_host, row.issuer)}#{signer.key}",
        sign=signer.sign,
    )
    listed = verified_list(token, key_from_multikey(signer.key), address, now.timestamp())
    if any(status_at(listed, index) != status for index, status in statuses.items()):
        raise JwtFaultError("the list that was signed says something else than the register")
    with context.unit_of_work() as uow:
        # Scheduled before anything is compared: whoever changes it later waits for this transaction and has the list
        # signed at once. The other way round the renewal would take the place of that order.
        due = uow.now + _RENEWED_AFTER
        uow.schedule(SIGN_COPIES_STATUS, list_id, due_at=due, replace=True)
        if token_status_lists.statuses(uow.connection, list_id) != statuses:
            raise StaleAggregateError("a certificate has changed its state while the list was signed")
        issuer_keys.require_active(uow.connection, row.issuer, ES256, signer.key)
        token_status_lists.put_token(uow, list_id, token)
