"""Routes of the rules of stacking, for anybody: what stacks on what (CRT-26)."""

from typing import Any, Final

import sqlalchemy as sa
from flask import Response

from services.admission.api.documents import FOR_EVER, published_root, published_version
from services.admission.api.stacking_schema import PublishedRule, PublishedRules
from services.admission.store.stacking import agreements_naming
from services.admission.store.tables import agreements, offerings
from shared.domain import NotFoundError
from shared.stacking import NO_ENTITLEMENT, offerings_in
from shared.web import Blueprint, policy
from shared.web.execution import encode

blp: Final = Blueprint(
    "stacking",
    __name__,
    url_prefix="/admission/v1",
    description="What stacks on what: rules of larger awards",
)


@blp.route("/offerings/<id>/stacking-rules", methods=["GET"])
@policy.public
@blp.query(PublishedRules)
def list_rules_of_offering(connection: sa.Connection, id: str) -> Any:  # noqa: A002 - the name in the path
    """List the rules in force under which a certificate of this offering may count towards a larger award."""
    published_root(connection, offerings, id)
    found = agreements_naming(connection, id)
    rules = [(agreement, rule) for agreement in found for rule in agreement.get("stacking") or ()]
    named = [_view(agreement, rule) for agreement, rule in rules if id in offerings_in(rule["requirement"])]
    return {"items": named}


@blp.route("/agreements/<id>/versions/<int:number>/stacking-rules/<rule>", methods=["GET"])
@policy.public
@blp.query(PublishedRule)
def read_rule(connection: sa.Connection, id: str, number: int, rule: str) -> Response:  # noqa: A002
    """Read one rule of an agreement version; it never changes, and larger certificates lead here."""
    agreement = published_version(connection, agreements, id, number)
    for each in agreement.get("stacking") or ():
        if each["id"] == rule:
            response = Response(encode(_view(agreement, each)), content_type="application/json")
            response.headers["Cache-Control"] = FOR_EVER
            return response
    raise NotFoundError("The agreement version has no such rule.")


def _view(agreement: dict[str, Any], rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "agreement": {"id": agreement["id"], "version": agreement["version"]},
        "rule": rule,
        "automatic_entitlement": False,
        "statement": NO_ENTITLEMENT,
    }
