"""Tables of the assessment service: the plan's root row, its parts, and what was heard from others."""

from typing import Any, Final

import sqlalchemy as sa

from services.assessment.domain.machines import ATTEMPT, MARKING, NOT_REQUIRED, PLAN, VERIFICATION
from shared.db import JsonDocument, UtcDateTime
from shared.messaging.tables import NAMING, aggregate_columns

metadata: Final = sa.MetaData(naming_convention=NAMING)

_ID: Final = sa.String(100)
_PERSON: Final = sa.String(200)
_CODE: Final = sa.String(64)


def _one_of(column: str, values: frozenset[str]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in sorted(values))
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


def _part_of_plan() -> sa.Column[Any]:
    return sa.Column("plan_id", sa.ForeignKey("plans.id"), nullable=False, index=True)


def _part_of_attempt() -> list[Any]:
    """`number` is the part's place among those of its attempt, from 1."""
    return [
        sa.Column("id", _ID, primary_key=True),
        _part_of_plan(),
        sa.Column("attempt_id", sa.ForeignKey("attempts.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.UniqueConstraint("attempt_id", "number"),
    ]


plans: Final = sa.Table(
    "plans",
    metadata,
    *aggregate_columns(),
    sa.Column("enrolment_id", _ID, nullable=False, unique=True),
    sa.Column("learner_id", _ID, nullable=False, index=True),
    sa.Column("offering_id", _CODE, nullable=False),
    sa.Column("offering_version", sa.Integer, nullable=False),
    sa.Column("track", _CODE, nullable=False),
    sa.Column("state", _CODE, nullable=False),
    sa.Column("assigned_at", UtcDateTime, nullable=False),
    sa.Column("expected_end", UtcDateTime, nullable=False),
    sa.Column("briefed_at", UtcDateTime),
    sa.Column("held_since", UtcDateTime),
    sa.Column("paused_microseconds", sa.BigInteger, nullable=False),
    sa.Column("on_integrity_hold", sa.Boolean, nullable=False),
    sa.Column("completion_number", sa.Integer, nullable=False),
    sa.Column("results_digest", _ID),
    # What comes next; derived from the plan at every save, for the lists alone.
    sa.Column("next_what", _CODE),
    sa.Column("next_who", _CODE),
    sa.Column("next_until", UtcDateTime),
    sa.Index(None, "offering_id", "offering_version"),
    sa.Index(None, "expected_end", "id"),
    _one_of("state", PLAN.states),
)

attempts: Final = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    _part_of_plan(),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("instrument_id", _ID, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("state", _CODE, nullable=False),
    sa.Column("marking", _CODE, nullable=False),
    sa.Column("verification", _CODE, nullable=False),
    sa.Column("verification_by", _PERSON),
    sa.Column("session_id", _ID),
    sa.Column("place", sa.String(500)),
    sa.Column("opens_at", UtcDateTime),
    sa.Column("closes_at", UtcDateTime),
    sa.Column("submitted_at", UtcDateTime),
    sa.Column("timed_out", sa.Boolean, nullable=False),
    sa.Column("evidence", JsonDocument, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("marks", JsonDocument),
    sa.Column("assessed_on", sa.Date),
    sa.Column("released_at", UtcDateTime),
    sa.Column("disputable_until", UtcDateTime),
    sa.Column("final_at", UtcDateTime),
    # What has to be done with it next; derived from the plan at every save, for the work lists alone.
    sa.Column("task", _CODE),
    sa.Column("task_until", UtcDateTime, nullable=False),
    sa.Column("task_after", UtcDateTime),
    sa.UniqueConstraint("plan_id", "ordinal"),
    sa.Index(None, "task", "task_until", "id"),
    _one_of("state", ATTEMPT.states),
    _one_of("marking", MARKING.states),
    _one_of("verification", VERIFICATION.states | {NOT_REQUIRED}),
)

claims: Final = sa.Table(
    "claims",
    metadata,
    *_part_of_attempt(),
    sa.Column("marker", _PERSON, nullable=False),
    sa.Column("institution", _ID),
    sa.Column("claimed_at", UtcDateTime, nullable=False),
    # Two markers are two people, whatever code asks for.
    sa.UniqueConstraint("attempt_id", "round", "marker"),
)

sheets: Final = sa.Table(
    "sheets",
    metadata,
    *_part_of_attempt(),
    sa.Column("kind", _CODE, nullable=False),
    sa.Column("marker", _PERSON, nullable=False),
    sa.Column("institution", _ID),
    sa.Column("marks", JsonDocument, nullable=False),
    sa.Column("assessed_on", sa.Date, nullable=False),
    sa.Column("feedback", JsonDocument, nullable=False),
    sa.Column("given_at", UtcDateTime, nullable=False),
)

votes: Final = sa.Table(
    "votes",
    metadata,
    *_part_of_attempt(),
    sa.Column("confirmer", _PERSON, nullable=False),
    sa.Column("institution", _ID),
    sa.Column("given_at", UtcDateTime, nullable=False),
    # A quorum is of different people, whatever code asks for.
    sa.UniqueConstraint("attempt_id", "round", "confirmer"),
)

disputes: Final = sa.Table(
    "disputes",
    metadata,
    *_part_of_attempt(),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("raised_at", UtcDateTime, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("answered_by", _PERSON),
    sa.Column("answered_at", UtcDateTime),
)

overturns: Final = sa.Table(
    "overturns",
    metadata,
    *_part_of_attempt(),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("proposed_by", _PERSON, nullable=False),
    sa.Column("proposed_at", UtcDateTime, nullable=False),
    sa.Column("confirmed_by", _PERSON),
    sa.Column("confirmed_at", UtcDateTime),
    # Four eyes hold even against a statement typed by hand.
    sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> proposed_by", name="two_people"),
)

recognitions: Final = sa.Table(
    "recognitions",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    _part_of_plan(),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("outcome", _ID, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("recognised_by", _PERSON, nullable=False),
    sa.Column("institution", _ID),
    sa.Column("recognised_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("plan_id", "outcome"),
)

exemptions: Final = sa.Table(
    "exemptions",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("learner_id", _ID, nullable=False),
    sa.Column("offering_id", _CODE, nullable=False),
    sa.Column("offering_version", sa.Integer, nullable=False),
    sa.Column("institution", _ID, nullable=False),
    sa.Column("outcomes", JsonDocument, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index(None, "learner_id", "offering_id"),
)

holds: Final = sa.Table(
    "holds",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    _part_of_plan(),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("placed_by", _PERSON, nullable=False),
    sa.Column("placed_at", UtcDateTime, nullable=False),
    sa.Column("lifted_by", _PERSON),
    sa.Column("lifted_at", UtcDateTime),
    sa.Column("lifted_because", sa.Text),
)

seats: Final = sa.Table(
    "seats",
    metadata,
    sa.Column("id", sa.String(300), primary_key=True),
    sa.Column("taken", sa.Integer, nullable=False),
    sa.CheckConstraint("taken >= 0", name="taken"),
)

enrolments: Final = sa.Table(
    "enrolments",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("learner_id", _ID, nullable=False),
    sa.Column("offering_id", _CODE, nullable=False),
    sa.Column("offering_version", sa.Integer, nullable=False),
    sa.Column("track", _CODE, nullable=False),
)

enrolment_facts: Final = sa.Table(
    "enrolment_facts",
    metadata,
    sa.Column("enrolment_id", sa.ForeignKey("enrolments.id"), primary_key=True),
    sa.Column("sequence", sa.String(20), primary_key=True),
    sa.Column("kind", _CODE, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("reason", _CODE),
)

offering_institutions: Final = sa.Table(
    "offering_institutions",
    metadata,
    sa.Column("offering_id", _CODE, primary_key=True),
    sa.Column("offering_version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("institution", _ID, primary_key=True),
    sa.Index(None, "institution"),
)
