"""Exemptions by recognised certificates."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0002"
down_revision = "0001"


def upgrade() -> None:

    op.create_table(
        "exemptions",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("learner_id", sa.String(length=100), nullable=False),
        sa.Column("offering_id", sa.String(length=64), nullable=False),
        sa.Column("offering_version", sa.Integer(), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=False),
        sa.Column("outcomes", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemptions")),
    )
    op.create_index(
        op.f("ix_exemptions_learner_id_offering_id"),
        "exemptions",
        ["learner_id", "offering_id"],
        unique=False,
    )
