"""Identifiers: random ones, ones derived from others, and ones that nobody can guess."""

import secrets
import uuid
from functools import lru_cache

_NAMESPACE = uuid.UUID("8f6ef1a0-5d39-5c0f-9d54-6a1f5d0f2c11")


def new_id() -> str:
    """A random identifier. It names something; it never authorises."""
    return str(uuid.uuid4())


@lru_cache(maxsize=4096)
def derived_id(kind: str, *parts: str) -> str:
    """The same identifier for the same parts, in every service, without a look-up (a UUIDv5).

    So one application has one enrolment, one plan and one award however often an event is delivered.
    """
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join((kind, *parts))))


def secret_id() -> str:
    """An identifier with 144 bits from the system's generator, safe in a URL (ASVS 11.5.1)."""
    return secrets.token_urlsafe(18)
