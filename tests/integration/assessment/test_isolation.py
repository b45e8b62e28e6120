"""Whatever happens to one learner, no row, job or event of another changes (practice check 14; AST-01)."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from services.assessment.store import plans as stored
from services.assessment.store import tables
from shared.ids import derived_id
from shared.messaging.tables import history, jobs, outbox
from shared.settings import load_settings
from tests.integration.assessment.conftest import HELSINKI, LEUVEN, AssessmentService, short_offering
from tests.unit.assessment.stories import instrument

MINE, OTHERS = "enrolment-1", "enrolment-2"
LEARNER = f"learner-of-{MINE}"
OTHER_PLAN = derived_id("plan", OTHERS)
SESSION = {
    "id": "spring",
    "opens_at": "2026-03-01T09:00:00Z",
    "closes_at": "2026-06-01T12:00:00Z",
    "place": None,
    "capacity": 2,
}

Step = Callable[[AssessmentService, str], Any]


def _attempt(service: AssessmentService, plan: str) -> str:
    found = service.plan(plan, "coordinator", HELSINKI)["attempts"]
    return found[-1]["id"] if found else "none"


def posting(path: str, role: str, institution: str, body: Any = None, subject: str = "somebody") -> Step:
    return lambda s, p: s.call(
        "POST",
        path.format(plan=p, attempt=_attempt(s, p)),
        role,
        institution,
        body=body,
        subject=subject,
    )


def opening(instrument_id: str, **more: str) -> Step:
    body = {"instrument_id": instrument_id, **more}
    return lambda s, p: s.call("POST", "/attempts", "learner", subject=LEARNER, body={"plan_id": p, **body})


def told(action: str, **changes: str) -> Step:
    return lambda s, _: s.deliver(s.event(action, MINE, **changes))


def waiting(days: int) -> Step:
    def step(service: AssessmentService, _: str) -> None:
        service.clock.advance(timedelta(days=days))
        service.run_jobs()

    return step


STEPS: list[Step] = [
    opening("essay"),
    opening("exam", session_id="spring"),
    lambda s, p: s.call(
        "POST", f"/attempts/{_attempt(s, p)}/submission", "learner", subject=LEARNER, body={}
    ),
    lambda s, p: s.mark(_attempt(s, p), a="60"),
    lambda s, p: s.mark(_attempt(s, p), b="10"),
    lambda s, p: s.release(_attempt(s, p)),
    lambda s, p: s.confirm(_attempt(s, p)),
    posting("/attempts/{attempt}/cancellation", "assessor", LEUVEN, {}),
    posting("/attempts/{attempt}/remark", "assessor", LEUVEN, {"reason": "again"}),
    posting("/results/{attempt}/overturn", "confirmer", HELSINKI, {"reason": "proven"}, "dora"),
    posting("/results/{attempt}/overturn/confirmation", "confirmer", HELSINKI, subject="emil"),
    posting("/plans/{plan}/recognitions", "confirmer", HELSINKI, {"outcome": "b", "reason": "practice"}),
    posting("/plans/{plan}/integrity-hold", "assessor", LEUVEN, {"reason": "similarity"}),
    posting("/plans/{plan}/integrity-hold/lifting", "assessor", LEUVEN, {"reason": "cleared"}),
    posting(
        "/plans/{plan}/extension", "registrar", HELSINKI, {"until": "2028-01-01T00:00:00Z", "reason": "ill"}
    ),
    told("suspended"),
    told("resumed"),
    told("withdrawn"),
    told("ended", reason_code="no_show"),
    waiting(1),
]


def _others(service: AssessmentService) -> dict[str, list[str]]:
    """Every row that is of the other learner, in any table."""
    of_plan = [table for table in tables.metadata.sorted_tables if "plan_id" in table.c]
    statements: dict[str, Any] = {
        table.name: table.select().where(table.c.plan_id == OTHER_PLAN) for table in of_plan
    }
    statements |= {
        "plans": tables.plans.select().where(tables.plans.c.id == OTHER_PLAN),
        "enrolments": tables.enrolments.select().where(tables.enrolments.c.id == OTHERS),
        "facts": tables.enrolment_facts.select().where(tables.enrolment_facts.c.enrolment_id == OTHERS),
        "events": outbox.select().where(outbox.c.partition_key == OTHERS),
        "history": history.select().where(history.c.aggregate_id == OTHER_PLAN),
        "jobs": jobs.select().where(jobs.c.payload["plan_id"].as_string() == OTHER_PLAN),
    }
    with service.database.read() as connection:
        return {name: sorted(map(repr, connection.execute(s))) for name, s in statements.items()}


@contextmanager
def two_learners() -> Iterator[tuple[AssessmentService, str]]:
    with tempfile.TemporaryDirectory() as folder:
        service = AssessmentService(load_settings({"PASSERELLE_HOME": str(Path(folder))}))
        exam = instrument("exam", "b", sessions=[SESSION], max_attempts=3)
        service.admission.publish(short_offering(instrument("essay", "a"), exam))
        mine = service.start(MINE)
        other = service.start(OTHERS)
        service.assess(other, "essay", OTHERS, a="60")
        service.open(other, "exam", OTHERS, session_id="spring")
        yield service, mine
        service.database.dispose()


@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=14))
@settings(max_examples=10)
def test_no_step_of_one_learner_touches_another(steps):
    with two_learners() as (service, mine):
        before = _others(service)
        assert all(before[name] for name in ("plans", "attempts", "events", "history", "jobs"))
        for step in steps:
            step(service, mine)
        assert _others(service) == before


def test_the_comparison_notices_a_writer_that_forgets_whose_rows_they_are(monkeypatch):
    """Negative control: an update keyed by instrument, as others have shipped it, is found out."""

    def careless(connection, table, old, new) -> None:
        for key, row in new.items():
            if key not in old:
                connection.execute(table.insert(), row)
            elif old[key] != row:
                changed = {"state": row["state"], "submitted_at": row["submitted_at"]}
                same = table.c.instrument_id == row["instrument_id"]
                connection.execute(table.update().where(same).values(changed))

    with two_learners() as (service, mine):
        before = _others(service)
        service.open(mine, "essay", MINE)
        service.clock.advance(timedelta(hours=1))
        monkeypatch.setattr(stored, "_write", careless)
        service.call(
            "POST", f"/attempts/{_attempt(service, mine)}/submission", "learner", subject=LEARNER, body={}
        )
        assert _others(service) != before


def test_racing_learners_never_take_more_seats_than_there_are(service: AssessmentService):
    """AST-02: a session's capacity is counted, not looked at."""
    exam = instrument("exam", "a", sessions=[SESSION])
    service.admission.publish(short_offering(exam))
    numbers = range(8)
    made = [service.start(f"enrolment-{n}") for n in numbers]
    answers: list[int] = []

    def book(number: int) -> None:
        body = {"plan_id": made[number], "instrument_id": "exam", "session_id": "spring"}
        subject = f"learner-of-enrolment-{number}"
        answers.append(service.call("POST", "/attempts", "learner", subject=subject, body=body).status)

    threads = [threading.Thread(target=book, args=(n,)) for n in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201] * 2 + [409] * 6
    with service.database.read() as connection:
        assert connection.execute(sa.select(tables.seats.c.taken)).scalar_one() == 2


class TestTheDatabaseHoldsToo:
    """What the domain refuses, a statement typed by hand cannot do either (practice, four eyes)."""

    def _refused(self, service, statement) -> None:
        with pytest.raises(sa.exc.IntegrityError), service.database.write() as connection:
            connection.execute(statement)

    def test_one_person_is_not_a_quorum_nor_two_markers(self, service: AssessmentService):
        service.admission.publish(short_offering(instrument("exam", "a")))
        plan = service.start()
        attempt = service.final(plan, "exam", a="60")
        for table in (tables.votes, tables.claims):
            with service.database.read() as connection:
                row = connection.execute(table.select()).mappings().one()
            again = {**row, "id": "another", "number": 2}
            self._refused(service, table.insert().values(again))
        assert attempt

    def test_one_person_does_not_overturn(self, service: AssessmentService):
        plan = service.start()
        attempt = service.final(plan, "essay", a="60")
        service.ok(
            "POST",
            f"/results/{attempt}/overturn",
            "confirmer",
            HELSINKI,
            subject="dora",
            body={"reason": "proven"},
        )
        alone = tables.overturns.update().values(confirmed_by="dora", confirmed_at=service.clock.now())
        self._refused(service, alone)

    def test_one_plan_per_enrolment(self, service: AssessmentService):
        service.start()
        with service.database.read() as connection:
            row = connection.execute(tables.plans.select()).mappings().one()
        self._refused(service, tables.plans.insert().values({**row, "id": "another"}))
