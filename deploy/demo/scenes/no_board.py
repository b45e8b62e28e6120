"""Scene 3, no board: everybody finishes in a month of their own, and nobody waits for anybody."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from deploy.demo.awards import await_certificate, certificate_of, judged_on, next_sitting
from deploy.demo.cast import SUSTAINABILITY, TWO_TRACKS
from deploy.demo.client import refused_with
from deploy.demo.examiners import Examiners
from deploy.demo.journey import Journey
from deploy.demo.story import ASSESSING, LAST_WORD, Story


def play(story: Story) -> None:
    story.scene("Scene 3: no board")
    held = story.one("hold")
    story.all_at_once(lambda journey: _other_course(story, journey), _elsewhere(story))
    _attendance(story)
    finishing = story.of(SUSTAINABILITY, "", "resit", "overturned")
    last_words = story.all_at_once(
        lambda journey: _study(story, journey), [*finishing, held], moment=ASSESSING
    )
    _hold(story, held, last_words.pop())
    for journey, result in zip(finishing, last_words, strict=True):
        _last_word(story, journey, result)
    _different_months(story, finishing)
    _resit_told(story)
    _held_still(story, held)


def _elsewhere(story: Story) -> list[Journey]:
    """Those of the other courses who will have a certificate and do not have it yet."""
    return [
        journey
        for journey in story.journeys
        if journey.part.offering != SUSTAINABILITY
        and journey.part.track == "assessed"
        and journey.part.ending.certificate == "issued"
        and certificate_of(journey) is None
    ]


def _other_course(story: Story, journey: Journey) -> None:
    Examiners(story, journey).complete()
    await_certificate(journey, "issued")


def _attendance(story: Story) -> None:
    """ENR-06: the other track: confirmed attendance gets a certificate of its own kind; a no-show gets none."""
    for journey in story.of(TWO_TRACKS, "attends"):
        host = story.offering_of(journey)["issuer"]
        story.staff("registrar", host).post(
            f"/enrolment/v1/enrolments/{journey.enrolment_id}/attendance", {"hours": 24}
        )
        story.expect_equal(
            await_certificate(journey, "issued")["document_type"],
            "certificate_of_attendance",
            f"{journey.person.name} attended: a certificate of attendance",
        )
    for journey in story.of(TWO_TRACKS, "absent"):
        host = story.offering_of(journey)["issuer"]
        story.staff("registrar", host).post(
            f"/enrolment/v1/enrolments/{journey.enrolment_id}/end", {"reason_code": "no_show"}
        )
        story.expect_equal(journey.enrolment()["state"], "ended", f"{journey.person.name} never came: ended")


def _study(story: Story, journey: Journey) -> str:
    """Everything up to the last word; the one who resits fails the introduction first."""
    examiners = Examiners(story, journey)
    if journey.part.twist != "resit":
        return examiners.complete_but_for_the_last_word()
    examiners.brief()
    first, *others, last = examiners.instruments
    examiners.confirm(examiners.assess(first, passed=False))
    for instrument in (first, *others):
        examiners.confirm(examiners.assess(instrument))
    return examiners.assess(last)


def _hold(story: Story, held: Journey, result: str) -> None:
    path = f"/assessment/v1/plans/{held.plan_id}/integrity-hold"
    story.staff("confirmer", "helsinki.fi").post(
        path, {"reason": "similarity of the project to another text"}
    )
    refused = refused_with(lambda: Examiners(story, held).confirm(result))
    story.expect(
        refused == HTTPStatus.CONFLICT, f"an integrity hold: no result of {held.person.name} can be confirmed"
    )


def _last_word(story: Story, journey: Journey, result: str) -> None:
    """The last confirmation, and how long the certificate took from there."""
    Examiners(story, journey).confirm(result)
    story.moment(LAST_WORD)
    certificate, plan = await_certificate(journey, "issued"), journey.plan()
    seconds, day = _seconds_to_issue(journey, certificate, plan), judged_on(plan)
    sits = next_sitting(story.sittings[journey.part.offering], day)
    story.expect(
        story.within is None or seconds <= story.within,
        f"{journey.person.name}: assessed {day}, certificate {seconds:.2f} s after the last confirmation; "
        f"the next board would have sat on {sits}",
    )


def _seconds_to_issue(journey: Journey, certificate: Any, plan: Any) -> float:
    """From the last final result to the issue, by the times that the two services recorded."""
    confirmed = max(datetime.fromisoformat(result["final_at"]) for result in plan["results"])
    steps = journey.client.get(f"/certification/v1/certificates/{certificate['id']}/history")["items"]
    (issued,) = [datetime.fromisoformat(step["at"]) for step in steps if step["trigger"] == "issue"]
    return (issued - confirmed).total_seconds()


def _different_months(story: Story, finished: list[Journey]) -> None:
    """AST-01 to AST-03: by what the plans say."""
    days = [judged_on(journey.plan()) for journey in finished]
    story.expect_equal(
        len({(day.year, day.month) for day in days}),
        len(finished),
        f"{len(finished)} learners of one course finished in as many months",
    )


def _resit_told(story: Story) -> None:
    learner = story.one("resit")
    plan = learner.plan()
    failed = [
        attempt
        for attempt in plan["attempts"]
        if attempt["marks"] and not all(mark["passed"] for mark in attempt["marks"])
    ]
    story.expect_equal(
        (len(failed), plan["state"]),
        (1, "achieved"),
        f"{learner.person.name} failed the introduction, resat it and passed",
    )


def _held_still(story: Story, held: Journey) -> None:
    story.expect_equal(
        held.plan()["state"], "awaiting_confirmation", f"{held.person.name}: still under the hold"
    )
    story.expect(certificate_of(held) is None, "and without a certificate, while everybody else has theirs")
