"""What becomes of an exception: a refusal is explained, a fault is logged and never shown."""

import sqlite3
from typing import Final

import structlog
from flask import Flask, Response, request
from gunicorn.http.errors import NoMoreData, ParseException
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.db import is_transient
from shared.domain import DomainError
from shared.web.execution import somebody_was_faster
from shared.web.problems import ProblemError, problem_of

_log = structlog.get_logger(__name__)
_FULL: Final = frozenset({"53100", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR_WRITE"})
_LOCK_TIMEOUT: Final = "55P03"


def register_failures(app: Flask) -> None:
    """Answer every exception of `app` with a problem document."""
    app.register_error_handler(DomainError, refused)
    app.register_error_handler(DBAPIError, database_failed)
    app.register_error_handler(PoolTimeoutError, overloaded)
    app.register_error_handler(sqlite3.OperationalError, overloaded)
    app.register_error_handler(ParseException, unreadable)
    app.register_error_handler(NoMoreData, unreadable)
    app.register_error_handler(Exception, failed)


def refused(error: DomainError) -> Response:
    if error.status in {401, 403}:
        _log.warning("refused", slug=error.slug, route=_route())
    return problem_of(error)


def unreadable(error: Exception) -> Response:
    """The server's reader found the body malformed while it was being read: a chunk without size, an early end."""
    return problem_of(ProblemError("malformed-request", f"The body cannot be read: {type(error).__name__}."))


def overloaded(error: Exception) -> Response:
    _log.warning("database_unavailable", error=type(error).__name__, route=_route())
    return problem_of(
        ProblemError("unavailable", "The database cannot be reached at present; nothing was done.")
    )


def database_failed(error: DBAPIError) -> Response:
    """A lock held too long is a conflict, a database that is away or full is said so, the rest is a fault of ours."""
    original = error.orig
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    if code == _LOCK_TIMEOUT or (isinstance(error, IntegrityError) and somebody_was_faster(error)):
        return problem_of(
            ProblemError(
                "busy",
                "Somebody else is changing the same thing; nothing was done.",
                headers={"Retry-After": "1"},
            )
        )
    if code in _FULL:
        _log.error("storage_full", route=_route())
        return problem_of(
            ProblemError("storage-full", "The service cannot write at present; nothing was done.")
        )
    if is_transient(error):
        return overloaded(error)
    if isinstance(error, DataError):
        # The schemas should have refused it; a value that the database cannot hold is still the client's.
        _log.error("value_reached_database", route=_route(), exc_info=error)
        return problem_of(ProblemError("invalid-input", "A value is out of range."))
    return failed(error)


def failed(error: Exception) -> Response:
    _log.error("request_failed", route=_route(), error=type(error).__name__, exc_info=error)
    return problem_of(ProblemError("internal-error", "Something went wrong on our side; nothing was done."))


def _route() -> str:
    return f"{request.method} {request.url_rule.rule if request.url_rule else '(none)'}"
