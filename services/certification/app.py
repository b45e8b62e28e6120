"""Composition root of the web side of certification."""

from typing import Any

from flask import Blueprint, Flask

from services.certification.api import (
    awards,
    bundles,
    certificates,
    checks,
    keys,
    log,
    manual,
    openid4vci,
    public,
    recognitions,
    stacks,
    vc_api,
    wallet,
    well_known,
)
from services.certification.keys.seals import load_seals
from services.certification.pages import verify
from shared.fetch import Fetcher
from shared.rest import RestClient
from shared.settings import Settings
from shared.web import create_web_app


def create_app(
    settings: Settings, *, rest: RestClient | None = None, fetcher: Fetcher | None = None, **parts: Any
) -> Flask:
    """The web application; `rest`, `fetcher` and `parts` (database, clock, verifier) are replaced by tests."""
    blueprints: list[Blueprint] = [
        certificates.blueprint,
        awards.blueprint,
        manual.blueprint,
        stacks.blueprint,
        recognitions.blueprint,
        bundles.blueprint,
        keys.blueprint,
        log.blueprint,
        checks.blueprint,
        public.blueprint,
        wallet.blueprint,
        openid4vci.blueprint,
        well_known.blueprint,
        verify.blueprint,
        vc_api.vc_api_blueprint(settings),
    ]
    app = create_web_app(settings, "certification", blueprints, **parts)
    app.extensions[awards.REST] = rest or RestClient(settings)
    app.extensions[vc_api.FETCHER] = fetcher or Fetcher(settings.fetch_private_networks)
    app.extensions[public.SEALS] = load_seals(settings)
    app.extensions[openid4vci.PATIENCE] = openid4vci.SECONDS
    return app
