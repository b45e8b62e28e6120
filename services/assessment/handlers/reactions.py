"""Reactions: a fact of an enrolment is recorded, and an existing plan brought into line with all known facts."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from marshmallow import EXCLUDE, Schema, fields

from services.assessment.domain import enrolment as enrolments_of
from services.assessment.domain.enrolment import Fact, fold
from services.assessment.domain.lifecycle import follow
from services.assessment.handlers.exemptions import EXEMPTING
from services.assessment.handlers.jobs import ASSIGN, ATTENDANCE
from services.assessment.handlers.keeping import keep
from services.assessment.store import enrolments, queries
from services.assessment.store.queries import Scope
from shared.ids import derived_id
from shared.messaging.consumer import Reaction
from shared.messaging.envelope import Event, event_type
from shared.messaging.unit_of_work import UnitOfWork

FOLLOWED: Final = (
    enrolments_of.ACTIVATED,
    enrolments_of.SUSPENDED,
    enrolments_of.RESUMED,
    enrolments_of.REOPENED,
    enrolments_of.ENDED,
    "cancelled",
    "withdrawn",
)


class _Enrolment(Schema):
    """The fields of an `enrolment.*` event that assessment reads; whatever else it carries is ignored."""

    class Meta:
        unknown = EXCLUDE

    enrolment_id = fields.String(required=True)
    learner_id = fields.String(required=True)
    offering_id = fields.String(required=True)
    offering_version = fields.Integer(required=True)
    track = fields.String(required=True)
    reason_code = fields.String(load_default=None, allow_none=True)


_ENROLMENT: Final = _Enrolment()


def follow_enrolment(kind: str, uow: UnitOfWork, event: Event) -> None:
    """Record what happened and bring the plan, where there is one already, into line with it.

    Redelivered, or delivered out of order, it ends in the same state: the plan follows the fold of all facts.
    """
    data = _read(event)
    fact = Fact(event.sequence, kind, event.time, data["reason_code"])
    known = {name: data[name] for name in ("learner_id", "offering_id", "offering_version", "track")}
    enrolment_id = data["enrolment_id"]
    enrolments.record_fact(uow, {"id": enrolment_id, **known}, fact)
    plan = queries.find_plan(uow.connection, Scope.all(), derived_id("plan", enrolment_id))
    if plan is not None:
        standing = fold(enrolments.facts_of(uow.connection, enrolment_id))
        keep(uow, plan, follow(plan, standing, uow.now))
    elif kind == enrolments_of.ACTIVATED and data["track"] != ATTENDANCE:
        uow.schedule(ASSIGN, enrolment_id)


def _read(event: Event) -> dict[str, Any]:
    loaded: dict[str, Any] = _ENROLMENT.load(dict(event.data))
    return loaded


REACTIONS: Final[Mapping[str, Reaction]] = {
    **{event_type("enrolment", f"enrolment.{kind}"): partial(follow_enrolment, kind) for kind in FOLLOWED},
    **EXEMPTING,
}
