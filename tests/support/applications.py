"""The web applications as a test meets them: by their OpenAPI document, over WSGI, with tokens of every role."""

import io
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from flask import Flask

from shared.db import Database
from shared.migrations import migrate
from shared.settings import SERVICES, Settings
from shared.web.callers import INSTITUTIONAL, Role
from shared.web.development import mint_token
from tests.support import sample_service

APPLICATIONS = ("sample", *SERVICES)
"""The four services, and the sample that the edge is tested with."""

NOTHING = "00000000-0000-4000-8000-000000000000"
NUMBER = "999999"
_DEEPEST = 6
VC_API = ("/credentials/", "/presentations/")
OPENID4VCI = tuple(
    f"/certification/issuers/{{institution}}/{name}"
    for name in ("token", "nonce", "credential", "deferred-credential")
)
OTHER_REFUSALS = (*VC_API, *OPENID4VCI)
"""Paths whose refusals are those of a specification, not problem documents."""

_CANDIDATES = (
    "abc",
    "a",
    "en",
    "1",
    "10",
    "P1D",
    "PT48H",
    "helsinki.fi",
    "FI",
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "https://example.org/x",
    "anna@example.org",
    "0521",
    "+358401234567",
    "Europe/Helsinki",
    "EUR",
    "sha256:" + "0" * 64,
    "0789d3bf-a00a-422d-acdc-670061750ad8",
    "urn:schac:personalUniqueCode:int:esi:helsinki.fi:1",
    "http://data.europa.eu/esco/skill/0789d3bf-a00a-422d-acdc-670061750ad8",
)
_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "email": "anna@example.org",
    "uri": "https://example.org/x",
    "url": "https://example.org/x",
    "uuid": "0789d3bf-a00a-422d-acdc-670061750ad8",
}


@dataclass(frozen=True)
class Operation:
    """One method of one path, as the OpenAPI document describes it."""

    method: str
    path: str
    roles: frozenset[str]
    public: bool
    body: Mapping[str, Any] | None
    media_type: str | None
    query: tuple[Mapping[str, Any], ...]
    numbers: frozenset[str]
    required_headers: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def placeholders(self) -> list[str]:
        return re.findall(r"{([^}]+)}", self.path)

    def address(self, **ids: str) -> str:
        """The path with `ids` in place; what is not given becomes an identifier that nothing has."""

        def segment(match: re.Match[str]) -> str:
            return ids.get(match[1], NUMBER if match[1] in self.numbers else NOTHING)

        return re.sub(r"{([^}]+)}", segment, self.path)


@dataclass(frozen=True)
class Document:
    """An OpenAPI document that can make examples of its schemas."""

    content: Mapping[str, Any]

    def own_operations(self) -> list[Operation]:
        """Those whose refusals are problem documents of ours; the others have tests of their own."""
        return [each for each in self.operations() if not each.path.startswith(OTHER_REFUSALS)]

    def operations(self) -> list[Operation]:
        return [
            self._operation(path, method, found, item.get("parameters", []))
            for path, item in self.content["paths"].items()
            for method, found in item.items()
            if method != "parameters"
        ]

    def _operation(self, path: str, method: str, found: Mapping[str, Any], places: list[Any]) -> Operation:
        content = found.get("requestBody", {}).get("content", {})
        media_type = next(iter(content), None)
        parameters = [each for each in found.get("parameters", []) if "$ref" not in each]
        return Operation(
            method.upper(),
            path,
            frozenset(found.get("x-roles", ())),
            found.get("security") == [],
            content[media_type]["schema"] if media_type else None,
            media_type,
            tuple(each for each in parameters if each["in"] == "query"),
            frozenset(each["name"] for each in places if each["schema"]["type"] == "integer"),
            tuple(each["name"] for each in parameters if each["in"] == "header" and each["required"]),
        )

    def example(self, schema: Mapping[str, Any], *, complete: bool = False, depth: int = 0) -> Any:
        """A value that keeps `schema`, as far as JSON Schema says it; with optional members where `complete`."""
        complete = complete and depth < _DEEPEST
        schema = self.resolved(schema)
        if "enum" in schema:
            return next((each for each in schema["enum"] if each is not None), None)
        if "const" in schema:
            return schema["const"]
        for union in ("anyOf", "oneOf", "allOf"):
            if union in schema:
                return self.example(schema[union][0], complete=complete, depth=depth + 1)
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        kind = kinds if isinstance(kinds, str) else next(each for each in kinds if each != "null")
        maker = getattr(self, f"_{kind}")
        return maker(schema, complete=complete, depth=depth)

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self.content["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _object(self, schema: Mapping[str, Any], *, complete: bool, depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        made = {
            name: self.example(member, complete=complete, depth=depth + 1)
            for name, member in schema.get("properties", {}).items()
            if not member.get("readOnly") and (complete or name in required)
        }
        extra = schema.get("additionalProperties")
        if not schema.get("properties") and isinstance(extra, dict):
            made["en"] = self.example(extra, complete=complete, depth=depth + 1)
        return made

    def _array(self, schema: Mapping[str, Any], *, complete: bool, depth: int) -> list[Any]:
        least = schema.get("minItems", 1 if complete else 0)
        return [
            self.example(schema.get("items", {}), complete=complete, depth=depth + 1) for _ in range(least)
        ]

    def _string(self, schema: Mapping[str, Any], **_options: Any) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        if pattern := schema.get("pattern"):
            return next((each for each in _CANDIDATES if re.search(pattern, each)), "abc")
        return "abc".ljust(schema.get("minLength", 0), "c")[: schema.get("maxLength", 100)]

    def _integer(self, schema: Mapping[str, Any], **_options: Any) -> int:
        return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))

    def _number(self, schema: Mapping[str, Any], **_options: Any) -> float:
        return float(self._integer(schema))

    def _boolean(self, _schema: Mapping[str, Any], **_options: Any) -> bool:
        return True

    def _null(self, _schema: Mapping[str, Any], **_options: Any) -> None:
        return None


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def is_problem(self) -> bool:
        return self.headers.get("content-type") == "application/problem+json"


@dataclass
class Application:
    """One application on a database of its own, called as a WSGI server calls it (without a client's conveniences)."""

    name: str
    app: Flask
    settings: Settings
    _tokens: dict[tuple[Any, ...], str] = field(default_factory=dict)

    @property
    def document(self) -> Document:
        with self.app.test_client() as client:
            return Document(client.get(f"/{self.name}/openapi.json").get_json())

    def token(self, role: str, institution: str | None = "helsinki.fi", subject: str = "somebody") -> str:
        """A token of `role`; the institution is left out where the role has none."""
        where = institution if role in {each.value for each in INSTITUTIONAL} else None
        key = (role, where, subject)
        if key not in self._tokens:
            self._tokens[key] = mint_token(self.settings, role, institution=where, subject=subject)
        return self._tokens[key]

    def send(
        self,
        method: str,
        path: str,
        *,
        query: bytes = b"",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str | None = None,
        token: str | None = None,
    ) -> Answer:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query.decode("latin-1"),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body or b""),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if body is not None:
            environ["CONTENT_LENGTH"] = str(len(body))
        if content_type is not None:
            environ["CONTENT_TYPE"] = content_type
        if token is not None:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        for name, value in (headers or {}).items():
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        return self._call(environ)

    def _call(self, environ: dict[str, Any]) -> Answer:
        seen: list[tuple[str, list[tuple[str, str]]]] = []
        # The processor's time, not the clock's: a busy machine is no fault of the application.
        started = time.thread_time()
        chunks = self.app.wsgi_app(
            environ, lambda status, headers, _info=None: seen.append((status, headers))
        )
        body = b"".join(chunks)
        getattr(chunks, "close", lambda: None)()
        status, headers = seen[-1]
        names = {name.lower(): value for name, value in headers}
        return Answer(int(status[:3]), names, body, time.thread_time() - started)


def applications(settings: Settings) -> Iterator[tuple[str, Any]]:
    """The names of all applications with a function that opens each."""
    for name in APPLICATIONS:
        yield name, lambda name=name: open_application(name, settings)


def open_application(name: str, settings: Settings) -> Application:
    """The application `name` on a fresh SQLite database under the settings' home."""
    if name == "sample":
        database = sample_service.make_database(f"sqlite:///{settings.home / 'sample.sqlite'}")
        return Application(name, sample_service.create_sample(settings, database), settings)
    database = Database(settings.database_url(name))
    migrate(name, database)
    database.dispose()
    app: Flask = import_module(f"services.{name}.app").create_app(settings)
    return Application(name, app, settings)


ROLES = tuple(role.value for role in Role)
