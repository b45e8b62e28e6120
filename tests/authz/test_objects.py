"""Objects of others: foreign and missing are the same 404, for every operation, role and institution (S1, API1)."""

import json
import re
from dataclasses import replace

import pytest

from shared.web.callers import INSTITUTIONAL
from tests.authz.worlds import STRANGER, WORLDS
from tests.support.applications import NOTHING


@pytest.fixture(scope="session", params=WORLDS)
def world(request, tmp_path_factory):
    return WORLDS[request.param](tmp_path_factory.mktemp(request.param))


def about_objects(world):
    """The operations on a thing of this world, with their addresses: the real one and one of nothing."""
    for operation in world.application.document.operations():
        match = re.match(r"/\w+/v1/([\w-]+)/{(\w+)}", operation.path)
        if match and not operation.public:
            assert match[1] in world.ids, (
                f"{operation}: the world has none; what is not there is not compared"
            )
            yield operation, operation.address(**{match[2]: world.ids[match[1]]}), operation.address()


def naming_objects(world):
    """The operations whose body names a thing of this world ("plan_id"), with the member and the thing's id."""
    for operation in world.application.document.operations():
        for member in body_of(world, operation) if operation.body and not operation.public else ():
            if (collection := f"{member.removesuffix('_id')}s") in world.ids and member.endswith("_id"):
                yield operation, member, world.ids[collection]


def body_of(world, operation):
    body = world.bodies.get(str(operation))
    if body is None and operation.body:
        body = world.application.document.example(operation.body)
    return body


def send(world, operation, address, token, *, members=None, **options):
    body = body_of(world, operation)
    if members:
        body = {**body, **members}
    return world.application.send(
        operation.method,
        address,
        body=None if body is None else json.dumps(body).encode(),
        content_type=operation.media_type,
        headers=dict.fromkeys(operation.required_headers, "*"),
        token=token,
        **options,
    )


def without_id(answer):
    return answer.status, {k: v for k, v in json.loads(answer.body).items() if k != "correlation_id"}


def strangers(operation):
    """Roles that the operation admits, held by somebody whom the case does not concern."""
    bound = {role.value for role in INSTITUTIONAL} | {"learner"}
    return sorted(operation.roles & bound)


def differences(world):
    found, compared = [], 0
    for operation, real, nothing in about_objects(world):
        for role in strangers(operation):
            token = world.application.token(role, STRANGER, "stranger")
            foreign, missing = (send(world, operation, address, token) for address in (real, nothing))
            compared += 1
            if foreign.status != 404 or without_id(foreign) != without_id(missing):
                found.append(
                    f"{operation} as {role}: {without_id(foreign)} but missing is {without_id(missing)}"
                )
    assert compared >= 5
    return found


def test_foreign_and_missing_are_the_same_404(world):
    assert differences(world) == []


def test_a_foreign_id_in_a_body_is_a_missing_one(world):
    """API1: the institution of the token bounds what a body may name, as it bounds the path."""
    for operation, member, real in naming_objects(world):
        if member == "offering_id":
            continue  # published to everybody
        for role in strangers(operation):
            token = world.application.token(role, STRANGER, "stranger")
            foreign, missing = (
                send(world, operation, operation.address(), token, members={member: identifier})
                for identifier in (real, NOTHING)
            )
            assert without_id(foreign) == without_id(missing), f"{operation} as {role}: {member}"
            pointed_at = foreign.status == 422 and f'"#/{member}"' in foreign.body.decode()
            assert foreign.status == 404 or pointed_at, f"{operation} as {role}: {foreign.body!r}"


def test_the_cases_are_there_for_those_whom_they_concern(world):
    """Otherwise the test above would compare nothing with nothing."""
    seen, wanted = set(), set()
    for operation, real, _ in about_objects(world):
        if operation.method == "GET":
            wanted.add(str(operation))
            for role in operation.roles & world.owners.keys():
                institution, subject = world.owners[role]
                if (
                    send(world, operation, real, world.application.token(role, institution, subject)).status
                    == 200
                ):
                    seen.add(str(operation))
    assert seen == wanted


def test_negative_control_without_the_scope_of_the_token_strangers_see_it(world, monkeypatch):
    """With every token taken for one of an owner's institution, the comparison finds it."""
    runtime = world.application.app.extensions["passerelle"]
    verify = runtime.verifier.caller
    institution, subject = next(owner for owner in world.owners.values() if owner[0])

    def as_owner(authorization):
        return replace(verify(authorization), institution=institution, subject=subject)

    monkeypatch.setattr(runtime.verifier, "caller", as_owner)
    assert differences(world)


def test_lists_hold_nothing_foreign(world):
    """A list in a stranger's name is empty; a foreign id in a filter does not change that."""
    for operation in world.application.document.operations():
        if operation.method != "GET" or operation.placeholders or operation.public:
            continue
        filters = [f"{each['name']}={value}" for each in operation.query for value in world.ids.values()]
        for role in strangers(operation):
            token = world.application.token(role, STRANGER, "stranger")
            for query in ["", *filters]:
                answer = send(world, operation, operation.path, token, query=query.encode())
                if answer.status == 200:
                    document = json.loads(answer.body)
                    items = document if isinstance(document, list) else document["items"]
                    assert items == [], f"{operation}?{query} as {role}"
                else:
                    assert answer.status in {400, 422, 403, 404}, (
                        f"{operation}?{query} as {role}: {answer.status}"
                    )
