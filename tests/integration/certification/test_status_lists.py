"""Bitstring Status Lists: an older list never takes the place of a newer one (issue 4, section 3)."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.certification.formats.statuslist import is_set, status_list
from services.certification.handlers import status_lists as handler
from services.certification.store.status_lists import allocate
from services.certification.store.tables import certificates, status_lists
from shared.ids import new_id
from shared.messaging.jobs import Job, JobContext
from shared.messaging.unit_of_work import Cause, StaleAggregateError
from tests.integration.certification.test_racing import at_once
from tests.integration.certification.workshop import Workshop


@pytest.fixture
def list_id(workshop: Workshop) -> str:
    learner = workshop.learner()
    learner.known()
    learner.results("sha256:" + "a" * 64)
    workshop.deliver(*learner.usual())
    workshop.work()
    (row,) = workshop.rows(status_lists)
    return str(row.id)


def sign(workshop: Workshop, list_id: str) -> None:
    job = Job("sign_status_list", list_id, workshop.clock.now(), 0, {}, 1, Cause(new_id()))
    context = JobContext(workshop.settings, workshop.transactions, workshop.elsewhere, job)  # type: ignore[arg-type]
    handler.sign(workshop.signers, context, list_id)


def sign_while(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, list_id: str, change: Callable[[], None]
) -> None:
    """Sign the list, with `change` between the reading of its bits and its signature."""
    changes = [change]

    def changed_meanwhile(*args: Any) -> dict[str, Any]:
        while changes:
            changes.pop()()
        return status_list(*args)

    monkeypatch.setattr(handler, "status_list", changed_meanwhile)
    sign(workshop, list_id)


def test_an_older_list_never_takes_the_place_of_a_newer_one(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, list_id: str
) -> None:
    """The newer one has told verifiers of a suspension; nothing would sign it again."""
    (certificate,) = workshop.rows(certificates)

    def suspend() -> None:
        body = {"reason_code": "issuing_under_review", "reason": "x"}
        path = f"/certificates/{certificate.id}/suspension"
        assert workshop.post(path, body, "registrar", "rita").status_code == 201
        sign(workshop, list_id)

    with pytest.raises(StaleAggregateError, match="bit"):
        sign_while(workshop, monkeypatch, list_id, suspend)
    (row,) = workshop.rows(status_lists)
    encoded = json.loads(row.credential)["credentialSubject"]["encodedList"]
    assert is_set(encoded, certificate.status_index)


def test_a_key_that_is_replaced_while_it_signs_a_list_leaves_none_of_its_own(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, list_id: str
) -> None:
    keys = "/issuers/helsinki.fi/keys"
    assert workshop.post(keys, {"algorithm": "EdDSA"}, "administrator", "ada", None).status_code < 300
    workshop.work()
    token = workshop.token("administrator", None, "ada")
    listed = workshop.get(f"/certification/v1{keys}", token).get_json()["items"]
    (pending,) = [key["key"] for key in listed if key["state"] == "pending"]

    def replace() -> None:
        for person in ("ada", "otto"):
            done = workshop.post(f"/keys/{pending}/activation", None, "administrator", person, None)
            assert done.status_code < 300, done.data
        sign(workshop, list_id)

    with pytest.raises(StaleAggregateError, match="key"):
        sign_while(workshop, monkeypatch, list_id, replace)
    (row,) = workshop.rows(status_lists)
    (proof,) = json.loads(row.credential)["proof"]
    assert proof["verificationMethod"].endswith(f"#{pending}")


def test_a_list_is_begun_once_and_used_up_to_half_however_many_ask(workshop: Workshop) -> None:
    given: list[tuple[str, int]] = []

    def draw() -> None:
        given.append(workshop.transactions.run(lambda uow: allocate(uow, "helsinki.fi", 8)))

    at_once(*[draw] * 4)
    draw()
    rows = sorted(workshop.rows(status_lists), key=lambda row: row.ordinal)
    assert [(row.ordinal, row.allocated) for row in rows] == [(1, 4), (2, 1)]
    assert [list_id for list_id, _ in given] == [rows[0].id] * 4 + [rows[1].id]
    assert all(0 <= index < 8 for _, index in given)
