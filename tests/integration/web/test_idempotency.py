"""Idempotency-Key: one effect and one answer, however often and however much at once a request arrives (R8)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shared import db
from shared.messaging.tables import idempotency_keys
from shared.web import execution, idempotency, runtime
from shared.web.idempotency import Claim, forget_expired
from tests.support.sample_service import things

KEY = {"Idempotency-Key": "one-request"}


def count(database, table=things):
    with database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_the_same_request_again_gets_the_same_answer(people, database):
    first, again = people.make(headers=KEY), people.make(headers=KEY)
    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    for name in ("ETag", "Location", "Content-Type"):
        assert first.headers[name] == again.headers[name]
    assert count(database) == 1


def test_another_body_under_the_same_key_is_refused(people, database):
    people.make(headers=KEY)
    refused = people.make(headers=KEY, title="Else")
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (422, "idempotency-key-reused")
    assert count(database) == 1


def test_a_key_belongs_to_its_caller_and_route(people, database):
    first = people.make(headers=KEY)
    assert people.make(headers=KEY, as_={"subject": "bertil"}).json["id"] != first.json["id"]
    done = people.ask("POST", f"/sample/v1/things/{first.json['id']}/completion", headers=KEY)
    assert done.json["state"] == "done"
    assert count(database) == 2


def test_a_refusal_is_not_kept(people, database):
    assert people.make(headers=KEY, seats=13).status_code == 422
    assert count(database, idempotency_keys) == 0
    assert people.make(headers=KEY, seats=14).status_code == 201


def test_a_replay_needs_the_right_to_the_request(people):
    """Authorisation comes before the replay: a role taken away does not read its old answers."""
    people.make(headers=KEY)
    assert people.make(headers=KEY, as_={"role": "assessor"}).status_code == 403


def test_a_replay_comes_before_the_precondition(people):
    thing = people.make().json
    path = f"/sample/v1/things/{thing['id']}/completion"
    headers = {**KEY, "If-Match": '"1"'}
    assert people.ask("POST", path, headers=headers).headers["ETag"] == '"2"'
    assert people.ask("POST", path, headers=headers).headers["ETag"] == '"2"'


def test_after_24_hours_a_key_is_new(people, database, clock):
    people.make(headers=KEY)
    clock.advance(timedelta(hours=23, minutes=59))
    people.make(headers=KEY)
    assert count(database) == 1
    clock.advance(timedelta(minutes=1))
    people.make(headers=KEY)
    assert count(database) == 2
    assert count(database, idempotency_keys) == 1


def test_expired_keys_are_forgotten(people, database, clock):
    for number in range(3):
        people.make(headers={"Idempotency-Key": f"k{number}"})
    clock.advance(timedelta(hours=25))
    people.make(headers={"Idempotency-Key": "fresh"})
    with database.write() as connection:
        forget_expired(connection, clock.now())
    assert count(database, idempotency_keys) == 1


def test_more_expired_keys_than_one_command_forgets_are_forgotten_by_the_next_ones(
    people, database, clock, monkeypatch
):
    monkeypatch.setattr(idempotency, "_FORGET_AT_ONCE", 2)
    monkeypatch.setattr(runtime, "_FORGET_EVERY_SECONDS", 0.0)
    for number in range(5):
        people.make(headers={"Idempotency-Key": f"k{number}"})
    clock.advance(timedelta(hours=25))
    people.make(headers={"Idempotency-Key": "first"})
    monkeypatch.setattr(runtime, "_FORGET_EVERY_SECONDS", 3600.0)
    for number in range(2):
        people.make(headers={"Idempotency-Key": f"next-{number}"})
    assert count(database, idempotency_keys) == 3


def test_forgetting_waits_for_no_key_that_is_in_use(postgres_url, clock):
    from tests.support.sample_service import make_database

    database = make_database(postgres_url)
    expired = {"fingerprint": "f", "expires_at": clock.now()}
    with database.write() as connection:
        connection.execute(idempotency_keys.insert(), [{"scope": scope, **expired} for scope in "ab"])
    with database.write() as using, database.write() as forgetting:
        using.execute(idempotency_keys.select().limit(1).with_for_update())
        forgetting.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
        forget_expired(forgetting, clock.now())
    assert count(database, idempotency_keys) == 1
    database.dispose()


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "näme"])
def test_a_key_that_is_none_is_refused(people, key):
    assert people.make(headers={"Idempotency-Key": key.encode().decode("latin-1")}).status_code == 400


def at_once(people, times, *, headers):
    gate = threading.Barrier(16)
    signed = {**people.headers(), **headers}

    def send(number):
        if number < 16:
            gate.wait()
        return people.make(headers=signed)

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(send, range(times)))


@pytest.fixture
def patient(monkeypatch):
    """Nobody who stands in line is sent away, however slowly it moves on a busy machine."""
    monkeypatch.setattr(db, "LOCK_SECONDS", 300)
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 300)


@pytest.mark.usefixtures("patient")
def test_r8_the_same_key_200_times_at_once_has_one_effect_and_equal_bodies(people, database):
    """50 repetitions, each with a key of its own."""
    for repetition in range(1, 51):
        answers = at_once(people, 200, headers={"Idempotency-Key": f"request-{repetition}"})
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.data for answer in answers}) == 1
        assert count(database) == repetition


@pytest.mark.usefixtures("patient")
def test_negative_control_without_the_claim_every_request_has_its_effect(people, database, monkeypatch):
    monkeypatch.setattr(execution, "claim_of", lambda *_: None)
    at_once(people, 20, headers=KEY)
    assert count(database) == 20


def test_negative_control_a_look_before_the_insert_lets_duplicates_through(
    postgres_url, settings, clock, monkeypatch
):
    """The unique index is what makes the second request wait; looking first and inserting last does not."""
    from tests.integration.web.conftest import People
    from tests.support.sample_service import create_sample, make_database

    database = make_database(postgres_url)
    people = People(create_sample(settings, database, clock=clock), settings)
    gate = threading.Barrier(2, timeout=120)

    def look(self, connection, now):
        found = connection.execute(idempotency._FIND, {"scope": self.scope}).first()
        gate.wait()
        return None if found is None else self._kept(connection)

    monkeypatch.setattr(Claim, "take", look)
    monkeypatch.setattr(Claim, "keep", lambda *_: None)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: people.make(headers=KEY), range(2)))
    assert count(database) == 2
    database.dispose()


def test_a_duplicate_waits_for_the_first_and_is_refused_after_its_time(people, database, monkeypatch):
    """409 with Retry-After when the first request takes too long; nothing is done twice."""
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 1)
    held, release = threading.Event(), threading.Event()
    keep = Claim.keep

    def slow(self, connection, answer):
        held.set()
        assert release.wait(120)
        keep(self, connection, answer)

    monkeypatch.setattr(Claim, "keep", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(people.make, headers=KEY)
        assert held.wait(60)
        second = pool.submit(people.make, headers=KEY)
        try:
            refused = second.result(timeout=60)
        finally:
            release.set()
        assert first.result().status_code == 201
    assert (refused.status_code, refused.headers["Retry-After"]) == (409, "1")
    assert count(database) == 1
    assert people.make(headers=KEY).data == first.result().data
