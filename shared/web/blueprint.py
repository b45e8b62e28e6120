"""A blueprint whose routes are three to ten lines: the decorators do the edge, the view calls the handler.

    @blp.route("/applications/<id>/submission", methods=["POST"])
    @policy(Role.LEARNER)
    @blp.arguments(SubmissionSchema)
    @blp.command(ApplicationSchema, status=201)
    def submit(uow, body, id): ...

The order is always this one: route, policy, arguments (several are passed in their order), then one of `command`,
`query` and `page`.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

import flask_smorest
import marshmallow as ma
from flask import request
from marshmallow import fields

from shared.web.execution import run_command, run_page, run_query
from shared.web.operations import describe
from shared.web.paging import Key
from shared.web.parsing import PAGE_PARAMETERS, Parser, no_body, no_parameters
from shared.web.schema import Schema, relaxed

View = Callable[..., Any]
SchemaLike = ma.Schema | type[ma.Schema]
_READS: Final = "__reads__"
_DOCUMENTATION: Final = "_apidoc"  # where flask-smorest collects what its decorators know
_DESCRIBING: Final = flask_smorest.Blueprint("describing", __name__)
_SAFE: Final = frozenset({"GET", "HEAD"})
_NOTHING: Final[frozenset[str]] = frozenset()


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """Routes with policy, strict input, transactions, idempotency, entity tags, paging and their documentation."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(describe)

    def arguments(
        self, schema: SchemaLike, *, location: str = "json", max_bytes: int | None = None, **kwargs: Any
    ) -> Callable[[View], View]:
        """Pass the JSON body, or the query parameters (`location="query"`), to the view, loaded by `schema`.

        `max_bytes` raises the limit of 64 KiB for this route.
        """
        instance = _instance(schema)

        def decorate(view: View) -> View:
            if location == "query":
                relaxed(instance).paged = "page" in getattr(view, _DOCUMENTATION, {})
            reads: set[str] = getattr(view, _READS, set())
            reads.add(location)
            taken: View = flask_smorest.Blueprint.arguments(self, instance, location=location, **kwargs)(view)
            return taken if max_bytes is None else _roomier(taken, max_bytes)

        return decorate

    def command(
        self,
        schema: SchemaLike | None = None,
        *,
        status: int = 200,
        description: str | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """Run the view inside one unit of work: `view(uow, *arguments, **path)`.

        It returns what `schema` dumps, alone or as `(value, headers)`, `(value, status)` or `(value, status,
        headers)`; without a schema the answer has no body (use `status=204`). It may run several times before one
        run commits, so it has no effects outside the unit of work and leaves its arguments as they are.
        """
        instance = None if schema is None else _instance(schema)

        def decorate(view: View) -> View:
            reads: set[str] = set()

            @wraps(view)
            def run(*args: Any, **kwargs: Any) -> Any:
                _refuse_unread(reads)
                return run_command(view, instance, status, args, kwargs)

            return _document(
                run,
                reads,
                "command",
                status=status,
                schema=instance,
                description=description,
                headers=headers,
            )

        return decorate

    def query(
        self,
        schema: SchemaLike | None = None,
        *,
        description: str | None = None,
        media_types: tuple[str, ...] = (),
        headers: Mapping[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """Run the view inside a read transaction: `view(connection, *arguments, **path)`; ETag from `version`.

        A view that answers in other media types too returns a `flask.Response` and names them in `media_types`.
        """
        instance = None if schema is None else _instance(schema)

        def decorate(view: View) -> View:
            reads: set[str] = set()

            @wraps(view)
            def run(*args: Any, **kwargs: Any) -> Any:
                _refuse_unread(reads)
                return run_query(view, instance, args, kwargs)

            documented = _document(
                run, reads, "query", status=200, schema=instance, description=description, headers=headers
            )
            getattr(documented, _DOCUMENTATION)["media_types"] = media_types
            return documented

        return decorate

    def page(
        self, schema: SchemaLike, *, key: Key = "id", description: str | None = None
    ) -> Callable[[View], View]:
        """Run the view for one page of a list: `view(connection, page, *arguments, **path)` returns the items.

        It reads at most `page.limit` items after `page.after` in the order of `key`: an item's member, several
        members, or a function of the item. The answer is `{"items": [...], "next": address or null}`.
        """
        instance = _instance(schema)

        def decorate(view: View) -> View:
            reads: set[str] = set()

            @wraps(view)
            def run(*args: Any, **kwargs: Any) -> Any:
                _refuse_unread(reads, PAGE_PARAMETERS)
                return run_page(view, instance, key, args, kwargs)

            return _document(
                run, reads, "page", status=200, schema=page_of(instance), description=description
            )

        return decorate

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Register the view below under `rule`, in the application and in its documentation."""
        register: Callable[[View], View] = super().route(rule, **options)
        return register


def _document(
    run: View,
    reads: set[str],
    kind: str,
    *,
    status: int,
    schema: ma.Schema | None,
    description: str | None,
    headers: Mapping[str, Any] | None = None,
) -> View:
    documented = getattr(run, _DOCUMENTATION, {})
    if "arguments" in documented:
        raise TypeError(f"{run.__name__}: arguments stand above {kind}, so that they are read before it")
    describing = flask_smorest.Blueprint.alt_response(
        _DESCRIBING,
        status,
        schema=schema,
        description=description,
        headers=dict(headers or {}) or None,
        success=True,
    )
    versioned = schema is not None and "version" in schema.fields
    about = {**getattr(describing(run), _DOCUMENTATION), kind: {"status": status, "versioned": versioned}}
    setattr(run, _DOCUMENTATION, about)
    setattr(run, _READS, reads)
    return run


def _instance(schema: SchemaLike) -> ma.Schema:
    # An instance per request would cost three times as much as loading with it.
    return schema() if isinstance(schema, type) else schema


def _refuse_unread(reads: set[str], parameters: frozenset[str] = _NOTHING) -> None:
    """Nothing that a client sends goes unread: a body or a parameter that no schema takes is an error of its own."""
    if "json" not in reads and request.method not in _SAFE:
        no_body(request)
    if "query" not in reads:
        no_parameters(request, allowed=parameters)


def _roomier(view: View, max_bytes: int) -> View:
    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = max_bytes
        return view(*args, **kwargs)

    return run


_pages: Final[dict[type[ma.Schema], ma.Schema]] = {}


def page_of(schema: ma.Schema) -> ma.Schema:
    """The schema of one page of a list of what `schema` dumps; for the documentation."""
    kind = type(schema)
    if kind not in _pages:
        members: dict[str, fields.Field[Any]] = {
            "items": fields.List(fields.Nested(schema), required=True),
            "next": fields.String(
                allow_none=True, required=True, metadata={"description": "null on the last page"}
            ),
        }
        _pages[kind] = Schema.from_dict(members, name=f"{kind.__name__.removesuffix('Schema')}Page")()
    return _pages[kind]
