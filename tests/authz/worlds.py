"""One case in each service, made through its own routes and reactions: what it consists of and whose it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.certification.store.recognition_tables import recognitions
from services.certification.store.stacking_tables import stacks
from shared.settings import load_settings
from tests.integration.admission.conftest import DIPLOMA, IELTS, AdmissionService
from tests.integration.assessment.conftest import AssessmentService, short_offering
from tests.integration.certification.stacking import Stacking
from tests.integration.certification.wallets import SUBJECT, WalletCase
from tests.integration.certification.workshop import Workshop
from tests.integration.enrolment.conftest import EnrolmentService
from tests.support.applications import Application
from tests.support.documents import agreement_draft, offering_draft, partner
from tests.support.stacking import rule

STRANGER = "nowhere.example"


@dataclass
class World:
    """`ids` by collection ("applications"); `owners` may see the case; `bodies` are good ones that no example gives."""

    application: Application
    ids: Mapping[str, str]
    owners: Mapping[str, tuple[str | None, str]]
    bodies: Mapping[str, Any] = field(default_factory=dict)


def admission(home: Path) -> World:
    settings = load_settings({"PASSERELLE_HOME": str(home)})
    service = AdmissionService(settings)
    service.publish_agreement()
    service.publish()
    subject = service.learner("maria")
    application = service.apply(subject, IELTS, DIPLOMA)
    service.step(application, "review")
    proposal = {"application_id": application, "kind": "rejection", "reason": "nothing shown"}
    decision = service.officer("POST", "/decisions", proposal).body["id"]
    evidence = service.ok("GET", f"/applications/{application}", "learner", subject=subject)["evidence"][0][
        "id"
    ]
    ids = {
        "agreements": "una-europa",
        "offerings": "sustainability",
        "learners": service.learner_id(subject),
        "applications": application,
        "evidence": evidence,
        "decisions": decision,
    }
    # A stranger who claims the document: the body names the stranger's own institution.
    bodies = {
        "PUT /admission/v1/agreements/{id}": agreement_draft(governance__coordinators=[STRANGER]),
        "PUT /admission/v1/offerings/{id}": offering_draft(coordinating_institution=STRANGER),
        "POST /admission/v1/agreements/{id}/addenda": {"partner": partner("uu.nl")},
    }
    owners = {
        "admissions_officer": ("helsinki.fi", "anna"),
        "coordinator": ("helsinki.fi", "carl"),
        "learner": (None, subject),
    }
    return World(Application("admission", service.app, settings), ids, owners, bodies)


def enrolment(home: Path) -> World:
    settings = load_settings({"PASSERELLE_HOME": str(home)})
    service = EnrolmentService(settings)
    service.admission.publish()
    identifier = service.start("application-1")
    registration = service.registrations(identifier)["helsinki.fi"]["id"]
    ids = {"enrolments": identifier, "registrations": registration}
    owners = {
        "registrar": ("helsinki.fi", "rita"),
        "coordinator": ("helsinki.fi", "carl"),
        "admissions_officer": ("helsinki.fi", "anna"),
        "partner": ("helsinki.fi", "paul"),
        "learner": (None, "learner-of-application-1"),
    }
    bodies = {"PATCH /enrolment/v1/registrations/{id}": {"remote_state": "associated"}}
    return World(Application("enrolment", service.client.application, settings), ids, owners, bodies)


def assessment(home: Path) -> World:
    settings = load_settings({"PASSERELLE_HOME": str(home)})
    service = AssessmentService(settings)
    service.admission.publish(short_offering())
    plan = service.start()
    attempt = service.assess(plan, "essay", a="80")
    ids = {"plans": plan, "attempts": attempt, "results": attempt}
    owners = {
        "assessor": ("kuleuven.be", "ada"),
        "confirmer": ("helsinki.fi", "dora"),
        "coordinator": ("helsinki.fi", "carl"),
        "registrar": ("helsinki.fi", "rita"),
        "learner": (None, "learner-of-enrolment-1"),
    }
    bodies = {
        "POST /assessment/v1/attempts/{id}/booking": {
            "opens_at": "2026-05-04T09:00:00Z",
            "closes_at": "2026-05-04T11:00:00Z",
            "place": "Aula",
        },
    }
    return World(Application("assessment", service.app, settings), ids, owners, bodies)


def certification(home: Path) -> World:
    workshop = Workshop(f"sqlite:///{home / 'certification.sqlite'}", home)
    workshop.deliver(workshop.published())
    workshop.work()
    case = WalletCase(workshop)
    Stacking(workshop, rule({"kind": "offering", "offering": "sustainability"}))
    learner, certificate = case.learner, case.certificate_id
    proposal = {"kind": "revocation", "certificate_id": certificate, "reason_code": "issued_in_error"}
    decision = workshop.post("/decisions", {**proposal, "reason": "a slip"}, "registrar", "rita")
    ids = {
        "awards": learner.award_id,
        "certificates": certificate,
        "decisions": decision.get_json()["id"],
        "issuers": "helsinki.fi",
        "keys": workshop.signers.active("helsinki.fi").key,
        "wallet-offers": case.offer()["id"],
        "recognitions": workshop.rows(recognitions)[0].id,
        "stacks": workshop.rows(stacks)[0].id,
    }
    asked = {"institution": "kuleuven.be", "programme": "Master of Geography", "certificate_id": certificate}
    bodies = {"POST /certification/v1/recognitions": asked}
    owners = dict.fromkeys(("registrar", "coordinator", "confirmer", "partner"), ("helsinki.fi", "rita"))
    owners["administrator"] = (None, "ada")
    owners["learner"] = (None, SUBJECT)
    application = Application("certification", workshop.client.application, workshop.settings)
    return World(application, ids, owners, bodies)


WORLDS: Mapping[str, Callable[[Path], World]] = {
    "admission": admission,
    "enrolment": enrolment,
    "assessment": assessment,
    "certification": certification,
}
