"""Every refusal is a problem document whose type leads to a page; what HTTP says is kept (RFC 9457, U4)."""

import io

import pytest

from shared.domain import ConflictError
from shared.web import create_web_app, policy
from shared.web.blueprint import Blueprint
from shared.web.policy import UndeclaredPolicyError
from shared.web.problem_types import problem_types
from tests.support.sample_service import NewThing, Thing


def problem_of(answer, status, slug):
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["type"] == f"https://passerelle.example/problems/{slug}"
    assert answer.json["detail"]
    assert answer.json["correlation_id"] == answer.headers["X-Correlation-Id"]
    return answer.json


def test_a_missing_token_says_how_to_sign_in(app):
    answer = app.test_client().get("/sample/v1/things")
    problem_of(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="passerelle"'


def test_a_token_that_does_not_count_is_told_from_a_missing_one(app):
    answer = app.test_client().get("/sample/v1/things", headers={"Authorization": "Bearer nothing"})
    problem_of(answer, 401, "unauthenticated")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_role_that_may_not_is_refused_before_anything_is_read(people):
    answer = people.ask("POST", "/sample/v1/things", as_={"role": "partner"}, data=b"[" * 5_000)
    assert "coordinator" in problem_of(answer, 403, "forbidden")["detail"]


def test_an_address_that_is_none(app):
    problem_of(app.test_client().get("/sample/v1/nothing"), 404, "not-found")


def test_a_method_that_is_not_allowed_keeps_allow(people):
    answer = people.ask("DELETE", "/sample/v1/things")
    problem_of(answer, 405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "CONNECT", "PROPFIND"])
def test_methods_nobody_uses_are_off(people, method):
    assert people.ask(method, "/sample/v1/things").status_code == 405


@pytest.mark.parametrize(
    "content_type", ["text/plain", "", "application/xml", "application/merge-patch+json"]
)
def test_the_media_type_comes_before_the_body(people, content_type):
    answer = people.ask("POST", "/sample/v1/things", data=b"not json", content_type=content_type)
    problem_of(answer, 415, "unsupported-media-type")
    assert answer.headers["Accept-Post"] == "application/json"


def test_a_merge_patch_has_its_media_type(people):
    thing = people.make().json
    path = f"/sample/v1/things/{thing['id']}"
    options = {"data": b'{"title": "New"}', "headers": {"If-Match": '"1"'}}
    patched = people.ask("PATCH", path, content_type="application/merge-patch+json", **options)
    assert patched.json["title"] == "New"
    refused = people.ask("PATCH", path, content_type="application/json-patch+json", **options)
    problem_of(refused, 415, "unsupported-media-type")
    assert "application/merge-patch+json" in refused.headers["Accept-Patch"]


def test_wrong_members_are_pointed_at(people):
    answer = people.make(title="", seats="many", tags=["a", 1], unknown=1)
    errors = problem_of(answer, 422, "invalid-input")["errors"]
    assert {error["pointer"] for error in errors} == {"#/title", "#/seats", "#/tags/1", "#/unknown"}
    assert all(error["detail"] for error in errors)


def test_rules_of_the_domain_point_too(people):
    answer = people.make(seats=13)
    assert problem_of(answer, 422, "invalid-input")["errors"] == [
        {"pointer": "#/seats", "detail": "Take another number."}
    ]


@pytest.mark.parametrize(
    "query",
    ["unknown=1", "state=old", "state=new&state=done", "least=x", f"least={2**63}", "least=1&least=1"],
)
def test_parameters_are_as_strict_as_bodies(people, query):
    answer = people.ask("GET", f"/sample/v1/things?{query}")
    [error] = problem_of(answer, 422, "invalid-input")["errors"]
    assert error["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", f"limit={'9' * 5000}", "after=x", "after=%00"])
def test_a_page_that_is_none_is_400(people, query):
    assert people.ask("GET", f"/sample/v1/things?{query}").status_code == 400


def test_what_no_schema_reads_is_refused_rather_than_ignored(people):
    thing = people.make().json
    path = f"/sample/v1/things/{thing['id']}"
    problem_of(people.ask("GET", f"{path}?verbose=1"), 422, "invalid-input")
    problem_of(people.ask("POST", f"{path}/completion", json={"force": True}), 422, "invalid-input")
    problem_of(people.ask("POST", f"{path}/completion", data="force=1"), 415, "unsupported-media-type")
    assert people.ask("POST", f"{path}/completion", json={}).status_code == 200


def test_a_body_over_64_kib_is_refused(people):
    answer = people.make(tags=["x" * 1_000] * 70)
    problem_of(answer, 413, "too-large")
    chunked = people.ask(
        "POST",
        "/sample/v1/things",
        input_stream=io.BytesIO(b'{"title": "x", "seats": 1}' + b" " * 70_000),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    problem_of(chunked, 413, "too-large")


@pytest.mark.parametrize(
    "path", ["/sample/v1/things/a%00b", "/sample/v1/things/%ff", "/sample/v1/things/" + "a" * 300]
)
def test_an_identifier_that_cannot_be_one_is_not_found(people, path):
    assert people.ask("GET", path).status_code == 404


def test_unreadable_parameters_are_malformed(people):
    problem_of(people.ask("GET", "/sample/v1/things?state=%00"), 400, "malformed-request")
    problem_of(people.ask("GET", "/sample/v1/things?" + "x=1&" * 3_000), 400, "malformed-request")


def test_every_type_leads_to_a_page(app):
    client = app.test_client()
    index = client.get("/problems")
    assert index.status_code == 200
    for slug, kind in problem_types().items():
        page = client.get(f"/problems/{slug}")
        assert page.status_code == 200, slug
        assert page.content_type.startswith("text/html")
        assert str(kind.status) in page.text
        assert f'href="/problems/{slug}"' in index.text
    assert client.get("/problems/unheard-of").status_code == 404


def test_a_refusal_that_a_service_defines_gets_a_page_too(app):
    class TooLateError(ConflictError):
        """The day has passed."""

        slug, title = "too-late", "Too late"

    page = app.test_client().get("/problems/too-late")
    assert "The day has passed." in page.text
    del TooLateError


def test_the_headers_of_every_answer(people, app):
    for answer in (people.ask("GET", "/sample/v1/things"), app.test_client().get("/nothing")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["Strict-Transport-Security"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_correlation_id_comes_back(people):
    answer = people.ask("GET", "/sample/v1/things", headers={"X-Correlation-Id": "my-case-0001"})
    assert answer.headers["X-Correlation-Id"] == "my-case-0001"


def test_public_routes_know_who_presents_a_token_and_refuse_one_that_does_not_count(people, app):
    assert people.ask("GET", "/sample/v1/greeting").text == "hello anna"
    assert app.test_client().get("/sample/v1/greeting").text == "hello stranger"
    forged = app.test_client().get("/sample/v1/greeting", headers={"Authorization": "Bearer x.y.z"})
    problem_of(forged, 401, "unauthenticated")


def test_an_application_with_a_route_without_policy_does_not_start(settings, database):
    blp = Blueprint("forgotten", __name__, url_prefix="/sample/v1")

    @blp.route("/forgotten")
    @blp.query(Thing)
    def forgotten(connection):
        return None

    with pytest.raises(UndeclaredPolicyError, match="/sample/v1/forgotten"):
        create_web_app(settings, "sample", [blp], database=database)


def test_arguments_below_the_command_are_a_mistake_that_is_found_at_once():
    blp = Blueprint("wrong", __name__)
    with pytest.raises(TypeError, match="arguments stand above"):

        @policy.public
        @blp.command(Thing)
        @blp.arguments(NewThing)
        def wrong(uow, body):
            return None
