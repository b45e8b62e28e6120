"""The people who assess: assessors of the institution that teaches a part, and the named confirmers of results."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from deploy.demo.journey import Journey
from deploy.demo.story import Story

_PASS: Final = {"grade_0_100": "84", "grade_0_10": "8.4", "pass_or_fail": "pass"}
_FAIL: Final = {"grade_0_100": "31", "grade_0_10": "3.1", "pass_or_fail": "fail"}
_SESSION: Final = "this-week"


class Examiners:
    """What one learner and the examiners do together, in the order that the plan demands."""

    def __init__(self, story: Story, journey: Journey) -> None:
        self._story = story
        self._journey = journey
        offering = story.offering_of(journey)
        self._plan_of_offering: dict[str, Any] = offering["assessment"]
        self._confirmation: dict[str, Any] = self._plan_of_offering["confirmation"]
        teaching = {component["id"]: component["institution"] for component in offering["components"]}
        self._assessing = {o["id"]: teaching[o["component"]] for o in offering["outcomes"]}

    @property
    def instruments(self) -> Sequence[dict[str, Any]]:
        instruments: Sequence[dict[str, Any]] = self._plan_of_offering["instruments"]
        return instruments

    def complete(self) -> None:
        """Everything, up to the last confirmation."""
        self.confirm(self.complete_but_for_the_last_word())

    def complete_but_for_the_last_word(self) -> str:
        """Everything except the confirmation of the last result; returns that result's id."""
        self.brief()
        for instrument in self.instruments[:-1]:
            self.confirm(self.assess(instrument))
        return self.assess(self.instruments[-1])

    def brief(self) -> None:
        """AST-15: rules, sample and instructions come before the first attempt."""
        self._journey.await_plan()
        self._journey.client.post(f"/assessment/v1/plans/{self._journey.plan_id}/briefing")

    def assess(self, instrument: dict[str, Any], *, passed: bool = True) -> str:
        """One attempt from its beginning to the release of its result; returns the attempt's id."""
        attempt = self.sit(instrument)
        self.mark(instrument, attempt, passed=passed)
        self.release(attempt)
        return attempt

    def sit(self, instrument: dict[str, Any]) -> str:
        """The learner takes an attempt when ready, in a session where the instrument has some, and is identified."""
        wanted = {"plan_id": self._journey.plan_id, "instrument_id": instrument["id"]}
        if instrument["sessions"]:
            wanted["session_id"] = _SESSION
        attempt: str = self._journey.client.post("/assessment/v1/attempts", wanted)["id"]
        self._journey.client.post(f"/assessment/v1/attempts/{attempt}/submission")
        assessor = self._story.staff("assessor", self._institution(instrument))
        assessor.post(f"/assessment/v1/attempts/{attempt}/verification", {"verification": "verified"})
        return attempt

    def mark(self, instrument: dict[str, Any], attempt: str, *, passed: bool = True) -> None:
        """Every marker gives marks per outcome, on the day that the work was judged."""
        mark = (_PASS if passed else _FAIL)[instrument["scale"]["type"]]
        sheet = {
            "marks": [{"outcome": outcome, "mark": mark} for outcome in instrument["outcomes"]],
            "assessed_on": self.assessed_on.isoformat(),
        }
        for number in range(1, instrument["markers"] + 1):
            assessor = self._story.staff("assessor", self._institution(instrument), number)
            assessor.post(f"/assessment/v1/attempts/{attempt}/marking")
            assessor.post(f"/assessment/v1/attempts/{attempt}/marks", sheet)

    def release(self, attempt: str) -> None:
        confirmer = self._story.staff("confirmer", self._confirmation["institutions"][0])
        confirmer.post(f"/assessment/v1/attempts/{attempt}/release")

    def confirm(self, attempt: str) -> None:
        """The named confirmers make the result final: no board sits."""
        institutions = self._confirmation["institutions"]
        for number in range(self._confirmation["quorum"]):
            confirmer = self._story.staff("confirmer", institutions[number % len(institutions)])
            confirmer.post(f"/assessment/v1/results/{attempt}/confirmation")

    @property
    def assessed_on(self) -> date:
        return self._journey.part.assessed_on(self._story.today)

    def _institution(self, instrument: dict[str, Any]) -> str:
        return str(self._assessing[instrument["outcomes"][0]])
