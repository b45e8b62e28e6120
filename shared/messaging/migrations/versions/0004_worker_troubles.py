"""Troubles of workers."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "worker_troubles",
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("part", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "part", name=op.f("pk_worker_troubles")),
    )
