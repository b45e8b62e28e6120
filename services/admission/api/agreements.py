"""Consortium agreements: drafts for their coordinators, published versions for everybody."""

from typing import Any, Final

import sqlalchemy as sa
from flask import Response
from marshmallow import fields

from services.admission.api import agreement_schema
from services.admission.api.documents import (
    administered,
    immutable,
    latest_version,
    own_draft,
    owner_of,
    versions_of,
)
from services.admission.api.documents_schema import Administered, Versions
from services.admission.handlers import agreements as commands
from services.admission.store.tables import agreements
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Role, caller, policy

blp: Final = Blueprint(
    "agreements",
    __name__,
    url_prefix="/admission/v1",
    description="Consortium agreements as versioned documents",
)


class AdministeredAgreement(Administered):
    draft = fields.Nested(agreement_schema.AgreementDraft, required=True, allow_none=True)


@blp.route("/agreements", methods=["POST"])
@policy(Role.COORDINATOR)
@blp.arguments(agreement_schema.AgreementDraft)
@blp.command(AdministeredAgreement, status=201)
def draft_agreement(uow: UnitOfWork, body: dict[str, Any]) -> Any:
    """Draft an agreement that the caller's institution governs."""
    commands.draft_agreement(uow, owner_of(caller()), body)
    location = {"Location": f"/admission/v1/agreements/{body['id']}"}
    return administered(uow.connection, agreements, body["id"]), location


@blp.route("/agreements/<id>", methods=["PUT"])
@policy(Role.COORDINATOR)
@blp.arguments(agreement_schema.AgreementDraft)
@blp.command(AdministeredAgreement)
def redraft_agreement(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Set the draft of the next version."""
    commands.redraft_agreement(uow, owner_of(caller()), id, body)
    return administered(uow.connection, agreements, id)


@blp.route("/agreements/<id>/draft", methods=["GET"])
@policy(Role.COORDINATOR)
@blp.query(AdministeredAgreement)
def read_agreement_draft(connection: sa.Connection, id: str) -> Any:  # noqa: A002
    """Read the draft and the state of an agreement of the caller's institution."""
    return own_draft(connection, agreements, id, owner_of(caller()))


@blp.route("/agreements/<id>/publication", methods=["POST"])
@policy(Role.COORDINATOR)
@blp.command(AdministeredAgreement, status=201)
def publish_agreement(uow: UnitOfWork, id: str) -> Any:  # noqa: A002
    """Publish the draft as the next version."""
    commands.publish_agreement(uow, owner_of(caller()), id)
    return administered(uow.connection, agreements, id)


@blp.route("/agreements/<id>/addenda", methods=["POST"])
@policy(Role.COORDINATOR)
@blp.arguments(agreement_schema.Addendum)
@blp.command(AdministeredAgreement, status=201)
def join_partner(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Have a partner join by addendum: the next version, and nothing earlier changes."""
    commands.join_partner(uow, owner_of(caller()), id, body["partner"])
    return administered(uow.connection, agreements, id)


@blp.route("/agreements/<id>", methods=["GET"])
@policy.public
@blp.query(agreement_schema.Agreement)
def read_agreement(connection: sa.Connection, id: str) -> Response:  # noqa: A002
    """Read the latest published version."""
    return latest_version(connection, agreements, id)


@blp.route("/agreements/<id>/versions", methods=["GET"])
@policy.public
@blp.query(Versions)
def list_agreement_versions(connection: sa.Connection, id: str) -> Any:  # noqa: A002
    """List the published versions with their digests."""
    return versions_of(connection, agreements, id)


@blp.route("/agreements/<id>/versions/<int:number>", methods=["GET"])
@policy.public
@blp.query(agreement_schema.Agreement)
def read_agreement_version(connection: sa.Connection, id: str, number: int) -> Response:  # noqa: A002
    """Read one published version; it never changes."""
    return immutable(connection, agreements, id, number)
