"""Tie what one request causes together: an identifier of ours and the W3C trace context, on every log line."""

import re
import secrets
from dataclasses import dataclass
from typing import Final

import structlog
from flask import g, request

from shared.messaging.unit_of_work import Cause

HEADER: Final = "X-Correlation-Id"
_CORRELATION: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_TRACEPARENT: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NO_TRACE: Final = "0" * 32
_NO_SPAN: Final = "0" * 16


@dataclass(frozen=True, slots=True)
class Correlation:
    correlation_id: str
    traceparent: str

    @property
    def cause(self) -> Cause:
        """How a unit of work of this request names it to the events it leads to."""
        return Cause(self.correlation_id, traceparent=self.traceparent)


def correlate() -> Correlation:
    """Take over the caller's identifiers where they are well formed, make new ones otherwise; bind them to the log.

    A malformed header is replaced, never refused and never written anywhere: it is the caller's text.
    """
    given = request.headers.get(HEADER, "")
    correlation_id = given if _CORRELATION.fullmatch(given) else secrets.token_hex(16)
    correlation = Correlation(correlation_id, continued(request.headers.get("traceparent", "")))
    g.correlation = correlation
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        correlation_id=correlation.correlation_id, traceparent=correlation.traceparent
    )
    return correlation


def correlation() -> Correlation:
    """The identifiers of the present request."""
    found: Correlation = g.correlation if "correlation" in g else correlate()
    return found


def continued(traceparent: str) -> str:
    """The trace of `traceparent` with a span of our own; a new trace where it is not W3C trace context."""
    match = _TRACEPARENT.fullmatch(traceparent)
    span = secrets.token_hex(8)
    if match is None:
        return f"00-{secrets.token_hex(16)}-{span}-01"
    version, trace, parent, flags, rest = match.groups()
    if version == "ff" or trace == _NO_TRACE or parent == _NO_SPAN or (version == "00" and rest):
        return f"00-{secrets.token_hex(16)}-{span}-01"
    return f"00-{trace}-{span}-{flags}"
