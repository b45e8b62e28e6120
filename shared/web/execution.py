"""Carry a request out: one transaction for a command, one read transaction for a query.

The order of a command is replay, If-Match, domain; authentication and authorisation come before it (`guard`).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import marshmallow as ma
from flask import Response, request
from sqlalchemy.exc import IntegrityError, OperationalError

from shared.messaging.unit_of_work import StaleAggregateError, UnitOfWork
from shared.sqlite_writer import WriteLockTimeoutError
from shared.web.acting import in_a_role_that_may
from shared.web.callers import optional_caller
from shared.web.conditional import etag, expected_version
from shared.web.correlation import correlation
from shared.web.idempotency import Answer, Claim, claim_of, forget_expired
from shared.web.paging import Key
from shared.web.problems import ProblemError
from shared.web.runtime import Runtime, runtime

TRIES: Final = 4
_UNIQUE: Final = frozenset({"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})
_ROLLED_BACK: Final = frozenset({"40001", "40P01"})
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Returned:
    """What a view returned, taken apart: a body to dump, or a finished response."""

    value: Any
    status: int | None
    headers: Mapping[str, str]


def returned(result: Any) -> Returned:
    """`value`, `(value, headers)`, `(value, status)` or `(value, status, headers)`."""
    if type(result) is not tuple:
        return Returned(result, None, {})
    if len(result) == 3:  # noqa: PLR2004 - value, status, headers
        return Returned(*result)
    value, second = result
    return Returned(value, second, {}) if isinstance(second, int) else Returned(value, None, second)


@in_a_role_that_may
def run_command(
    view: Callable[..., Any], schema: ma.Schema | None, status: int, args: Any, kwargs: Any
) -> Response:
    """Run `view` in one unit of work and answer with what it returned, dumped inside the transaction.

    A stale aggregate, and a unique key that somebody else took first, make it run again on what is then there, three
    times more at most. A successful answer is kept with its Idempotency-Key in the same transaction.

    Raises:
        ProblemError: 409 with Retry-After where others were faster every time, or a request with the same key takes
            longer than five seconds.
    """
    web = runtime()
    caller = optional_caller()
    claim = claim_of(request, caller)
    actor = {"actor": caller.actor} if caller else {}
    patience = claim.patience if claim else None
    for _ in range(TRIES):
        try:
            with web.transactions.begin(
                cause=correlation().cause, patience=patience, **actor
            ) as unit_of_work:
                if claim and (kept := claim.take(unit_of_work.connection, unit_of_work.now)):
                    return _response(kept)
                answer = _answer(_decide(unit_of_work, view, args, kwargs), schema, status)
                _remember(web, claim, unit_of_work, answer)
            return answer if isinstance(answer, Response) else _response(answer)
        except StaleAggregateError:
            continue
        except WriteLockTimeoutError:
            break
        except (IntegrityError, OperationalError) as error:
            if not somebody_was_faster(error):
                raise
    raise ProblemError(
        "busy",
        "Others are changing the same thing at this moment; nothing was done.",
        headers={"Retry-After": "1"},
    )


def _decide(unit_of_work: UnitOfWork, view: Callable[..., Any], args: Any, kwargs: Any) -> Returned:
    unit_of_work.expect(expected_version(request))
    result = returned(view(unit_of_work, *args, **kwargs))
    unit_of_work.settle(version_of(result.value))
    return result


def _remember(web: Runtime, claim: Claim | None, unit_of_work: UnitOfWork, answer: Answer | Response) -> None:
    if claim is None:
        return
    if isinstance(answer, Response):
        raise TypeError("a command that honours Idempotency-Key answers with a document, not with a response")
    claim.keep(unit_of_work.connection, answer)
    if web.time_to_forget() and forget_expired(unit_of_work.connection, unit_of_work.now):
        web.forget_more()


def _answer(result: Returned, schema: ma.Schema | None, status: int) -> Answer | Response:
    if isinstance(result.value, Response):
        return result.value
    if schema is None:
        return Answer(result.status or status, "", result.headers)
    headers = dict(result.headers)
    if tag := etag(version_of(result.value)):
        headers.setdefault("ETag", tag)
    return Answer(result.status or status, encode(schema.dump(result.value)), headers)


def version_of(value: Any) -> Any:
    """The version of a view's result; None where it has none."""
    return value.get("version") if isinstance(value, Mapping) else getattr(value, "version", None)


@in_a_role_that_may
def run_query(view: Callable[..., Any], schema: ma.Schema | None, args: Any, kwargs: Any) -> Response:
    """Run `view` in a read transaction; 304 where the client has this version already."""
    with runtime().database.read() as connection:
        answer = _answer(returned(view(connection, *args, **kwargs)), schema, 200)
    if isinstance(answer, Response):
        return answer
    tag = answer.headers.get("ETag")
    if tag and request.if_none_match and request.if_none_match.contains(tag.strip('"')):
        return Response(status=304, headers=dict(answer.headers))
    return _response(answer)


@in_a_role_that_may
def run_page(view: Callable[..., Any], schema: ma.Schema, key: Key, args: Any, kwargs: Any) -> Response:
    """Run `view` for one page of a list: `{"items": [...], "next": address or null}` and a Link header."""
    web = runtime()
    page = web.cursors.page(request)
    with web.database.read() as connection:
        items = view(connection, page, *args, **kwargs)
        shown, following = web.cursors.next_link(request, items, page, key)
        body = encode({"items": schema.dump(shown, many=True), "next": following})
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    return _response(Answer(200, body, headers))


def encode(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, content_type=JSON if answer.body else None)
    response.headers.update(answer.headers)
    return response


def somebody_was_faster(error: Exception) -> bool:
    """Whether a database error says that another transaction won, so that running again will see its result."""
    original = getattr(error, "orig", None)
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    return code in _UNIQUE or code in _ROLLED_BACK
