"""The first tables of admission."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("published_version", sa.Integer(), nullable=True),
        sa.Column("draft", shared.db.JsonDocument(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
    )
    op.create_table(
        "learners",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("given_name", sa.String(length=200), nullable=False),
        sa.Column("family_name", sa.String(length=200), nullable=False),
        sa.Column("latin_given_name", sa.String(length=200), nullable=True),
        sa.Column("latin_family_name", sa.String(length=200), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("nationality", sa.String(length=2), nullable=True),
        sa.Column("country_of_residence", sa.String(length=2), nullable=True),
        sa.Column("home_institution", sa.String(length=100), nullable=True),
        sa.Column("esi", sa.String(length=200), nullable=True),
        sa.Column("preferred_language", sa.String(length=35), nullable=False),
        sa.Column("identity_verification", sa.String(length=40), nullable=False),
        sa.Column("identity_verified_by", sa.String(length=100), nullable=True),
        sa.Column("identity_verified_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("family_key", sa.String(length=400), nullable=False),
        sa.Column("search_key", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learners")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_learners_issuer_subject")),
    )
    op.create_index(
        op.f("ix_learners_family_key_date_of_birth"),
        "learners",
        ["family_key", "date_of_birth"],
        unique=False,
    )
    op.create_table(
        "offerings",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("published_version", sa.Integer(), nullable=True),
        sa.Column("draft", shared.db.JsonDocument(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offerings")),
    )
    op.create_table(
        "agreement_versions",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("published_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("document", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["agreements.id"], name=op.f("fk_agreement_versions_id")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_agreement_versions")),
    )
    op.create_table(
        "catalogue",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("ects_milli", sa.Integer(), nullable=True),
        sa.Column("entry", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["offerings.id"], name=op.f("fk_catalogue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue")),
    )
    op.create_table(
        "possible_duplicates",
        sa.Column("pair", sa.String(length=210), nullable=False),
        sa.Column("one", sa.String(length=100), nullable=False),
        sa.Column("other", sa.String(length=100), nullable=False),
        sa.Column("found_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("resolution", sa.String(length=40), nullable=True),
        sa.Column("resolved_by", sa.String(length=200), nullable=True),
        sa.Column("resolved_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["one"], ["learners.id"], name=op.f("fk_possible_duplicates_one")),
        sa.ForeignKeyConstraint(["other"], ["learners.id"], name=op.f("fk_possible_duplicates_other")),
        sa.PrimaryKeyConstraint("pair", name=op.f("pk_possible_duplicates")),
    )
    op.create_index(op.f("ix_possible_duplicates_one"), "possible_duplicates", ["one"], unique=False)
    op.create_index(op.f("ix_possible_duplicates_other"), "possible_duplicates", ["other"], unique=False)
    op.create_table(
        "seats",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND waiting >= 0", name=op.f("ck_seats_counts")),
        sa.ForeignKeyConstraint(["id"], ["offerings.id"], name=op.f("fk_seats_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
    )
    op.create_table(
        "catalogue_facets",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("facet", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["catalogue.id"], name=op.f("fk_catalogue_facets_id")),
        sa.PrimaryKeyConstraint("id", "facet", "value", name=op.f("pk_catalogue_facets")),
    )
    op.create_index(
        op.f("ix_catalogue_facets_facet_value"), "catalogue_facets", ["facet", "value"], unique=False
    )
    op.create_table(
        "offering_versions",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("published_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("document", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("agreement_id", sa.String(length=100), nullable=False),
        sa.Column("agreement_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id", "agreement_version"],
            ["agreement_versions.id", "agreement_versions.version"],
            name=op.f("fk_offering_versions_agreement_id_agreement_version"),
        ),
        sa.ForeignKeyConstraint(["id"], ["offerings.id"], name=op.f("fk_offering_versions_id")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_offering_versions")),
    )
    op.create_table(
        "applications",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("learner_id", sa.String(length=100), nullable=False),
        sa.Column("offering_id", sa.String(length=100), nullable=False),
        sa.Column("offering_version", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.String(length=100), nullable=False),
        sa.Column("agreement_version", sa.Integer(), nullable=False),
        sa.Column("reviewing_institution", sa.String(length=100), nullable=False),
        sa.Column("target_group", sa.String(length=100), nullable=False),
        sa.Column("contract_type", sa.String(length=100), nullable=False),
        sa.Column("track", sa.String(length=100), nullable=False),
        sa.Column("home_institution", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("seat_held", sa.Boolean(), nullable=False),
        sa.Column("duplicate_hold", sa.Boolean(), nullable=False),
        sa.Column("information_overdue", sa.Boolean(), nullable=False),
        sa.Column("information_request", sa.Text(), nullable=True),
        sa.Column("terms_version", sa.String(length=40), nullable=True),
        sa.Column("terms_accepted_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decide_by", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("deadline_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("waitlisted_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("enrolment_id", sa.String(length=100), nullable=True),
        sa.Column("enrolment_state", sa.String(length=40), nullable=True),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("settled_by", sa.String(length=200), nullable=True),
        sa.Column("settled_with", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(state NOT IN ('rejected', 'conditions_not_met') AND NOT revoked) OR "
            "(settled_by IS NOT NULL AND settled_with IS NOT NULL AND settled_by <> settled_with)",
            name=op.f("ck_applications_two_people"),
        ),
        sa.ForeignKeyConstraint(["learner_id"], ["learners.id"], name=op.f("fk_applications_learner_id")),
        sa.ForeignKeyConstraint(
            ["offering_id", "offering_version"],
            ["offering_versions.id", "offering_versions.version"],
            name=op.f("fk_applications_offering_id_offering_version"),
        ),
        sa.ForeignKeyConstraint(["offering_id"], ["offerings.id"], name=op.f("fk_applications_offering_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
    )
    op.create_index(op.f("ix_applications_enrolment_id"), "applications", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_applications_learner_id"), "applications", ["learner_id"], unique=False)
    op.create_index(
        "ix_applications_queue",
        "applications",
        ["offering_id", "state", "rank", "waitlisted_at"],
        unique=False,
    )
    op.create_index(
        "ix_applications_work",
        "applications",
        ["reviewing_institution", "state", "deadline_at"],
        unique=False,
    )
    op.create_index(
        "uq_applications_live",
        "applications",
        ["learner_id", "offering_id"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "evaluations",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("application_id", sa.String(length=100), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.String(length=100), nullable=False),
        sa.Column("offering_version", sa.Integer(), nullable=False),
        sa.Column("rule_set", sa.String(length=40), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("overall", sa.String(length=40), nullable=False),
        sa.Column("inputs", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("result", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_evaluations_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_evaluations_application_id_number")),
    )
    op.create_index(
        "ix_evaluations_application", "evaluations", ["application_id", "created_at"], unique=False
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("application_id", sa.String(length=100), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("facts", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("document", shared.db.JsonDocument(none_as_null=True), nullable=True),
        sa.Column("credential", shared.db.JsonDocument(none_as_null=True), nullable=True),
        sa.Column("verification", sa.String(length=40), nullable=False),
        sa.Column("verified_by", sa.String(length=200), nullable=True),
        sa.Column("verified_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_evidence_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_application", "evidence", ["application_id", "created_at"], unique=False)
    op.create_table(
        "waivers",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("application_id", sa.String(length=100), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("confirmed_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("proposed_by <> confirmed_by", name=op.f("ck_waivers_two_people")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_waivers_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
        sa.UniqueConstraint("application_id", "criterion", name=op.f("uq_waivers_application_id_criterion")),
    )
    op.create_index("ix_waivers_application", "waivers", ["application_id", "created_at"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("application_id", sa.String(length=100), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=100), nullable=True),
        sa.Column("evaluation_id", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("institution", sa.String(length=100), nullable=False),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("confirmed_by", sa.String(length=200), nullable=True),
        sa.Column("settled_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state <> 'confirmed' AND confirmed_by IS NULL) OR "
            "(state = 'confirmed' AND confirmed_by IS NOT NULL AND confirmed_by <> proposed_by)",
            name=op.f("ck_decisions_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_decisions_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_decisions_evaluation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_application", "decisions", ["application_id", "created_at"], unique=False)
    op.create_table(
        "offers",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("application_id", sa.String(length=100), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reply_by", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("rule_set", sa.String(length=40), nullable=False),
        sa.Column("evaluation_id", sa.String(length=100), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_for", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_offers_application_id")
        ),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluations.id"], name=op.f("fk_offers_evaluation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index("ix_offers_application", "offers", ["application_id", "created_at"], unique=False)
    op.create_index(
        "uq_offers_current",
        "offers",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('prepared', 'open', 'accepted')"),
        postgresql_where=sa.text("state IN ('prepared', 'open', 'accepted')"),
    )
    op.create_table(
        "conditions",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("application_id", sa.String(length=100), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("offer_id", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=True),
        sa.Column("due_by", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_with", sa.String(length=200), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state NOT IN ('waived', 'not_met') OR "
            "(decided_by IS NOT NULL AND decided_with IS NOT NULL AND decided_by <> decided_with)",
            name=op.f("ck_conditions_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_conditions_application_id")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_conditions_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conditions")),
    )
    op.create_index("ix_conditions_application", "conditions", ["application_id", "created_at"], unique=False)
