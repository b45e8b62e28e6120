"""A learner's certificate as the learner reads it and anybody verifies it, and the board that never had to sit."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from deploy.demo.client import Door
from deploy.demo.expect import until
from deploy.demo.journey import Journey

CREDENTIAL: Final = "application/vc+ld+json"
"""The badge, as everybody's verifiers read it."""


def certificate_of(journey: Journey) -> Any:
    """The certificate of the latest completion of this journey's enrolment; None while there is none."""
    path = f"/certification/v1/certificates?enrolment={journey.enrolment_id}"
    mine = journey.client.get(path)["items"]
    return max(mine, key=lambda certificate: certificate["completion_number"], default=None)


def await_certificate(journey: Journey, state: str) -> Any:
    """The certificate, as soon as it is in `state`."""
    return until(
        lambda: certificate_of(journey),
        lambda certificate: certificate and certificate["state"] == state,
        f"the certificate of {journey.person.key} in {journey.part.offering} is {state}",
    )


def verified(door: Door, credential: object, **asked: str) -> Any:
    """What the public API says of a presented credential, to somebody without a token."""
    return door.anybody().post("/certification/v1/verifications", {"credential": credential, **asked})


def judged_on(plan: Any) -> date:
    """The day on which the last piece of work that counts was judged."""
    return max(date.fromisoformat(result["assessed_on"]) for result in plan["results"])


def next_sitting(sittings: Iterable[str], day: date) -> date:
    """The first of `sittings` (ISO dates) on or after `day`."""
    return min(sits for sits in map(date.fromisoformat, sittings) if sits >= day)
