"""Optimistic concurrency at the edge (RFC 9110 section 13): the ETag is the aggregate's version."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from flask import Request

from shared.domain import Change, DomainEvent, PreconditionFailedError
from shared.messaging.unit_of_work import UnitOfWork
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


class ExpectingUnitOfWork(UnitOfWork):
    """A unit of work whose first saved aggregate, the one the request is about, must have the expected version."""

    def __init__(self, inner: UnitOfWork, expected: int) -> None:
        super().__init__(inner.connection, inner.service, inner.actor, inner.now, inner.cause)
        self._expected: int | None = expected

    def save(
        self,
        table: sa.Table,
        aggregate_id: str,
        *,
        values: Mapping[str, Any],
        version: int | None = None,
        key: str | None = None,
        events: Sequence[DomainEvent] = (),
        changes: Sequence[Change] = (),
    ) -> int:
        if version is not None:
            self.settle(version)
        return super().save(
            table, aggregate_id, values=values, version=version, key=key, events=events, changes=changes
        )

    def settle(self, version: int | None) -> None:
        """Compare the expected version with that of the aggregate, once.

        Raises:
            PreconditionFailedError: they differ.
        """
        expected, self._expected = self._expected, None
        if expected is not None and version != expected:
            raise PreconditionFailedError(f"The resource is no longer at version {expected}; read it again.")


def etag(version: object) -> str | None:
    """The strong entity tag of a version; None for what has no version."""
    return f'"{version}"' if isinstance(version, int) else None
