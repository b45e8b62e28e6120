"""Stacking: which offerings the rules name."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "stacking_offerings",
        sa.Column("agreement_id", sa.String(length=100), nullable=False),
        sa.Column("offering_id", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_stacking_offerings_agreement_id")
        ),
        sa.PrimaryKeyConstraint("agreement_id", "offering_id", name=op.f("pk_stacking_offerings")),
    )
    op.create_index(
        op.f("ix_stacking_offerings_offering_id"), "stacking_offerings", ["offering_id"], unique=False
    )
