"""The partners' feed: what concerns an institution, as a batch of CloudEvents, in the order of publication."""

from typing import Any

from flask import Response, request
from marshmallow import fields, validate

from shared.domain import ForbiddenError
from shared.messaging.feed import last_position, read_feed
from shared.web.blueprint import Blueprint
from shared.web.callers import Caller, Role, caller
from shared.web.execution import encode
from shared.web.paging import DEFAULT_LIMIT, MAX_LIMIT
from shared.web.policy import policy
from shared.web.problems import ProblemError
from shared.web.runtime import runtime
from shared.web.schema import Schema
from shared.web.strict_json import MAX_INTEGER

MEDIA_TYPE = "application/cloudevents-batch+json"


class FeedParameters(Schema):
    after = fields.Integer(
        load_default=0,
        validate=validate.Range(min=0, max=MAX_INTEGER),
        metadata={
            "description": "The position of the last event seen, from the Link header; 0 for the beginning"
        },
    )
    limit = fields.Integer(load_default=DEFAULT_LIMIT, validate=validate.Range(min=1, max=MAX_LIMIT))


def feed_blueprint(service: str) -> Blueprint:
    """`GET /{service}/v1/events?after=&limit=`."""
    blp = Blueprint(
        "events",
        __name__,
        url_prefix=f"/{service}/v1",
        description="What happened, for partners and services",
    )

    @blp.route("/events")
    @policy(
        Role.PARTNER,
        Role.REGISTRAR,
        Role.COORDINATOR,
        Role.ADMISSIONS_OFFICER,
        Role.SERVICE,
        Role.ADMINISTRATOR,
    )
    @blp.arguments(FeedParameters, location="query")
    @blp.query(description="CloudEvents in JSON batch format", media_types=(MEDIA_TYPE,))
    def events(connection: Any, parameters: dict[str, Any]) -> Response:
        """Read the events that concern the caller's institution, after a position.

        The Link header with rel=next is always there: asking it again later continues without a gap. A position
        that the feed has not reached is refused: whoever kept it from before a restored backup would miss events.
        """
        page = read_feed(connection, scope_of(caller()), parameters["after"], parameters["limit"])
        if not page.events:
            _require_reached(connection, parameters["after"])
        public_url = runtime().settings.public_url
        batch = [event.structured(public_url) for event in page.events]
        response = Response(encode(batch), content_type=MEDIA_TYPE)
        following = f"{request.path}?after={page.position}&limit={parameters['limit']}"
        response.headers["Link"] = f'<{following}>; rel="next"'
        return response

    return blp


def _require_reached(connection: Any, after: int) -> None:
    last = last_position(connection)
    if after > last:
        raise ProblemError(
            "invalid-cursor",
            f"The feed has not reached position {after}; its last event is at {last}. After a restored backup cases "
            "are as they were before: read again from an earlier position, and pass over events whose id is known.",
        )


def scope_of(reader: Caller) -> str | None:
    """The institution whose events `reader` sees; None for services and administrators, who see all.

    Raises:
        ForbiddenError: the token names no institution.
    """
    if reader.sees_all:
        return None
    if reader.institution is None:
        raise ForbiddenError("The feed is of an institution, and the token names none.")
    return reader.institution
