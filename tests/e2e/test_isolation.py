"""Issue section 6.8, practice check 14: what is done for one learner changes no row and no event of another."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from deploy.demo.awards import await_certificate
from deploy.demo.cast import TWO_TRACKS, Part
from deploy.demo.client import Door, RefusedError
from deploy.demo.examiners import Examiners
from deploy.demo.expect import Teller, until
from deploy.demo.journey import Journey, begin
from deploy.demo.load import load_consortium
from deploy.demo.people import PEOPLE
from deploy.demo.staff import Staff
from deploy.demo.story import Story
from deploy.demo.system import EmbeddedSystem
from deploy.local_servers.process import wait_until
from shared.settings import SERVICES
from tests.support.running import PATIENCE, Running, running_system

HOST = "ouc.ac.cy"


class World:
    """A running system with the consortium of the demonstration, and the learners who take part."""

    def __init__(self, system: Running, folder: Path) -> None:
        self.system = system
        address = f"http://{system.settings.bind}"
        self.door = Door(dict.fromkeys(SERVICES, address), system.settings.oidc_issuer)
        self.staff = Staff(self.door)
        offerings = load_consortium(self.staff, datetime.now(UTC).date())
        self.story = Story(
            system=EmbeddedSystem(folder),
            door=self.door,
            teller=Teller(lambda _line: None),
            folder=folder,
            journeys=[],
            within=None,
            moment=lambda _name: None,
            staff=self.staff,
            administrator=self.door.caller("administrator", subject="administrator"),
            offerings={offering["id"]: offering for offering in offerings},
        )

    def learner(self, number: int) -> Journey:
        return begin(self.door, Part(PEOPLE[number], TWO_TRACKS, "everybody"))

    def examiners(self, journey: Journey) -> Examiners:
        return Examiners(self.story, journey)

    def enrol(self, journey: Journey) -> None:
        journey.apply()
        journey.respond("accept")
        self.answer(journey, "associated")
        journey.await_enrolment("enrolled")
        journey.await_plan()

    def answer(self, journey: Journey, state: str) -> None:
        enrolment = until(journey.enrolment, lambda found: found and found["registrations"], "registrations")
        for registration in enrolment["registrations"]:
            self.staff("registrar", HOST).patch(
                f"/enrolment/v1/registrations/{registration['id']}", {"remote_state": state}
            )

    def rest(self) -> None:
        wait_until(self.system.is_settled, seconds=PATIENCE, what="the system comes to rest")

    def mentions(self, ids: set[str]) -> list[str]:
        """Every row of every service that mentions one of `ids`, by service and table."""
        return sorted(
            f"{service}.{table}: {row}"
            for service in SERVICES
            for table, rows in self.system.rows(service).items()
            for row in rows
            if any(one in str(row) for one in ids)
        )


def ids_of(world: World, journey: Journey) -> set[str]:
    """What names this learner and everything of theirs, in any service."""
    plan = journey.plan()
    enrolment = journey.enrolment()
    attempts = [attempt["id"] for attempt in plan["attempts"]]
    certificates = journey.client.get("/certification/v1/certificates")["items"]
    return {
        journey.application_id,
        enrolment["learner_id"],
        enrolment["id"],
        plan["id"],
        *(registration["id"] for registration in enrolment["registrations"]),
        *attempts,
        *(certificate["id"] for certificate in certificates),
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("isolation")
    with running_system(folder / "home") as system:
        yield World(system, folder)


def steps_for(world: World, journey: Journey) -> list[Callable[[], Any]]:
    """Everything that can be done for a learner who is enrolled; what is refused changes nothing and is fine."""
    registrar = world.staff("registrar", HOST)
    confirmer = world.staff("confirmer", HOST)
    second = world.staff("confirmer", HOST, 2)
    examiners = world.examiners(journey)
    enrolment = f"/enrolment/v1/enrolments/{journey.enrolment_id}"
    plan = f"/assessment/v1/plans/{journey.plan_id}"

    def assess(*, passed: bool) -> None:
        for instrument in examiners.instruments:
            attempt = examiners.assess(instrument, passed=passed)
            examiners.confirm(attempt)

    def overturn() -> None:
        for attempt in journey.plan()["attempts"]:
            path = f"/assessment/v1/results/{attempt['id']}/overturn"
            confirmer.post(path, {"reason": "proven misconduct"})
            second.post(f"{path}/confirmation")

    return [
        lambda: registrar.post(f"{enrolment}/suspension"),
        lambda: registrar.post(f"{enrolment}/resumption"),
        lambda: confirmer.post(f"{plan}/integrity-hold", {"reason": "similarity"}),
        lambda: confirmer.post(f"{plan}/integrity-hold/lifting", {"reason": "cleared"}),
        examiners.brief,
        lambda: assess(passed=True),
        lambda: assess(passed=False),
        overturn,
        lambda: journey.client.post(f"{plan}/extension", {"expected_end": "2027-06-30"}),
        lambda: registrar.post(f"{enrolment}/end", {"reason_code": "not_completed"}),
        lambda: journey.client.post(f"{enrolment}/withdrawal"),
        lambda: world.answer(journey, "cancelled"),
        lambda: journey.client.post(f"{journey.application_path}/withdrawal", {}),
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_is_done_for_one_learner_leaves_the_others_alone(world: World, seed: int) -> None:
    finished, studying, busy = (world.learner(seed * 10 + number) for number in range(3))
    for journey in (finished, studying):
        world.enrol(journey)
    world.examiners(finished).complete()
    await_certificate(finished, "issued")
    world.examiners(studying).brief()
    world.rest()
    others = ids_of(world, finished) | ids_of(world, studying)
    before = world.mentions(others)
    assert len(before) > 50

    world.enrol(busy)
    steps = steps_for(world, busy)
    usual = [steps[4], steps[5]]
    dice = random.Random(seed)
    accepted = 0
    refused: list[int] = []
    for step in [*usual, *dice.sample(steps, len(steps))]:
        try:
            step()
            accepted += 1
        except RefusedError as refusal:
            refused.append(refusal.status)
    world.rest()

    assert accepted >= 4
    assert all(status < 500 for status in refused)
    assert world.mentions(others) == before


def test_the_comparison_notices_one_changed_row(world: World) -> None:
    journey = world.learner(9)
    world.enrol(journey)
    world.rest()
    mine = ids_of(world, journey)
    before = world.mentions(mine)
    with world.system.databases["assessment"].write() as connection:
        connection.execute(
            sa.text("UPDATE plans SET version = version + 1 WHERE id = :id"), {"id": journey.plan_id}
        )
    assert world.mentions(mine) != before
