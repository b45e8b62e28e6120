"""The certificate of attendance: another document, which never says that anything was learnt."""

import json
from collections.abc import Mapping
from typing import Any, Final

from deploy.demo.awards import CREDENTIAL, certificate_of, verified
from deploy.demo.cast import TWO_TRACKS
from deploy.demo.journey import Journey
from deploy.demo.story import Story
from deploy.demo.verifier import judge

_SEALED: Final = "application/jose+json"
_KIND: Final = "certificate_of_attendance"
_ITS_OWN: Final = {
    4: "institution that confirms the attendance",
    7: "hours of participation",
    9: "statement that nothing was assessed",
}


def play(story: Story) -> None:
    """ENR-06: of one course, some are assessed and some attend; who attends gets what attendance is worth."""
    attending = story.of(TWO_TRACKS, "attends")
    if not attending:
        return
    story.scene("The certificate of attendance")
    for journey in attending:
        path = f"/certification/v1/certificates/{certificate_of(journey)['id']}"
        credential = json.loads(journey.client.raw(path, CREDENTIAL))
        sealed = json.loads(journey.client.raw(path, _SEALED))
        _says_what_it_is(story, journey, credential, sealed)
        _never_calls_itself_more(story, journey, credential)
        _verifies_as_such(story, credential)


def _says_what_it_is(
    story: Story, journey: Journey, credential: Mapping[str, Any], sealed: Mapping[str, Any]
) -> None:
    """By the gate, for the badge and for the European credential; the latter claims an activity only."""
    for name, document in (("badge", credential), ("European credential", sealed)):
        report = journey.client.post("/certification/v1/checks", {"credential": document})
        own = {each["element"]: each["name"] for each in report["elements"] if each["element"] in _ITS_OWN}
        story.expect_equal(
            (report["document_type"], report["complete"], own),
            (_KIND, True, _ITS_OWN),
            f"{journey.person.name}: the {name} is a certificate of attendance, complete as one",
        )


def _never_calls_itself_more(story: Story, journey: Journey, credential: Mapping[str, Any]) -> None:
    """Neither credits nor outcomes nor levels, and the words of the PDF are those of its kind."""
    file = story.file("certificates", f"{journey.person.key}.json")
    judged = judge(story.door.addresses["certification"], [file])[journey.person.key]
    hours = journey.enrolment()["attendance"]["hours"]
    story.expect(
        all(words in judged.pdf for words in ("Certificate of attendance", "Not assessed", f"{hours} hours"))
        and "icro-credential" not in judged.pdf,
        f"its PDF says {hours} hours, not assessed, and nowhere that it is a micro-credential",
    )
    subject = credential["credentialSubject"]
    claimed = {each["targetType"] for each in subject["achievement"]["alignment"]}
    story.expect(
        "creditsEarned" not in subject
        and not claimed & {"ext:LearningOutcome", "ext:EQF", "ext:AssessmentType"},
        "it claims no outcome, no level, no assessment and no credits",
    )
    story.expect(judged.objection is None, "openbadgeslib accepts it all the same")


def _verifies_as_such(story: Story, credential: Mapping[str, Any]) -> None:
    found = verified(story.door, credential)
    story.expect_equal(
        (found["verdict"], found["shown"]["document_type"]),
        ("valid", _KIND),
        "whoever verifies it reads what it is",
    )
