"""The enrolment service on a fresh database: its routes, its reactions and its jobs, called directly."""

import itertools
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.enrolment.app import create_app
from services.enrolment.handlers.jobs import JOBS
from services.enrolment.handlers.reactions import REACTIONS
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

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
AWARDING, PLATFORM, TEACHING = "helsinki.fi", "kuleuven.be", "unibo.it"
JSON = "application/json"
PATCH = "application/merge-patch+json"


class Admission:
    """Stands for the admission service's REST side: offering versions by path, and how often each was asked for."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.asked: list[str] = []
        self.away = False

    def publish(self, **overrides: Any) -> dict[str, Any]:
        document = documents.offering(**overrides)
        path = f"/admission/v1/offerings/{document['id']}/versions/{document['version']}"
        self.documents[path] = document
        return document

    def get(self, service: str, path: str, params: Mapping[str, Any] | None = None) -> Any:
        assert service == "admission"
        self.asked.append(path)
        if self.away:
            raise RestUnavailableError("admission: away")
        if path not in self.documents:
            raise RestMissingError(f"admission: GET {path}: 404")
        document = self.documents[path]
        return {**document, "digest": documents.digest(document)}


class Answer:
    """One HTTP answer, with the parts a test looks at."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.body: Any = response.get_json(silent=True)
        self.etag: str | None = response.headers.get("ETag")
        self.location: str | None = response.headers.get("Location")


class EnrolmentService:
    """One service under test. Time stands still until a test moves `clock`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = FixedClock(START)
        self.database = Database(settings.database_url("enrolment"))
        migrate("enrolment", self.database)
        self.transactions = Transactions("enrolment", self.database, self.clock)
        self.admission = Admission()
        self.client = create_app(settings, database=self.database, clock=self.clock).test_client()
        self._sequences: dict[str, Iterator[int]] = {}
        self._events = itertools.count(1)

    def event(
        self, source: str, name: str, about: str, data: Mapping[str, Any], sequence: int | None = None
    ) -> Event:
        """An event as `source` would publish it; numbered within its aggregate."""
        counter = self._sequences.setdefault(f"{source}/{about}", itertools.count(1))
        number = sequence if sequence is not None else next(counter)
        return Event(
            id=f"event-{next(self._events)}",
            type=event_type(source, name),
            source=f"/{source}/v1/{about}",
            subject=about,
            time=self.clock.now(),
            partitionkey=about,
            sequence=f"{number:010d}",
            correlationid="correlation-1",
            causationid=None,
            traceparent=None,
            data=data,
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

    def admitted_event(self, application: str = "application-1", **changes: Any) -> Event:
        data = {
            "application_id": application,
            "learner_id": self.learner_id(f"learner-of-{application}"),
            "offering_id": "sustainability",
            "offering_version": 1,
            "agreement_id": "una-europa",
            "agreement_version": 1,
            "target_group": "professional",
            "contract_type": "short_course",
            "track": "assessed",
            "state": "admitted",
        }
        return self.event("admission", "application.admitted", application, {**data, **changes})

    def application_event(self, name: str, application: str = "application-1") -> Event:
        return self.event("admission", name, application, {"application_id": application})

    def plan_event(self, name: str, enrolment: str, sequence: int | None = None) -> Event:
        data = {"plan_id": derived_id("plan", enrolment), "enrolment_id": enrolment, "completion_number": 1}
        return self.event("assessment", name, enrolment, data, sequence)

    def start(self, application: str = "application-1", **changes: Any) -> str:
        """Admit an application and request its registrations; returns the enrolment's id."""
        self.deliver(self.admitted_event(application, **changes))
        self.run_jobs()
        return derived_id("enrolment", application)

    def learner_id(self, subject: str) -> str:
        return derived_id("learner", self.settings.oidc_issuer, subject)

    def call(
        self,
        method: str,
        path: str,
        role: str | list[str],
        institution: str | None = None,
        *,
        subject: str | None = None,
        body: Any = None,
        **headers: str,
    ) -> Answer:
        token = mint_token(self.settings, role, institution=institution, subject=subject)
        sent = {
            "Authorization": f"Bearer {token}",
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        if body is not None:
            sent.setdefault("Content-Type", PATCH if method == "PATCH" else JSON)
        url = f"/enrolment/v1{path}"
        return Answer(self.client.open(url, method=method, json=body, headers=sent))

    def answer(self, registration: str, institution: str, word: str, **said: Any) -> Answer:
        """What a partner does: read its registration and answer with its ETag."""
        path = f"/registrations/{registration}"
        read = self.call("GET", path, "partner", institution)
        body = {"remote_state": word, **said}
        return self.call("PATCH", path, "partner", institution, body=body, If_Match=read.etag or "*")

    def registrations(self, enrolment: str) -> dict[str, dict[str, Any]]:
        """The latest registration of each institution, as a service sees it."""
        body = self.enrolment(enrolment)
        return {r["institution"]: r for r in sorted(body["registrations"], key=lambda r: int(r["number"]))}

    def enrolment(self, enrolment: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"/enrolments/{enrolment}", "service").body
        return found

    def settle(self, enrolment: str, **words: str) -> None:
        """Answer for institutions by the first part of their name: settle(e, helsinki="associated")."""
        for institution, registration in self.registrations(enrolment).items():
            word = words.get(institution.partition(".")[0])
            if word is not None:
                assert self.answer(registration["id"], institution, word).status == 200

    def published(self) -> list[tuple[str, dict[str, Any]]]:
        """Name and data of every event so far, in order."""
        with self.database.read() as connection:
            rows = connection.execute(
                sa.select(outbox.c.type, outbox.c.data, outbox.c.audience).order_by(outbox.c.seq)
            ).all()
        prefix = "eu.passerelle.enrolment."
        return [
            (row.type.removeprefix(prefix).removesuffix(".v1"), {**json.loads(row.data), "_to": row.audience})
            for row in rows
        ]

    def names(self) -> list[str]:
        return [name for name, _ in self.published()]

    def job_names(self) -> set[tuple[str, str]]:
        with self.database.read() as connection:
            return {(row.kind, row.key) for row in connection.execute(sa.select(jobs.c.kind, jobs.c.key))}


@pytest.fixture
def migrated_for() -> str:
    return "enrolment"


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[EnrolmentService]:
    settings = load_settings({"PASSERELLE_HOME": str(tmp_path), "ENROLMENT_DATABASE_URL": database_url})
    made = EnrolmentService(settings)
    made.admission.publish()
    yield made
    made.database.dispose()
