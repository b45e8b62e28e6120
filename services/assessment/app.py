"""Composition root of the web side of assessment."""

from typing import Any

from flask import Flask

from services.assessment.api import attempts, plans, results
from shared.settings import Settings
from shared.web import create_web_app


def create_app(settings: Settings, **options: Any) -> Flask:
    """The web application of assessment; `options` replace parts of it in tests (database, clock, verifier)."""
    return create_web_app(
        settings,
        "assessment",
        [plans.blueprint, attempts.blueprint, results.blueprint],
        title="Passerelle assessment",
        **options,
    )
