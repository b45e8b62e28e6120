"""The description of a service's REST side: OpenAPI 3.1, and Swagger UI from this installation's own files."""

import json
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

import flask_smorest
import marshmallow as ma
from flask import Blueprint, Flask, Response, render_template, request, send_from_directory, url_for
from flask_smorest.utils import prepare_response
from marshmallow import fields
from werkzeug.exceptions import HTTPException

from shared.web.policy import policy
from shared.web.problem_types import of_status
from shared.web.problems import CONTENT_TYPE, problem
from shared.web.validation import errors_of

_ASSETS: Final = str(files("flask_swagger_ui") / "dist")
_ASSET_NAMES: Final = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"})
# Inline styles are what Swagger UI lays itself out with; scripts come from files of ours only.
_DOCS_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DESCRIPTION: Final = """The {service} service of Passerelle.

- **Signing in**: `Authorization: Bearer TOKEN`. In development `passerelle token --role ROLE --institution ID` prints
  one. `x-roles` of an operation are those who may call it; what is another institution's looks like what is missing.
  Who has several of them acts in the first that may, or in the one that the header `Acting-Role` names.
- **Sending again**: with the same `Idempotency-Key` a command has one effect and the same answer, for 24 hours.
- **Changing what was read**: send its `ETag` in `If-Match`; a change in between is refused with 412.
- **Lists**: follow the `Link` header with `rel=next`. Parameters that do not exist are refused, not ignored.
- **Refusals** are problem documents (RFC 9457): `type` is the address of a page, `errors` point at what is to mend.
- **What happened since**: `GET /{service}/v1/events?after=POSITION`, as CloudEvents, for your institution. The
  `dataschema` of each leads to the JSON Schema of its data.
"""
_START: Final = """"use strict";
const place = document.getElementById("swagger-ui");
SwaggerUIBundle({url: place.dataset.url, domNode: place, validatorUrl: null, deepLinking: true});
"""


class ErrorEntry(ma.Schema):
    pointer = fields.String(
        metadata={"description": "JSON pointer to the member, as a fragment: #/workload/ects"}
    )
    parameter = fields.String(metadata={"description": "Name of a query parameter"})
    detail = fields.String(required=True, metadata={"description": "What is wrong, and how to mend it"})


class Problem(ma.Schema):
    """RFC 9457."""

    type = fields.Url(required=True, metadata={"description": "A page that explains this kind of refusal"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    correlation_id = fields.String(required=True)
    errors = fields.List(fields.Nested(ErrorEntry))


class Api(flask_smorest.Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest's Api with every refusal as a problem document, in answers and in documentation alike."""

    ERROR_SCHEMA = Problem

    def handle_http_exception(self, error: HTTPException) -> Any:
        """The problem document of an HTTP error; its headers (Allow, Retry-After ...) are kept."""
        if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
            return error
        kind = of_status(error.code)
        data: dict[str, Any] = getattr(error, "data", None) or {}
        errors = errors_of(data.get("messages", {}))
        kept = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
        detail = "Some members or parameters cannot be taken; see errors." if errors else kind.meaning
        return problem(kind.slug, error.code, kind.title, detail, errors=errors, headers=kept)

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= HTTPStatus.BAD_REQUEST:
                response["schema"] = self.ERROR_SCHEMA
                prepare_response(response, self.spec, CONTENT_TYPE)
            self.spec.components.response(status.name, response, lazy=True)
        default = {"description": "Any other refusal", "schema": self.ERROR_SCHEMA}
        prepare_response(default, self.spec, CONTENT_TYPE)
        self.spec.components.response("DEFAULT_ERROR", default, lazy=True)

    def _register_pagination_header(self) -> None:
        """Pages are followed by Link headers here; flask-smorest's own header does not exist."""


def _anchored(_converter: Any, _field: fields.Field[Any], ret: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A pattern as JSON Schema means it: marshmallow matches from the start; the end of the text is $ there."""
    pattern = ret.get("pattern")
    if not isinstance(pattern, str):
        return {}
    ended = pattern.removesuffix("\\Z") + "$" if pattern.endswith("\\Z") else pattern
    return {"pattern": ended if ended.startswith("^") else f"^(?:{ended})"}


def create_api(app: Flask, service: str, title: str, version: str) -> Api:
    """The OpenAPI side of `app`; without flask-smorest's own pages."""
    app.config.update(
        API_TITLE=title,
        API_VERSION=version,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
        API_SPEC_OPTIONS={
            "info": {"description": _DESCRIPTION.format(service=service)},
            "security": [{"bearer": []}],
        },
    )
    api = Api(app)
    api.ma_plugin.converter.add_attribute_function(_anchored)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    return api


def register_documentation(app: Flask, api: Api, service: str) -> None:
    """Serve `/{service}/openapi.json` and `/{service}/docs`."""
    document = json.dumps(api.spec.to_dict(), ensure_ascii=False).encode()
    pages = Blueprint("documentation", __name__, url_prefix=f"/{service}")

    @pages.get("/openapi.json")
    @policy.public
    def openapi() -> Response:
        response = Response(document, content_type="application/json")
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        response.make_conditional(request)
        return response

    @pages.get("/docs")
    @policy.public
    def docs() -> Response:
        page = render_template(
            "documentation.html", title=api.spec.title, specification=url_for("documentation.openapi")
        )
        response = Response(page, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = _DOCS_CSP
        return response

    @pages.get("/docs/<name>")
    @policy.public
    def asset(name: str) -> Response:
        if name == "start.js":
            return Response(_START, content_type="text/javascript; charset=utf-8")
        if name not in _ASSET_NAMES:
            return Response(status=404)
        return send_from_directory(_ASSETS, name, max_age=3600)

    app.register_blueprint(pages)
