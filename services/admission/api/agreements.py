"""Consortium agreements: drafts for their coordinators, published versions for everybody."""

from typing import Any, Final

from marshmallow import fields

from services.admission.api import agreement_schema
from services.admission.api.documents import Kind, add_routes, administered, owner_of
from services.admission.api.documents_schema import Administered
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


add_routes(
    blp,
    Kind(
        word="agreement",
        table=agreements,
        draft=agreement_schema.AgreementDraft,
        document=agreement_schema.Agreement,
        administered=AdministeredAgreement,
        make=commands.draft_agreement,
        change=commands.redraft_agreement,
        publish=commands.publish_agreement,
    ),
)


@blp.route("/agreements/<id>/addenda", methods=["POST"])
@policy(Role.COORDINATOR)
@blp.arguments(agreement_schema.Addendum)
@blp.command(AdministeredAgreement, status=201)
def join_partner(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Have a partner join by addendum: the next version, and nothing earlier changes."""
    commands.join_partner(uow, owner_of(caller()), id, body["partner"])
    return administered(uow.connection, agreements, id)
