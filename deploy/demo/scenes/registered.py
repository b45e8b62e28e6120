"""Scene 2, registered where needed: partners follow the event feed; who is slow delays one certificate only."""

import json
from typing import Final

from deploy.demo.awards import await_certificate
from deploy.demo.cast import BLENDED, PORT_CITIES
from deploy.demo.examiners import Examiners
from deploy.demo.expect import until
from deploy.demo.journey import Journey
from deploy.demo.story import REGISTERING, Story

SLOW: Final = "univ-nantes.fr"
REFUSING: Final = "unibo.it"


def play(story: Story) -> None:
    story.scene("Scene 2: registered where needed")
    admitted = [j for j in story.journeys if j.application_id and j.part.ending.application == "admitted"]
    start_partners(story, "partners", _prompt_institutions(story))
    story.all_at_once(
        lambda journey: journey.await_enrolment("enrolled", "cancelled"), admitted, moment=REGISTERING
    )
    _all_registered(story, admitted)
    _group_of_the_blended_programme(story)
    _denial_compensated(story)
    _slow_registrar(story)


def _prompt_institutions(story: Story) -> list[str]:
    return sorted(
        {
            profile["institution"]
            for offering in story.offerings.values()
            for profile in offering["registration_profiles"]
        }
        - {SLOW}
    )


def start_partners(story: Story, name: str, institutions: list[str]) -> None:
    """Start a process in which each institution follows its feed from the beginning."""
    refused = [story.one("denied").person.name]
    configuration = {
        "issuer": story.door.issuer,
        "addresses": story.system.addresses,
        "institutions": {code: refused if code == REFUSING else [] for code in institutions},
    }
    file = story.file("partners", f"{name}.json")
    file.write_text(json.dumps(configuration, ensure_ascii=False, indent=2), encoding="utf-8")
    story.system.partners(name, [str(file)])
    story.tell(
        f"a process of {len(institutions)} institution(s) follows the event feed: {', '.join(institutions)}"
    )


def _all_registered(story: Story, admitted: list[Journey]) -> None:
    """ENR-01, ENR-02, ENR-23: at the institutions of the offering and at no other, each in its own role."""
    learning = [journey for journey in admitted if journey.part.twist != "denied"]
    enrolments = [journey.enrolment() for journey in learning]
    story.expect_equal(
        {e["state"] for e in enrolments}, {"enrolled"}, f"{len(learning)} learners are learning"
    )
    concerned = [
        {profile["institution"] for profile in story.offering_of(journey)["registration_profiles"]}
        for journey in learning
    ]
    asked = [{registration["institution"] for registration in e["registrations"]} for e in enrolments]
    story.expect_equal(
        asked, concerned, f"{sum(map(len, asked))} registrations, where the offerings say and nowhere else"
    )


def _group_of_the_blended_programme(story: Story) -> None:
    """ADM-33, ENR-25: the funded group has its size; who coordinates is not who hosts."""
    group = story.of(BLENDED)
    if not group:
        return
    offering = story.offering_of(group[0])
    (funding,) = offering["funding_sources"]
    funded = [journey for journey in group if journey.part.group in funding["participants"]["kinds"]]
    story.expect(
        funding["participants"]["min"] <= len(funded) <= funding["participants"]["max"],
        f"{len(funded)} funded students and {len(group) - len(funded)} guests take part in the blended programme that "
        f"{offering['coordinating_institution']} coordinates and {offering['host_institution']} hosts",
    )


def _denial_compensated(story: Story) -> None:
    """D3: a denial calls the enrolment off, the others cancel, the fee is owed back; nobody else is touched."""
    denied = story.one("denied")
    enrolment = until(
        denied.enrolment,
        lambda e: {r["remote_state"] for r in e["registrations"]} == {"denied", "cancelled"},
        "every institution has answered the cancellation",
    )
    story.expect_equal(enrolment["state"], "cancelled", f"{REFUSING} denies {denied.person.name}: called off")
    kept = [r["institution"] for r in enrolment["registrations"] if r["state"] not in {"denied", "cancelled"}]
    story.expect_equal(kept, [], "the other institutions have cancelled too")
    refund = enrolment["refund"] or {}
    story.expect_equal(refund.get("amount"), enrolment["fee"]["amount"], "the fee is owed back in full")


def _slow_registrar(story: Story) -> None:
    """D2, D7: needed for the award only, so learning and assessment go on; that certificate waits and then issues."""
    learner = story.of(PORT_CITIES, "")[0]
    open_ones = [r["institution"] for r in learner.enrolment()["registrations"] if r["state"] == "pending"]
    story.expect_equal(open_ones, [SLOW], f"{SLOW} is slow; {learner.person.name} learns all the same")
    Examiners(story, learner).complete()
    waiting = await_certificate(learner, "incomplete")
    story.expect(
        SLOW in json.dumps(waiting["missing"]), f"completed; the certificate waits for {SLOW} and says so"
    )
    start_partners(story, "slow-partner", [SLOW])
    await_certificate(learner, "issued")
    story.expect(True, f"{SLOW} answers at last: the certificate is issued by itself")
