"""From the answer to the last confirmation to the commit of `certificate.issued`, one learner after the other."""

import threading
import time
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from bench.samples import Samples
from deploy.demo.cast import TWO_TRACKS, Part
from deploy.demo.examiners import Examiners
from deploy.demo.expect import Teller, until
from deploy.demo.journey import Journey, begin
from deploy.demo.people import PEOPLE, Person
from deploy.demo.story import Story, new_story
from deploy.demo.system import System
from shared.db import Database
from shared.messaging.tables import outbox

_LOOK_EVERY: Final = 0.002
_PATIENCE: Final = 30.0
_ISSUED: Final = "eu.passerelle.certification.certificate.issued.v1"


def measure_certificates(
    system: System, database: Database, offering: dict[str, Any], learners: int, folder: Path
) -> Samples:
    """How long `learners` certificates took, each on a system that does nothing else.

    Raises:
        RuntimeError: a certificate was not there within 30 seconds.
    """
    story = new_story(system, (), folder, Teller(lambda _line: None), within=None, moment=lambda _name: None)
    story.offerings[TWO_TRACKS] = offering
    try:
        began = time.perf_counter()
        durations = [_one(story, database, number) for number in range(learners)]
        return Samples(durations, time.perf_counter() - began)
    finally:
        story.door.close()


def _one(story: Story, database: Database, number: int) -> float:
    model = PEOPLE[number % len(PEOPLE)]
    person = Person(
        f"bench-{number}",
        model.given_name,
        f"{model.family_name}-{number}",
        model.date_of_birth,
        model.country,
    )
    journey = begin(story.door, Part(person, TWO_TRACKS, "everybody"))
    _enrol(story, journey)
    examiners = Examiners(story, journey)
    last = examiners.complete_but_for_the_last_word()
    examiners.confirm(last)
    confirmed = time.perf_counter()
    _await_issued(database, journey.enrolment_id, confirmed)
    return time.perf_counter() - confirmed


def _enrol(story: Story, journey: Journey) -> None:
    journey.apply()
    journey.respond("accept")
    enrolment = until(
        journey.enrolment, lambda found: found and found["registrations"], "registrations are requested"
    )
    for registration in enrolment["registrations"]:
        registrar = story.staff("registrar", registration["institution"])
        registrar.patch(f"/enrolment/v1/registrations/{registration['id']}", {"remote_state": "associated"})
    journey.await_enrolment("enrolled")


def _await_issued(database: Database, enrolment_id: str, since: float) -> None:
    wanted = sa.select(outbox.c.seq).where(outbox.c.type == _ISSUED, outbox.c.partition_key == enrolment_id)
    pause = threading.Event()
    while time.perf_counter() < since + _PATIENCE:
        with database.read() as connection:
            if connection.execute(wanted).first():
                return
        pause.wait(_LOOK_EVERY)
    raise RuntimeError(f"no certificate within {_PATIENCE:.0f} s for enrolment {enrolment_id}")
