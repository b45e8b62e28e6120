"""A stack over two institutions: what two certificates make together, decided by a person and verified by anybody."""

import hashlib
import json
from base64 import b64encode
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from deploy.demo.awards import CREDENTIAL, await_certificate, certificate_of, verified
from deploy.demo.cast import SUSTAINABILITY, TWO_TRACKS, Part
from deploy.demo.client import Client, RefusedError
from deploy.demo.consortium.agreements import learning_for_sustainability
from deploy.demo.consortium.stack import DECIDING_BODY, PARTS, RULE
from deploy.demo.examiners import Examiners
from deploy.demo.expect import until
from deploy.demo.journey import Journey, begin
from deploy.demo.story import Story
from deploy.demo.verifier import judge

_STACKS: Final = "/certification/v1/stacks"


def play(story: Story) -> None:
    story.scene("A stack over two institutions")
    first = story.of(SUSTAINABILITY, "")[0]
    _agree(story)
    _what_is_missing(story, first)
    second = _second_part(story, first)
    stack = _proposed(story, first)
    larger = _granted(story, first, stack)
    _verified(story, first, larger, (first, second))
    _a_part_falls(story, second, stack, larger)


def _agree(story: Story) -> None:
    """CRT-24, CRT-25: rules are part of an agreement; one that could never be satisfied is refused by its place."""
    coordinator = story.staff("coordinator", DECIDING_BODY)
    draft = learning_for_sustainability(story.today)
    path = f"/admission/v1/agreements/{draft['id']}"
    impossible = {"kind": "credits", "at_least": "15.5", "level": None, "offerings": list(PARTS)}
    (rule,) = draft["stacking"]
    coordinator.post("/admission/v1/agreements", {**draft, "stacking": [{**rule, "requirement": impossible}]})
    try:
        coordinator.post(f"{path}/publication")
    except RefusedError as refusal:
        told = refusal.status == HTTPStatus.UNPROCESSABLE_ENTITY and json.dumps(refusal.problem)
    else:
        told = ""
    story.expect(
        told and "/stacking/0/requirement/at_least" in told,
        "a rule that asks for 15.5 of 15 credits is refused, and its place is named",
    )
    coordinator.put(path, draft)
    coordinator.post(f"{path}/publication")
    shown = [
        story.door.anybody().get(f"/admission/v1/offerings/{part}/stacking-rules")["items"] for part in PARTS
    ]
    named = [(found["rule"]["id"], found["automatic_entitlement"]) for (found,) in shown]
    story.expect_equal(
        named,
        [(RULE, False)] * 2,
        "the catalogue shows with both offerings what they stack to, and no entitlement",
    )


def _what_is_missing(story: Story, learner: Journey) -> None:
    """CRT-26."""
    path = until(lambda: _path(learner), lambda found: found, "the rule is in force")
    missing = {offering for lack in path["missing"] for offering in lack["offerings"]}
    story.expect_equal(
        (path["satisfied"], TWO_TRACKS in missing),
        (False, True),
        f"{learner.person.name} reads that her certificate counts, and that one of {TWO_TRACKS} is missing",
    )


def _path(learner: Journey) -> Any:
    items = learner.client.get("/certification/v1/stacking-paths")["items"]
    return next((path for path in items if path["rule"]["id"] == RULE), None)


def _second_part(story: Story, first: Journey) -> Journey:
    """The same person takes the other course, open to everybody, and completes it."""
    second = begin(story.door, Part(first.person, TWO_TRACKS, "everybody", months=3))
    second.request()
    second.respond("accept")
    second.await_enrolment("enrolled")
    Examiners(story, second).complete()
    certificate = await_certificate(second, "issued")
    story.expect(True, f"she completes {TWO_TRACKS} and holds a certificate of {certificate['issuer']} too")
    return second


def _proposed(story: Story, learner: Journey) -> Any:
    registrar = story.staff("registrar", DECIDING_BODY)
    stacks = until(
        lambda: registrar.get(f"{_STACKS}?state=proposed")["items"], bool, "the larger award is proposed"
    )
    (stack,) = stacks
    found = (stack["rule"]["id"], {part["issuer"] for part in stack["parts"]}, stack["ects"])
    story.expect_equal(
        found,
        (RULE, {"helsinki.fi", "ouc.ac.cy"}, "15"),
        f"{DECIDING_BODY} finds one proposal in its work list: two institutions, 15 ECTS",
    )
    events = until(lambda: _proposals_in_feed(registrar), bool, "the feed tells of the proposal")
    told = [(event["data"]["stack_id"], event["data"]["automatic_entitlement"]) for event in events]
    story.expect_equal(
        told, [(stack["id"], False)], "and once in its event feed; nobody is entitled to anything"
    )
    story.expect_equal(_path(learner)["stacks"][0]["state"], "proposed", "the learner sees that it is asked")
    return stack


def _proposals_in_feed(registrar: Client) -> list[Any]:
    return [event for event in registrar.whole_feed("certification") if ".stack.proposed." in event["type"]]


def _granted(story: Story, learner: Journey, stack: Any) -> Any:
    registrar = story.staff("registrar", DECIDING_BODY)
    decision = {"decision": "grant", "reason": "the project was planned as a unit of the online course"}
    registrar.post(f"{_STACKS}/{stack['id']}/decision", decision)
    path = f"/certification/v1/certificates?enrolment={stack['id']}"
    (larger,) = until(
        lambda: learner.client.get(path)["items"],
        lambda items: items and items[0]["state"] == "issued",
        "the larger certificate is issued",
    )
    story.expect(True, f"a named person grants it: '{larger['title']['en']}' is issued by {larger['issuer']}")
    return larger


def _verified(story: Story, learner: Journey, larger: Any, parts: tuple[Journey, ...]) -> None:
    """It refers to its parts by id and digest, and verifies for everybody."""
    file = story.file("certificates", "larger.json")
    path = f"/certification/v1/certificates/{larger['id']}"
    file.write_bytes(learner.client.raw(path, CREDENTIAL))
    file.with_suffix(".pdf").write_bytes(learner.client.raw(path, "application/pdf"))
    credential = json.loads(file.read_bytes())
    named = {each["id"]: each["digestSRI"] for each in credential["relatedResource"]}
    story.expect_equal(
        named,
        dict(map(_held, parts)),
        "it names its parts by id, with the digests of the files that she holds",
    )
    verdict = verified(story.door, credential)
    checked = [check["outcome"] for check in verdict["checks"] if check["name"].startswith("part-")]
    story.expect_equal(
        (verdict["verdict"], checked), ("valid", ["passed"] * 2), "it verifies, and so does each part"
    )
    found = judge(story.door.addresses["certification"], [file])[file.stem]
    story.expect_equal(
        (found.objection, learner.person.name in found.pdf), (None, True), "by openbadgeslib and on paper too"
    )


def _held(part: Journey) -> tuple[str, str]:
    """The id and the digest of the certificate that the learner has."""
    content = part.client.raw(f"/certification/v1/certificates/{certificate_of(part)['id']}", CREDENTIAL)
    return json.loads(content)["id"], f"sha256-{b64encode(hashlib.sha256(content).digest()).decode()}"


def _a_part_falls(story: Story, part: Journey, stack: Any, larger: Any) -> None:
    """CRT-24: a part that is revoked leads to a proposal, never to a suspension without a decision."""
    institution = story.offering_of(part)["issuer"]
    reason = {"reason_code": "issued_in_error", "reason": "two learners were mixed up"}
    proposal = {"kind": "revocation", "certificate_id": certificate_of(part)["id"], **reason}
    decision = story.staff("registrar", institution, 1).post("/certification/v1/decisions", proposal)
    path = f"/certification/v1/decisions/{decision['id']}/confirmation"
    story.staff("registrar", institution, 2).post(path, {"agrees": True})
    registrar = story.staff("registrar", DECIDING_BODY)
    until(
        lambda: registrar.get(f"{_STACKS}/{stack['id']}"),
        lambda found: found["state"] == "in_review",
        "the larger award is proposed for review",
    )
    page = urlsplit(larger["verify_url"]).path
    html = story.door.anybody().raw(page, "text/html").decode()
    story.file("verification", "larger.html").write_text(html, encoding="utf-8")
    story.expect(
        "This certificate is valid, with a remark." in html and "it was revoked" in html,
        f"{institution} revokes its part: {DECIDING_BODY} is asked, the larger certificate stands, with a remark",
    )
    kept = registrar.post(
        f"{_STACKS}/{stack['id']}/review-decision", {"decision": "keep", "reason": "the results stand"}
    )
    story.expect_equal(kept["state"], "granted", f"{DECIDING_BODY} decides that it is kept")
