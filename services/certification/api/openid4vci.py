"""The endpoints of OpenID4VCI 1.0 for wallets: they speak its errors, not problem documents.

Nobody signs in here: the token endpoint takes a pre-authorised code, the credential endpoints the access token it
gave. Both are of the wallet alone, so the routes are public to the access tokens of people.
"""

import re
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from flask import Response, current_app, request
from sqlalchemy import Connection

from services.certification.api.oauth import bearer_token, form_of, json_object, refused, single
from services.certification.api.wallet_requests import (
    CREDENTIAL_REQUEST,
    DEFERRED_REQUEST,
    TOKEN_REQUEST,
    documented,
    proofs_in,
    require_configuration,
)
from services.certification.domain.wallet import ACCESS_LIFETIME, Offer, WalletRefusalError, may_ask
from services.certification.formats.key_proof import proven_key
from services.certification.formats.wallet_metadata import GRANT, issuer_address
from services.certification.handlers.wallet_copies import ask, deliver
from services.certification.handlers.wallet_offers import TokenRequest, grant, offer_of
from services.certification.handlers.wallet_secrets import WalletSecrets
from services.certification.store import wallet
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, policy
from shared.web.execution import encode
from shared.web.runtime import runtime

blueprint: Final = Blueprint(
    "openid4vci",
    __name__,
    url_prefix="/certification/issuers/<institution>",
    description="OpenID4VCI 1.0, for wallets; refusals are those of OAuth 2.0 and OpenID4VCI",
)
PATIENCE: Final = "certification.wallet_patience"
SECONDS: Final = 3.0
"""How long an answer waits for the worker's signature before it becomes a deferred one."""

INTERVAL_SECONDS: Final = 2
_AT_ONCE: Final = threading.BoundedSemaphore(6)
_PAUSE: Final = 0.02
_CLIENT: Final = re.compile(r"[\x21-\x7e]{1,200}")
View = Callable[..., Response]


def _speaking_oauth(view: View) -> View:
    """A refusal is what the specification says it is, on every path through `view`."""

    @wraps(view)
    def run(**path: Any) -> Response:
        try:
            return view(**path)
        except WalletRefusalError as error:
            return refused(error)

    return run


@blueprint.route("/token", methods=["POST"])
@policy.public
@documented(blueprint, TOKEN_REQUEST)
@_speaking_oauth
def token(institution: str) -> Response:
    """Exchange a pre-authorised code for an access token (OpenID4VCI 1.0, 6)."""
    form = form_of(request)
    wanted = single(form, "grant_type")
    if wanted is None:
        raise WalletRefusalError("invalid_request", "grant_type is missing.")
    if wanted != GRANT:
        raise WalletRefusalError("unsupported_grant_type", f"Only {GRANT} is supported.")
    code, client_id = single(form, "pre-authorized_code"), single(form, "client_id")
    if not code or (client_id is not None and _CLIENT.fullmatch(client_id) is None):
        raise WalletRefusalError("invalid_request", "pre-authorized_code is missing, or client_id malformed.")
    asked = TokenRequest(institution, code, single(form, "tx_code"), client_id)
    web = runtime()
    secrets = WalletSecrets.of(web.settings)
    with web.database.read() as connection:
        offer_of(connection, secrets, asked)  # who only guesses never stands in line with those who write
    granted = web.transactions.run(lambda uow: grant(uow, secrets, asked))
    if isinstance(granted, WalletRefusalError):
        raise granted
    seconds = int(ACCESS_LIFETIME.total_seconds())
    return _answer({"access_token": granted, "token_type": "Bearer", "expires_in": seconds})


@blueprint.route("/nonce", methods=["POST"])
@policy.public
@documented(blueprint)
@_speaking_oauth
def nonce(institution: str) -> Response:
    """Get a nonce for key proofs (OpenID4VCI 1.0, 7)."""
    web = runtime()
    address = issuer_address(web.settings.public_url, institution)
    return _answer({"c_nonce": WalletSecrets.of(web.settings).nonce(address, web.now())})


@blueprint.route("/credential", methods=["POST"])
@policy.public
@documented(blueprint, CREDENTIAL_REQUEST)
@_speaking_oauth
def credential(institution: str) -> Response:
    """Get copies of the certificate, one for each proven key; 202 where they are not signed yet (8)."""
    access = bearer_token(request)
    body = json_object(request)
    require_configuration(body)
    proofs = proofs_in(body)
    web = runtime()
    secrets, address = WalletSecrets.of(web.settings), issuer_address(web.settings.public_url, institution)
    with web.database.read() as connection:
        _offer(connection, access, institution)

    def step(uow: UnitOfWork) -> tuple[str, Offer]:
        offer = _offer(uow.connection, access, institution)
        keys = [
            proven_key(proof, audience=address, client_id=offer.client_id, now=uow.now) for proof in proofs
        ]
        return ask(uow, secrets, address, offer, keys), offer

    request_id, offer = web.transactions.run(step)
    _await_signature(request_id)
    return _delivered(offer, request_id)


@blueprint.route("/deferred-credential", methods=["POST"])
@policy.public
@documented(blueprint, DEFERRED_REQUEST)
@_speaking_oauth
def deferred_credential(institution: str) -> Response:
    """Get copies that were not signed in time (OpenID4VCI 1.0, 9)."""
    access = bearer_token(request)
    transaction = json_object(request).get("transaction_id")
    if not isinstance(transaction, str) or _CLIENT.fullmatch(transaction) is None:
        raise WalletRefusalError("invalid_transaction_id", "transaction_id is missing.")
    with runtime().database.read() as connection:
        offer = _offer(connection, access, institution)
    _await_signature(transaction)
    return _delivered(offer, transaction)


def _offer(connection: Connection, access: str, institution: str) -> Offer:
    web = runtime()
    found = wallet.offer_by(connection, access=WalletSecrets.of(web.settings).hashed(access))
    if found is None or not may_ask(found, institution, web.now()):
        raise WalletRefusalError(
            "invalid_token", "The access token does not count here, or has expired.", 401
        )
    return found


def _await_signature(request_id: str) -> None:
    """Wait a moment for the worker; only a few do so at a time, so that waiting never takes all threads."""
    if not _AT_ONCE.acquire(blocking=False):
        return
    try:
        deadline, pause = time.monotonic() + current_app.extensions[PATIENCE], threading.Event()
        while _waits(request_id) and time.monotonic() < deadline:
            pause.wait(_PAUSE)
    finally:
        _AT_ONCE.release()


def _waits(request_id: str) -> bool:
    with runtime().database.read() as connection:
        return wallet.state_of(connection, request_id) == "waiting"


def _delivered(offer: Offer, request_id: str) -> Response:
    copies = runtime().transactions.run(lambda uow: deliver(uow, offer, request_id))
    if copies is None:
        return _answer({"transaction_id": request_id, "interval": INTERVAL_SECONDS}, 202)
    return _answer({"credentials": [{"credential": each} for each in copies]})


def _answer(document: dict[str, Any], status: int = 200) -> Response:
    response = Response(encode(document), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
