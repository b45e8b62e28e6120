"""Read bodies and query parameters: the media type first, then strict JSON, then the schema."""

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma
from flask import Request
from webargs import fields as webargs_fields
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from shared.web import strict_json
from shared.web.problems import ProblemError

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
PAGE_PARAMETERS: Final = frozenset({"after", "limit"})
_MANY: Final = (ma.fields.List, ma.fields.Tuple, webargs_fields.DelimitedList)


class Parser(FlaskParser):
    """Unknown members and parameters are refused, parameters given twice too, and 415 comes before parsing."""

    def __init__(self) -> None:
        super().__init__()
        self.DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE}

    def load_json(self, req: Request, schema: ma.Schema) -> Any:  # noqa: ARG002 - webargs' signature
        return json_body(req)

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        given = req.args
        for name, values in given.lists():
            if len(values) > 1 and not isinstance(_field(schema, name), _MANY):
                raise invalid_parameters({name: "Given more than once."})
        if getattr(schema, "paged", False) and not PAGE_PARAMETERS.isdisjoint(given):
            pairs = [(name, value) for name, value in given.items(multi=True) if name not in PAGE_PARAMETERS]
            given = MultiDict(pairs)
        return self._makeproxy(given, schema)


def body_of(request: Request) -> bytes:
    """The bytes of the request's body, all of them.

    Raises:
        RequestEntityTooLarge: it exceeds the route's limit. A body that comes in chunks is cut off there by werkzeug
            without a word; one that reaches the limit is therefore refused.
        ClientDisconnected: it ended before its announced length. The server hands out what came, as if it were all.
    """
    data = request.get_data(cache=True)
    length, limit = request.content_length, request.max_content_length
    if length is None and limit is not None and len(data) >= limit:
        raise RequestEntityTooLarge
    if length is not None and len(data) < length:
        raise ClientDisconnected
    return data


def json_body(request: Request) -> Any:
    """The JSON document of `request`.

    Raises:
        ProblemError: 415 where the media type is another one, 400 where the body is not strict JSON.
    """
    accepted = (JSON, MERGE_PATCH) if request.method == "PATCH" else (JSON,)
    if request.mimetype not in accepted:
        header = "Accept-Patch" if request.method == "PATCH" else "Accept-Post"
        raise ProblemError(
            "unsupported-media-type",
            f"The body has to be {' or '.join(accepted)}.",
            headers={header: ", ".join(accepted)},
        )
    try:
        return strict_json.loads(body_of(request))
    except strict_json.MalformedJsonError as error:
        raise ProblemError("malformed-json", str(error)) from error


def no_body(request: Request) -> None:
    """Return where `request` has no body, or an empty JSON object: this route reads none.

    Raises:
        ProblemError: it has one that would have been ignored.
    """
    if request.content_length or (request.content_length is None and body_of(request)):
        body = json_body(request)
        if body != {}:
            raise ProblemError("invalid-input", "This takes no body; leave it out or send {}.")


def no_parameters(request: Request, *, allowed: frozenset[str] = frozenset()) -> None:
    """Return where `request` has no query parameters but `allowed` ones.

    Raises:
        ProblemError: it has others, which would have been ignored.
    """
    if request.args and (unknown := sorted(set(request.args) - allowed)):
        raise invalid_parameters(dict.fromkeys(unknown, "Unknown parameter; leave it out."))


def _field(schema: ma.Schema, name: str) -> Any:
    for key, field in schema.load_fields.items():
        if (field.data_key or key) == name:
            return field
    return None


def invalid_parameters(reasons: Mapping[str, str]) -> ProblemError:
    """A refusal that names query parameters."""
    error = ProblemError("invalid-input", "Some query parameters cannot be taken.")
    error.errors = [{"parameter": name[:100], "detail": reason} for name, reason in reasons.items()]
    return error
