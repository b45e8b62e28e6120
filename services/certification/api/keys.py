"""Routes of administrators: the life of an awarding body's signing keys."""

from typing import Any, Final

from marshmallow import fields, validate
from sqlalchemy import Connection

from services.certification.domain.issuer_key import IssuerKey
from services.certification.domain.machines import KEY
from services.certification.handlers import issuer_keys as commands
from services.certification.store import issuer_keys
from services.certification.store.issuer_keys import ALGORITHMS, RS256
from shared.domain import InvalidError, NotFoundError, Pointer
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Role, Schema, policy
from shared.web.callers import INSTITUTION

blueprint: Final = Blueprint(
    "keys", __name__, url_prefix="/certification/v1", description="The signing keys of awarding bodies"
)
_TEXT: Final = validate.Length(min=1, max=1000)


class KeySchema(Schema):
    key = fields.String(
        attribute="multikey",
        metadata={"description": "Its name: its Multikey string, of an RSA key its JWK thumbprint"},
    )
    institution = fields.String()
    algorithm = fields.String()
    state = fields.String(validate=validate.OneOf(sorted(KEY.states)))
    created_at = fields.DateTime()
    activated_at = fields.DateTime(allow_none=True)
    retired_at = fields.DateTime(allow_none=True)
    compromised_from = fields.DateTime(allow_none=True)
    proposed_by = fields.String(allow_none=True)
    activated_by = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class KeysSchema(Schema):
    items = fields.List(fields.Nested(KeySchema))


class NewKeySchema(Schema):
    algorithm = fields.String(
        required=True,
        validate=validate.OneOf(ALGORITHMS),
        metadata={
            "description": "EdDSA signs credentials and status lists, ES256 signs JWTs; RS256 signs VC-JWTs in its "
            "place while a key for it is active"
        },
    )
    bits = fields.Integer(validate=validate.OneOf((2048, 3072)), metadata={"description": "Of an RSA key"})


class RetirementSchema(Schema):
    reason = fields.String(required=True, validate=_TEXT)


class CompromiseSchema(Schema):
    since = fields.AwareDateTime(
        required=True, metadata={"description": "Since when somebody else may have had it"}
    )
    reason = fields.String(required=True, validate=_TEXT)


@blueprint.route("/issuers/<institution>/keys")
@policy(Role.ADMINISTRATOR)
@blueprint.query(KeysSchema)
def list_keys(connection: Connection, institution: str) -> dict[str, Any]:
    """List all keys that an institution has or had, oldest first."""
    found = issuer_keys.history(connection, institution)
    if not found:
        raise NotFoundError("This institution has no keys here.")
    return {"items": found}


@blueprint.route("/issuers/<institution>/keys", methods=["POST"])
@policy(Role.ADMINISTRATOR)
@blueprint.arguments(NewKeySchema)
@blueprint.command(KeysSchema, status=202)
def request_key(uow: UnitOfWork, body: dict[str, Any], institution: str) -> dict[str, Any]:
    """Have a new key made; it is `pending` in a moment, and waits to be activated by two administrators."""
    if INSTITUTION.fullmatch(institution) is None or "." not in institution:
        raise InvalidError(
            "This is no institution.", pointers=[Pointer("/institution", "give a code such as helsinki.fi")]
        )
    if "bits" in body and body["algorithm"] != RS256:
        raise InvalidError("Only RSA keys have a length.", pointers=[Pointer("/bits", "leave it out")])
    commands.request(uow, institution, body["algorithm"], body.get("bits"))
    return {"items": issuer_keys.history(uow.connection, institution)}


@blueprint.route("/keys/<key>/activation", methods=["POST"])
@policy(Role.ADMINISTRATOR)
@blueprint.command(KeySchema, status=201)
def activate_key(uow: UnitOfWork, key: str) -> IssuerKey:
    """Propose a pending key or, as a second administrator, put it in the place of the active one (rotation)."""
    return commands.activate(uow, key)


@blueprint.route("/keys/<key>/retirement", methods=["POST"])
@policy(Role.ADMINISTRATOR)
@blueprint.arguments(RetirementSchema)
@blueprint.command(KeySchema, status=201)
def retire_key(uow: UnitOfWork, body: dict[str, Any], key: str) -> IssuerKey:
    """Retire a key that waits, or the one for RS256; another active one is retired by its successor."""
    return commands.discard(uow, key, body["reason"])


@blueprint.route("/keys/<key>/compromise", methods=["POST"])
@policy(Role.ADMINISTRATOR)
@blueprint.arguments(CompromiseSchema)
@blueprint.command(KeySchema, status=201)
def compromise_key(uow: UnitOfWork, body: dict[str, Any], key: str) -> IssuerKey:
    """Mark a key as compromised since a moment: what it signed from then on is not valid any more."""
    return commands.compromise(uow, key, body["since"], body["reason"])
