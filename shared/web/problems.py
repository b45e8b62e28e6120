"""Every refusal as a problem document (RFC 9457) whose `type` leads to a page that explains it."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from flask import Response, current_app

from shared.domain import DomainError, Pointer
from shared.web.correlation import correlation
from shared.web.problem_types import BY_SLUG

CONTENT_TYPE: Final = "application/problem+json"
_MAX_ERRORS: Final = 50
_MAX_POINTER: Final = 300


class ProblemError(DomainError):
    """A refusal of the web edge, by the slug of its problem type."""

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        pointers: Iterable[Pointer] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail, pointers=pointers)
        kind = BY_SLUG[slug]
        self.slug, self.title, self.status = kind.slug, kind.title, kind.status
        self.headers = dict(headers or {})
        self.errors: list[dict[str, str]] = []


def problem(
    slug: str,
    status: int,
    title: str,
    detail: str,
    *,
    errors: Iterable[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document; `errors` point at wrong members (`pointer`), parameters or headers."""
    identifier = correlation().correlation_id
    document: dict[str, Any] = {
        "type": f"{current_app.extensions['passerelle'].settings.public_url}/problems/{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "correlation_id": identifier,
    }
    if found := list(errors)[:_MAX_ERRORS]:
        document["errors"] = found
    response = Response(json.dumps(document, ensure_ascii=False), status, content_type=CONTENT_TYPE)
    response.headers.update(headers or {})
    return response


def problem_of(error: DomainError) -> Response:
    """The problem document of a refusal."""
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="passerelle", error="invalid_token"')
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", "2")
    return problem(
        error.slug,
        error.status,
        error.title,
        error.detail,
        errors=[
            *getattr(error, "errors", ()),
            *({"pointer": fragment(each.pointer), "detail": each.detail} for each in error.pointers),
        ],
        headers=headers,
    )


def fragment(pointer: str) -> str:
    """A JSON pointer (RFC 6901) as the URI fragment that RFC 9457 shows: "#/workload/ects"."""
    return "#" + quote(pointer.removeprefix("#")[:_MAX_POINTER], safe="/~!$&'()*+,;=:@")
