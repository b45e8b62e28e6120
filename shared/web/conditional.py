"""Optimistic concurrency at the edge (RFC 9110 section 13): the ETag is the aggregate's version."""

import re
from typing import Final

from flask import Request

from shared.domain import PreconditionFailedError
from shared.web.problems import ProblemError

_NEEDS_IF_MATCH: Final = frozenset({"PATCH", "PUT"})
_VERSION: Final = re.compile(r"[0-9]{1,18}")


def expected_version(request: Request) -> int | None:
    """The version that the request is meant for; None where it does not say.

    Raises:
        ProblemError: 428 where the method needs If-Match, 412 where the header cannot match any version of ours.
    """
    if "If-Match" not in request.headers:
        if request.method in _NEEDS_IF_MATCH:
            raise ProblemError("precondition-required", "Send the ETag that you read in the If-Match header.")
        return None
    tags = request.if_match
    if tags.star_tag:
        return None
    strong = [tag for tag in tags.as_set(include_weak=False) if _VERSION.fullmatch(tag)]
    if len(strong) != 1:
        raise PreconditionFailedError('If-Match takes one strong ETag of ours, such as "3", or *.')
    return int(strong[0])


def etag(version: object) -> str | None:
    """The strong entity tag of a version; None for what has no version."""
    return f'"{version}"' if isinstance(version, int) else None
