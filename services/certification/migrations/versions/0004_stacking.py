"""Stacking: the rules in force, stacks with their parts, credits that have counted."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "stacking_agreements",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stacking_agreements")),
    )
    op.create_table(
        "stacks",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("agreement_id", sa.String(length=64), nullable=False),
        sa.Column("agreement_version", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(length=64), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("deciding_body", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("changed_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stacks")),
    )
    op.create_index(op.f("ix_stacks_deciding_body"), "stacks", ["deciding_body"], unique=False)
    op.create_index(op.f("ix_stacks_learner_id"), "stacks", ["learner_id"], unique=False)
    op.create_index(
        "uq_stacks_one_proposed",
        "stacks",
        ["learner_id", "agreement_id", "rule_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "counted_credits",
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("offering_id", sa.String(length=64), nullable=False),
        sa.Column("stack_id", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["stack_id"], ["stacks.id"], name=op.f("fk_counted_credits_stack_id")),
        sa.PrimaryKeyConstraint("learner_id", "kind", "offering_id", name=op.f("pk_counted_credits")),
    )
    op.create_index(op.f("ix_counted_credits_stack_id"), "counted_credits", ["stack_id"], unique=False)
    op.create_table(
        "stack_parts",
        sa.Column("stack_id", sa.String(length=100), nullable=False),
        sa.Column("award_id", sa.String(length=100), nullable=False),
        sa.Column("offering_id", sa.String(length=64), nullable=False),
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("results_digest", sa.String(length=80), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("accepted", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_stack_parts_award_id")),
        sa.ForeignKeyConstraint(["stack_id"], ["stacks.id"], name=op.f("fk_stack_parts_stack_id")),
        sa.PrimaryKeyConstraint("stack_id", "award_id", name=op.f("pk_stack_parts")),
    )
    op.create_index(op.f("ix_stack_parts_award_id"), "stack_parts", ["award_id"], unique=False)
    op.create_table(
        "stacking_rules",
        sa.Column("agreement_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("agreement_version", sa.Integer(), nullable=False),
        sa.Column("document", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["stacking_agreements.id"], name=op.f("fk_stacking_rules_agreement_id")
        ),
        sa.PrimaryKeyConstraint("agreement_id", "id", name=op.f("pk_stacking_rules")),
    )
    op.create_table(
        "stacking_rule_offerings",
        sa.Column("agreement_id", sa.String(length=64), nullable=False),
        sa.Column("rule_id", sa.String(length=64), nullable=False),
        sa.Column("offering_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id", "rule_id"],
            ["stacking_rules.agreement_id", "stacking_rules.id"],
            name=op.f("fk_stacking_rule_offerings_agreement_id_rule_id"),
        ),
        sa.PrimaryKeyConstraint(
            "agreement_id", "rule_id", "offering_id", name=op.f("pk_stacking_rule_offerings")
        ),
    )
    op.create_index(
        op.f("ix_stacking_rule_offerings_offering_id"),
        "stacking_rule_offerings",
        ["offering_id"],
        unique=False,
    )
