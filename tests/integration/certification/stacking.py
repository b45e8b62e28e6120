"""A learner with two certificates of two institutions, and an agreement whose rule makes a larger award of them."""

from dataclasses import dataclass, field
from typing import Any

from shared.ids import derived_id
from shared.messaging.envelope import Event
from tests.integration.certification.workshop import SAME, Learner, Workshop
from tests.support.documents import agreement, offering, registration_profile
from tests.support.stacking import rule

URBAN = "urban-climate"
BODY = "helsinki.fi"
OTHER_BODY = "kuleuven.be"
WHY = {"reason": "as the criteria say"}


@dataclass
class Again(Learner):
    """The enrolment `number` of the person `person`."""

    person: int = 1
    offering: dict[str, Any] = field(default_factory=offering)

    @property
    def learner_id(self) -> str:
        return derived_id("learner", self.workshop.settings.oidc_issuer, str(self.person))


def urban_climate() -> dict[str, Any]:
    """A second offering, which the KU Leuven awards under the agreement of its own."""
    return offering(
        id=URBAN,
        agreement={"id": "leuven", "version": 1},
        title={"en": "Urban climate", "nl": "Stadsklimaat"},
        languages=["en", "nl"],
        workload={"ects": "5", "hours": 130},
        issuer=OTHER_BODY,
        awarding_bodies=[OTHER_BODY],
        registration_profiles=[registration_profile(OTHER_BODY, "awarding", "award")],
    )


def leuven() -> dict[str, Any]:
    clause = {**agreement()["certificate_clause"], "issuer": OTHER_BODY, "awarding_bodies": [OTHER_BODY]}
    return agreement(id="leuven", certificate_clause=clause)


class Stacking:
    """Certification, with rules in force and the certificates of one learner."""

    def __init__(self, workshop: Workshop, *rules: dict[str, Any]) -> None:
        self.workshop = workshop
        workshop.elsewhere.publish(urban_climate(), leuven())
        self.version = 1
        self.publish(*(rules or (rule(),)))
        self.first = Again(workshop, 1)
        self.second = Again(workshop, 2, urban_climate())

    def publish(self, *rules: dict[str, Any]) -> Event:
        """A version of the agreement with these rules; returns the event that says so, already handled."""
        self.version += 1
        clause = {"formats": ["open_badges_3", "pdf", "european_digital_credential"]}
        document = agreement(version=self.version, stacking=list(rules), certificate_clause=clause)
        path = f"/admission/v1/agreements/{document['id']}/versions/{self.version}"
        self.workshop.elsewhere.documents[path] = document
        data = {
            "agreement_id": document["id"],
            "version": self.version,
            "digest": document["digest"],
            "institutions": [BODY, OTHER_BODY],
        }
        event = self.workshop.event("admission", "agreement.published", data)
        self.workshop.deliver(event)
        self.workshop.work()
        return event

    def complete(self, *which: Learner) -> None:
        """These enrolments end with a certificate; both by default."""
        for learner in which or (self.first, self.second):
            learner.known()
            learner.results(SAME)
            self.workshop.deliver(*self.events_of(learner))
        self.workshop.work()

    def events_of(self, learner: Learner) -> list[Event]:
        body = learner.offering["issuer"]
        return [
            learner.registration(body, "requested", "pending"),
            learner.enrolment("activated", "enrolled"),
            learner.registration(body, "associated", "associated"),
            learner.completion("achieved"),
            learner.enrolment("completed", "completed"),
        ]

    def names(self) -> list[str]:
        return [name.removeprefix("stack.") for name, _ in self.workshop.events("stack.")]

    def list(self, role: str = "registrar", institution: str | None = BODY, query: str = "") -> Any:
        token = self.workshop.token(role, None if role == "learner" else institution, "1")
        answer = self.workshop.get(f"/certification/v1/stacks{query}", token)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()["items"]

    def one(self) -> Any:
        (stack,) = self.list()
        return stack

    def decide(self, stack_id: str, decision: str, subject: str = "rita", institution: str = BODY) -> Any:
        body = {"decision": decision, **WHY}
        path = f"/stacks/{stack_id}/decision"
        return self.workshop.post(path, body, "registrar", subject, institution)

    def review(self, stack_id: str, decision: str, subject: str = "rita") -> Any:
        body = {"decision": decision, **WHY}
        return self.workshop.post(f"/stacks/{stack_id}/review-decision", body, "registrar", subject, BODY)

    def granted(self) -> Any:
        """Both certificates, proposed, granted, and the larger certificate issued: its stack."""
        self.complete()
        answer = self.decide(self.one()["id"], "grant")
        assert answer.status_code == 201, answer.get_json()
        self.workshop.work()
        return self.one()

    def certificate(self, certificate_id: str) -> Any:
        token = self.workshop.token("administrator")
        return self.workshop.get(f"/certification/v1/certificates/{certificate_id}", token).get_json()

    def suspend(self, certificate_id: str, institution: str) -> None:
        body = {"reason_code": "identity_under_review", **WHY}
        path = f"/certificates/{certificate_id}/suspension"
        answer = self.workshop.post(path, body, "registrar", "rita", institution)
        assert answer.status_code == 201, answer.get_json()
        self.workshop.work()

    def reinstate(self, certificate_id: str, institution: str) -> None:
        path = f"/certificates/{certificate_id}/reinstatement"
        answer = self.workshop.post(path, WHY, "registrar", "rita", institution)
        assert answer.status_code == 201, answer.get_json()
        self.workshop.work()

    def revoke(self, certificate_id: str, institution: str) -> None:
        body = {
            "kind": "revocation",
            "certificate_id": certificate_id,
            "reason_code": "issued_in_error",
            **WHY,
        }
        answer = self.workshop.post("/decisions", body, "registrar", "rita", institution)
        assert answer.status_code == 201, answer.get_json()
        self.confirm(answer.get_json()["id"], institution)

    def confirm(self, decision_id: str, institution: str = BODY) -> None:
        path = f"/decisions/{decision_id}/confirmation"
        answer = self.workshop.post(path, {"agrees": True}, "registrar", "otto", institution)
        assert answer.status_code == 201, answer.get_json()
        self.workshop.work()
