"""The first thing every request meets: correlation, readable text only, authentication, authorisation."""

import re
import time
from typing import Final

import structlog
from flask import Response, g, request

from shared.web.callers import Caller
from shared.web.correlation import correlate
from shared.web.problems import ProblemError
from shared.web.runtime import runtime

_log = structlog.get_logger(__name__)
_UNREADABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ud800-\udfff]")
ACTING_ROLE: Final = "Acting-Role"
"""The header by which somebody with several roles says which one is meant."""
_MAX_QUERY: Final = 8 * 1024


def enter() -> None:
    """Admit the request or refuse it; runs before any input is parsed.

    Raises:
        UnauthenticatedError, ForbiddenError, ProblemError: it is not admitted.
    """
    g.started = time.perf_counter()
    correlate()
    if request.routing_exception is not None or request.url_rule is None:
        return
    policy = runtime().policies[request.url_rule.endpoint]
    if not policy.public:
        g.caller = policy.admit(verified(), request.headers.get(ACTING_ROLE))
    if _UNREADABLE.search(request.path) or (request.query_string and not _readable_query()):
        raise ProblemError("malformed-request", "The address has control characters or is not UTF-8.")


def verified() -> Caller:
    """The caller that the Authorization header proves."""
    return runtime().verifier.caller(request.headers.get("Authorization", ""))


def _readable_query() -> bool:
    if len(request.query_string) > _MAX_QUERY:
        return False
    return not any(
        _UNREADABLE.search(name) or _UNREADABLE.search(value)
        for name, value in request.args.items(multi=True)
    )


_JSON_CSP: Final = "default-src 'none'; frame-ancestors 'none'"
_HTML_CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def leave(response: Response) -> Response:
    """Headers that every answer carries; a view's own Cache-Control and Content-Security-Policy win."""
    headers = response.headers
    headers["X-Correlation-Id"] = g.correlation.correlation_id if "correlation" in g else ""
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault(
        "Content-Security-Policy", _HTML_CSP if response.mimetype == "text/html" else _JSON_CSP
    )
    if runtime().settings.public_url.startswith("https:"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    _log.info(
        "request",
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.started) * 1000, 1) if "started" in g else None,
    )
    return response
