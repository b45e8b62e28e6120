"""What an offering may leave to the machine: open and automatic review, declining by default (ADM-09, ADM-24)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.admission.conftest import DIPLOMA, IELTS, OPEN


@pytest.mark.parametrize("after", ["declined", "offer"])
def test_decline_by_default_only_where_the_offering_turned_it_on(service: Any, after: str):
    service.publish(admission={"decline_by_default": after == "declined"})
    application = service.apply(service.learner(), IELTS, DIPLOMA)
    service.step(application, "review")
    service.step(application, "offers", {})
    service.clock.advance(timedelta(days=8))
    service.run_jobs()
    assert service.state(application) == after
    if after == "declined":
        assert service.published()[-1][1]["by_default"] is True


def test_an_automatic_offering_offers_on_verified_evidence_only(service: Any):
    """ADM-24: the machine goes towards an offer, and never against anybody."""
    service.publish(admission={"review_mode": "automatic"})
    subject = service.learner()
    application = service.apply(subject, IELTS, DIPLOMA)
    case = service.application(application)
    assert (case["state"], case["eligibility"]["overall"]) == ("submitted", "undetermined")
    first, second = (e["id"] for e in case["evidence"])
    assert service.officer("POST", f"/evidence/{first}/verification", {}).status == 201
    service.officer("POST", f"/evidence/{second}/verification", {})
    case = service.application(application)
    assert (case["state"], case["offer"]["automatic"], case["offer"]["made_for"]) == (
        "offer",
        True,
        "helsinki.fi",
    )
    assert service.differences() == []
    poor = service.apply(service.learner(), {"kind": "diploma", "facts": {"eqf": 2}})
    assert service.state(poor) == "submitted"


def test_an_open_offering_needs_no_review(service: Any):
    """ADM-09."""
    service.publish(admission=OPEN)
    assert service.state(service.apply(service.learner())) == "offer"
