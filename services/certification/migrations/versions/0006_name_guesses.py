"""Guesses of names."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "name_guesses",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("started_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("public_id", name=op.f("pk_name_guesses")),
    )
