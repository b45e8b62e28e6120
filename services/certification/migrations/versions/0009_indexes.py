"""Indexes: which certificate replaced one, the newest of an issuer, stacks with a part of an offering."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index(
        op.f("ix_certificates_supersedes"),
        "certificates",
        ["supersedes"],
        unique=False,
        sqlite_where=sa.text("supersedes IS NOT NULL"),
        postgresql_where=sa.text("supersedes IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_certificates_issuer_issued_at"),
        "certificates",
        ["issuer", "issued_at"],
        unique=False,
        sqlite_where=sa.text("issued_at IS NOT NULL"),
        postgresql_where=sa.text("issued_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_stack_parts_offering_id"), "stack_parts", ["offering_id"], unique=False)
