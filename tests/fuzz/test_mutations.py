"""50,000 malformed requests: no 5xx, none over 2 s, no traceback, every refusal a problem document (S3)."""

import gc
import json
import os
import random
from pathlib import Path

import pytest

from tests.support.applications import APPLICATIONS
from tests.support.hostile import CONTENT_TYPES, DOCUMENTS, HEADERS, IDENTIFIERS, QUERIES, VALUES

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "50000"))
SEED = int(os.environ.get("FUZZ_SEED", "20261122"))
RSS_LIMIT = 50 * 1024 * 1024
_PLACE = "\x01here\x01"


class Mutator:
    """Makes requests out of the good ones that an OpenAPI document describes, each wrong in some respect."""

    def __init__(self, application, seed):
        self.random = random.Random(seed)
        self.application = application
        document = application.document
        self.operations = document.own_operations()
        self.reading = [each for each in self.operations if each.body is not None]
        self.bodies = {
            str(each): [document.example(each.body), document.example(each.body, complete=True)]
            for each in self.reading
        }

    def request(self):
        kind = self.random.choices(
            (
                self.value,
                self.structure,
                self.noise,
                self.document,
                self.query,
                self.header,
                self.path,
                self.media,
            ),
            (40, 15, 12, 8, 9, 6, 6, 4),
        )[0]
        made = kind()
        operation = made.pop("operation")
        if self.random.random() < 0.97 and not operation.public:
            role = self.random.choice(sorted(operation.roles))
            made["token"] = self.application.token(role)
        made.setdefault("content_type", operation.media_type)
        made.setdefault("path", operation.address())
        made["headers"] = {**dict.fromkeys(operation.required_headers, '"1"'), **made.get("headers", {})}
        if self.random.random() < 0.2:
            made["headers"]["Idempotency-Key"] = f"key-{self.random.randrange(50)}"
        return operation, made

    def good(self, operation):
        return json.loads(json.dumps(self.random.choice(self.bodies[str(operation)])))

    def places(self, value, path=()):
        """The paths of all values inside `value`."""
        members = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for key, member in members:
            yield (*path, key)
            yield from self.places(member, (*path, key))

    def changed(self, body, change):
        """`body` after `change(container, key)` at some place."""
        found = list(self.places(body))
        if found:
            *parents, key = self.random.choice(found)
            container = body
            for parent in parents:
                container = container[parent]
            change(container, key)
        return body

    def value(self):
        operation = self.random.choice(self.reading)
        body = self.changed(self.good(operation), lambda container, key: container.__setitem__(key, _PLACE))
        text = json.dumps(body).replace(json.dumps(_PLACE), self.random.choice(VALUES))
        return {"operation": operation, "body": text.encode()}

    def structure(self):
        operation = self.random.choice(self.reading)

        def change(container, key):
            match self.random.randrange(5):
                case 0:
                    del container[key]
                case 1:
                    container[key] = [container[key]] * self.random.choice((1, 2, 1_100))
                case 2:
                    container[key] = {"value": container[key]}
                case 3 if isinstance(container, dict):
                    container[str(key)[::-1]] = container.pop(key)
                case _ if isinstance(container, dict):
                    container["extra"] = container[key]

        return {
            "operation": operation,
            "body": json.dumps(self.changed(self.good(operation), change)).encode(),
        }

    def noise(self):
        operation = self.random.choice(self.reading)
        data = bytearray(json.dumps(self.good(operation)).encode())
        for _ in range(self.random.choice((1, 1, 2, 8))):
            at = self.random.randrange(len(data)) if data else 0
            match self.random.randrange(3):
                case 0 if data:
                    data[at] = self.random.randrange(256)
                case 1 if data:
                    del data[at : at + self.random.choice((1, 5, 50))]
                case _:
                    data[at:at] = bytes([self.random.randrange(256)])
        return {"operation": operation, "body": bytes(data)}

    def document(self):
        return {
            "operation": self.random.choice(self.reading),
            "body": self.random.choice(list(DOCUMENTS.values())),
        }

    def query(self):
        operation = self.random.choice(self.operations)
        query = self.random.choice(QUERIES)
        if operation.query and self.random.random() < 0.7:
            name = self.random.choice(operation.query)["name"]
            value = self.random.choice(VALUES).strip('"')
            query = f"{name}={value}".encode()[:9_000]
        return {"operation": operation, "query": query, "body": self.plain(operation)}

    def header(self):
        operation = self.random.choice(self.operations)
        return {"operation": operation, "headers": self.random.choice(HEADERS), "body": self.plain(operation)}

    def path(self):
        operation = self.random.choice(self.operations)
        identifier = self.random.choice(IDENTIFIERS)
        path = operation.address(**dict.fromkeys(operation.placeholders, identifier))
        if not operation.placeholders:
            path += self.random.choice(("/", "//", f"/{identifier}"))
        return {"operation": operation, "path": path, "body": self.plain(operation)}

    def media(self):
        operation = self.random.choice(self.reading)
        return {"operation": operation, "content_type": self.random.choice(CONTENT_TYPES), "body": b"{}"}

    def plain(self, operation):
        return json.dumps(self.good(operation)).encode() if operation.body is not None else None


def resident():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_malformed_requests(application):
    mutator = Mutator(application, f"{SEED}/{application.name}")
    assert mutator.reading
    for _ in range(500):
        operation, made = mutator.request()
        check(application.send(operation.method, **made), operation, made)
    before, refusals = resident(), 0
    share = REQUESTS // len(APPLICATIONS)
    for _ in range(share - 500):
        operation, made = mutator.request()
        answer = application.send(operation.method, **made)
        check(answer, operation, made)
        refusals += answer.status >= 400
    assert refusals > share * 0.5, "the mutations hardly hurt; they would not find anything"
    assert resident() - before < RSS_LIMIT


def check(answer, operation, made):
    what = f"seed {SEED}: {operation}: {str(made)[:1_500]}\n-> {answer.status} {answer.body[:500]!r}"
    assert answer.status < 500, what
    assert answer.seconds < 2, what
    if answer.status >= 400:
        assert answer.is_problem, what
        assert b"Traceback" not in answer.body, what


def test_negative_control_a_fault_is_noticed(application, monkeypatch):
    def broken(*_args, **_options):
        raise OverflowError("Python int too large to convert to SQLite INTEGER")

    for name in ("run_command", "run_query", "run_page"):
        monkeypatch.setattr(f"shared.web.blueprint.{name}", broken)
    mutator = Mutator(application, "control")

    def send_until_it_shows():
        for _ in range(2_000):
            operation, made = mutator.request()
            check(application.send(operation.method, **made), operation, made)

    with pytest.raises(AssertionError, match="-> 500"):
        send_until_it_shows()
