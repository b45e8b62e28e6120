"""Recognition that nobody had to ask for: agreed in advance, proposed by itself, decided by a person, signed for good.

Where nothing was agreed a learner may ask, with a certificate from elsewhere too.
"""

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from deploy.demo.awards import CREDENTIAL, verified
from deploy.demo.cast import SUSTAINABILITY
from deploy.demo.client import Client, refused_with
from deploy.demo.elsewhere import University, changed
from deploy.demo.expect import until
from deploy.demo.journey import Journey
from deploy.demo.story import Story
from deploy.demo.verifier import judge

RECOGNISING: Final = "kuleuven.be"
_PATH: Final = "/certification/v1/recognitions"
_CREDITS: Final = "5"
_YES: Final = {"outcome": "recognised", "recognised_as": "Elective: Sustainability", "credits": _CREDITS}
_PARTLY: Final = {
    "outcome": "partly_recognised",
    "recognised_as": "Elective: Sustainability",
    "credits": "3",
    "grounds": [
        {"code": "workload", "explanation": "The project is part of another course of this programme."}
    ],
}


def play(story: Story) -> None:
    story.scene("Recognition that nobody had to ask for")
    registrar = story.staff("registrar", RECOGNISING)
    certified = [j for j in story.of(SUSTAINABILITY) if j.part.ending.certificate]
    proposals = _proposed(story, registrar, certified)
    first, second = [journey for journey in certified if journey.part.ending.certificate == "issued"][:2]
    stated = [
        _decided(story, registrar, learner, proposals[learner_id(learner)], ruling)
        for learner, ruling in ((first, _YES), (second, _PARTLY))
    ]
    judged = judge(story.door.addresses["certification"], stated)
    objections = [judged[file.stem].objection for file in stated]
    story.expect_equal(objections, [None, None], "so does openbadgeslib, which knows public addresses only")
    _asked_for(story, registrar, second)
    for learner in story.of(None, "exempted"):
        _exempted(story, learner)


def learner_id(journey: Journey) -> str:
    """The learner of this journey, as the learner's own certificates name them."""
    found: str = journey.client.get("/certification/v1/certificates")["items"][0]["learner_id"]
    return found


def _proposed(story: Story, registrar: Client, certified: list[Journey]) -> dict[str, Any]:
    """CRT-42: one proposal for each certificate, in the feed and on the work list of the agreed institution."""
    listed = until(
        lambda: [
            case for case in registrar.items(f"{_PATH}?origin=agreement") if case["state"] != "received"
        ],
        lambda cases: len(cases) == len(certified),
        f"{RECOGNISING} has a proposal for each certificate",
    )
    told = until(
        lambda: _told(story), lambda found: len(found) >= len(listed), "the feed has what the work list has"
    )
    story.expect_equal(
        sorted(told),
        sorted(case["id"] for case in listed),
        f"{len(told)} certificates, {len(told)} proposals in the feed and on the work list of {RECOGNISING}, once "
        "each; no learner has filed anything",
    )
    by_state = {case["learner_id"]: case["state"] for case in listed}
    paused = learner_id(story.one("overturned"))
    story.expect_equal(
        by_state.pop(paused),
        "paused",
        "the proposal about the suspended certificate waits, its clock stands still",
    )
    story.expect_equal(
        set(by_state.values()), {"open"}, "the others wait for a person, each with its deadline"
    )
    return {case["learner_id"]: case for case in listed}


def _told(story: Story) -> list[str]:
    feed = story.staff("partner", RECOGNISING).whole_feed("certification")
    return [event["subject"] for event in feed if event["type"].endswith(".recognition.proposed.v1")]


def _decided(
    story: Story, registrar: Client, learner: Journey, case: dict[str, Any], ruling: dict[str, Any]
) -> Path:
    """CRT-43: what a named person decides is signed by that institution, and in the learner's hands."""
    path = f"{_PATH}/{case['id']}"
    registrar.post(f"{path}/decision", ruling)
    mine = until(
        lambda: learner.client.get(path),
        lambda found: found["statement"],
        "the decision is signed and delivered",
    )
    file = story.file("recognition", f"{learner.person.key}.json")
    file.write_bytes(learner.client.raw(path, CREDENTIAL))
    credential = json.loads(file.read_bytes())
    page = story.door.anybody().raw(urlsplit(mine["statement"]["verify_url"]).path, "text/html").decode()
    story.expect_equal(
        (
            credential["issuer"]["id"].rpartition(":")[2],
            _verdict(story, credential),
            "This statement is valid." in page,
        ),
        (RECOGNISING, "valid", True),
        f"{learner.person.name}: {mine['state'].replace('_', ' ')} with {ruling['credits']} ECTS, signed by "
        f"{RECOGNISING}; API and public page verify it",
    )
    _names_the_certificate(story, learner, credential)
    credential["credentialSubject"]["creditsEarned"] = 30
    story.expect_equal(_verdict(story, credential), "not_valid", "with more credits in it: refused")
    return file


def _verdict(story: Story, credential: dict[str, Any]) -> str:
    return str(verified(story.door, credential)["verdict"])


def _names_the_certificate(story: Story, learner: Journey, credential: dict[str, Any]) -> None:
    badge = json.loads(story.file("certificates", f"{learner.person.key}.json").read_bytes())
    (named,) = [
        each["targetUrl"]
        for each in credential["credentialSubject"]["achievement"]["alignment"]
        if each["targetType"] == "ext:RecognisedCertificate"
    ]
    story.expect_equal(named, badge["id"], "it names the certificate by its id, and by its digest")


def _asked_for(story: Story, registrar: Client, learner: Journey) -> None:
    """ADM-32: the fall-back, with a certificate of a university that has nothing to do with this system."""
    token = University().issue("Coastal ecosystems", 4, learner.person)
    case = _present(story, registrar, learner, token, "Bachelor of Geography")
    found = case["examination"]
    story.expect_equal(
        (found["verdict"], found["holder"], found["objections"]),
        ("valid_with_remark", "same", []),
        f"{learner.person.name} presents a certificate from elsewhere: its signature holds, the name is the same, "
        "who its issuer is remains for a person to see",
    )
    ruling = {"outcome": "recognised", "recognised_as": "Elective: ecology", "credits": "4"}
    registrar.post(f"{_PATH}/{case['id']}/decision", ruling)
    until(
        lambda: learner.client.get(f"{_PATH}/{case['id']}"),
        lambda found: found["statement"],
        "the answer to the request is signed",
    )
    story.expect(
        True, f"{RECOGNISING} recognises it with 4 ECTS, as the agreement allows, and signs that too"
    )
    forged = _present(story, registrar, learner, changed(token), "Bachelor of Biology")
    ruling["credits"] = "5"
    status = refused_with(lambda: registrar.post(f"{_PATH}/{forged['id']}/decision", ruling))
    story.expect_equal(
        (forged["examination"]["verdict"], status),
        ("not_valid", HTTPStatus.CONFLICT),
        "a copy with one more credit comes before the same person, and nobody can recognise it",
    )


def _exempted(story: Story, learner: Journey) -> None:
    """ADM-32: what a certificate shows need not be shown again; assessment follows the decision by itself."""
    offering = story.offering_of(learner)
    institution = offering["assessment"]["confirmation"]["institutions"][0]
    outcome = offering["outcomes"][0]["id"]
    learner.await_plan()
    asked = {
        "institution": institution,
        "programme": offering["title"]["en"],
        "credential": University().issue("Inclusive teaching", 3, learner.person),
        "exemption": {
            "offering": {"id": offering["id"], "version": offering["version"]},
            "outcomes": [outcome],
        },
    }
    path = f"{_PATH}/{learner.client.post(_PATH, asked)['id']}"
    until(lambda: learner.client.get(path), lambda case: case["state"] == "open", "the request is open")
    ruling = {"outcome": "recognised", "recognised_as": "The first outcome", "credits": "3"}
    story.staff("registrar", institution).post(f"{path}/decision", {**ruling, "outcomes": [outcome]})
    plan = until(learner.plan, lambda plan: plan["results"], "the plan follows the recognition")
    shown = [(result["outcome"], result["state"]) for result in plan["results"]]
    story.expect_equal(
        shown,
        [(outcome, "recognised")],
        f"{learner.person.name} asks {institution} to be exempted from '{outcome}': it recognises the certificate, and "
        "the outcome stands in the plan",
    )


def _present(story: Story, registrar: Client, learner: Journey, token: str, programme: str) -> Any:
    named = story.offerings[SUSTAINABILITY]["agreement"]
    asked = {"institution": RECOGNISING, "programme": programme, "credential": token, "agreement": named}
    made = learner.client.post(_PATH, asked)
    return until(
        lambda: next(
            iter(c for c in registrar.items(f"{_PATH}?origin=request") if c["id"] == made["id"]), None
        ),
        lambda case: case and case["state"] == "open",
        "the certificate from elsewhere was looked at",
    )
