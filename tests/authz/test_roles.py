"""Every operation x every role: the declared policy decides, and every route has one (S1, API5).

`policies.txt` is what was reviewed: an operation that is opened to another role, or a new one, changes that file.
"""

import json
import os
import re
from pathlib import Path

import pytest

from shared.web.policy import PUBLIC
from tests.support.applications import ROLES
from tests.support.forged_tokens import FORGED, Forge

REVIEWED = Path(__file__).parent / "policies.txt"
_PLACE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
AT_ROOT = {"certification": ("credentials", "presentations", ".well-known")}
WALLETS_ONLY = {
    f"POST /certification/issuers/{{institution}}/{name}" for name in ("credential", "deferred-credential")
}
"""Public to people's tokens, because only a wallet's own token counts there: everybody else gets 401."""
INSTITUTIONS = ("helsinki.fi", "nowhere.example")


@pytest.fixture(scope="session")
def operations(application):
    return application.document.operations()


def _as_documented(place):
    return f"{{{place[1]}}}"


def send(application, operation, **options):
    example = application.document.example(operation.body) if operation.body else None
    return application.send(
        operation.method,
        operation.address(),
        body=None if example is None else json.dumps(example).encode(),
        content_type=operation.media_type,
        headers=dict.fromkeys(operation.required_headers, '"1"'),
        **options,
    )


def problems(application, operations):
    """What is wrong with who gets in: the whole matrix."""
    found = []
    for operation in operations:
        anonymous = send(application, operation).status
        closed = not operation.public or str(operation) in WALLETS_ONLY
        if (anonymous == 401) != closed:
            found.append(f"{operation}: anonymous got {anonymous}")
        for role in ROLES:
            for institution in INSTITUTIONS:
                status = send(application, operation, token=application.token(role, institution)).status
                admitted = role in operation.roles if closed else operation.public
                if admitted != (status not in {401, 403}) or status >= 500:
                    found.append(f"{operation}: {role} of {institution} got {status}")
    return found


def test_the_declared_policy_decides(application, operations):
    assert len(operations) >= 10
    assert problems(application, operations) == []


def test_negative_control_an_opened_route_is_noticed(application, operations, monkeypatch):
    runtime = application.app.extensions["passerelle"]
    endpoint = next(
        name for name, declared in runtime.policies.items() if not declared.public and name != "events.events"
    )
    monkeypatch.setattr(runtime, "policies", {**runtime.policies, endpoint: PUBLIC})
    assert problems(application, operations)


def test_every_route_of_the_interface_is_in_the_document(application, operations):
    routed = {
        f"{method} {_PLACE.sub(_as_documented, rule.rule)}"
        for rule in application.app.url_map.iter_rules()
        if rule.rule.startswith(f"/{application.name}/v1/")
        for method in rule.methods - {"HEAD"}
    }
    assert routed <= {str(operation) for operation in operations}


def test_what_is_public_beside_the_interface_is_known(application):
    """Front page, health, documentation, problem types, certification's pages, wallets, in development the VC-API."""
    runtime = application.app.extensions["passerelle"]
    interface = f"/{application.name}/v1/"
    beside = {
        rule.endpoint for rule in application.app.url_map.iter_rules() if not rule.rule.startswith(interface)
    }
    known = {"front_page", "health", "documentation", "problem_pages", "verification", "verify", "pages"}
    known |= {"openid4vci", "well_known"}
    known |= {"vc_api"} if application.settings.environment == "development" else set()
    assert {name.partition(".")[0] for name in beside if runtime.policies[name].public} <= known
    assert all(runtime.policies[name].public for name in beside)


def test_the_policies_are_those_that_were_reviewed(application, operations):
    """Run with REVIEW=1 to write what is declared now, and read the difference."""
    declared = [
        f"{each}: {'public' if each.public else ', '.join(sorted(each.roles))}" for each in operations
    ]
    before = REVIEWED.read_text().splitlines() if REVIEWED.exists() else []
    own = tuple(f" /{segment}/" for segment in (application.name, *AT_ROOT.get(application.name, ())))
    others = [line for line in before if not any(segment in line for segment in own)]
    if os.environ.get("REVIEW") == "1":
        REVIEWED.write_text(
            "\n".join(sorted([*others, *declared], key=lambda line: line.split(" ", 1)[1])) + "\n"
        )
    assert sorted(declared) == sorted(set(REVIEWED.read_text().splitlines()) - set(others))


@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_opens_nothing(application, operations, make):
    """S5: the table of forged tokens against every service."""
    forge = Forge(application.settings, roles=ROLES)
    closed = [operation for operation in operations if not operation.public]
    for operation in (closed[0], closed[len(closed) // 2], closed[-1]):
        assert send(application, operation, token=forge.good()).status not in {401, 403}, "negative control"
        answer = send(application, operation, token=make(forge))
        assert answer.status == 401, f"{operation}: {answer.status}"
        assert answer.is_problem
        assert answer.headers["www-authenticate"].startswith("Bearer ")
