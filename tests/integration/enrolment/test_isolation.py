"""Whatever happens to one learner, no row, job or event of another changes (practice check 14)."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrolment.store import aggregate
from services.enrolment.store.tables import metadata, registrations
from shared.ids import derived_id
from shared.messaging.tables import history, inbox, jobs, outbox
from shared.settings import load_settings
from tests.integration.enrolment.conftest import AWARDING, PLATFORM, TEACHING, EnrolmentService

MINE, OTHERS = "application-1", "application-2"
LEARNER = f"learner-of-{MINE}"
WORDS = ("associated", "queued", "denied", "cancelled", "finished")

Step = Callable[[EnrolmentService, str], Any]


def answering(institution: str, word: str) -> Step:
    return lambda s, e: s.answer(s.registrations(e)[institution]["id"], institution, word)


def deciding(action: str, body: dict[str, str] | None = None) -> Step:
    return lambda s, e: s.call("POST", f"/enrolments/{e}/{action}", "registrar", AWARDING, body=body)


def chasing(action: str) -> Step:
    return lambda s, e: s.call(
        "POST", f"/registrations/{s.registrations(e)[AWARDING]['id']}/{action}", "registrar", AWARDING
    )


def concluding(name: str) -> Step:
    return lambda s, e: s.deliver(s.plan_event(name, e))


def applying(name: str) -> Step:
    return lambda s, _: s.deliver(s.application_event(name, MINE))


STEPS: list[Step] = [
    *[answering(institution, word) for institution in (AWARDING, PLATFORM, TEACHING) for word in WORDS],
    deciding("suspension"),
    deciding("resumption"),
    deciding("end", {"reason_code": "no_show"}),
    deciding("attendance", {}),
    deciding("registrations", {"institution": TEACHING}),
    chasing("reminder"),
    chasing("denial"),
    concluding("completion.achieved"),
    concluding("completion.overturned"),
    concluding("assessment_plan.lapsed"),
    concluding("assessment_plan.extended"),
]
LAST: list[Step] = [
    deciding("withdrawal"),
    deciding("cancellation", {"reason_code": "institution_decision"}),
    applying("application.withdrawn"),
    applying("admission.revoked"),
]


@contextmanager
def fresh_service() -> Iterator[EnrolmentService]:
    with tempfile.TemporaryDirectory() as home:
        settings_ = load_settings(
            {"PASSERELLE_HOME": home, "ENROLMENT_DATABASE_URL": f"sqlite:///{Path(home) / 'e.sqlite'}"}
        )
        service = EnrolmentService(settings_)
        service.admission.publish()
        yield service
        service.database.dispose()


def rows_of(service: EnrolmentService, application: str) -> dict[str, list[str]]:
    """Everything in the database that is about one application's enrolment."""
    enrolment = derived_id("enrolment", application)
    with service.database.read() as connection:
        parts = connection.execute(
            sa.select(registrations.c.id).where(registrations.c.enrolment_id == enrolment)
        ).scalars()
        names = {application, enrolment, *parts}
        return {
            table.name: sorted(
                repr(row)
                for row in connection.execute(table.select())
                if any(isinstance(value, str) and value in names for value in row)
            )
            for table in [*metadata.sorted_tables, outbox, jobs, history, inbox]
        }


@given(steps=st.lists(st.sampled_from(STEPS), max_size=8), last=st.lists(st.sampled_from(LAST), max_size=2))
@settings(max_examples=10)
def test_check_14_operations_on_one_learner_change_nothing_of_another(
    steps: list[Step], last: list[Step]
) -> None:
    with fresh_service() as service:
        mine = service.start(MINE)
        others = service.start(OTHERS)
        service.settle(others, kuleuven="associated")
        before = rows_of(service, OTHERS)
        for step in [*steps, *last]:
            step(service, mine)
        service.run_jobs()
        assert rows_of(service, OTHERS) == before


def test_the_comparison_sees_every_kind_of_row() -> None:
    with fresh_service() as service:
        service.settle(service.start(OTHERS), kuleuven="associated")
        seen = rows_of(service, OTHERS)
    filled = {"enrolments", "registrations", "facts", "outbox", "jobs", "history"}
    assert {name for name, rows in seen.items() if rows} == filled


def test_the_comparison_notices_an_update_that_forgets_whose_row_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The fault of openfun/joanie#846: one learner's order updated all enrolments of the course."""

    def forgetful(unit_of_work: Any, before: Any, after: Any) -> None:
        unit_of_work.connection.execute(registrations.update().values(reminders=7))

    with fresh_service() as service:
        mine = service.start(MINE)
        service.start(OTHERS)
        before = rows_of(service, OTHERS)
        monkeypatch.setattr(aggregate, "_save_registrations", forgetful)
        answering(PLATFORM, "associated")(service, mine)
        assert rows_of(service, OTHERS) != before


def test_a_deadline_of_one_learner_leaves_anothers_job_alone() -> None:
    with fresh_service() as service:
        mine = service.start(MINE)
        service.clock.advance(timedelta(hours=1))
        service.start(OTHERS)
        before = rows_of(service, OTHERS)
        service.clock.advance(timedelta(hours=47))
        service.run_jobs()
        assert service.registrations(mine)[AWARDING]["overdue_at"] is not None
        assert rows_of(service, OTHERS) == before
