"""Statuses of what the VC-API issues."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "vc_api_status_lists",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.String(length=100), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("allocated", sa.Integer(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vc_api_status_lists")),
        sa.UniqueConstraint(
            "issuer", "purpose", "ordinal", name=op.f("uq_vc_api_status_lists_issuer_purpose_ordinal")
        ),
    )
    op.create_table(
        "vc_api_statuses",
        sa.Column("status_list_id", sa.String(length=36), nullable=False),
        sa.Column("status_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("credential_digest", sa.String(length=64), nullable=False),
        sa.Column("is_set", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["status_list_id"],
            ["vc_api_status_lists.id"],
            name=op.f("fk_vc_api_statuses_status_list_id"),
        ),
        sa.PrimaryKeyConstraint("status_list_id", "status_index", name=op.f("pk_vc_api_statuses")),
    )
    op.create_index(
        op.f("ix_vc_api_statuses_credential_digest"), "vc_api_statuses", ["credential_digest"], unique=False
    )
