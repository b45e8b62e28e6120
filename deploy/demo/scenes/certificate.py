"""Scene 4, the certificate: anybody can verify it, nobody can change it, and an overturned result suspends it."""

import copy
import json
from typing import Any
from urllib.parse import urlsplit

from deploy.demo.awards import await_certificate, certificate_of
from deploy.demo.client import Answer
from deploy.demo.examiners import Examiners
from deploy.demo.journey import Journey
from deploy.demo.story import Story
from deploy.demo.verifier import Judge

_CREDENTIAL = "application/vc+ld+json"


def play(story: Story) -> None:
    story.scene("Scene 4: the certificate")
    certified = [journey for journey in story.journeys if _has_certificate(journey)]
    story.all_at_once(lambda journey: _fetch(story, journey), certified)
    _names_survive(story, certified)
    _everybody_verifies(story, certified)
    _a_changed_byte(story, certified[0])
    _overturned(story)


def _has_certificate(journey: Journey) -> bool:
    return bool(journey.part.ending.certificate)


def _fetch(story: Story, journey: Journey) -> None:
    """Save the credential, the PDF and the page of the public verification."""
    certificate = certificate_of(journey)
    path = f"/certification/v1/certificates/{certificate['id']}"
    credential = journey.client.raw(path, _CREDENTIAL)
    story.file("certificates", f"{journey.person.key}.json").write_bytes(credential)
    pdf = journey.client.raw(path, "application/pdf")
    story.file("certificates", f"{journey.person.key}.pdf").write_bytes(pdf)
    page = _page(story, certificate)
    story.file("verification", f"{journey.person.key}.html").write_bytes(page.body)
    journey.measured |= {
        "credential": json.loads(credential),
        "pdf": pdf,
        "page": page.body.decode(),
        "certificate": certificate,
    }


def _page(story: Story, certificate: dict[str, Any]) -> Answer:
    path = urlsplit(certificate["verify_url"]).path
    return story.door.anybody().answer("GET", path, headers={"Accept": "text/html"})


def _names_survive(story: Story, certified: list[Journey]) -> None:
    lost = [
        journey.person.name
        for journey in certified
        if journey.person.name not in json.dumps(journey.measured["credential"], ensure_ascii=False)
        or not journey.measured["pdf"].startswith(b"%PDF")
    ]
    story.expect_equal(
        lost, [], f"{len(certified)} certificates as JSON and PDF, every name letter for letter"
    )


def _everybody_verifies(story: Story, certified: list[Journey]) -> None:
    """By the system's own public route, by its page, and by a library that knows only public addresses."""
    judge = Judge(story.door)
    refused = []
    for journey in certified:
        credential = journey.measured["credential"]
        verdict = story.door.anybody().post("/certification/v1/verifications", {"credential": credential})
        objection = judge.objection(credential)
        journey.measured["verified"] = verdict["verdict"] == "valid" and objection is None
        if not journey.measured["verified"]:
            refused.append((journey.person.name, verdict, objection))
    story.expect_equal(
        refused, [], f"{len(certified)} verify here and by openbadgeslib, key and status fetched over HTTP"
    )
    unclear = [j.person.name for j in certified if "valid" not in j.measured["page"].lower()]
    story.expect_equal(unclear, [], "each has a public page that says so")


def _a_changed_byte(story: Story, journey: Journey) -> None:
    forged = copy.deepcopy(journey.measured["credential"])
    forged["credentialSubject"]["achievement"]["name"] += "!"
    verdict = story.door.anybody().post("/certification/v1/verifications", {"credential": forged})
    story.expect_equal(verdict["verdict"], "not_valid", "one byte changed: refused here")
    objection = Judge(story.door).objection(forged)
    story.expect(objection, f"and by openbadgeslib: {objection}")


def _overturned(story: Story) -> None:
    """D6, D7: two people overturn a final result; the certificate is suspended, for every verifier."""
    learner = story.one("overturned")
    instrument = Examiners(story, learner).instruments[-1]
    plan = learner.plan()
    attempt = next(a["id"] for a in plan["attempts"] if a["instrument_id"] == instrument["id"])
    path = f"/assessment/v1/results/{attempt}/overturn"
    story.staff("confirmer", "helsinki.fi", 1).post(path, {"reason": "the project was another's"})
    story.staff("confirmer", "helsinki.fi", 2).post(f"{path}/confirmation")
    certificate = await_certificate(learner, "suspended")
    story.expect(
        True, f"two confirmers overturn a result of {learner.person.name}: the certificate is suspended"
    )
    page = _page(story, certificate).body.decode()
    story.file("verification", f"{learner.person.key}-suspended.html").write_text(page, encoding="utf-8")
    story.expect("suspended" in page.lower(), "the public page says so")
    credential = learner.measured["credential"]
    verdict = story.door.anybody().post("/certification/v1/verifications", {"credential": credential})
    objection = Judge(story.door).objection(credential)
    learner.measured["verified"] = verdict["verdict"] == "valid" or objection is None
    story.expect(not learner.measured["verified"], f"so do the API and openbadgeslib: {objection}")
