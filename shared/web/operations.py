"""What the documentation says of every operation beside its own schemas: roles, headers, refusals."""

from http import HTTPStatus
from typing import Any, Final

from shared.web.idempotency import HEADER as IDEMPOTENCY_KEY
from shared.web.paging import DEFAULT_LIMIT, MAX_LIMIT
from shared.web.parsing import JSON, MERGE_PATCH
from shared.web.policy import PUBLIC, Policy

_KEY_PARAMETER: Final = {
    "in": "header",
    "name": IDEMPOTENCY_KEY,
    "required": False,
    "description": "Sent again within 24 hours, the same request has one effect and the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_LINK: Final = {"description": "The next page, with rel=next", "schema": {"type": "string"}}
_PAGE_PARAMETERS: Final = (
    {
        "in": "query",
        "name": "after",
        "required": False,
        "description": "Where the page before ended: a cursor from its `next` or Link header, as it was given.",
        "schema": {"type": "string", "maxLength": 2000},
    },
    {
        "in": "query",
        "name": "limit",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    },
)


def describe(doc: dict[str, Any], doc_info: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
    """Complete an operation's documentation; called by flask-smorest for each one."""
    declared: Policy = doc_info.get("policy", PUBLIC)  # one without any is refused when all routes are known
    parameters = doc.setdefault("parameters", [])
    refusals = {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE}
    refusals.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    if declared.public:
        doc["security"] = []
    else:
        doc["x-roles"] = [role.value for role in declared.roles]
        refusals |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    if "command" in doc_info:
        refusals |= {
            HTTPStatus.CONFLICT,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        }
        _describe_preconditions(doc_info, parameters, refusals, method)
    if "page" in doc_info:
        parameters.extend(_PAGE_PARAMETERS)
        doc["responses"][200].setdefault("headers", {})["Link"] = _LINK
    if method == "patch" and "requestBody" in doc:
        content = doc["requestBody"]["content"]
        content[MERGE_PATCH] = content.pop(JSON)
    _describe_success(doc, doc_info, method)
    for status in sorted(refusals):
        doc["responses"].setdefault(status.value, status.name)
    doc["responses"].setdefault("default", "DEFAULT_ERROR")
    return doc


def _describe_preconditions(
    doc_info: dict[str, Any], parameters: list[Any], refusals: set[HTTPStatus], method: str
) -> None:
    if method == "post":
        parameters.append(_KEY_PARAMETER)
    changes = method in {"patch", "put"}
    if changes or doc_info["command"]["versioned"]:
        parameters.append(
            {
                "in": "header",
                "name": "If-Match",
                "required": changes,
                "description": "The ETag of the version that the change is meant for.",
                "schema": {"type": "string", "maxLength": 200},
            }
        )
        refusals.add(HTTPStatus.PRECONDITION_FAILED)
    if changes:
        refusals.add(HTTPStatus.PRECONDITION_REQUIRED)


def _describe_success(doc: dict[str, Any], doc_info: dict[str, Any], method: str) -> None:
    kind = doc_info.get("command") or doc_info.get("query")
    if kind is None:
        return
    success = doc["responses"][kind["status"]]
    if kind["versioned"]:
        success.setdefault("headers", {})["ETag"] = {
            "description": "The version, for If-Match and If-None-Match",
            "schema": {"type": "string"},
        }
        if method == "get":
            doc["responses"].setdefault(304, "NOT_MODIFIED")
    for media_type in doc_info.get("media_types", ()):
        success.setdefault("content", {})[media_type] = {}
