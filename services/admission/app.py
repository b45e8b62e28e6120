"""Composition root of the web side of admission."""

from flask import Flask

from services.admission.api import (
    agreements,
    applications,
    decisions,
    learners,
    offerings,
    reviews,
    stacking,
)
from shared.clock import Clock
from shared.db import Database
from shared.settings import Settings
from shared.web import create_web_app
from shared.web.tokens import Verifier


def create_app(
    settings: Settings,
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    verifier: Verifier | None = None,
) -> Flask:
    """The web application; what is passed replaces what the settings name (for tests)."""
    modules = (agreements, offerings, stacking, learners, applications, reviews, decisions)
    return create_web_app(
        settings,
        "admission",
        [module.blp for module in modules],
        database=database,
        clock=clock,
        verifier=verifier,
    )
