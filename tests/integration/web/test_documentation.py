"""The OpenAPI document is the inventory (API9): valid, complete, with every refusal as problem+json."""

import re
from dataclasses import replace

import pytest
from openapi_spec_validator import validate

from shared.web.problems import CONTENT_TYPE
from tests.support.sample_service import create_sample


@pytest.fixture
def database_url(tmp_path):
    """One database is enough here: nothing below reads it."""
    return f"sqlite:///{tmp_path / 'database.sqlite'}"


@pytest.fixture
def document(app):
    return app.test_client().get("/sample/openapi.json").json


def operations(document):
    return {
        (path, method): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def test_it_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_it_says_how_to_sign_in_send_again_and_follow_lists(document):
    text = document["info"]["description"]
    for word in ("passerelle token", "Idempotency-Key", "If-Match", "rel=next", "/sample/v1/events?after="):
        assert word in text


def test_the_bare_address_leads_to_the_documentation(app):
    """Every link of the front page that this service answers leads somewhere."""
    page = app.test_client().get("/")
    links = re.findall(r'href="([^"]+)"', page.text)
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert "/admission/docs" in links
    for link in links:
        if link.startswith("/problems"):
            assert app.test_client().get(link).status_code == 200


def test_a_service_of_its_own_names_itself_only(settings, database, clock):
    alone = replace(settings, event_log_url="kafka://broker:9092")
    page = create_sample(alone, database, clock=clock).test_client().get("/")
    assert "/sample/docs" in page.text
    assert "/admission/docs" not in page.text


def test_it_holds_every_route_of_the_interface(app, document):
    routed = {
        (re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/sample/v1/")
        for method in rule.methods - {"HEAD"}
    }
    assert routed == operations(document).keys()


def test_every_refusal_is_documented_as_a_problem_document(document):
    for operation in operations(document).values():
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5", "default")):
                name = response["$ref"].rpartition("/")[2]
                assert list(document["components"]["responses"][name]["content"]) == [CONTENT_TYPE]


def test_roles_and_public_routes_are_told_apart(document):
    found = operations(document)
    assert found["/sample/v1/things", "post"]["x-roles"] == ["coordinator"]
    assert found["/sample/v1/greeting", "get"]["security"] == []
    assert "x-roles" not in found["/sample/v1/greeting", "get"]


def test_bounds_are_documented(document):
    seats = document["components"]["schemas"]["NewThing"]["properties"]["seats"]
    assert (seats["minimum"], seats["maximum"]) == (-(2**63), 2**63 - 1)
    assert document["components"]["schemas"]["NewThing"]["additionalProperties"] is False


def test_preconditions_and_keys_are_documented(document):
    found = operations(document)
    change = found["/sample/v1/things/{id}", "patch"]
    [header] = [each for each in change["parameters"] if each["name"] == "If-Match"]
    assert header["required"] is True
    assert {"412", "428"} <= change["responses"].keys()
    assert list(change["requestBody"]["content"]) == ["application/merge-patch+json"]
    create = found["/sample/v1/things", "post"]
    assert "Idempotency-Key" in {each["name"] for each in create["parameters"]}


def test_the_pages_load_nothing_from_elsewhere_and_run_no_inline_script(app):
    client = app.test_client()
    page = client.get("/sample/docs")
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    addresses = re.findall(r'(?:src|href|data-url)="([^"]+)"', page.text)
    assert len(addresses) >= 5
    for address in addresses:
        assert address.startswith("/sample/")
        with client.get(address) as answer:
            assert answer.status_code == 200
    assert not re.search(r"<script(?![^>]*src=)", page.text)
    assert client.get("/sample/docs/index.html").status_code == 404
