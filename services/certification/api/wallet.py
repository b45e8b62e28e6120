"""Routes by which a learner brings a certificate into a wallet: an offer, shown as link and QR code."""

import io
from dataclasses import asdict
from typing import Any, Final

import segno
from flask import Response, request
from marshmallow import fields, validate
from sqlalchemy import Connection

from services.certification.api.responses import for_anybody
from services.certification.api.views import scope_of
from services.certification.domain.wallet import OFFER, Offer
from services.certification.formats.token_status import MEDIA_TYPE as LIST_TYPE
from services.certification.formats.token_status import TTL_SECONDS
from services.certification.handlers.wallet_offers import ShownOffer, make_offer, referenced, shown
from services.certification.handlers.wallet_secrets import WalletSecrets
from services.certification.store import token_status_lists, wallet
from shared.domain import ConflictError, NotFoundError
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Role, Schema, caller, policy
from shared.web.execution import encode
from shared.web.runtime import runtime

blueprint: Final = Blueprint(
    "wallets", __name__, url_prefix="/certification/v1", description="Certificates for wallets (EUDI)"
)
_SVG: Final = "image/svg+xml"
_JSON: Final = "application/json"


class WalletOfferRequestSchema(Schema):
    transaction_code = fields.Boolean(
        load_default=True,
        metadata={"description": "Whether the wallet asks for a code that is shown beside the QR code"},
    )


class WalletOfferSchema(Schema):
    id = fields.String()
    certificate_id = fields.String()
    state = fields.String(validate=validate.OneOf([*sorted(OFFER.states), "expired"]))
    expires_at = fields.DateTime()


class ShownWalletOfferSchema(WalletOfferSchema):
    link = fields.String(
        allow_none=True, metadata={"description": "Opens a wallet, which fetches the offer; in the QR code"}
    )
    link_by_value = fields.String(allow_none=True, metadata={"description": "The same with the offer in it"})
    credential_offer = fields.Dict(
        allow_none=True, metadata={"description": "The offer, as a wallet reads it"}
    )
    transaction_code = fields.String(
        allow_none=True,
        metadata={"description": "What the wallet asks its owner for; null where it does not"},
    )


@blueprint.route("/certificates/<id>/wallet-offers", methods=["POST"])
@policy(Role.LEARNER)
@blueprint.arguments(WalletOfferRequestSchema)
@blueprint.command(WalletOfferSchema, status=201)
def offer(uow: UnitOfWork, body: dict[str, Any], id: str) -> Offer:  # noqa: A002 - the name in the path
    """Offer one's own certificate to a wallet, for five minutes; read the offer to get its link and QR code."""
    secrets = WalletSecrets.of(runtime().settings)
    return make_offer(uow, secrets, scope_of(caller()), id, transaction_code=body["transaction_code"])


@blueprint.route("/wallet-offers/<id>")
@policy(Role.LEARNER)
@blueprint.query(ShownWalletOfferSchema, media_types=(_SVG,))
def read_offer(connection: Connection, id: str) -> ShownOffer | Response:  # noqa: A002
    """Read one's own offer: links and transaction code, or by the Accept header the QR code as SVG."""
    web = runtime()
    found = wallet.offer(connection, learner_id=caller().learner_id, offer_id=id)
    if found is None:
        raise NotFoundError("There is no such offer, or it is not yours to see.")
    told = shown(web.settings, WalletSecrets.of(web.settings), found, web.now())
    if request.accept_mimetypes.best_match([_JSON, _SVG], default=_JSON) == _SVG:
        if told.link is None:
            raise ConflictError(f"This offer is {told.state}; make another one.")
        return _varied(_qr(told.link), _SVG)
    return _varied(encode(_SHOWN.dump(asdict(told))), _JSON)


_SHOWN: Final = ShownWalletOfferSchema()


def _varied(body: str | bytes, content_type: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Vary"] = "Accept"
    return response


def _qr(link: str) -> bytes:
    drawn = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        drawn, kind="svg", scale=6, border=4, light="#fff", title="QR code for your wallet"
    )
    return drawn.getvalue()


@blueprint.route("/credential-offers/<reference>")
@policy.public
@blueprint.query(media_types=(_JSON,))
def read_credential_offer(connection: Connection, reference: str) -> Response:
    """Read a credential offer (OpenID4VCI 1.0, 4.1.3) by the reference in its link, which nobody can guess."""
    web = runtime()
    secrets = WalletSecrets.of(web.settings)
    document = referenced(connection, web.settings, secrets, reference, web.now())
    return Response(encode(document), content_type=_JSON)


@blueprint.route("/token-status-lists/<id>")
@policy.public
@blueprint.query(media_types=(LIST_TYPE,))
def read_token_status_list(connection: Connection, id: str) -> Response:  # noqa: A002
    """Read a signed Token Status List (IETF): what became of the copies in wallets."""
    row = token_status_lists.find(connection, id)
    if row is None or row.token is None:
        raise NotFoundError("There is no such status list.")
    return for_anybody(row.token, LIST_TYPE, TTL_SECONDS)
