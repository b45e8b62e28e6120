"""Commands: one transaction, entity tags, answers of refusals; on SQLite and PostgreSQL."""

import sqlalchemy as sa

from shared.messaging.history import history_of
from shared.messaging.unit_of_work import StaleAggregateError, UnitOfWork
from tests.support.sample_service import things


def count(database):
    with database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(things)).scalar_one()


def test_a_command_answers_with_location_and_entity_tag(people):
    made = people.make()
    assert made.status_code == 201
    assert made.headers["Location"] == f"/sample/v1/things/{made.json['id']}"
    assert made.headers["ETag"] == '"1"'
    read = people.ask("GET", made.headers["Location"])
    assert read.json == made.json
    assert read.headers["ETag"] == '"1"'


def test_the_history_says_who_in_which_role_of_which_institution(people, database):
    thing = people.make().json
    people.ask("POST", f"/sample/v1/things/{thing['id']}/completion")
    with database.read() as connection:
        [row] = history_of(connection, "things", thing["id"])
    assert (row["actor"], row["role"], row["institution"]) == ("anna", "coordinator", "helsinki.fi")


def test_a_client_that_has_this_version_gets_304_with_its_tag(people):
    thing = people.make().json
    path = f"/sample/v1/things/{thing['id']}"
    fresh = people.ask("GET", path, headers={"If-None-Match": '"1"'})
    assert (fresh.status_code, fresh.data, fresh.headers["ETag"]) == (304, b"", '"1"')
    assert people.ask("GET", path, headers={"If-None-Match": '"2"'}).status_code == 200


def test_a_change_needs_the_version_it_is_meant_for(people):
    thing = people.make().json
    path = f"/sample/v1/things/{thing['id']}"
    patch = {"json": {"title": "Better"}}
    assert people.ask("PATCH", path, **patch).status_code == 428
    changed = people.ask("PATCH", path, headers={"If-Match": '"1"'}, **patch)
    assert (changed.status_code, changed.headers["ETag"], changed.json["title"]) == (200, '"2"', "Better")
    for stale in ('"1"', '"7"', 'W/"2"', '"x"', '"1", "3"', '"' + "9" * 5_000 + '"'):
        assert people.ask("PATCH", path, headers={"If-Match": stale}, **patch).status_code == 412, stale
    assert people.ask("PATCH", path, headers={"If-Match": "*"}, **patch).status_code == 200


def test_negative_control_without_the_comparison_a_stale_change_overwrites(people, monkeypatch):
    thing = people.make().json
    path = f"/sample/v1/things/{thing['id']}"
    people.ask("PATCH", path, headers={"If-Match": '"1"'}, json={"title": "Theirs"})
    monkeypatch.setattr("shared.web.execution.expected_version", lambda _request: None)
    mine = people.ask("PATCH", path, headers={"If-Match": '"1"'}, json={"title": "Mine"})
    assert (mine.status_code, mine.json["title"]) == (200, "Mine")


def test_a_transition_may_say_its_version(people):
    thing = people.make().json
    path = f"/sample/v1/things/{thing['id']}/completion"
    assert people.ask("POST", path, headers={"If-Match": '"9"'}).status_code == 412
    assert people.ask("POST", path, headers={"If-Match": '"1"'}).json["state"] == "done"
    refused = people.ask("POST", path)
    assert (refused.status_code, refused.json["type"]) == (
        409,
        "https://passerelle.example/problems/illegal-transition",
    )


def test_a_stale_aggregate_is_decided_anew_three_times_then_refused(people, app, monkeypatch):
    thing = people.make().json
    path = f"/sample/v1/things/{thing['id']}/completion"
    saved = UnitOfWork.save
    tries = []

    def stale(times):
        def save(self, *args, **options):
            tries.append(1)
            if len(tries) <= times:
                raise StaleAggregateError
            return saved(self, *args, **options)

        return save

    monkeypatch.setattr(UnitOfWork, "save", stale(3))
    assert people.ask("POST", path).status_code == 200
    assert len(tries) == 4
    tries.clear()
    monkeypatch.setattr(UnitOfWork, "save", stale(99))
    other = people.make(headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.headers["Retry-After"]) == (409, "1")
    assert other.json["type"].endswith("/problems/busy")
    assert len(tries) == 4


def test_a_unique_key_that_somebody_else_holds_is_a_conflict(people, database):
    assert people.make(code="abc").status_code == 201
    refused = people.make(code="abc")
    assert refused.status_code == 409
    assert refused.headers["Retry-After"]
    assert count(database) == 1


def test_a_refusal_leaves_nothing_behind(people, database):
    assert people.make(seats=13).status_code == 422
    assert count(database) == 0


def test_foreign_and_missing_are_the_same(people):
    thing = people.make().json
    foreign = {"institution": "kuleuven.be"}
    answers = [
        (people.ask("GET", f"/sample/v1/things/{thing['id']}", as_=foreign)),
        (people.ask("GET", "/sample/v1/things/nothing", as_=foreign)),
        (people.ask("POST", f"/sample/v1/things/{thing['id']}/completion", as_=foreign)),
        (
            people.ask(
                "PATCH", f"/sample/v1/things/{thing['id']}", as_=foreign, json={}, headers={"If-Match": '"1"'}
            )
        ),
    ]
    assert {answer.status_code for answer in answers} == {404}
    documents = [{k: v for k, v in answer.json.items() if k != "correlation_id"} for answer in answers]
    assert all(document == documents[0] for document in documents)


def test_a_database_that_is_away_is_503_with_retry_after(people, database, monkeypatch):
    def away(*_args, **_options):
        raise sa.exc.OperationalError("connect", {}, ConnectionRefusedError())

    monkeypatch.setattr(type(database), "write", away)
    monkeypatch.setattr(type(database), "read", away)
    for answer in (people.make(), people.ask("GET", "/sample/v1/things"), people.ask("GET", "/readyz")):
        assert answer.status_code == 503
    assert people.make().headers["Retry-After"]
    assert people.ask("GET", "/healthz").status_code == 200


def test_a_fault_of_ours_shows_nothing_of_itself(people, database, monkeypatch):
    def broken(*_args, **_options):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(database), "write", broken)
    answer = people.make()
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "secret" not in answer.text
    assert answer.json["correlation_id"] == answer.headers["X-Correlation-Id"]
