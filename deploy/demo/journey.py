"""One learner's journey as the learner sees it: sign up, apply once, answer the offer, look how things stand."""

from dataclasses import dataclass, field
from typing import Any

from deploy.demo.cast import Part
from deploy.demo.client import Client, Door
from deploy.demo.expect import until
from deploy.demo.people import Person


@dataclass(slots=True)
class Journey:
    """The learner's own client, and the ids that the API gave out on the way."""

    part: Part
    client: Client
    application_id: str = ""
    enrolment_id: str = ""
    plan_id: str = ""
    measured: dict[str, Any] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        return self.part.person

    def apply(self, terms_version: str = "1") -> None:
        """Sign up, fill in one application with its proofs and hand it in."""
        self.client.post("/admission/v1/learners", self.person.record())
        self.request(terms_version)

    def request(self, terms_version: str = "1") -> None:
        """Fill in an application, as somebody who has signed up before."""
        draft = {
            "offering_id": self.part.offering,
            "target_group": self.part.group,
            "track": self.part.track,
            "evidence": [{"kind": proof.kind, "facts": proof.facts} for proof in self.part.proofs],
        }
        self.application_id = self.client.post("/admission/v1/applications", draft)["id"]
        self.client.post(f"{self.application_path}/submission", {"terms_version": terms_version})

    def respond(self, response: str) -> None:
        self.client.post(f"{self.application_path}/offer-response", {"response": response})

    @property
    def application_path(self) -> str:
        return f"/admission/v1/applications/{self.application_id}"

    def application(self) -> Any:
        return self.client.get(self.application_path)

    def enrolment(self) -> Any:
        """The learner's enrolment; None while admission has not reached the enrolment service."""
        if self.enrolment_id:
            return self.client.get(f"/enrolment/v1/enrolments/{self.enrolment_id}")
        mine = self.client.get(f"/enrolment/v1/enrolments?application={self.application_id}")["items"]
        if not mine:
            return None
        self.enrolment_id = mine[0]["id"]
        return mine[0]

    def plan(self) -> Any:
        """The learner's plan; None while there is none."""
        if self.plan_id:
            return self.client.get(f"/assessment/v1/plans/{self.plan_id}")
        mine = [
            p for p in self.client.items("/assessment/v1/plans") if p["enrolment_id"] == self.enrolment_id
        ]
        if not mine:
            return None
        self.plan_id = mine[0]["id"]
        return mine[0]

    def await_enrolment(self, *states: str) -> Any:
        return until(
            self.enrolment,
            lambda enrolment: enrolment and enrolment["state"] in states,
            f"enrolment of {self.person.key} in {self.part.offering} is {' or '.join(states)}",
        )

    def await_plan(self) -> Any:
        return until(self.plan, lambda plan: plan, f"plan of {self.person.key}")


def begin(door: Door, part: Part) -> Journey:
    """A journey at its start: the person has a token and nothing else."""
    return Journey(part, door.caller("learner", subject=part.person.key))
