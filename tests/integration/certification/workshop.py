"""Certification with its own database, fed with events by hand; admission and assessment answer from memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.certification.app import create_app
from services.certification.domain.recognition import Examination
from services.certification.handlers.aside import Aside
from services.certification.handlers.reactions import REACTIONS
from services.certification.keys.encryption import load_key_encryption
from services.certification.keys.seals import load_seals
from services.certification.keys.signing import Signers, Vault
from services.certification.store.tables import certificates
from services.certification.store.tables import metadata as tables
from services.certification.worker import jobs
from shared.clock import FixedClock
from shared.contracts import check_contract
from shared.db import Database
from shared.ids import derived_id, new_id
from shared.messaging.consumer import handle_once
from shared.messaging.envelope import Event, event_type
from shared.messaging.jobs import JobRunner
from shared.messaging.tables import jobs as job_table
from shared.messaging.tables import metadata as messaging
from shared.messaging.tables import outbox
from shared.messaging.unit_of_work import Transactions, caused_by
from shared.rest import RestMissingError, RestUnavailableError
from shared.settings import Settings, load_settings
from shared.web.development import mint_token
from tests.support.addresses import Addresses
from tests.support.documents import agreement, offering

NOW = datetime(2026, 11, 3, 22, 30, tzinfo=UTC)
SAME = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
PUBLIC_URL = "https://certificates.example.org"


@dataclass
class Elsewhere:
    """The other services as certification sees them over REST; `away` makes one unavailable."""

    documents: dict[str, Any] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def get(self, service: str, path: str, params: Mapping[str, Any] | None = None) -> Any:
        self.asked.append(path)
        if service in self.away:
            raise RestUnavailableError(f"{service}: away")
        if path not in self.documents:
            raise RestMissingError(f"{service}: 404")
        return self.documents[path]

    def publish(self, document: dict[str, Any], agreed: dict[str, Any]) -> None:
        self.documents[f"/admission/v1/offerings/{document['id']}/versions/{document['version']}"] = document
        self.documents[f"/admission/v1/agreements/{agreed['id']}/versions/{agreed['version']}"] = agreed

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Learner:
    """One enrolled learner and what the other services would say about them."""

    workshop: "Workshop"
    number: int = 1
    offering: dict[str, Any] = field(default_factory=offering)

    @property
    def learner_id(self) -> str:
        return derived_id("learner", "https://issuer.example.org", str(self.number))

    @property
    def enrolment_id(self) -> str:
        return derived_id("enrolment", str(self.number))

    @property
    def award_id(self) -> str:
        return derived_id("award", self.enrolment_id)

    @property
    def plan_id(self) -> str:
        return derived_id("plan", self.enrolment_id)

    def known(self, **changes: Any) -> None:
        """Admission has this record of the learner."""
        self.workshop.elsewhere.documents[f"/admission/v1/learners/{self.learner_id}"] = {
            "id": self.learner_id,
            "version": 1,
            "given_name": "Ελένη",
            "family_name": "Παπαδοπούλου",
            "date_of_birth": "1990-02-28",
            "email": "eleni@example.org",
            "esi": None,
            **changes,
        }

    def results(self, digest: str, mark: str = "74") -> None:
        """Assessment has these final results."""
        self.workshop.elsewhere.documents[f"/assessment/v1/plans/{self.plan_id}"] = {
            "id": self.plan_id,
            "results_digest": digest,
            "results": [
                {
                    "outcome": outcome,
                    "state": "achieved",
                    "instrument": instrument["id"],
                    "type": instrument["type"],
                    "mode": instrument["mode"],
                    "supervision": instrument["supervision"],
                    "identity_verified": instrument["identity_verification"],
                    "mark": mark,
                    "scale": instrument["scale"]["type"],
                }
                for instrument in self.offering["assessment"]["instruments"]
                for outcome in instrument["outcomes"]
            ],
        }

    def facts(self) -> dict[str, Any]:
        return {
            "enrolment_id": self.enrolment_id,
            "application_id": derived_id("application", str(self.number)),
            "learner_id": self.learner_id,
            "offering_id": self.offering["id"],
            "offering_version": self.offering["version"],
        }

    def registration(self, institution: str, action: str, state: str, required_for: str = "award") -> Event:
        return self.workshop.event(
            "enrolment",
            f"registration.{action}",
            {
                **self.facts(),
                "registration_id": derived_id("registration", self.enrolment_id, institution),
                "institution": institution,
                "role": "awarding",
                "required_for": required_for,
                "contract_type": "short_course",
                "state": state,
                "remote_state": None,
                "desired_state": "associated",
                "answer_by": "2026-11-05T09:00:00Z",
            },
        )

    def enrolment(self, action: str, state: str, track: str = "assessed") -> Event:
        return self.workshop.event(
            "enrolment", f"enrolment.{action}", {**self.facts(), "track": track, "state": state}
        )

    def completion(self, action: str, number: int = 1, digest: str = SAME) -> Event:
        data = {
            **self.facts(),
            "plan_id": self.plan_id,
            "track": "assessed",
            "state": "in_progress" if action == "overturned" else action,
            "completion_number": number,
        }
        if action == "achieved":
            data["results_digest"] = digest
        return self.workshop.event("assessment", f"completion.{action}", data)

    def attended(self, hours: int | None = 24) -> list[Event]:
        """An enrolment in the attendance track, up to the confirmation."""
        confirmed = {
            **self.facts(),
            "institution": "kuleuven.be",
            "confirmed_on": "2026-03-04",
            "hours": hours,
        }
        return [
            self.enrolment("activated", "enrolled", "attendance"),
            self.workshop.event("enrolment", "attendance.confirmed", confirmed),
            self.enrolment("completed", "completed", "attendance"),
        ]

    def usual(self) -> list[Event]:
        """Everything up to the completion, in the order in which it usually comes."""
        return [
            self.registration("helsinki.fi", "requested", "pending"),
            self.registration("kuleuven.be", "requested", "pending", required_for="start"),
            self.registration("kuleuven.be", "associated", "associated", required_for="start"),
            self.enrolment("activated", "enrolled"),
            self.registration("helsinki.fi", "associated", "associated"),
            self.completion("achieved"),
            self.enrolment("completed", "completed"),
        ]


class Workshop:
    """The service under test: reactions and jobs as the worker runs them, without its threads."""

    def __init__(self, database_url: str, home: Path) -> None:
        self.settings: Settings = load_settings(
            {
                "PASSERELLE_HOME": str(home),
                "CERTIFICATION_DATABASE_URL": database_url,
                "PUBLIC_URL": PUBLIC_URL,
                "PUBLIC_HOST": "certificates.example.org",
            }
        )
        self.database = Database(database_url)
        with self.database.write() as connection:
            messaging.create_all(connection)
            tables.create_all(connection)
        self.clock = FixedClock(NOW)
        self.transactions = Transactions("certification", self.database, self.clock)
        self.encryption = load_key_encryption(self.settings)
        self.signers: Signers = Vault(self.transactions, self.encryption)
        self.seals = load_seals(self.settings)
        self.elsewhere = Elsewhere()
        self.web = Addresses()
        self.aside = Aside[Examination](patience=60)
        self.client = create_app(
            self.settings,
            rest=self.elsewhere,  # type: ignore[arg-type]
            fetcher=self.web,  # type: ignore[arg-type]
            database=self.database,
            clock=self.clock,
        ).test_client()
        self.elsewhere.publish(offering(), agreement())

    def learner(self, number: int = 1, **changes: Any) -> Learner:
        learner = Learner(self, number, **changes)
        learner.known()
        learner.results(SAME)
        return learner

    def event(self, service: str, name: str, data: dict[str, Any]) -> Event:
        type_ = event_type(service, name)
        check_contract(type_, data)
        return Event(
            id=new_id(),
            type=type_,
            source=f"/{service}",
            subject="x",
            time=self.clock.now(),
            partitionkey=data.get("enrolment_id", "x"),
            sequence="1",
            correlationid=new_id(),
            causationid=None,
            traceparent=None,
            data=data,
        )

    def deliver(self, *events: Event) -> None:
        """Handle each event as the consumer does: once, in a transaction of its own."""
        for event in events:
            with self.transactions.begin(cause=caused_by(event)) as uow:
                handle_once(uow, event, REACTIONS[event.type])

    def work(self, rounds: int = 20) -> None:
        """Run due jobs until none is left or none gets further."""
        handlers = jobs(self.signers, self.seals, self.web, self.aside)  # type: ignore[arg-type]
        runner = JobRunner(self.settings, self.transactions, self.elsewhere, handlers)  # type: ignore[arg-type]
        for _ in range(rounds):
            if runner.round() == 0:
                return
            self.clock.advance(timedelta(milliseconds=1))

    def wait(self, seconds: float = 600) -> None:
        """Let time pass, so that postponed jobs are due, and work."""
        self.clock.advance(timedelta(seconds=seconds))
        self.work()

    def published(self) -> Event:
        """Admission's word that the usual offering is published."""
        document, agreed = offering(), agreement()
        data = {
            "offering_id": document["id"],
            "version": document["version"],
            "digest": document["digest"],
            "agreement_id": agreed["id"],
            "agreement_version": agreed["version"],
            "institutions": document["partners"],
        }
        return self.event("admission", "offering.published", data)

    def changed(self, learner: Learner) -> Event:
        """Admission's word that a learner's record has changed."""
        return self.event("admission", "learner.changed", {"learner_id": learner.learner_id, "version": 2})

    def events(self, prefix: str = "certificate.") -> list[tuple[str, dict[str, Any]]]:
        """What was published so far, as (name, data)."""
        with self.database.read() as connection:
            rows = connection.execute(outbox.select().order_by(outbox.c.seq)).all()
        found = [(".".join(row.type.split(".")[3:5]), json.loads(row.data)) for row in rows]
        return [(name, data) for name, data in found if name.startswith(prefix)]

    def names(self) -> list[str]:
        return [name.removeprefix("certificate.") for name, _ in self.events()]

    def rows(self, table: sa.Table) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(table.select()))

    def states(self) -> list[str]:
        """The states of all certificates, oldest first."""
        with self.database.read() as connection:
            rows = connection.execute(certificates.select().order_by(certificates.c.ordinal))
            return [row.state for row in rows]

    def troubles(self) -> list[str]:
        """What the jobs that have failed last failed with."""
        return [f"{row.kind}: {row.last_error}" for row in self.rows(job_table) if row.last_error]

    def get(self, path: str, token: str | None = None, accept: str | None = None) -> Any:
        """The answer to GET `path`."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.get(path, headers={**headers, **({"Accept": accept} if accept else {})})

    def post(
        self,
        path: str,
        body: dict[str, Any] | None,
        role: str,
        subject: str,
        institution: str | None = "helsinki.fi",
    ) -> Any:
        """The answer to POST `path` by a person; learners give their number as the subject."""
        token = self.token(role, None if role == "learner" else institution, subject)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": new_id(), "If-Match": "*"}
        return self.client.post(f"/certification/v1{path}", json=body, headers=headers)

    def token(self, role: str, institution: str | None = None, subject: str | None = None) -> str:
        return mint_token(self.settings, role, institution=institution, subject=subject)
