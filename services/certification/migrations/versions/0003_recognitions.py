"""Recognitions: cases, presented certificates, signed statements."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "recognitions",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=False),
        sa.Column("award_id", sa.String(length=36), nullable=True),
        sa.Column("certificate_id", sa.String(length=36), nullable=True),
        sa.Column("filed_digest", sa.String(length=80), nullable=False),
        sa.Column("programme", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("programme_key", sa.String(length=80), nullable=False),
        sa.Column("rule", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("basis", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("exemption", shared.db.JsonDocument(none_as_null=True), nullable=True),
        sa.Column("examination", shared.db.JsonDocument(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column("decide_by", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("due_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("paused_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ruling", shared.db.JsonDocument(none_as_null=True), nullable=True),
        sa.Column("ruled_on", sa.String(length=80), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answered", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognitions")),
    )
    op.create_index(op.f("ix_recognitions_award_id"), "recognitions", ["award_id"], unique=False)
    op.create_index(op.f("ix_recognitions_institution"), "recognitions", ["institution"], unique=False)
    op.create_index(op.f("ix_recognitions_learner_id"), "recognitions", ["learner_id"], unique=False)
    op.create_index(
        "uq_recognitions_one_request",
        "recognitions",
        ["learner_id", "institution", "filed_digest", "programme_key"],
        unique=True,
        sqlite_where=sa.text("origin = 'request' AND state NOT IN ('withdrawn', 'closed')"),
        postgresql_where=sa.text("origin = 'request' AND state NOT IN ('withdrawn', 'closed')"),
    )
    op.create_table(
        "recognition_documents",
        sa.Column("recognition_id", sa.String(length=100), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recognition_id"], ["recognitions.id"], name=op.f("fk_recognition_documents_recognition_id")
        ),
        sa.PrimaryKeyConstraint("recognition_id", name=op.f("pk_recognition_documents")),
    )
    op.create_table(
        "recognition_statements",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("recognition_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("status_list_id", sa.String(length=36), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("snapshot", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("snapshot_digest", sa.String(length=80), nullable=False),
        sa.Column("verification_method", sa.String(length=300), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("issued_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["recognition_id"], ["recognitions.id"], name=op.f("fk_recognition_statements_recognition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognition_statements")),
        sa.UniqueConstraint("public_id", name=op.f("uq_recognition_statements_public_id")),
        sa.UniqueConstraint(
            "recognition_id", "number", name=op.f("uq_recognition_statements_recognition_id_number")
        ),
        sa.UniqueConstraint(
            "status_list_id",
            "status_index",
            name=op.f("uq_recognition_statements_status_list_id_status_index"),
        ),
    )
