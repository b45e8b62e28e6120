"""The published language at the address that every event's `dataschema` names."""

import json
from typing import Any, Final

from flask import Response, request

from shared.contracts import contract, contract_types
from shared.domain import NotFoundError
from shared.messaging.envelope import types_of
from shared.web.blueprint import Blueprint
from shared.web.policy import policy

MEDIA_TYPE: Final = "application/schema+json"
# A contract only ever gains optional members, so an older copy keeps saying what is true.
_CACHING: Final = "public, max-age=86400"


def contracts_blueprint(service: str) -> Blueprint:
    """`GET /{service}/v1/contracts/{type}`."""
    blp = Blueprint("contracts", __name__, url_prefix=f"/{service}/v1", description="What events are made of")
    published = frozenset(types_of(service, contract_types()))

    @blp.route("/contracts/<type>")
    @policy.public
    @blp.query(description="A JSON Schema (2020-12)", media_types=(MEDIA_TYPE,))
    def read_contract(connection: Any, type: str) -> Response:  # noqa: A002, ARG001 - no row is needed
        """Read the JSON Schema of an event's data, by the type of the event."""
        if type not in published:
            raise NotFoundError("This service publishes no events of that type.")
        response = Response(json.dumps(contract(type), ensure_ascii=False), content_type=MEDIA_TYPE)
        response.headers["Cache-Control"] = _CACHING
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.add_etag()
        return response.make_conditional(request)  # type: ignore[return-value]  # the same response

    return blp
