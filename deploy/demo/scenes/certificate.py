"""Scene 4, the certificate: anybody can verify it, nobody can change it, and an overturned result suspends it."""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from deploy.demo.awards import CREDENTIAL, await_certificate, certificate_of, verified
from deploy.demo.examiners import Examiners
from deploy.demo.journey import Journey
from deploy.demo.story import Story
from deploy.demo.verifier import Judgement, judge

_SIGNED_JWT: Final = "application/vc+jwt"
_SEALED: Final = "application/jose+json"
_PICTURE: Final = "image/png"
_VALID: Final = "This certificate is valid."
_NOT_VALID: Final = "This certificate is not valid."
_HOLDER: Final = "Yes, it was issued to a person of this name."


def play(story: Story) -> None:
    story.scene("Scene 4: the certificate")
    certified = [journey for journey in story.journeys if journey.part.ending.certificate]
    story.all_at_once(lambda journey: _fetch(story, journey), certified)
    forged = _forge(story, certified[0])
    judged = _judged(story, [*(_file(story, journey) for journey in certified), forged])
    _names_survive(story, certified, judged)
    _everybody_verifies(story, certified, judged)
    _every_format_says_everything(story, certified, judged)
    _a_changed_byte(story, forged, judged)
    _overturned(story)


def _file(story: Story, journey: Journey) -> Path:
    return story.file("certificates", f"{journey.person.key}.json")


def _fetch(story: Story, journey: Journey) -> None:
    """Save the credential, the PDF and the public page, whose name check is asked too."""
    certificate = certificate_of(journey)
    path = f"/certification/v1/certificates/{certificate['id']}"
    file = _file(story, journey)
    file.write_bytes(journey.client.raw(path, CREDENTIAL))
    forms = {
        media_type: journey.client.raw(path, media_type) for media_type in (_SIGNED_JWT, _SEALED, _PICTURE)
    }
    for ending, content in zip((".jwt", ".elm.json", ".png"), forms.values(), strict=True):
        file.with_suffix(ending).write_bytes(content)
    file.with_suffix(".pdf").write_bytes(journey.client.raw(path, "application/pdf"))
    journey.measured["lacking"] = _lacking(story, journey, {CREDENTIAL: file.read_bytes(), **forms})
    page, public = urlsplit(certificate["verify_url"]).path, story.door.anybody()
    html = public.form(page, {"name": journey.person.name}).decode()
    story.file("verification", f"{journey.person.key}.html").write_text(html, encoding="utf-8")
    journey.measured |= {"page": page, "html": html, "verdict": _verdict(story, file)}


def _lacking(story: Story, journey: Journey, forms: Mapping[str, bytes]) -> dict[str, Any]:
    """What the gate says of each form that is not complete; what `passerelle check` says too."""
    found = {}
    for media_type, content in forms.items():
        presented: Any = (
            f"data:{media_type};base64,{base64.b64encode(content).decode()}"
            if media_type == _PICTURE
            else content.decode()
        )
        bodies = story.offering_of(journey)["awarding_bodies"]
        asked = {"credential": presented, "awarding_bodies": bodies}
        report = journey.client.post("/certification/v1/checks", asked)
        if not report["complete"]:
            found[media_type] = report["missing"]
    return found


def _every_format_says_everything(
    story: Story, certified: list[Journey], judged: dict[str, Judgement]
) -> None:
    """CRT-01 to CRT-11, CRT-40: each format by the gate, which knows nothing but it; the PDF by what is in it."""
    lacking = [(journey.person.name, lost) for journey in certified if (lost := journey.measured["lacking"])]
    story.expect_equal(
        lacking,
        [],
        f"{len(certified)} times nothing is missing: badge, token, European credential, picture",
    )
    other = [
        journey.person.name
        for journey in certified
        if judged[journey.person.key].attached
        != [_digest(_file(story, journey).with_suffix(ending)) for ending in (".json", ".jwt", ".elm.json")]
    ]
    story.expect_equal(other, [], "and each PDF carries the same three, byte for byte")


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _verdict(story: Story, file: Path) -> str:
    """What the public API says of a presented credential."""
    return str(verified(story.door, json.loads(file.read_bytes()))["verdict"])


def _judged(story: Story, files: list[Path]) -> dict[str, Judgement]:
    return judge(story.door.addresses["certification"], files)


def _names_survive(story: Story, certified: list[Journey], judged: dict[str, Judgement]) -> None:
    """Check 27 of practice.md, in every form of the certificate that there is."""
    lost = []
    for journey in certified:
        identities = json.loads(_file(story, journey).read_bytes())["credentialSubject"]["identifier"]
        names = [each["identityHash"] for each in identities if each["identityType"] == "name"]
        in_pdf = journey.person.name in judged[journey.person.key].pdf
        if names != [journey.person.name] or not in_pdf or _HOLDER not in journey.measured["html"]:
            lost.append(journey.person.name)
    story.expect_equal(
        lost,
        [],
        f"{len(certified)} names survive letter for letter: credential, PDF, and typed on the public page",
    )


def _everybody_verifies(story: Story, certified: list[Journey], judged: dict[str, Judgement]) -> None:
    """By the public page, by the API, and by a library that knows nothing but public addresses."""
    refused = []
    for journey in certified:
        objection, verdict = judged[journey.person.key].objection, journey.measured["verdict"]
        on_page = _VALID in journey.measured["html"]
        journey.measured["verified"] = on_page and verdict == "valid" and objection is None
        if not journey.measured["verified"]:
            refused.append((journey.person.name, on_page, verdict, objection))
    story.expect_equal(
        refused, [], f"{len(certified)} certificates verify: public page, API, and openbadgeslib"
    )


def _forge(story: Story, journey: Journey) -> Path:
    """A copy in which one letter of the title is another; everything else stays."""
    credential = json.loads(_file(story, journey).read_bytes())
    credential["name"] = "X" + credential["name"][1:]
    forged = story.file("certificates", "forged.json")
    forged.write_text(json.dumps(credential, ensure_ascii=False), encoding="utf-8")
    return forged


def _a_changed_byte(story: Story, forged: Path, judged: dict[str, Judgement]) -> None:
    story.expect_equal(_verdict(story, forged), "not_valid", "one byte changed: refused by the API")
    objection = judged[forged.stem].objection
    story.expect(objection, f"and by openbadgeslib: {objection}")


def _overturned(story: Story) -> None:
    """D6, D7: two people overturn a final result; the certificate is suspended, for every verifier."""
    learner = story.one("overturned")
    instrument = Examiners(story, learner).instruments[-1]
    attempt = next(a["id"] for a in learner.plan()["attempts"] if a["instrument_id"] == instrument["id"])
    path = f"/assessment/v1/results/{attempt}/overturn"
    story.staff("confirmer", "helsinki.fi", 1).post(path, {"reason": "the project was another's"})
    story.staff("confirmer", "helsinki.fi", 2).post(f"{path}/confirmation")
    await_certificate(learner, "suspended")
    story.expect(
        True, f"two confirmers overturn a result of {learner.person.name}: the certificate is suspended"
    )
    page = story.door.anybody().raw(learner.measured["page"], "text/html").decode()
    story.file("verification", f"{learner.person.key}-suspended.html").write_text(page, encoding="utf-8")
    story.expect(
        _NOT_VALID in page and "suspended" in page, "the public page says that it is not valid, and why"
    )
    file = _file(story, learner)
    objection = _judged(story, [file])[file.stem].objection
    learner.measured["verified"] = _verdict(story, file) == "valid" or objection is None
    story.expect(not learner.measured["verified"], f"so do the API and openbadgeslib: {objection}")
