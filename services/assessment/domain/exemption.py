"""Outcomes that a learner need not show again: an institution has recognised a certificate in their place (ADM-32)."""

from dataclasses import dataclass
from datetime import datetime

from services.assessment.domain import lifecycle
from services.assessment.domain.decision import Decision
from services.assessment.domain.plan import Plan, Recognition
from services.assessment.domain.standing import SHOWN, standing
from shared.domain import Actor
from shared.ids import derived_id


@dataclass(frozen=True, slots=True)
class Exemption:
    """What was decided elsewhere, by a named person of `institution`: these outcomes of this offering version."""

    id: str
    learner_id: str
    offering_id: str
    offering_version: int
    institution: str
    outcomes: tuple[str, ...]
    at: datetime


def open_outcomes(plan: Plan, exemption: Exemption) -> list[str]:
    """The outcomes of `exemption` that can be recognised in `plan` as it is; none where it does not apply.

    Only who confirms results of the offering can exempt from them, and only a plan that is still open follows.
    """
    template = plan.template
    of_this = (template.offering_id, template.offering_version) == (
        exemption.offering_id,
        exemption.offering_version,
    )
    mine = plan.learner_id == exemption.learner_id
    if not of_this or not mine or exemption.institution not in template.confirmation.institutions:
        return []
    if plan.state not in lifecycle.UNSETTLED:
        return []
    now = standing(plan)
    return [
        outcome
        for outcome in exemption.outcomes
        if outcome in template.outcomes and now.of(outcome).state not in SHOWN
    ]


def exempt(plan: Plan, exemption: Exemption, outcome: str) -> Decision:
    """Recognise one of `open_outcomes`, as a confirmer of that institution would; the plan follows at once.

    Raises:
        DomainError: it is none of them.
    """
    recognition = Recognition(
        id=derived_id("exemption", exemption.id, plan.id, outcome),
        outcome=outcome,
        reason=f"recognised from a certificate, recognition {exemption.id}",
        recognised_by=f"recognition:{exemption.id}",
        institution=exemption.institution,
        recognised_at=exemption.at,
    )
    actor = Actor(recognition.recognised_by, "confirmer", exemption.institution)
    return lifecycle.recognise(plan, recognition, actor)
