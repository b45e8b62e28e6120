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
        sa.Column("learner_id", sa.String(length=100), nullable=False),
        sa.Column("offering_id", sa.String(length=64), nullable=False),
        sa.Column("offering_version", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
    )
    op.create_table(
        "offering_institutions",
        sa.Column("offering_id", sa.String(length=64), nullable=False),
        sa.Column("offering_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint(
            "offering_id", "offering_version", "institution", name=op.f("pk_offering_institutions")
        ),
    )
    op.create_index(
        op.f("ix_offering_institutions_institution"), "offering_institutions", ["institution"], unique=False
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("enrolment_id", sa.String(length=100), nullable=False),
        sa.Column("learner_id", sa.String(length=100), nullable=False),
        sa.Column("offering_id", sa.String(length=64), nullable=False),
        sa.Column("offering_version", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("assigned_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expected_end", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("briefed_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("held_since", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("paused_microseconds", sa.BigInteger(), nullable=False),
        sa.Column("on_integrity_hold", sa.Boolean(), nullable=False),
        sa.Column("completion_number", sa.Integer(), nullable=False),
        sa.Column("results_digest", sa.String(length=100), nullable=True),
        sa.Column("next_what", sa.String(length=64), nullable=True),
        sa.Column("next_who", sa.String(length=64), nullable=True),
        sa.Column("next_until", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('achieved', 'assigned', 'awaiting_confirmation', 'in_progress', 'lapsed', 'not_achieved', 'voided')",
            name=op.f("ck_plans_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("enrolment_id", name=op.f("uq_plans_enrolment_id")),
    )
    op.create_index(op.f("ix_plans_expected_end_id"), "plans", ["expected_end", "id"], unique=False)
    op.create_index(op.f("ix_plans_learner_id"), "plans", ["learner_id"], unique=False)
    op.create_index(
        op.f("ix_plans_offering_id_offering_version"),
        "plans",
        ["offering_id", "offering_version"],
        unique=False,
    )
    op.create_table(
        "seats",
        sa.Column("id", sa.String(length=300), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_seats_taken")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("plan_id", sa.String(length=100), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.String(length=100), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("marking", sa.String(length=64), nullable=False),
        sa.Column("verification", sa.String(length=64), nullable=False),
        sa.Column("verification_by", sa.String(length=200), nullable=True),
        sa.Column("session_id", sa.String(length=100), nullable=True),
        sa.Column("place", sa.String(length=500), nullable=True),
        sa.Column("opens_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closes_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("timed_out", sa.Boolean(), nullable=False),
        sa.Column("evidence", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("marks", shared.db.JsonDocument(none_as_null=True), nullable=True),
        sa.Column("assessed_on", sa.Date(), nullable=True),
        sa.Column("released_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("disputable_until", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("final_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("task", sa.String(length=64), nullable=True),
        sa.Column("task_until", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("task_after", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "marking IN ('final', 'inmarking', 'inreview', 'notmarked', 'readyforrelease', 'readyforreview', 'released')",
            name=op.f("ck_attempts_marking"),
        ),
        sa.CheckConstraint(
            "state IN ('associated', 'cancelled', 'finished', 'pending')", name=op.f("ck_attempts_state")
        ),
        sa.CheckConstraint(
            "verification IN ('not_required', 'pending', 'rejected', 'second_review_required', 'verified')",
            name=op.f("ck_attempts_verification"),
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_attempts_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("plan_id", "ordinal", name=op.f("uq_attempts_plan_id_ordinal")),
    )
    op.create_index(op.f("ix_attempts_plan_id"), "attempts", ["plan_id"], unique=False)
    op.create_index(
        op.f("ix_attempts_task_task_until_id"), "attempts", ["task", "task_until", "id"], unique=False
    )
    op.create_table(
        "enrolment_facts",
        sa.Column("enrolment_id", sa.String(length=100), nullable=False),
        sa.Column("sequence", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_enrolment_facts_enrolment_id")
        ),
        sa.PrimaryKeyConstraint("enrolment_id", "sequence", name=op.f("pk_enrolment_facts")),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("plan_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.String(length=200), nullable=False),
        sa.Column("placed_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.String(length=200), nullable=True),
        sa.Column("lifted_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_holds_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_plan_id"), "holds", ["plan_id"], unique=False)
    op.create_table(
        "recognitions",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("plan_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recognised_by", sa.String(length=200), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=True),
        sa.Column("recognised_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_recognitions_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognitions")),
        sa.UniqueConstraint("plan_id", "outcome", name=op.f("uq_recognitions_plan_id_outcome")),
    )
    op.create_index(op.f("ix_recognitions_plan_id"), "recognitions", ["plan_id"], unique=False)
    op.create_table(
        "claims",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("plan_id", sa.String(length=100), nullable=False),
        sa.Column("attempt_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("marker", sa.String(length=200), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=True),
        sa.Column("claimed_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_claims_attempt_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_claims_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sa.UniqueConstraint("attempt_id", "number", name=op.f("uq_claims_attempt_id_number")),
        sa.UniqueConstraint("attempt_id", "round", "marker", name=op.f("uq_claims_attempt_id_round_marker")),
    )
    op.create_index(op.f("ix_claims_plan_id"), "claims", ["plan_id"], unique=False)
    op.create_table(
        "disputes",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("plan_id", sa.String(length=100), nullable=False),
        sa.Column("attempt_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raised_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.Column("answered_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_disputes_attempt_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_disputes_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("attempt_id", "number", name=op.f("uq_disputes_attempt_id_number")),
    )
    op.create_index(op.f("ix_disputes_plan_id"), "disputes", ["plan_id"], unique=False)
    op.create_table(
        "overturns",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("plan_id", sa.String(length=100), nullable=False),
        sa.Column("attempt_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("proposed_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=200), nullable=True),
        sa.Column("confirmed_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> proposed_by", name=op.f("ck_overturns_two_people")
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_overturns_attempt_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_overturns_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overturns")),
        sa.UniqueConstraint("attempt_id", "number", name=op.f("uq_overturns_attempt_id_number")),
    )
    op.create_index(op.f("ix_overturns_plan_id"), "overturns", ["plan_id"], unique=False)
    op.create_table(
        "sheets",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("plan_id", sa.String(length=100), nullable=False),
        sa.Column("attempt_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("marker", sa.String(length=200), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=True),
        sa.Column("marks", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("feedback", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("given_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_sheets_attempt_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_sheets_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheets")),
        sa.UniqueConstraint("attempt_id", "number", name=op.f("uq_sheets_attempt_id_number")),
    )
    op.create_index(op.f("ix_sheets_plan_id"), "sheets", ["plan_id"], unique=False)
    op.create_table(
        "votes",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("plan_id", sa.String(length=100), nullable=False),
        sa.Column("attempt_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("confirmer", sa.String(length=200), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=True),
        sa.Column("given_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_votes_attempt_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_votes_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_votes")),
        sa.UniqueConstraint("attempt_id", "number", name=op.f("uq_votes_attempt_id_number")),
        sa.UniqueConstraint(
            "attempt_id", "round", "confirmer", name=op.f("uq_votes_attempt_id_round_confirmer")
        ),
    )
    op.create_index(op.f("ix_votes_plan_id"), "votes", ["plan_id"], unique=False)
