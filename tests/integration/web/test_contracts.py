"""Every event names where its contract stands, and there anybody reads it."""

import json

import pytest

from shared.contracts import contract, contract_types
from shared.messaging.envelope import schema_of, types_of
from shared.settings import SERVICES
from shared.web import create_web_app

PUBLIC = "https://passerelle.example"


@pytest.fixture
def database_url(tmp_path):
    """One database is enough here: nothing below reads it."""
    return f"sqlite:///{tmp_path / 'database.sqlite'}"


@pytest.fixture(params=SERVICES)
def publisher(request, settings, database):
    return request.param, create_web_app(settings, request.param, [], database=database).test_client()


def test_the_address_in_an_event_leads_to_its_contract(publisher):
    service, client = publisher
    own = types_of(service, contract_types())
    assert own
    for type_ in own:
        answer = client.get(schema_of(type_, PUBLIC).removeprefix(PUBLIC))
        assert (answer.status_code, answer.content_type) == (200, "application/schema+json")
        assert json.loads(answer.data) == contract(type_)


def test_caches_keep_it_and_pages_of_anybody_read_it(publisher):
    service, client = publisher
    path = schema_of(types_of(service, contract_types())[0], "")
    answer = client.get(path)
    assert "public" in answer.headers["Cache-Control"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "name", ["eu.passerelle.nobody.thing.happened.v1", "eu.passerelle", "x", "eu.passerelle.admission..v1"]
)
def test_what_is_no_event_of_the_service_has_no_contract(publisher, name):
    service, client = publisher
    foreign = next(t for t in contract_types() if t not in types_of(service, contract_types()))
    for type_ in (name, foreign):
        assert client.get(f"/{service}/v1/contracts/{type_}").status_code == 404
