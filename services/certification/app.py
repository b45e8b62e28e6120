"""Composition root of the web side of certification."""

from typing import Any

from flask import Blueprint, Flask

from services.certification.api import awards, certificates, checks, keys, log, manual, public
from services.certification.pages import verify
from shared.rest import RestClient
from shared.settings import Settings
from shared.web import create_web_app


def create_app(settings: Settings, *, rest: RestClient | None = None, **parts: Any) -> Flask:
    """The web application; `rest` and `parts` (database, clock, verifier) replace what settings give, for tests."""
    blueprints: list[Blueprint] = [
        certificates.blueprint,
        awards.blueprint,
        manual.blueprint,
        keys.blueprint,
        log.blueprint,
        checks.blueprint,
        public.blueprint,
        verify.blueprint,
    ]
    app = create_web_app(settings, "certification", blueprints, **parts)
    app.extensions[awards.REST] = rest or RestClient(settings)
    return app
