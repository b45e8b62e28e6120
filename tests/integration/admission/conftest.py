"""The admission service on a fresh database: its routes, its reactions and its jobs, called directly."""

import itertools
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.admission.app import create_app
from services.admission.handlers.audit import audit_decisions
from services.admission.handlers.jobs import JOBS
from services.admission.handlers.reactions import REACTIONS
from shared.clock import FixedClock
from shared.db import Database
from shared.ids import derived_id
from shared.messaging.consumer import handle_once
from shared.messaging.envelope import Event, event_type
from shared.messaging.jobs import JobRunner
from shared.messaging.tables import jobs, outbox
from shared.messaging.unit_of_work import Transactions, caused_by
from shared.migrations import migrate
from shared.settings import Settings, load_settings
from shared.web.development import mint_token
from tests.support.documents import agreement_draft, offering_draft

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what the database has no part in, such as malformed input."""

START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
REVIEWER = "helsinki.fi"
MERGE_PATCH = "application/merge-patch+json"

PERSON = {
    "given_name": "Živilė",
    "family_name": "Žemaitytė",
    "date_of_birth": "1986-11-02",
    "email": "zivile@example.org",
}
DIPLOMA = {"kind": "diploma", "facts": {"eqf": 6}}
IELTS = {"kind": "ielts", "facts": {"score": "6.5"}}

OPEN = {"open": True, "review_mode": "automatic", "rule_set": {"criteria": []}}


def few_seats(seats: int, **admission: Any) -> dict[str, Any]:
    """Overrides for an open offering with a capacity, which offers at once or queues."""
    capacity = {"max": seats, "min": None, "ranking": "first_come"}
    return {"admission": {**OPEN, "capacity": capacity, **admission}}


class Answer:
    """One HTTP answer, with the parts a test looks at."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.body: Any = response.get_json(silent=True)
        self.etag: str | None = response.headers.get("ETag")
        self.headers = response.headers
        self.text: str = response.get_data(as_text=True)

    @property
    def pointers(self) -> set[str]:
        """The JSON pointers of a problem document, without the leading #."""
        return {error["pointer"].removeprefix("#") for error in (self.body or {}).get("errors", ())}


class Certification:
    """Stands for the certification service: what it says of a presented credential, and what it was asked."""

    def __init__(self) -> None:
        self.verdict = "valid"
        self.error: Exception | None = None
        self.asked: list[Any] = []

    def post(self, service: str, path: str, document: Mapping[str, Any]) -> Any:
        assert (service, path) == ("certification", "/certification/v1/verifications")
        self.asked.append(document["credential"])
        if self.error is not None:
            raise self.error
        return {"verdict": self.verdict}


class AdmissionService:
    """One service under test. Time stands still until a test moves `clock`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = FixedClock(START)
        self.database = Database(settings.database_url("admission"))
        migrate("admission", self.database)
        self.transactions = Transactions("admission", self.database, self.clock)
        self.app = create_app(settings, database=self.database, clock=self.clock)
        self.certification = Certification()
        self._numbers = itertools.count(1)

    def call(
        self,
        method: str,
        path: str,
        role: str | None = None,
        institution: str | None = None,
        *,
        subject: str | None = None,
        body: Any = None,
        **headers: str,
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if role is not None:
            token = mint_token(self.settings, role, institution=institution, subject=subject)
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            sent.setdefault("Content-Type", MERGE_PATCH if method == "PATCH" else "application/json")
        client = self.app.test_client()
        return Answer(client.open(f"/admission/v1{path}", method=method, json=body, headers=sent))

    def ok(
        self, method: str, path: str, role: str | None = None, institution: str | None = None, **rest: Any
    ) -> Any:
        """The body of a request that has to succeed."""
        answer = self.call(method, path, role, institution, **rest)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.text}"
        return answer.body

    def coordinator(self, method: str, path: str, body: Any = None, **rest: Any) -> Answer:
        return self.call(method, path, "coordinator", REVIEWER, body=body, **rest)

    def publish_agreement(self, **overrides: Any) -> None:
        draft = agreement_draft(**overrides)
        assert self.coordinator("POST", "/agreements", draft).status == 201
        answer = self.coordinator("POST", f"/agreements/{draft['id']}/publication")
        assert answer.status == 201, answer.text

    def publish(self, **overrides: Any) -> str:
        """Publish an offering, or its next version; returns its id."""
        draft = offering_draft(**overrides)
        answer = self.coordinator("POST", "/offerings", draft)
        if answer.status == 409:
            answer = self.coordinator("PUT", f"/offerings/{draft['id']}", draft, If_Match="*")
        assert answer.status in {200, 201}, answer.text
        answer = self.coordinator("POST", f"/offerings/{draft['id']}/publication")
        assert answer.status == 201, answer.text
        offering_id: str = draft["id"]
        return offering_id

    def learner(self, subject: str | None = None, **record: Any) -> str:
        """Sign somebody up; returns the subject of their tokens."""
        number = next(self._numbers)
        subject = subject or f"person-{number}"
        body = {**PERSON, "family_name": f"Žemaitytė-{number}", "email": f"{subject}@example.org", **record}
        self.ok("POST", "/learners", "learner", subject=subject, body=body)
        return subject

    def learner_id(self, subject: str) -> str:
        return derived_id("learner", self.settings.oidc_issuer, subject)

    def draft(
        self, subject: str, *evidence: Mapping[str, Any], offering: str = "sustainability", **more: Any
    ) -> str:
        body = {"offering_id": offering, "target_group": "professional", "evidence": list(evidence), **more}
        created: str = self.ok("POST", "/applications", "learner", subject=subject, body=body)["id"]
        return created

    def submit(self, application: str, subject: str, **headers: str) -> Answer:
        path = f"/applications/{application}/submission"
        return self.call("POST", path, "learner", subject=subject, body={"terms_version": "1"}, **headers)

    def apply(self, subject: str, *evidence: Mapping[str, Any], **more: Any) -> str:
        """A submitted application; returns its id."""
        application = self.draft(subject, *evidence, **more)
        answer = self.submit(application, subject)
        assert answer.status == 201, answer.text
        return application

    def officer(
        self, method: str, path: str, body: Any = None, *, who: str = "anna", at: str = REVIEWER
    ) -> Answer:
        return self.call(method, path, "admissions_officer", at, subject=who, body=body)

    def step(self, application: str, noun: str, body: Any = None, **rest: Any) -> Any:
        """An officer's step that has to succeed; the application after it."""
        answer = self.officer("POST", f"/applications/{application}/{noun}", body, **rest)
        assert answer.status == 201, answer.text
        return answer.body

    def learner_step(self, application: str, noun: str, subject: str, body: Any) -> Answer:
        return self.call("POST", f"/applications/{application}/{noun}", "learner", subject=subject, body=body)

    def respond(self, application: str, subject: str, response: str) -> Any:
        answer = self.learner_step(application, "offer-response", subject, {"response": response})
        assert answer.status == 201, answer.text
        return answer.body

    def decide(self, application: str, kind: str, about: str | None = None) -> Answer:
        """A decision by two people: anna proposes, bert confirms; the answer to the confirmation."""
        body = {"application_id": application, "kind": kind, "reason": "seen by two", "about": about}
        proposed = self.officer("POST", "/decisions", body)
        assert proposed.status == 201, proposed.text
        return self.officer("POST", f"/decisions/{proposed.body['id']}/confirmation", {}, who="bert")

    def application(self, application: str) -> Any:
        return self.ok("GET", f"/applications/{application}", "service")

    def state(self, application: str) -> str:
        state: str = self.application(application)["state"]
        return state

    def admitted(self, subject: str | None = None, offering: str = "sustainability") -> tuple[str, str]:
        """Somebody admitted to an open offering: the application and the learner's subject."""
        subject = subject or self.learner()
        application = self.apply(subject, offering=offering)
        self.respond(application, subject, "accept")
        return application, subject

    def run_jobs(self) -> None:
        """Run every job that is due, until none is."""
        runner = JobRunner(self.settings, self.transactions, self.certification, JOBS)  # type: ignore[arg-type]
        while runner.round():
            pass

    def deliver_enrolment(
        self, application: str, name: str, state: str, event_id: str | None = None, *, round_: int = 1
    ) -> Event:
        """Hand over an event of enrolment as the consumer does; `round_` counts the admissions of the application."""
        enrolment = derived_id("enrolment", application, *([] if round_ == 1 else [str(round_)]))
        number = next(self._numbers)
        event = Event(
            id=event_id or f"event-{number}",
            type=event_type("enrolment", f"enrolment.{name}"),
            source=f"/enrolment/v1/enrolments/{enrolment}",
            subject=enrolment,
            time=self.clock.now(),
            partitionkey=enrolment,
            sequence=f"{number:010d}",
            correlationid="correlation-1",
            causationid=None,
            traceparent=None,
            data={"enrolment_id": enrolment, "application_id": application, "state": state},
        )
        with self.transactions.begin(cause=caused_by(event)) as unit_of_work:
            handle_once(unit_of_work, event, REACTIONS[event.type])
        return event

    def published(self) -> list[tuple[str, dict[str, Any]]]:
        """Name and data of every event so far, in order."""
        with self.database.read() as connection:
            rows = connection.execute(
                sa.select(outbox.c.type, outbox.c.data, outbox.c.audience).order_by(outbox.c.seq)
            ).all()
        prefix = "eu.passerelle.admission."
        return [
            (row.type.removeprefix(prefix).removesuffix(".v1"), {**json.loads(row.data), "_to": row.audience})
            for row in rows
        ]

    def names(self, application: str | None = None) -> list[str]:
        return [
            name
            for name, data in self.published()
            if application is None or data.get("application_id") == application
        ]

    def seats(self, offering: str = "sustainability") -> dict[str, Any]:
        seats: dict[str, Any] = self.ok("GET", f"/offerings/{offering}/seats")
        return seats

    def due_jobs(self) -> set[tuple[str, str]]:
        with self.database.read() as connection:
            return {(row.kind, row.key) for row in connection.execute(sa.select(jobs.c.kind, jobs.c.key))}

    def differences(self) -> list[str]:
        with self.database.read() as connection:
            return list(audit_decisions(connection).differences)

    def statement(self, sql: str, **values: Any) -> None:
        """Run SQL beside the service, as somebody with a database console could."""
        with self.database.write() as connection:
            connection.execute(sa.text(sql), values)


@pytest.fixture
def migrated_for() -> str:
    return "admission"


@pytest.fixture
def bare(database_url: str, tmp_path: Path) -> Iterator[AdmissionService]:
    """The service with nothing published."""
    settings = load_settings({"PASSERELLE_HOME": str(tmp_path), "ADMISSION_DATABASE_URL": database_url})
    made = AdmissionService(settings)
    yield made
    made.database.dispose()


@pytest.fixture
def service(bare: AdmissionService) -> AdmissionService:
    """The service with a published agreement and no offering."""
    bare.publish_agreement()
    return bare


@pytest.fixture
def published(service: AdmissionService) -> None:
    """The sample offering, published; reviewed by people."""
    service.publish()
