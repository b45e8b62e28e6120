"""Recognised certificates take the place of outcomes: heard of from certification, applied where there is a plan.

A recognition may come before the plan or after it; whichever is second finds the first.
"""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import EXCLUDE, Schema, fields

from services.assessment.domain.exemption import Exemption, exempt, open_outcomes
from services.assessment.handlers.keeping import keep
from services.assessment.store import exemptions, queries
from services.assessment.store.queries import Scope
from shared.messaging.consumer import Reaction
from shared.messaging.envelope import Event, event_type
from shared.messaging.jobs import Job, JobContext
from shared.messaging.unit_of_work import UnitOfWork

EXEMPT: Final = "plan.exempt"
_RECOGNISED: Final = frozenset({"recognised", "partly_recognised"})


class _Decided(Schema):
    """The fields of `recognition.decided` that assessment reads; whatever else it carries is ignored."""

    class Meta:
        unknown = EXCLUDE

    recognition_id = fields.String(required=True)
    learner_id = fields.String(required=True)
    institution = fields.String(required=True)
    state = fields.String(required=True)
    decision_number = fields.Integer(required=True)
    offering_id = fields.String(load_default=None)
    offering_version = fields.Integer(load_default=None)
    outcomes = fields.List(fields.String(), load_default=list)


_DECIDED: Final = _Decided()


def on_recognition(uow: UnitOfWork, event: Event) -> None:
    """`recognition.decided`: remember which outcomes it takes the place of; any other recognition is no matter of ours.

    Decided again for the worse, nothing is taken back here: what a plan rests on is overturned by people.
    """
    data: dict[str, Any] = _DECIDED.load(dict(event.data))
    if data["offering_id"] is None or data["offering_version"] is None:
        return
    outcomes = tuple(data["outcomes"]) if data["state"] in _RECOGNISED else ()
    exemption = Exemption(
        id=data["recognition_id"],
        learner_id=data["learner_id"],
        offering_id=data["offering_id"],
        offering_version=data["offering_version"],
        institution=data["institution"],
        outcomes=outcomes,
        at=event.time,
    )
    if exemptions.record(uow, exemption, data["decision_number"]) and outcomes:
        uow.schedule(EXEMPT, exemption.id)


def apply_exemption(context: JobContext, job: Job) -> None:
    """Job: recognise in the learner's open plans what can be; run again it finds nothing left to do."""
    with context.unit_of_work() as uow:
        exemption = exemptions.find(uow.connection, job.key)
        if exemption is None:
            return
        exemptions.lock_enrolments(uow, exemption)
        found = exemptions.plans_for(uow.connection, exemption)
    for plan_id in found:
        for outcome in exemption.outcomes:
            _apply(context, plan_id, exemption, outcome)


def _apply(context: JobContext, plan_id: str, exemption: Exemption, outcome: str) -> None:
    with context.unit_of_work() as uow:
        plan = queries.plan_by_id(uow.connection, Scope.all(), plan_id)
        if outcome in open_outcomes(plan, exemption):
            keep(uow, plan, exempt(plan, exemption, outcome))


EXEMPTING: Final[Mapping[str, Reaction]] = {
    event_type("certification", "recognition.decided"): on_recognition
}
