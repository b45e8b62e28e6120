"""Initial."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "awards",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("offering_id", sa.String(length=64), nullable=False),
        sa.Column("offering_version", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(length=20), nullable=True),
        sa.Column("enrolment_state", sa.String(length=20), nullable=True),
        sa.Column("completion_number", sa.Integer(), nullable=True),
        sa.Column("completion_state", sa.String(length=20), nullable=True),
        sa.Column("completion_digest", sa.String(length=80), nullable=True),
        sa.Column("completion_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("attendance", shared.db.JsonDocument(none_as_null=True), nullable=True),
        sa.Column("replacement", shared.db.JsonDocument(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_awards")),
        sa.UniqueConstraint("enrolment_id", name=op.f("uq_awards_enrolment_id")),
    )
    op.create_index(op.f("ix_awards_learner_id"), "awards", ["learner_id"], unique=False)
    op.create_index(
        op.f("ix_awards_offering_id_offering_version"),
        "awards",
        ["offering_id", "offering_version"],
        unique=False,
    )
    op.create_table(
        "issuer_keys",
        sa.Column("multikey", sa.String(length=60), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=False),
        sa.Column("algorithm", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("activated_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("retired_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("compromised_from", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("proposed_by", sa.String(length=200), nullable=True),
        sa.Column("activated_by", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state <> 'compromised' OR compromised_from IS NOT NULL",
            name=op.f("ck_issuer_keys_compromised_from"),
        ),
        sa.CheckConstraint(
            "activated_by IS NULL OR (proposed_by IS NOT NULL AND activated_by <> proposed_by)",
            name=op.f("ck_issuer_keys_two_people"),
        ),
        sa.PrimaryKeyConstraint("multikey", name=op.f("pk_issuer_keys")),
    )
    op.create_index(op.f("ix_issuer_keys_institution"), "issuer_keys", ["institution"], unique=False)
    op.create_index(
        "uq_issuer_keys_one_active",
        "issuer_keys",
        ["institution", "algorithm"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index(
        "uq_issuer_keys_one_pending",
        "issuer_keys",
        ["institution", "algorithm"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "log_checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_checkpoints")),
    )
    op.create_table(
        "log_entries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("issuer", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=True),
        sa.Column("at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_entries")),
        sa.UniqueConstraint("leaf", name=op.f("uq_log_entries_leaf")),
        sa.UniqueConstraint("position", name=op.f("uq_log_entries_position")),
    )
    op.create_index(op.f("ix_log_entries_subject"), "log_entries", ["subject"], unique=False)
    op.create_index(
        "ix_log_entries_waiting",
        "log_entries",
        ["at"],
        unique=False,
        sqlite_where=sa.text("position IS NULL"),
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_table(
        "log_heads",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_heads")),
    )
    op.create_table(
        "log_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_log_nodes")),
    )
    op.create_table(
        "status_lists",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.String(length=100), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("allocated", sa.Integer(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("signed_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_lists")),
        sa.UniqueConstraint("issuer", "ordinal", name=op.f("uq_status_lists_issuer_ordinal")),
    )
    op.create_table(
        "award_institutions",
        sa.Column("award_id", sa.String(length=100), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_award_institutions_award_id")),
        sa.PrimaryKeyConstraint("award_id", "institution", name=op.f("pk_award_institutions")),
    )
    op.create_index(
        op.f("ix_award_institutions_institution"), "award_institutions", ["institution"], unique=False
    )
    op.create_table(
        "certificates",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("award_id", sa.String(length=100), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.String(length=40), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("acceptance", sa.String(length=20), nullable=False),
        sa.Column("missing", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("completion_number", sa.Integer(), nullable=False),
        sa.Column("results_digest", sa.String(length=80), nullable=False),
        sa.Column("supersedes", sa.String(length=36), nullable=True),
        sa.Column("issuer", sa.String(length=100), nullable=True),
        sa.Column("public_id", sa.String(length=40), nullable=True),
        sa.Column("snapshot", shared.db.JsonDocument(none_as_null=True), nullable=True),
        sa.Column("snapshot_digest", sa.String(length=80), nullable=True),
        sa.Column("status_list_id", sa.String(length=36), nullable=True),
        sa.Column("status_index", sa.Integer(), nullable=True),
        sa.Column("verification_method", sa.String(length=300), nullable=True),
        sa.Column("issued_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("changed_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_certificates_award_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("award_id", "ordinal", name=op.f("uq_certificates_award_id_ordinal")),
        sa.UniqueConstraint("public_id", name=op.f("uq_certificates_public_id")),
        sa.UniqueConstraint(
            "status_list_id", "status_index", name=op.f("uq_certificates_status_list_id_status_index")
        ),
    )
    op.create_index(
        "uq_certificates_one_live",
        "certificates",
        ["award_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('issued', 'suspended')"),
        postgresql_where=sa.text("state IN ('issued', 'suspended')"),
    )
    op.create_index(
        "uq_certificates_one_open",
        "certificates",
        ["award_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('draft', 'incomplete', 'ready')"),
        postgresql_where=sa.text("state IN ('draft', 'incomplete', 'ready')"),
    )
    op.create_table(
        "registrations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("award_id", sa.String(length=100), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=False),
        sa.Column("required_for", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_registrations_award_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
    )
    op.create_index(op.f("ix_registrations_award_id"), "registrations", ["award_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("confirmed_by", sa.String(length=200), nullable=True),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state <> 'confirmed' AND confirmed_by IS NULL) OR (state = 'confirmed' AND confirmed_by IS NOT NULL AND confirmed_by <> proposed_by)",
            name=op.f("ck_decisions_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_decisions_certificate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_certificate_id"), "decisions", ["certificate_id"], unique=False)
    op.create_index(
        "uq_decisions_one_proposed",
        "decisions",
        ["certificate_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "renderings",
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_renderings_certificate_id")
        ),
        sa.PrimaryKeyConstraint("certificate_id", "format", name=op.f("pk_renderings")),
    )
