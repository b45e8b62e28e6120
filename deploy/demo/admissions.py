"""What the reviewing institution's officers do with one application."""

from typing import Any, Final

from deploy.demo.client import Client
from deploy.demo.journey import Journey
from deploy.demo.staff import Staff

_TWO_PEOPLE_ACCEPT: Final = "rpl_portfolio"


class Reviewers:
    """Two officers of one institution: the second confirms what one person alone must not decide."""

    def __init__(self, staff: Staff, institution: str) -> None:
        self.institution = institution
        self._first = staff("admissions_officer", institution, 1)
        self._second = staff("admissions_officer", institution, 2)

    def review(self, journey: Journey) -> Any:
        """Take the case up and look at every proof; the application as it stands then, with the engine's proposal."""
        case = self._first.post(f"{journey.application_path}/review")
        for proof in case["evidence"]:
            if proof["kind"] == _TWO_PEOPLE_ACCEPT:
                self._decide(
                    journey, "rpl_acceptance", "the portfolio shows what a degree would", proof["id"]
                )
            else:
                self._first.post(f"/admission/v1/evidence/{proof['id']}/verification", {})
        return self._first.get(journey.application_path)

    def offer(self, journey: Journey) -> Any:
        """Offer a place, or queue the application where no seat is free."""
        return self._first.post(f"{journey.application_path}/offers", {})

    def reject(self, journey: Journey, reason: str) -> None:
        self._decide(journey, "rejection", reason, None)

    def reads(self, journey: Journey) -> Any:
        return self._first.get(journey.application_path)

    def _decide(self, journey: Journey, kind: str, reason: str, about: str | None) -> None:
        proposal = {"application_id": journey.application_id, "kind": kind, "reason": reason, "about": about}
        decision = self._first.post("/admission/v1/decisions", proposal)
        self._confirm(self._second, decision["id"])

    @staticmethod
    def _confirm(colleague: Client, decision_id: str) -> None:
        colleague.post(f"/admission/v1/decisions/{decision_id}/confirmation", {"agrees": True})
