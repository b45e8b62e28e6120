"""Make the web application of a service: every rule of the edge in one place, nothing at import time."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from flask import Blueprint as FlaskBlueprint
from flask import Flask
from werkzeug.routing import BaseConverter

from shared.clock import Clock, SystemClock
from shared.db import Database
from shared.keyfiles import installation_secret
from shared.messaging.unit_of_work import Transactions
from shared.settings import SERVICES, Settings
from shared.web import guard, strict_json
from shared.web.contracts import contracts_blueprint
from shared.web.failures import register_failures
from shared.web.feed import feed_blueprint
from shared.web.front_page import front_page
from shared.web.health import Check, database_checks, health_pages
from shared.web.openapi import create_api, register_documentation
from shared.web.paging import Cursors
from shared.web.policy import policies
from shared.web.problem_pages import problem_pages
from shared.web.runtime import EXTENSION, Runtime
from shared.web.tokens import Verifier, verifier_for

API_VERSION: Final = "1.0.0"
_HERE: Final = Path(__file__).parent


class IdentifierConverter(BaseConverter):
    """A segment of a path: an identifier of ours, a SCHAC code or a slug. Anything else is nothing we have (404).

    Names of keys may be thumbprints, which begin with any character of base64url.
    """

    regex = r"[A-Za-z0-9_-](?:[A-Za-z0-9._~:-]{0,199})"


def create_web_app(
    settings: Settings,
    service: str,
    blueprints: Iterable[FlaskBlueprint],
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    verifier: Verifier | None = None,
    checks: Sequence[Check] = (),
    title: str | None = None,
) -> Flask:
    """The web application of `service`: its `blueprints`, the feed, contracts, documentation, health and problems.

    Blueprints of `shared.web` appear in the OpenAPI document; those of Flask (pages) do not. `checks` are added to
    those of the database and its backlog in `/readyz`.

    Raises:
        UndeclaredPolicyError: a route does not say who may call it.
    """
    database = database or Database(settings.database_url(service), pool_size=settings.threads + 4)
    clock = clock or SystemClock()
    app = Flask(service, static_folder=None, root_path=str(_HERE), template_folder="templates")
    app.config.update(
        MAX_CONTENT_LENGTH=strict_json.MAX_BYTES,
        MAX_FORM_MEMORY_SIZE=strict_json.MAX_BYTES,
        PROPAGATE_EXCEPTIONS=False,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    app.url_map.merge_slashes = False
    app.url_map.converters.update(default=IdentifierConverter, string=IdentifierConverter)
    runtime = app.extensions[EXTENSION] = Runtime(
        settings=settings,
        service=service,
        database=database,
        clock=clock,
        transactions=Transactions(service, database, clock),
        verifier=verifier or verifier_for(settings),
        cursors=Cursors(installation_secret(settings)),
    )
    app.before_request(guard.enter)
    app.after_request(guard.leave)
    own = [feed_blueprint(service), contracts_blueprint(service)]
    _register(app, service, [*blueprints, *own], title, together=settings.embedded)
    app.register_blueprint(health_pages([*database_checks(service, database, clock), *checks]))
    runtime.policies = policies(app)
    return app


def _register(
    app: Flask, service: str, blueprints: Iterable[FlaskBlueprint], title: str | None, *, together: bool
) -> None:
    api = create_api(app, service, title or f"Passerelle {service}", API_VERSION)
    api.register_converter(IdentifierConverter, _identifier_schema)
    register_failures(app)
    for blueprint in blueprints:
        if hasattr(blueprint, "register_views_in_doc"):
            api.register_blueprint(blueprint)
        else:
            app.register_blueprint(blueprint)
    register_documentation(app, api, service)
    app.register_blueprint(problem_pages())
    app.register_blueprint(front_page(SERVICES if together else (service,)))


def _identifier_schema(_converter: BaseConverter) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{IdentifierConverter.regex}$"}
