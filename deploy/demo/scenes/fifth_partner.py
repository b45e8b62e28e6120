"""Scene 5, a fifth partner joins by addendum: nothing earlier changes, the next learner is registered there too."""

import json
from typing import Any, Final

from deploy.demo.admissions import Reviewers
from deploy.demo.cast import SUSTAINABILITY
from deploy.demo.consortium.sustainability import joined_by, sustainability
from deploy.demo.consortium.universities import university
from deploy.demo.scenes.registered import start_partners
from deploy.demo.story import Story

NEW: Final = "uj.edu.pl"


def play(story: Story) -> None:
    story.scene("Scene 5: a fifth partner joins by addendum")
    before = _registrations(story)
    _join(story)
    story.expect_equal(
        _registrations(story), before, f"{len(before)} earlier registrations are the same, byte for byte"
    )
    _next_learner(story)
    story.expect(
        _registrations(story).items() >= before.items(), "and still are, with the new learner among them"
    )


def _registrations(story: Story) -> dict[str, bytes]:
    """Every registration as the API sends it, by id."""
    found = story.administrator.items("/enrolment/v1/registrations?limit=200")
    return {each["id"]: json.dumps(each, sort_keys=True).encode() for each in found}


def _join(story: Story) -> None:
    """SHR-03: a new agreement version names the partner; the coordinator publishes an offering version under it."""
    coordinator = story.staff("coordinator", "helsinki.fi")
    agreement = coordinator.post("/admission/v1/agreements/una-europa/addenda", {"partner": university(NEW)})
    old = story.offerings[SUSTAINABILITY]
    draft = joined_by(sustainability(story.today), NEW, agreement["published_version"])
    coordinator.put(f"/admission/v1/offerings/{SUSTAINABILITY}", draft)
    coordinator.post(f"/admission/v1/offerings/{SUSTAINABILITY}/publication")
    new = coordinator.get(f"/admission/v1/offerings/{SUSTAINABILITY}")
    story.offerings[SUSTAINABILITY] = new
    versions: tuple[Any, Any] = (agreement["published_version"], new["version"])
    story.expect_equal(
        versions, (2, old["version"] + 1), f"{NEW} joins: agreement and offering have a new version"
    )
    kept = story.administrator.get(f"/admission/v1/offerings/{SUSTAINABILITY}/versions/{old['version']}")
    story.expect_equal(
        kept["digest"], old["digest"], "the version that earlier learners study under is unchanged"
    )


def _next_learner(story: Story) -> None:
    start_partners(story, "fifth-partner", [NEW])
    learner = story.one("later")
    learner.apply()
    reviewers = Reviewers(story.staff, "helsinki.fi")
    reviewers.review(learner)
    reviewers.offer(learner)
    learner.respond("accept")
    enrolment = learner.await_enrolment("enrolled")
    registered = {
        registration["institution"]: registration["state"] for registration in enrolment["registrations"]
    }
    story.expect_equal(
        registered.get(NEW),
        "associated",
        f"{learner.person.name} applies next and is registered at {NEW} too",
    )
    learner.await_plan()
