"""Every operation of every service against input that has broken servers before: a 4xx problem document, always."""

import json
import re

import pytest

from shared.web.problem_types import problem_types
from tests.support.applications import ROLES
from tests.support.hostile import CONTENT_TYPES, DOCUMENTS, HEADERS, IDENTIFIERS, NO_OBJECTS, QUERIES, VALUES

SLUGS = problem_types().keys()


def refused(answer, what):
    """`answer` is a refusal that a client can act on."""
    assert 400 <= answer.status < 500, f"{what}: {answer.status} {answer.body[:300]!r}"
    sound(answer, what)


def sound(answer, what):
    """`answer` is no fault of ours; a refusal is a problem document of a known type."""
    assert answer.status < 500, f"{what}: {answer.status} {answer.body[:300]!r}"
    assert answer.seconds < 2, f"{what}: {answer.seconds:.1f} s"
    if answer.status >= 400:
        assert answer.is_problem, f"{what}: {answer.headers.get('content-type')} {answer.body[:100]!r}"
        document = json.loads(answer.body)
        assert document["type"].rpartition("/")[2] in SLUGS | problem_types().keys(), what
        assert b"Traceback" not in answer.body, what


@pytest.fixture(scope="session")
def operations(application):
    found = application.document.own_operations()
    assert found
    return found


@pytest.fixture(scope="session")
def reading(operations):
    """The operations that read a body, so that the tests below cannot pass by testing nothing."""
    found = [each for each in operations if each.body is not None]
    assert found
    return found


def token_for(application, operation):
    return None if operation.public else application.token(min(operation.roles))


def headers_of(operation):
    return dict.fromkeys(operation.required_headers, '"1"')


def send(application, operation, body, *, content_type=None, query=b"", headers=None, path=None):
    return application.send(
        operation.method,
        path or operation.address(),
        body=body,
        content_type=content_type or operation.media_type,
        query=query,
        headers={**headers_of(operation), **(headers or {})},
        token=token_for(application, operation),
    )


def test_no_hostile_document_gets_in(application, reading):
    for operation in reading:
        for name, body in {**DOCUMENTS, **NO_OBJECTS}.items():
            refused(send(application, operation, body), f"{operation}: {name}")


def test_no_hostile_value_in_a_good_body_breaks_anything(application, reading):
    for operation in reading:
        example = application.document.example(operation.body, complete=True)
        if not isinstance(example, dict):
            continue
        # In a large document every member gets every third value, in a small one each gets all.
        step = 3 if len(example) > 12 else 1
        for number, member in enumerate(example):
            for value in VALUES[number % step :: step]:
                text = json.dumps({**example, member: "@"}).replace('"@"', value)
                sound(send(application, operation, text.encode()), f"{operation}: {member}={value[:40]}")


def test_a_member_that_no_schema_knows_is_refused(application, reading):
    for operation in reading:
        example = application.document.example(operation.body)
        if isinstance(example, dict):
            body = json.dumps({**example, "no_such_member": 1}).encode()
            refused(send(application, operation, body), f"{operation}: unknown member")


def test_a_body_of_another_media_type_is_refused_before_it_is_read(application, reading):
    for operation in reading:
        for content_type in CONTENT_TYPES:
            answer = application.send(
                operation.method,
                operation.address(),
                body=b"{}",
                content_type=content_type,
                headers=headers_of(operation),
                token=token_for(application, operation),
            )
            refused(answer, f"{operation}: {content_type!r}")
            assert answer.status == 415, f"{operation}: {content_type!r}: {answer.status}"


def test_a_body_that_is_too_large_is_refused(application, reading):
    for operation in reading:
        refused(send(application, operation, b" " * 20_000_000), f"{operation}: 20 MB")


def test_no_hostile_parameter_gets_in(application, operations):
    for operation in operations:
        body = b"{}" if operation.body is not None else None
        for query in QUERIES:
            answer = send(application, operation, body, query=query)
            if query == b"&&&&":
                sound(answer, f"{operation}?{query[:40]!r}")
            else:
                refused(answer, f"{operation}?{query[:40]!r}")


def test_no_hostile_header_breaks_anything(application, operations):
    for operation in operations:
        example = None
        if operation.body is not None:
            example = json.dumps(application.document.example(operation.body)).encode()
        for headers in HEADERS:
            sound(send(application, operation, example, headers=headers), f"{operation}: {headers}")


def test_no_hostile_identifier_is_found(application, operations):
    for operation in operations:
        for place in operation.placeholders:
            for identifier in IDENTIFIERS:
                path = operation.address(**{place: identifier})
                example = None
                if operation.body is not None:
                    example = json.dumps(application.document.example(operation.body)).encode()
                refused(send(application, operation, example, path=path), f"{operation}: {identifier[:40]!r}")


def test_no_method_but_those_documented_does_anything(application, operations):
    def documented(address):
        """The methods of every path that this address fits: /learners/searches may be a learner's id, too."""
        fitting = [
            each for each in operations if re.fullmatch(re.sub(r"{[^}]+}", "[^/]+", each.path), address)
        ]
        methods = {each.method for each in fitting}
        return methods | ({"HEAD"} if "GET" in methods else set())

    token = application.token(ROLES[0])
    for operation in operations:
        known = documented(operation.address())
        for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} - known:
            answer = application.send(method, operation.address(), token=token)
            assert answer.status == 405, f"{method} {operation.path}: {answer.status}"
            assert set(answer.headers["allow"].split(", ")) == known
