"""What a recognising institution, a holder and a verifier do with recognitions, for the tests about them."""

from typing import Any

import pytest

from services.certification.store.recognition_tables import recognitions
from shared.messaging.jobs import Job, JobContext
from shared.messaging.unit_of_work import Cause
from shared.web.callers import Caller, Role
from tests.integration.certification.workshop import Workshop

LEUVEN = "kuleuven.be"
YES = {
    "outcome": "recognised",
    "recognised_as": "Elective: Sustainability",
    "credits": "5",
    "outcomes": ["lo-intro", "lo-climate"],
}
NO = {"outcome": "refused", "grounds": [{"code": "level", "explanation": "It is of the first cycle."}]}
WHY = {"reason_code": "identity_under_review", "reason": "as agreed"}
CREDENTIAL = "application/vc+ld+json"


def as_holder(monkeypatch: pytest.MonkeyPatch, learner_id: str) -> None:
    """Whoever comes as a learner from now on is this one."""
    known = vars(Caller)["learner_id"].fget

    def found(self: Caller) -> str:
        return learner_id if self.role is Role.LEARNER else known(self)

    monkeypatch.setattr(Caller, "learner_id", property(found))


def row(workshop: Workshop) -> Any:
    (found,) = workshop.rows(recognitions)
    return found


def names(workshop: Workshop) -> list[str]:
    return [name.removeprefix("recognition.") for name, _ in workshop.events("recognition.")]


def decide(workshop: Workshop, body: dict[str, Any], institution: str = LEUVEN) -> Any:
    return workshop.post(f"/recognitions/{row(workshop).id}/decision", body, "registrar", "lena", institution)


def work_list(workshop: Workshop, institution: str = LEUVEN, query: str = "") -> list[Any]:
    token = workshop.token("registrar", institution)
    items: list[Any] = workshop.get(f"/certification/v1/recognitions{query}", token).get_json()["items"]
    return items


def statement(workshop: Workshop, institution: str = LEUVEN) -> Any:
    token = workshop.token("registrar", institution)
    return workshop.get(f"/certification/v1/recognitions/{row(workshop).id}", token, CREDENTIAL)


def verdict(workshop: Workshop, credential: Any) -> tuple[str, dict[str, str]]:
    answer = workshop.client.post("/certification/v1/verifications", json={"credential": credential})
    found = answer.get_json()
    return found["verdict"], {check["name"]: check["detail"] for check in found["checks"]}


def run(workshop: Workshop, kind: str, handler: Any, key: str) -> None:
    job = Job(kind, key, workshop.clock.now(), 0, {}, 1, Cause("test"))
    handler(JobContext(workshop.settings, workshop.transactions, workshop.elsewhere, job), job)  # type: ignore[arg-type]
