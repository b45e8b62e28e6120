"""Intents: the digest of every snapshot that was about to be signed."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "intents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("snapshot_digest", sa.String(length=80), nullable=False),
        sa.Column("at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_intents_certificate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intents")),
    )
    op.create_index(op.f("ix_intents_certificate_id"), "intents", ["certificate_id"], unique=False)
