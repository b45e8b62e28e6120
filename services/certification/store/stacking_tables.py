"""The tables of stacking: the rules in force, stacks with their parts, and which credits have counted towards what."""

from typing import Final

import sqlalchemy as sa

from services.certification.store.metadata import metadata
from shared.db import JsonDocument, UtcDateTime
from shared.messaging.tables import aggregate_columns

_PROPOSED = sa.text("state = 'proposed'")

stacking_agreements: Final = sa.Table(
    "stacking_agreements",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)

stacking_rules: Final = sa.Table(
    "stacking_rules",
    metadata,
    sa.Column("agreement_id", sa.ForeignKey("stacking_agreements.id"), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("agreement_version", sa.Integer, nullable=False),
    sa.Column("document", JsonDocument, nullable=False),
)

stacking_rule_offerings: Final = sa.Table(
    "stacking_rule_offerings",
    metadata,
    sa.Column("agreement_id", sa.String(64), primary_key=True),
    sa.Column("rule_id", sa.String(64), primary_key=True),
    sa.Column("offering_id", sa.String(64), primary_key=True, index=True),
    sa.ForeignKeyConstraint(
        ["agreement_id", "rule_id"], ["stacking_rules.agreement_id", "stacking_rules.id"]
    ),
)

stacks: Final = sa.Table(
    "stacks",
    metadata,
    *aggregate_columns(),
    sa.Column("learner_id", sa.String(36), nullable=False, index=True),
    sa.Column("agreement_id", sa.String(64), nullable=False),
    sa.Column("agreement_version", sa.Integer, nullable=False),
    sa.Column("rule_id", sa.String(64), nullable=False),
    sa.Column("rule_version", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("deciding_body", sa.String(100), nullable=False, index=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("decided_by", sa.String(200)),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Index(
        "uq_stacks_one_proposed",
        "learner_id",
        "agreement_id",
        "rule_id",
        unique=True,
        sqlite_where=_PROPOSED,
        postgresql_where=_PROPOSED,
    ),
)

stack_parts: Final = sa.Table(
    "stack_parts",
    metadata,
    sa.Column("stack_id", sa.ForeignKey("stacks.id"), primary_key=True),
    sa.Column("award_id", sa.ForeignKey("awards.id"), primary_key=True, index=True),
    sa.Column("offering_id", sa.String(64), nullable=False, index=True),
    sa.Column("certificate_id", sa.String(36), nullable=False),
    sa.Column("results_digest", sa.String(80), nullable=False),
    sa.Column("standing", sa.String(20), nullable=False),
    sa.Column("accepted", sa.String(20), nullable=False),
)

counted_credits: Final = sa.Table(
    "counted_credits",
    metadata,
    sa.Column("learner_id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(64), primary_key=True),
    sa.Column("offering_id", sa.String(64), primary_key=True),
    sa.Column("stack_id", sa.ForeignKey("stacks.id"), nullable=False, index=True),
)
"""The primary key says it to the database: no credits of a learner count twice towards awards of one kind."""
