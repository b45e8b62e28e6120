"""The tables of admission. What two people must agree on is also a constraint here (practice.md, check 5)."""

from typing import Any, Final

import sqlalchemy as sa

from services.admission.store import stacking_tables
from services.admission.store.metadata import metadata
from shared.db import JsonDocument, UtcDateTime
from shared.messaging.tables import aggregate_columns

__all__ = ["metadata", "stacking_tables"]

_ID: Final = sa.String(100)
_CODE: Final = sa.String(100)
_STATE: Final = sa.String(40)
_DIGEST: Final = sa.String(80)


def _document_root(name: str, *columns: sa.Column[Any]) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        *aggregate_columns(),
        sa.Column("owner", _CODE, nullable=False),
        sa.Column("state", _STATE, nullable=False),
        sa.Column("published_version", sa.Integer),
        sa.Column("draft", JsonDocument),
        *columns,
    )


def _document_versions(name: str, root: str, *columns: Any) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.ForeignKey(f"{root}.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", _DIGEST, nullable=False),
        sa.Column("published_at", UtcDateTime, nullable=False),
        sa.Column("document", JsonDocument, nullable=False),
        *columns,
    )


agreements: Final = _document_root("agreements")
agreement_versions: Final = _document_versions("agreement_versions", "agreements")
offerings: Final = _document_root("offerings")
offering_versions: Final = _document_versions(
    "offering_versions",
    "offerings",
    sa.Column("agreement_id", _ID, nullable=False),
    sa.Column("agreement_version", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(
        ["agreement_id", "agreement_version"], ["agreement_versions.id", "agreement_versions.version"]
    ),
)

catalogue: Final = sa.Table(
    "catalogue",
    metadata,
    sa.Column("id", sa.ForeignKey("offerings.id"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("ects_milli", sa.Integer),
    sa.Column("entry", JsonDocument, nullable=False),
)

catalogue_facets: Final = sa.Table(
    "catalogue_facets",
    metadata,
    sa.Column("id", sa.ForeignKey("catalogue.id"), primary_key=True),
    sa.Column("facet", sa.String(40), primary_key=True),
    sa.Column("value", _CODE, primary_key=True),
    sa.Index(None, "facet", "value"),
)

seats: Final = sa.Table(
    "seats",
    metadata,
    sa.Column("id", sa.ForeignKey("offerings.id"), primary_key=True),
    sa.Column("capacity", sa.Integer),
    sa.Column("taken", sa.Integer, nullable=False),
    sa.Column("waiting", sa.Integer, nullable=False),
    sa.CheckConstraint("taken >= 0 AND waiting >= 0", name="counts"),
)

learners: Final = sa.Table(
    "learners",
    metadata,
    *aggregate_columns(),
    sa.Column("issuer", sa.String(300), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("given_name", sa.String(200), nullable=False),
    sa.Column("family_name", sa.String(200), nullable=False),
    sa.Column("latin_given_name", sa.String(200)),
    sa.Column("latin_family_name", sa.String(200)),
    sa.Column("date_of_birth", sa.Date),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("phone", sa.String(40)),
    sa.Column("address", sa.String(500)),
    sa.Column("nationality", sa.String(2)),
    sa.Column("country_of_residence", sa.String(2)),
    sa.Column("home_institution", _CODE),
    sa.Column("esi", sa.String(200)),
    sa.Column("preferred_language", sa.String(35), nullable=False),
    sa.Column("identity_verification", _STATE, nullable=False),
    sa.Column("identity_verified_by", _CODE),
    sa.Column("identity_verified_at", UtcDateTime),
    sa.Column("family_key", sa.String(400), nullable=False),
    sa.Column("search_key", sa.String(1000), nullable=False),
    sa.UniqueConstraint("issuer", "subject"),
    sa.Index(None, "family_key", "date_of_birth"),
)

applications: Final = sa.Table(
    "applications",
    metadata,
    *aggregate_columns(),
    sa.Column("learner_id", sa.ForeignKey("learners.id"), nullable=False, index=True),
    sa.Column("offering_id", sa.ForeignKey("offerings.id"), nullable=False),
    sa.Column("offering_version", sa.Integer, nullable=False),
    sa.Column("agreement_id", _ID, nullable=False),
    sa.Column("agreement_version", sa.Integer, nullable=False),
    sa.Column("reviewing_institution", _CODE, nullable=False),
    sa.Column("target_group", _CODE, nullable=False),
    sa.Column("contract_type", _CODE, nullable=False),
    sa.Column("track", _CODE, nullable=False),
    sa.Column("home_institution", _CODE),
    sa.Column("state", _STATE, nullable=False),
    sa.Column("live", sa.Boolean, nullable=False),
    sa.Column("seat_held", sa.Boolean, nullable=False),
    sa.Column("duplicate_hold", sa.Boolean, nullable=False),
    sa.Column("information_overdue", sa.Boolean, nullable=False),
    sa.Column("information_request", sa.Text),
    sa.Column("terms_version", sa.String(40)),
    sa.Column("terms_accepted_at", UtcDateTime),
    sa.Column("submitted_at", UtcDateTime),
    sa.Column("decide_by", UtcDateTime),
    sa.Column("deadline_at", UtcDateTime),
    sa.Column("rank", sa.BigInteger, nullable=False),
    sa.Column("waitlisted_at", UtcDateTime),
    sa.Column("enrolment_id", _ID, index=True),
    sa.Column("enrolment_state", _STATE),
    sa.Column("revoked", sa.Boolean, nullable=False),
    sa.Column("settled_by", sa.String(200)),
    sa.Column("settled_with", sa.String(200)),
    sa.CheckConstraint(
        "(state NOT IN ('rejected', 'conditions_not_met') AND NOT revoked) OR "
        "(settled_by IS NOT NULL AND settled_with IS NOT NULL AND settled_by <> settled_with)",
        name="two_people",
    ),
    sa.ForeignKeyConstraint(
        ["offering_id", "offering_version"], ["offering_versions.id", "offering_versions.version"]
    ),
    sa.Index(
        "uq_applications_live",
        "learner_id",
        "offering_id",
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    ),
    sa.Index("ix_applications_work", "reviewing_institution", "state", "deadline_at"),
    sa.Index("ix_applications_queue", "offering_id", "state", "rank", "waitlisted_at"),
)


def _part(name: str, *columns: Any) -> sa.Table:
    """A part of an application's aggregate; `number` counts them in the order in which they came."""
    return sa.Table(
        name,
        metadata,
        sa.Column("id", _ID, primary_key=True),
        sa.Column("application_id", sa.ForeignKey("applications.id"), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        *columns,
        sa.Index(f"ix_{name}_application", "application_id", "created_at"),
    )


evidence: Final = _part(
    "evidence",
    sa.Column("kind", _CODE, nullable=False),
    sa.Column("criterion", _CODE),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("facts", JsonDocument, nullable=False),
    sa.Column("valid_until", sa.Date),
    sa.Column("document", JsonDocument),
    sa.Column("credential", JsonDocument),
    sa.Column("verification", _STATE, nullable=False),
    sa.Column("verified_by", sa.String(200)),
    sa.Column("verified_at", UtcDateTime),
    sa.Column("note", sa.Text),
)

evaluations: Final = _part(
    "evaluations",
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("offering_id", _ID, nullable=False),
    sa.Column("offering_version", sa.Integer, nullable=False),
    sa.Column("rule_set", sa.String(40), nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("overall", _STATE, nullable=False),
    sa.Column("inputs", JsonDocument, nullable=False),
    sa.Column("result", JsonDocument, nullable=False),
    sa.UniqueConstraint("application_id", "number"),
)

offers: Final = _part(
    "offers",
    sa.Column("kind", _STATE, nullable=False),
    sa.Column("state", _STATE, nullable=False),
    sa.Column("reply_by", UtcDateTime),
    sa.Column("rule_set", sa.String(40), nullable=False),
    sa.Column("evaluation_id", sa.ForeignKey("evaluations.id"), nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("made_for", _CODE, nullable=False),
    sa.Index(
        "uq_offers_current",
        "application_id",
        unique=True,
        sqlite_where=sa.text("state IN ('prepared', 'open', 'accepted')"),
        postgresql_where=sa.text("state IN ('prepared', 'open', 'accepted')"),
    ),
)

conditions: Final = _part(
    "conditions",
    sa.Column("offer_id", sa.ForeignKey("offers.id"), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("criterion", _CODE),
    sa.Column("due_by", UtcDateTime),
    sa.Column("state", _STATE, nullable=False),
    sa.Column("decided_by", sa.String(200)),
    sa.Column("decided_with", sa.String(200)),
    sa.Column("note", sa.Text),
    sa.CheckConstraint(
        "state NOT IN ('waived', 'not_met') OR "
        "(decided_by IS NOT NULL AND decided_with IS NOT NULL AND decided_by <> decided_with)",
        name="two_people",
    ),
)

decisions: Final = _part(
    "decisions",
    sa.Column("kind", _STATE, nullable=False),
    sa.Column("state", _STATE, nullable=False),
    sa.Column("about", _ID),
    sa.Column("evaluation_id", sa.ForeignKey("evaluations.id")),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("institution", _CODE, nullable=False),
    sa.Column("proposed_by", sa.String(200), nullable=False),
    sa.Column("confirmed_by", sa.String(200)),
    sa.Column("settled_at", UtcDateTime),
    sa.CheckConstraint(
        "(state <> 'confirmed' AND confirmed_by IS NULL) OR "
        "(state = 'confirmed' AND confirmed_by IS NOT NULL AND confirmed_by <> proposed_by)",
        name="two_people",
    ),
)

waivers: Final = _part(
    "waivers",
    sa.Column("criterion", _CODE, nullable=False),
    sa.Column("proposed_by", sa.String(200), nullable=False),
    sa.Column("confirmed_by", sa.String(200), nullable=False),
    sa.CheckConstraint("proposed_by <> confirmed_by", name="two_people"),
    sa.UniqueConstraint("application_id", "criterion"),
)

possible_duplicates: Final = sa.Table(
    "possible_duplicates",
    metadata,
    sa.Column("pair", sa.String(210), primary_key=True),
    sa.Column("one", sa.ForeignKey("learners.id"), nullable=False, index=True),
    sa.Column("other", sa.ForeignKey("learners.id"), nullable=False, index=True),
    sa.Column("found_at", UtcDateTime, nullable=False),
    sa.Column("resolution", _STATE),
    sa.Column("resolved_by", sa.String(200)),
    sa.Column("resolved_at", UtcDateTime),
)
