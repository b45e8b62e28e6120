"""The assessment service on a fresh database: its routes, its reactions and its jobs, called directly."""

import itertools
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.assessment.app import create_app
from services.assessment.handlers.jobs import JOBS
from services.assessment.handlers.reactions import REACTIONS
from shared.clock import FixedClock
from shared.db import Database
from shared.ids import derived_id
from shared.messaging.consumer import handle_once
from shared.messaging.envelope import Event, event_type
from shared.messaging.jobs import JobRunner
from shared.messaging.tables import jobs, outbox
from shared.messaging.unit_of_work import Transactions, caused_by
from shared.migrations import migrate
from shared.rest import RestMissingError, RestUnavailableError
from shared.settings import Settings, load_settings
from shared.web.development import mint_token
from tests.support import documents
from tests.unit.assessment.stories import instrument

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HELSINKI, LEUVEN, BOLOGNA = "helsinki.fi", "kuleuven.be", "unibo.it"


class Admission:
    """Stands for the admission service's REST side: offering versions by path, and how often each was asked for."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.asked: list[str] = []
        self.away = False

    def publish(self, document: dict[str, Any]) -> None:
        path = f"/admission/v1/offerings/{document['id']}/versions/{document['version']}"
        self.documents[path] = document

    def get(self, service: str, path: str, params: Mapping[str, Any] | None = None) -> Any:
        assert service == "admission"
        self.asked.append(path)
        if self.away:
            raise RestUnavailableError("admission: away")
        if path not in self.documents:
            raise RestMissingError(f"admission: GET {path}: 404")
        return self.documents[path]


class Answer:
    """One HTTP answer, with the parts a test looks at."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.body: Any = response.get_json(silent=True)
        if self.body is None and response.data:
            self.body = json.loads(response.data)
        self.etag: str | None = response.headers.get("ETag")
        self.location: str | None = response.headers.get("Location")

    @property
    def detail(self) -> str:
        return str(self.body["detail"])


def short_offering(*instruments: dict[str, Any], **assessment: Any) -> dict[str, Any]:
    """A published offering whose plan has these instruments, by default an essay for `a` and a project for `b`."""
    chosen = instruments or (instrument("essay", "a"), instrument("project", "b"))
    outcomes = list(dict.fromkeys(outcome for each in chosen for outcome in each["outcomes"]))
    return documents.offering(
        components=[],
        outcomes=[{"id": o, "title": {"en": o}, "kind": "skill", "component": None} for o in outcomes],
        registration_profiles=[
            documents.registration_profile(HELSINKI, "awarding", "award"),
            *(documents.registration_profile(teaching) for teaching in (LEUVEN, BOLOGNA, "ucm.es")),
            documents.registration_profile("ku.lt", "platform", "start"),
        ],
        assessment={"instruments": list(chosen), "groups": [], **assessment},
    )


class AssessmentService:
    """One service under test. Time stands still until a test moves `clock`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = FixedClock(START)
        self.database = Database(settings.database_url("assessment"))
        migrate("assessment", self.database)
        self.transactions = Transactions("assessment", self.database, self.clock)
        self.admission = Admission()
        self.app = create_app(settings, database=self.database, clock=self.clock)
        self._sequences: dict[str, Iterator[int]] = {}
        self._events = itertools.count(1)

    def learner_id(self, subject: str) -> str:
        return derived_id("learner", self.settings.oidc_issuer, subject)

    def event(self, action: str, enrolment: str, *, sequence: int | None = None, **changes: Any) -> Event:
        """An `enrolment.*` event of the learner named like the enrolment; numbered within its aggregate."""
        counter = self._sequences.setdefault(enrolment, itertools.count(1))
        number = sequence if sequence is not None else next(counter)
        data = {
            "enrolment_id": enrolment,
            "application_id": f"application-of-{enrolment}",
            "learner_id": self.learner_id(f"learner-of-{enrolment}"),
            "offering_id": "sustainability",
            "offering_version": 1,
            "track": "assessed",
            "state": "enrolled",
        }
        return Event(
            id=f"event-{next(self._events)}",
            type=event_type("enrolment", f"enrolment.{action}"),
            source=f"/enrolment/v1/enrolments/{enrolment}",
            subject=enrolment,
            time=self.clock.now(),
            partitionkey=enrolment,
            sequence=f"{number:010d}",
            correlationid="correlation-1",
            causationid=None,
            traceparent=None,
            data={**data, **changes},
        )

    def deliver(self, *events: Event) -> None:
        """Handle each event as the consumer does: inbox and reaction in one transaction."""
        for event in events:
            with self.transactions.begin(cause=caused_by(event)) as unit_of_work:
                handle_once(unit_of_work, event, REACTIONS[event.type])

    def run_jobs(self) -> None:
        """Run every job that is due, until none is; a job that fails waits for later."""
        runner = JobRunner(self.settings, self.transactions, self.admission, JOBS)  # type: ignore[arg-type]
        while runner.round():
            pass

    def start(self, enrolment: str = "enrolment-1", *, briefed: bool = True, **changes: Any) -> str:
        """Activate an enrolment and make its plan; returns the plan's id."""
        self.deliver(self.event("activated", enrolment, **changes))
        self.run_jobs()
        plan = derived_id("plan", enrolment)
        if briefed:
            self.ok("POST", f"/plans/{plan}/briefing", "learner", subject=f"learner-of-{enrolment}")
        return plan

    def call(
        self,
        method: str,
        path: str,
        role: str | tuple[str, ...],
        institution: str | None = None,
        *,
        subject: str | None = None,
        body: Any = None,
        **headers: str,
    ) -> Answer:
        token = mint_token(self.settings, role, institution=institution, subject=subject)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {token}", **given}
        url = f"/assessment/v1{path}"
        with self.app.test_client() as client:
            return Answer(client.open(url, method=method, json=body, headers=sent))

    def ok(self, method: str, path: str, role: str, institution: str | None = None, **more: Any) -> Any:
        """The body of a request that has to succeed."""
        answer = self.call(method, path, role, institution, **more)
        assert answer.status < 300, (method, path, answer.status, answer.body)
        return answer.body

    def plan(self, plan: str, role: str = "service", institution: str | None = None) -> dict[str, Any]:
        found: dict[str, Any] = self.ok("GET", f"/plans/{plan}", role, institution)
        return found

    def open(self, plan: str, instrument_id: str, enrolment: str = "enrolment-1", **more: Any) -> str:
        body = {"plan_id": plan, "instrument_id": instrument_id, **more}
        attempt: str = self.ok("POST", "/attempts", "learner", subject=f"learner-of-{enrolment}", body=body)[
            "id"
        ]
        return attempt

    def submit(self, attempt: str, enrolment: str = "enrolment-1") -> None:
        path = f"/attempts/{attempt}/submission"
        self.ok("POST", path, "learner", subject=f"learner-of-{enrolment}", body={})

    def mark(self, attempt: str, assessor: str = "ada", institution: str = LEUVEN, **marks: str) -> Answer:
        self.call("POST", f"/attempts/{attempt}/marking", "assessor", institution, subject=assessor)
        sheet = [{"outcome": outcome, "mark": mark} for outcome, mark in marks.items()]
        body = {"marks": sheet, "assessed_on": "2026-05-04"}
        return self.call(
            "POST", f"/attempts/{attempt}/marks", "assessor", institution, subject=assessor, body=body
        )

    def release(self, attempt: str) -> Answer:
        return self.call("POST", f"/attempts/{attempt}/release", "assessor", LEUVEN, subject="ada")

    def confirm(self, attempt: str, confirmer: str = "dora", institution: str = HELSINKI) -> Answer:
        path = f"/results/{attempt}/confirmation"
        return self.call("POST", path, "confirmer", institution, subject=confirmer)

    def assess(self, plan: str, instrument_id: str, enrolment: str = "enrolment-1", **marks: str) -> str:
        """One attempt from its opening to a released result."""
        attempt = self.open(plan, instrument_id, enrolment)
        self.submit(attempt, enrolment)
        assert self.mark(attempt, **marks).status == 201
        assert self.release(attempt).status == 201
        return attempt

    def final(self, plan: str, instrument_id: str, enrolment: str = "enrolment-1", **marks: str) -> str:
        attempt = self.assess(plan, instrument_id, enrolment, **marks)
        assert self.confirm(attempt).status == 201
        return attempt

    def published(self) -> list[tuple[str, dict[str, Any]]]:
        """Name, data and audience (`_to`) of every event so far, in order."""
        with self.database.read() as connection:
            rows = connection.execute(
                sa.select(outbox.c.type, outbox.c.data, outbox.c.audience).order_by(outbox.c.seq)
            ).all()
        prefix = "eu.passerelle.assessment."
        return [
            (row.type.removeprefix(prefix).removesuffix(".v1"), {**json.loads(row.data), "_to": row.audience})
            for row in rows
        ]

    def names(self) -> list[str]:
        return [name for name, _ in self.published()]

    def job_names(self) -> set[tuple[str, str]]:
        with self.database.read() as connection:
            return {(row.kind, row.key) for row in connection.execute(sa.select(jobs.c.kind, jobs.c.key))}

    def job_due(self, kind: str) -> datetime:
        with self.database.read() as connection:
            due: datetime = connection.execute(
                sa.select(jobs.c.due_at).where(jobs.c.kind == kind)
            ).scalar_one()
            return due


@pytest.fixture
def migrated_for() -> str:
    return "assessment"


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[AssessmentService]:
    settings = load_settings({"PASSERELLE_HOME": str(tmp_path), "ASSESSMENT_DATABASE_URL": database_url})
    made = AssessmentService(settings)
    made.admission.publish(short_offering())
    yield made
    made.database.dispose()
