"""Tables of the enrolment service: the aggregate's root, its registrations, and what was heard from others."""

from typing import Final

import sqlalchemy as sa

from services.enrolment.domain.machines import CALLED_OFF, ENROLMENT, REGISTRATION
from shared.db import JsonDocument, UtcDateTime
from shared.messaging.tables import NAMING, aggregate_columns

metadata: Final = sa.MetaData(naming_convention=NAMING)

_ID: Final = sa.String(100)
_CODE: Final = sa.String(64)


def _one_of(column: str, values: frozenset[str]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in sorted(values))
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


_LIVE: Final = sa.text(f"state NOT IN ({', '.join(repr(state) for state in sorted(CALLED_OFF))})")

enrolments: Final = sa.Table(
    "enrolments",
    metadata,
    *aggregate_columns(),
    sa.Column("application_id", _ID, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("learner_id", _ID, nullable=False, index=True),
    sa.Column("offering_id", _CODE, nullable=False),
    sa.Column("offering_version", sa.Integer, nullable=False),
    sa.Column("agreement_id", _CODE, nullable=False),
    sa.Column("agreement_version", sa.Integer, nullable=False),
    sa.Column("target_group", _ID, nullable=False),
    sa.Column("contract_type", _CODE, nullable=False),
    sa.Column("track", _CODE, nullable=False),
    sa.Column("state", _CODE, nullable=False),
    sa.Column("state_at", UtcDateTime, nullable=False),
    sa.Column("contracted_at", UtcDateTime, nullable=False),
    sa.Column("reason", _CODE),
    sa.Column("planned_at", UtcDateTime),
    sa.Column("coordinating_institution", _ID, index=True),
    sa.Column("reviewing_institution", _ID, index=True),
    sa.Column("fee_amount", sa.BigInteger),
    sa.Column("fee_currency", sa.String(3)),
    sa.Column("conclusion", _CODE),
    sa.Column("conclusion_sequence", sa.BigInteger),
    sa.Column("conclusion_reason", _CODE),
    sa.UniqueConstraint("application_id", "round"),
    # One live enrolment per application, whatever races: a second one would double the learner's certificate.
    sa.Index(
        "uq_enrolments_live",
        "application_id",
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
    sa.Index(None, "offering_id", "state"),
    _one_of("state", ENROLMENT.states),
)

registrations: Final = sa.Table(
    "registrations",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("enrolment_id", sa.ForeignKey("enrolments.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("institution", _ID, nullable=False),
    sa.Column("role", _CODE, nullable=False),
    sa.Column("required_for", _CODE, nullable=False),
    sa.Column("data", JsonDocument, nullable=False),
    sa.Column("answer_within", _CODE, nullable=False),
    sa.Column("procedure", JsonDocument, nullable=False),
    sa.Column("entitlement", _CODE),
    sa.Column("contract_type", _CODE, nullable=False),
    sa.Column("state", _CODE, nullable=False),
    sa.Column("state_at", UtcDateTime, nullable=False),
    sa.Column("remote_state", _CODE),
    sa.Column("remote_at", UtcDateTime),
    sa.Column("remote_reference", _ID),
    sa.Column("desired_state", _CODE, nullable=False),
    sa.Column("desired_at", UtcDateTime, nullable=False),
    sa.Column("requested_at", UtcDateTime, nullable=False),
    sa.Column("answer_by", UtcDateTime, nullable=False),
    sa.Column("overdue_at", UtcDateTime),
    sa.Column("reminders", sa.Integer, nullable=False),
    sa.Column("entitlement_from", sa.Date),
    sa.Column("entitlement_until", sa.Date),
    sa.Column("access_provisioned_at", UtcDateTime),
    sa.Column("local_student_number", _ID),
    sa.Column("esi", sa.String(200)),
    sa.UniqueConstraint("enrolment_id", "institution", "number"),
    sa.Index(None, "institution", "state"),
    sa.Index(None, "answer_by", "id"),
    _one_of("state", REGISTRATION.states),
    _one_of("role", frozenset({"awarding", "teaching", "platform"})),
    _one_of("required_for", frozenset({"start", "award", "none"})),
    _one_of("desired_state", frozenset({"associated", "cancelled"})),
)

facts: Final = sa.Table(
    "facts",
    metadata,
    sa.Column("event_id", _ID, primary_key=True),
    sa.Column("about", _ID, nullable=False, index=True),
    sa.Column("name", _CODE, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
)

attendances: Final = sa.Table(
    "attendances",
    metadata,
    sa.Column("enrolment_id", sa.ForeignKey("enrolments.id"), primary_key=True),
    sa.Column("institution", _ID, nullable=False),
    sa.Column("confirmed_by", sa.String(200), nullable=False),
    sa.Column("confirmed_on", sa.Date, nullable=False),
    sa.Column("hours", sa.Integer),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
)

refunds: Final = sa.Table(
    "refunds",
    metadata,
    sa.Column("enrolment_id", sa.ForeignKey("enrolments.id"), primary_key=True),
    sa.Column("reason", _CODE, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
)
