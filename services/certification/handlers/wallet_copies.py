"""From a wallet's keys to signed copies: asked for at the web side, signed by the worker, handed out once.

The web side has no key that signs. It notes the request, and answers when the worker is done; a worker that takes
longer makes the answer a deferred one.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain import manual
from services.certification.domain.award import Certificate
from services.certification.domain.decisions import Decision
from services.certification.domain.snapshot import Snapshot
from services.certification.domain.wallet import OVER, REQUEST, Offer, WalletRefusalError, require_room
from services.certification.formats.did_key import key_from_multikey
from services.certification.formats.key_proof import HolderKey
from services.certification.formats.sd_jwt_vc import Copy, signed_copy
from services.certification.formats.token_status import ENTRIES
from services.certification.formats.wallet_metadata import issuer_address
from services.certification.handlers.saving import save
from services.certification.handlers.token_status_lists import ensure_signed, list_address
from services.certification.handlers.wallet_secrets import WalletSecrets
from services.certification.keys.signing import Signer, Signers
from services.certification.store import issuer_keys, queries, token_status_lists, wallet
from services.certification.store.awards import load_award
from services.certification.store.issuer_keys import ES256
from services.certification.store.queries import Scope
from shared.domain import Change
from shared.ids import new_id, secret_id
from shared.messaging.jobs import Job, JobContext
from shared.messaging.unit_of_work import StaleAggregateError, UnitOfWork

SIGN_COPIES: Final = "sign_wallet_copies"


def ask(uow: UnitOfWork, secrets: WalletSecrets, address: str, offer: Offer, keys: list[HolderKey]) -> str:
    """Note that copies for `keys` are wanted, and have them signed; the id of the request.

    Raises:
        WalletRefusalError: a nonce or, by now, the token does not count, there are too many keys, or the certificate
            does not stand.
    """
    _use_nonces(uow, secrets, address, keys)
    _require_counting(uow, offer)
    require_room([key.thumbprint for key in keys], wallet.copies_of(uow.connection, offer.id))
    row = queries.certificate(uow.connection, Scope(), offer.certificate_id)
    if row is None or not _stands(row):
        raise _denied()
    places = token_status_lists.allocate(uow, offer.issuer, ENTRIES, len(keys))
    request_id = secret_id()
    wallet.add_request(uow, request_id, offer.id, REQUEST.initial)
    wallet.add_copies(
        uow,
        [
            {
                "id": new_id(),
                "request_id": request_id,
                "certificate_id": offer.certificate_id,
                "position": position,
                "holder_key": dict(key.jwk),
                "status_list_id": list_id,
                "status_index": index,
            }
            for position, (key, (list_id, index)) in enumerate(zip(keys, places, strict=True))
        ],
    )
    uow.schedule(SIGN_COPIES, request_id)
    return request_id


def _require_counting(uow: UnitOfWork, offer: Offer) -> None:
    """Lock the offer and return when its token still counts: a second use of its code may have ended it since."""
    if wallet.locked(uow, offer).state != offer.state:
        raise WalletRefusalError("invalid_token", "The access token does not count any more.", 401)


def _use_nonces(uow: UnitOfWork, secrets: WalletSecrets, address: str, keys: list[HolderKey]) -> None:
    """Every nonce was made here, still counts, and was never used in another request."""
    for nonce in {key.nonce for key in keys}:
        expires = secrets.nonce_expires(nonce, address, uow.now)
        if expires is None or not wallet.use_nonce(uow, secrets.hashed(nonce), expires):
            raise WalletRefusalError("invalid_nonce", "The nonce does not count; ask for another one.")


def _stands(certificate: sa.Row[Any] | Certificate) -> bool:
    return bool(certificate.state == "issued" and certificate.acceptance != "rejected")


def _denied() -> WalletRefusalError:
    return WalletRefusalError("credential_request_denied", "The certificate is not valid at present.")


@dataclass(frozen=True, slots=True)
class _Signed:
    """The copies of one request, by their ids, with the key that signed them."""

    key: str
    verification_method: str
    contents: list[tuple[str, str]]


def digest_of(jwt: str) -> str:
    """The digest by which the register knows what an issuer signed; it is the same in every presentation."""
    return hashlib.sha256(jwt.encode()).hexdigest()


def sign_copies(signers: Signers, context: JobContext, job: Job) -> None:
    """Job: sign the copies of one request and note them in the history; refuse where the certificate has fallen."""
    with context.read() as connection:
        state = wallet.state_of(connection, job.key)
        copies = wallet.copies(connection, job.key)
        row = queries.certificate(connection, Scope(), copies[0].certificate_id) if copies else None
    if state != REQUEST.initial or row is None:
        return
    for list_id in {copy.status_list_id for copy in copies}:
        ensure_signed(signers, context, list_id)
    signer = signers.active(row.issuer, ES256)
    snapshot = Snapshot.from_json(row.snapshot)
    method = f"{snapshot.issuer_did}#{signer.key}"
    contents = [(copy.id, _signed(context, snapshot, copy, signer, method)) for copy in copies]
    with context.unit_of_work() as uow:
        _store(uow, job.key, row, _Signed(signer.key, method, contents))


def _signed(context: JobContext, snapshot: Snapshot, copy: sa.Row[Any], signer: Signer, method: str) -> str:
    settings = context.settings
    made = Copy(
        issuer=issuer_address(settings.public_url, snapshot.elements.issuer.id),
        issued_at=int(context.clock.now().timestamp()),
        holder_key=copy.holder_key,
        list_address=list_address(settings, copy.status_list_id),
        index=copy.status_index,
    )
    return signed_copy(snapshot, made, kid=method, sign=signer.sign, key=key_from_multikey(signer.key))


def _store(uow: UnitOfWork, request_id: str, row: sa.Row[Any], signed: _Signed) -> None:
    stored = load_award(uow.connection, row.award_id)
    certificate = manual.find(stored.award, row.id) if stored is not None else None
    if stored is None or certificate is None or not _stands(certificate):
        wallet.move_request(uow, request_id, REQUEST.initial, REQUEST.fire(REQUEST.initial, "refuse").target)
        return
    issuer_keys.require_active(uow.connection, row.issuer, ES256, signed.key)
    digests = {copy_id: digest_of(content.partition("~")[0]) for copy_id, content in signed.contents}
    state, detail = certificate.state, {"copies": list(digests.values())}
    change = Change("certificate", row.id, "issue_to_wallet", state, state, detail=detail)
    save(uow, stored, Decision(stored.award, changes=(change,)))
    ready = REQUEST.fire(REQUEST.initial, "sign").target
    if not wallet.move_request(uow, request_id, REQUEST.initial, ready):
        raise StaleAggregateError("another worker has signed these copies")
    for copy_id, content in signed.contents:
        wallet.put_signed(
            uow,
            copy_id,
            content=content,
            digest=digests[copy_id],
            verification_method=signed.verification_method,
        )


def deliver(uow: UnitOfWork, offer: Offer, request_id: str) -> list[str] | None:
    """The signed copies, once; None while the worker is not done. What is handed out is not kept.

    Raises:
        WalletRefusalError: `invalid_transaction_id`, `credential_request_denied` or, by now, `invalid_token`.
    """
    _require_counting(uow, offer)
    state = wallet.state_of(uow.connection, request_id, offer.id)
    if state is None or state in OVER - {"refused"}:
        raise WalletRefusalError("invalid_transaction_id", "There is no such transaction, or it is over.")
    if state == REQUEST.initial:
        return None
    row = queries.certificate(uow.connection, Scope(), offer.certificate_id)
    if state == "refused" or row is None or not _stands(row):
        raise _denied()
    contents = [copy.content for copy in wallet.copies(uow.connection, request_id)]
    if not wallet.move_request(uow, request_id, state, REQUEST.fire(state, "deliver").target):
        raise WalletRefusalError("invalid_transaction_id", "These copies have just been fetched.")
    wallet.forget_content(uow, request_id)
    return contents


def forget(context: JobContext, job: Job) -> None:
    """Job: nobody can fetch copies of this offer any more; what nobody fetched is over, its content is dropped."""
    with context.unit_of_work() as uow:
        for request_id, state in wallet.open_requests(uow.connection, job.key, OVER):
            wallet.move_request(uow, request_id, state, REQUEST.fire(state, "refuse").target)
            wallet.forget_content(uow, request_id)
