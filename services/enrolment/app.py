"""Composition root of the web side of enrolment."""

from typing import Any

from flask import Flask

from services.enrolment.api import enrolments, registrations
from shared.settings import Settings
from shared.web import create_web_app


def create_app(settings: Settings, **parts: Any) -> Flask:
    """The web application; `parts` (database, clock, verifier) replace what settings would give, for tests."""
    return create_web_app(settings, "enrolment", [enrolments.blueprint, registrations.blueprint], **parts)
