"""Scene 1, one door: whoever applies, applies once and is judged by one institution and one set of rules."""

from http import HTTPStatus
from typing import Any

from deploy.demo.admissions import Reviewers
from deploy.demo.cast import CHIP_DESIGN, PORT_CITIES, SUSTAINABILITY
from deploy.demo.client import refused_with
from deploy.demo.consortium.port_cities import SEATS
from deploy.demo.expect import until
from deploy.demo.journey import Journey
from deploy.demo.load import load_consortium
from deploy.demo.story import ACCEPTING, Story


def play(story: Story) -> None:
    story.scene("Scene 1: one door")
    _open_the_catalogue(story)
    story.tell(f"{len(story.offerings)} offerings of real universities are in the catalogue")
    applicants = [journey for journey in story.journeys if journey.part.twist != "later"]
    story.all_at_once(Journey.apply, applicants)
    story.tell(f"{len(applicants)} people have applied, each once")
    _review(story, applicants)
    _same_rules_for_all(story)
    _work_counts(story)
    _last_seats(story)
    _accept(story, applicants)
    _rejected_by_two(story)


def _open_the_catalogue(story: Story) -> None:
    for offering in load_consortium(story.staff, story.today):
        named = offering["agreement"]
        path = f"/admission/v1/agreements/{named['id']}/versions/{named['version']}"
        story.offerings[offering["id"]] = offering
        story.sittings[offering["id"]] = story.administrator.get(path)["assessment_board"]["sits"]


def _review(story: Story, applicants: list[Journey]) -> None:
    """Each offering's reviewing institution takes its cases one after the other, several institutions at a time."""
    by_offering: dict[str, list[Journey]] = {}
    for journey in applicants:
        if not story.offering_of(journey)["admission"]["open"]:
            by_offering.setdefault(journey.part.offering, []).append(journey)
    story.all_at_once(lambda journeys: _review_offering(story, journeys), by_offering.values())
    offered = [j for j in applicants if j.application()["state"] == "offer"]
    story.tell(f"{len(offered)} hold an offer of a place")


def _review_offering(story: Story, journeys: list[Journey]) -> None:
    reviewers = Reviewers(story.staff, story.offering_of(journeys[0])["reviewing_institution"])
    for journey in journeys:
        case = reviewers.review(journey)
        journey.measured["proposal"] = case["eligibility"]
        if journey.part.twist == "rejected":
            reviewers.reject(journey, "neither a degree in engineering nor two years in the industry")
        else:
            reviewers.offer(journey)


def _same_rules_for_all(story: Story) -> None:
    """ADM-01, ADM-02, ADM-08: one reviewer for all, the retired learner by an alternative, no difference on re-run."""
    journeys = [j for j in story.of(SUSTAINABILITY) if j.application_id]
    cases = [journey.application() for journey in journeys]
    story.expect_equal(
        {case["reviewing_institution"] for case in cases},
        {"helsinki.fi"},
        f"{len(cases)} applications to one course, from partners and from outside: one institution reviews all",
    )
    outsider = Reviewers(story.staff, "kuleuven.be")
    seen = refused_with(lambda: outsider.reads(journeys[0]))
    story.expect_equal(seen, HTTPStatus.NOT_FOUND, "an officer of another partner does not see them")
    student, engineer, retired = (_outcomes(journey) for journey in journeys[:3])
    story.expect_equal(student["bachelor"], ("met", None), "the partner's student is admitted by her degree")
    story.expect_equal(engineer["bachelor"], ("met", None), "the engineer from outside by the same rule")
    story.expect_equal(
        retired["bachelor"],
        ("met_by_alternative", "portfolio"),
        "the retired learner without a degree by his portfolio, which two people accepted",
    )
    said = story.system.passerelle("audit", "decisions").strip().splitlines()[-1]
    story.expect(said.endswith(" 0 differences"), f"passerelle audit decisions: {said}")


def _work_counts(story: Story) -> None:
    """ADM-07, ADM-08: the industry's own people have no degree in the field, and need none."""
    sponsored = [journey for journey in story.of(CHIP_DESIGN) if journey.part.group == "sponsored_employee"]
    ways = {_outcomes(journey)["engineering-degree"] for journey in sponsored}
    if sponsored:
        story.expect_equal(
            ways,
            {("met_by_alternative", "industry-experience")},
            f"chip design: work experience admits {len(sponsored)} employees, whose company sponsors the places",
        )


def _outcomes(journey: Journey) -> dict[str, tuple[str, str | None]]:
    results: list[dict[str, Any]] = journey.measured["proposal"]["results"]
    return {result["criterion"]: (result["outcome"], result["alternative"]) for result in results}


def _last_seats(story: Story) -> None:
    """D1 'Seats': the last seat is offered once, the others wait, and a freed seat goes to the first of them."""
    journeys = story.of(PORT_CITIES)
    states = [journey.application()["state"] for journey in journeys]
    wanted = ["offer"] * SEATS + ["waitlisted"] * (len(journeys) - SEATS)
    story.expect_equal(states, wanted, f"{len(journeys)} want {SEATS} seats: one offer each, the others wait")
    story.one("declines").respond("decline")
    promoted = story.one("promoted")
    until(
        promoted.application,
        lambda application: application["state"] == "offer",
        "the first in the queue gets the freed seat",
    )
    story.expect(True, f"{story.one('declines').person.name} declines: {promoted.person.name} is promoted")
    for waiting in story.of(None, "waitlisted"):
        story.expect_equal(waiting.application()["state"], "waitlisted", f"{waiting.person.name} still waits")


def _accept(story: Story, applicants: list[Journey]) -> None:
    admitted = [journey for journey in applicants if journey.part.ending.application == "admitted"]
    story.all_at_once(lambda journey: journey.respond("accept"), admitted, moment=ACCEPTING)
    states = {journey.application()["state"] for journey in admitted}
    story.expect_equal(states, {"admitted"}, f"{len(admitted)} accept and are admitted")


def _rejected_by_two(story: Story) -> None:
    for journey in story.of(None, "rejected"):
        story.expect_equal(
            journey.application()["state"],
            "rejected",
            f"{journey.person.name} is rejected, which took two different people",
        )
