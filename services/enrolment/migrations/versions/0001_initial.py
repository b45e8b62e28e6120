"""Initial."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "enrolments",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("application_id", sa.String(length=100), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("learner_id", sa.String(length=100), nullable=False),
        sa.Column("offering_id", sa.String(length=64), nullable=False),
        sa.Column("offering_version", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.String(length=64), nullable=False),
        sa.Column("agreement_version", sa.Integer(), nullable=False),
        sa.Column("target_group", sa.String(length=100), nullable=False),
        sa.Column("contract_type", sa.String(length=64), nullable=False),
        sa.Column("track", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("state_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("contracted_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("planned_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("coordinating_institution", sa.String(length=100), nullable=True),
        sa.Column("reviewing_institution", sa.String(length=100), nullable=True),
        sa.Column("fee_amount", sa.BigInteger(), nullable=True),
        sa.Column("fee_currency", sa.String(length=3), nullable=True),
        sa.Column("conclusion", sa.String(length=64), nullable=True),
        sa.Column("conclusion_sequence", sa.BigInteger(), nullable=True),
        sa.Column("conclusion_reason", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "state IN ('cancelled', 'completed', 'ended', 'enrolled', 'pending', 'suspended', 'withdrawn')",
            name=op.f("ck_enrolments_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("application_id", "round", name=op.f("uq_enrolments_application_id_round")),
    )
    op.create_index(
        op.f("ix_enrolments_coordinating_institution"),
        "enrolments",
        ["coordinating_institution"],
        unique=False,
    )
    op.create_index(op.f("ix_enrolments_learner_id"), "enrolments", ["learner_id"], unique=False)
    op.create_index(
        op.f("ix_enrolments_offering_id_state"), "enrolments", ["offering_id", "state"], unique=False
    )
    op.create_index(
        op.f("ix_enrolments_reviewing_institution"), "enrolments", ["reviewing_institution"], unique=False
    )
    op.create_index(
        "uq_enrolments_live",
        "enrolments",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('cancelled', 'withdrawn')"),
        postgresql_where=sa.text("state NOT IN ('cancelled', 'withdrawn')"),
    )
    op.create_table(
        "facts",
        sa.Column("event_id", sa.String(length=100), nullable=False),
        sa.Column("about", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_facts")),
    )
    op.create_index(op.f("ix_facts_about"), "facts", ["about"], unique=False)
    op.create_table(
        "attendances",
        sa.Column("enrolment_id", sa.String(length=100), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=False),
        sa.Column("confirmed_by", sa.String(length=200), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("recorded_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_attendances_enrolment_id")
        ),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_attendances")),
    )
    op.create_table(
        "refunds",
        sa.Column("enrolment_id", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("recorded_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_refunds_enrolment_id")),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_refunds")),
    )
    op.create_table(
        "registrations",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("enrolment_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("required_for", sa.String(length=64), nullable=False),
        sa.Column("data", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("answer_within", sa.String(length=64), nullable=False),
        sa.Column("procedure", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("entitlement", sa.String(length=64), nullable=True),
        sa.Column("contract_type", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("state_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("remote_state", sa.String(length=64), nullable=True),
        sa.Column("remote_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("remote_reference", sa.String(length=100), nullable=True),
        sa.Column("desired_state", sa.String(length=64), nullable=False),
        sa.Column("desired_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("requested_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answer_by", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("overdue_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("entitlement_from", sa.Date(), nullable=True),
        sa.Column("entitlement_until", sa.Date(), nullable=True),
        sa.Column("access_provisioned_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("local_student_number", sa.String(length=100), nullable=True),
        sa.Column("esi", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "desired_state IN ('associated', 'cancelled')", name=op.f("ck_registrations_desired_state")
        ),
        sa.CheckConstraint(
            "required_for IN ('award', 'none', 'start')", name=op.f("ck_registrations_required_for")
        ),
        sa.CheckConstraint(
            "role IN ('awarding', 'platform', 'teaching')", name=op.f("ck_registrations_role")
        ),
        sa.CheckConstraint(
            "state IN ('associated', 'cancelled', 'denied', 'finished', 'pending', 'queued', 'x-suspended')",
            name=op.f("ck_registrations_state"),
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_registrations_enrolment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint(
            "enrolment_id",
            "institution",
            "number",
            name=op.f("uq_registrations_enrolment_id_institution_number"),
        ),
    )
    op.create_index(op.f("ix_registrations_answer_by_id"), "registrations", ["answer_by", "id"], unique=False)
    op.create_index(
        op.f("ix_registrations_institution_state"), "registrations", ["institution", "state"], unique=False
    )
