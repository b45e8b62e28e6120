"""One statement of each decision, whatever dies, races or is changed; nobody decides about the own (R2, R8, R13)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from services.certification.handlers.log_audit import audit_log
from services.certification.handlers.proposing import follow_recognitions
from services.certification.handlers.recognition_keeping import STATE
from services.certification.handlers.saving import FOLLOW_RECOGNITIONS
from services.certification.handlers.stating import state_recognition
from services.certification.store.recognition_tables import recognition_statements
from services.certification.store.tables import log_entries
from services.certification.worker import jobs
from shared.messaging.jobs import JobRunner
from shared.messaging.unit_of_work import StaleAggregateError
from shared.web.callers import Caller
from tests.integration.certification.flips import INVALID, verdicts_of_flipped
from tests.integration.certification.issued import certified
from tests.integration.certification.recognitions import (
    LEUVEN,
    NO,
    YES,
    decide,
    names,
    row,
    run,
    statement,
)
from tests.integration.certification.test_racing import at_once
from tests.integration.certification.workshop import Workshop

FLIPS = 1_000


def test_a_crash_between_any_two_steps_leaves_one_statement(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    certified(workshop)
    decide(workshop, YES)
    steps = ("_intend", "signed_statement", "_store")
    for step in steps:
        with monkeypatch.context() as broken:
            broken.setattr(f"services.certification.handlers.stating.{step}", crash)
            with pytest.raises(ConnectionError):
                run(
                    workshop,
                    STATE,
                    lambda *args: state_recognition(workshop.signers, *args),
                    row(workshop).id,
                )
        if step == "_intend":
            assert workshop.rows(recognition_statements) == []
    workshop.work()
    (made,) = workshop.rows(recognition_statements)
    run(workshop, STATE, lambda *args: state_recognition(workshop.signers, *args), row(workshop).id)
    (again,) = workshop.rows(recognition_statements)
    assert (made.state, made.content) == ("issued", again.content)
    assert names(workshop).count("stated") == 1
    assert [entry.kind for entry in workshop.rows(log_entries)].count("stated") == 1


def crash(*_args: Any, **_more: Any) -> Any:
    raise ConnectionError


def test_nobody_decides_about_the_own_certificate(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = certified(workshop)
    monkeypatch.setattr(Caller, "learner_id", learner.learner_id)
    assert decide(workshop, YES).status_code == 403
    path = f"/recognitions/{row(workshop).id}/upholding"
    assert workshop.post(path, {"reason": "fine"}, "registrar", "lena", LEUVEN).status_code == 403
    monkeypatch.undo()
    assert decide(workshop, YES).status_code == 201


def test_two_people_cannot_decide_the_same_case_differently(workshop: Workshop) -> None:
    certified(workshop)
    path = f"/recognitions/{row(workshop).id}/decision"
    assert workshop.post(path, YES, "registrar", "lena", LEUVEN).status_code == 201
    assert workshop.post(path, NO, "registrar", "luc", LEUVEN).status_code == 409
    workshop.work()
    assert row(workshop).decided_by == "lena"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"content": b"{}"}, "is not the document that was made"),
        ({"issued_at": None}, "the register has it no more"),
        ({"id": "7c0e3f2a-0000-4a55-9a5e-0c6f3a1f2b10"}, "beside the log"),
    ],
)
def test_the_log_shows_what_was_done_to_a_statement_beside_it(
    workshop: Workshop, change: dict[str, Any], told: str
) -> None:
    certified(workshop)
    decide(workshop, YES)
    workshop.work()
    with workshop.database.write() as connection:
        assert audit_log(connection, workshop.settings, {}).findings == ()
        connection.execute(recognition_statements.update().values(**change))
        assert any(told in finding for finding in audit_log(connection, workshop.settings, {}).findings)


def test_no_flipped_bit_of_a_statement_is_called_valid(workshop: Workshop) -> None:
    certified(workshop)
    decide(workshop, YES)
    workshop.work()
    verdicts = verdicts_of_flipped(workshop, statement(workshop).get_data(), FLIPS)
    assert "not_valid" in verdicts
    assert verdicts <= INVALID


def test_two_workers_that_run_the_same_jobs_propose_and_state_once(workshop: Workshop) -> None:
    """As after a lost lease: whoever is second finds what the first has done."""
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    runner = JobRunner(
        workshop.settings,
        workshop.transactions,
        workshop.elsewhere,  # type: ignore[arg-type]
        {**jobs(workshop.signers), FOLLOW_RECOGNITIONS: lambda _context, _job: None},
    )
    while runner.round():
        workshop.clock.advance(timedelta(milliseconds=1))
    follow = partial(run, workshop, FOLLOW_RECOGNITIONS, follow_recognitions, learner.award_id)
    at_once(partial(attempt, follow), partial(attempt, follow))
    follow()
    assert names(workshop) == ["proposed"]
    assert decide(workshop, YES).status_code == 201
    sign = partial(
        run, workshop, STATE, lambda *args: state_recognition(workshop.signers, *args), row(workshop).id
    )
    at_once(partial(attempt, sign), partial(attempt, sign))
    sign()
    assert names(workshop) == ["proposed", "decided", "stated"]
    (made,) = workshop.rows(recognition_statements)
    assert made.state == "issued"


def attempt(job: Callable[[], None]) -> None:
    """A job that loses a race is run again by its runner."""
    with suppress(IntegrityError, StaleAggregateError):
        job()
