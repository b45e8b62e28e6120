"""The learner's award and its certificate, as the learner reads them."""

from typing import Any

from deploy.demo.expect import until
from deploy.demo.journey import Journey


def award_of(journey: Journey) -> Any:
    """The award of this journey's enrolment; None while there is none."""
    mine = journey.client.get(f"/certification/v1/awards?enrolment={journey.enrolment_id}")["items"]
    return mine[0] if mine else None


def certificate_of(journey: Journey) -> Any:
    """The newest certificate of the award; None while there is none."""
    award = award_of(journey)
    return award["certificates"][-1] if award and award["certificates"] else None


def await_certificate(journey: Journey, state: str) -> Any:
    return until(
        lambda: certificate_of(journey),
        lambda certificate: certificate and certificate["state"] == state,
        f"the certificate of {journey.person.key} is {state}",
    )


def next_sitting(sittings: list[str], day: str) -> str:
    """The first day on or after `day` on which a board would have sat; all are ISO dates."""
    return min(sitting for sitting in sittings if sitting >= day)
