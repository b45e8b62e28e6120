"""The tables of certification. The award is the aggregate; what belongs to it is written under its lock."""

from typing import Final

import sqlalchemy as sa

from services.certification.store import (
    guess_tables,
    intent_tables,
    recognition_tables,
    stacking_tables,
    vc_api_tables,
    wallet_tables,
)
from services.certification.store.metadata import metadata
from shared.db import JsonDocument, UtcDateTime
from shared.messaging.tables import aggregate_columns

__all__ = [
    "guess_tables",
    "intent_tables",
    "metadata",
    "recognition_tables",
    "stacking_tables",
    "vc_api_tables",
    "wallet_tables",
]

_OPEN = sa.text("state IN ('draft', 'incomplete', 'ready')")
_LIVE = sa.text("state IN ('issued', 'suspended')")
_REPLACING = sa.text("supersedes IS NOT NULL")
_SIGNED = sa.text("issued_at IS NOT NULL")

awards: Final = sa.Table(
    "awards",
    metadata,
    *aggregate_columns(),
    sa.Column("enrolment_id", sa.String(36), nullable=False, unique=True),
    sa.Column("learner_id", sa.String(36), nullable=False, index=True),
    sa.Column("offering_id", sa.String(64), nullable=False),
    sa.Column("offering_version", sa.Integer, nullable=False),
    sa.Column("track", sa.String(20)),
    sa.Column("enrolment_state", sa.String(20)),
    sa.Column("completion_number", sa.Integer),
    sa.Column("completion_state", sa.String(20)),
    sa.Column("completion_digest", sa.String(80)),
    sa.Column("completion_at", UtcDateTime),
    sa.Column("attendance", JsonDocument),
    sa.Column("replacement", JsonDocument),
    sa.Index(None, "offering_id", "offering_version"),
)

award_institutions: Final = sa.Table(
    "award_institutions",
    metadata,
    sa.Column("award_id", sa.ForeignKey("awards.id"), primary_key=True),
    sa.Column("institution", sa.String(100), primary_key=True, index=True),
)

registrations: Final = sa.Table(
    "registrations",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("award_id", sa.ForeignKey("awards.id"), nullable=False, index=True),
    sa.Column("institution", sa.String(100), nullable=False),
    sa.Column("required_for", sa.String(10), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
)

certificates: Final = sa.Table(
    "certificates",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("award_id", sa.ForeignKey("awards.id"), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("reason_code", sa.String(40)),
    sa.Column("held", sa.Boolean, nullable=False),
    sa.Column("acceptance", sa.String(20), nullable=False),
    sa.Column("missing", JsonDocument, nullable=False),
    sa.Column("completion_number", sa.Integer, nullable=False),
    sa.Column("results_digest", sa.String(80), nullable=False),
    sa.Column("supersedes", sa.String(36)),
    sa.Column("issuer", sa.String(100)),
    sa.Column("public_id", sa.String(40), unique=True),
    sa.Column("snapshot", JsonDocument),
    sa.Column("snapshot_digest", sa.String(80)),
    sa.Column("status_list_id", sa.String(36)),
    sa.Column("status_index", sa.Integer),
    sa.Column("verification_method", sa.String(300)),
    sa.Column("issued_at", UtcDateTime),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("award_id", "ordinal"),
    sa.UniqueConstraint("status_list_id", "status_index"),
    sa.Index(None, "supersedes", sqlite_where=_REPLACING, postgresql_where=_REPLACING),
    sa.Index(None, "issuer", "issued_at", sqlite_where=_SIGNED, postgresql_where=_SIGNED),
    sa.Index("uq_certificates_one_open", "award_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    sa.Index("uq_certificates_one_live", "award_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
)

decisions: Final = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("certificate_id", sa.ForeignKey("certificates.id"), nullable=False, index=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("reason_code", sa.String(40), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.String(200), nullable=False),
    sa.Column("confirmed_by", sa.String(200)),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("settled_at", UtcDateTime),
    sa.CheckConstraint(
        "(state <> 'confirmed' AND confirmed_by IS NULL) OR "
        "(state = 'confirmed' AND confirmed_by IS NOT NULL AND confirmed_by <> proposed_by)",
        name="two_people",
    ),
    sa.Index(
        "uq_decisions_one_proposed",
        "certificate_id",
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    ),
)

renderings: Final = sa.Table(
    "renderings",
    metadata,
    sa.Column("certificate_id", sa.ForeignKey("certificates.id"), primary_key=True),
    sa.Column("format", sa.String(40), primary_key=True),
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
)

issuer_keys: Final = sa.Table(
    "issuer_keys",
    metadata,
    sa.Column("multikey", sa.String(60), primary_key=True),
    sa.Column("institution", sa.String(100), nullable=False, index=True),
    sa.Column("algorithm", sa.String(10), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("activated_at", UtcDateTime),
    sa.Column("retired_at", UtcDateTime),
    sa.Column("compromised_from", UtcDateTime),
    sa.Column("proposed_by", sa.String(200)),
    sa.Column("activated_by", sa.String(200)),
    sa.Column("reason", sa.Text),
    sa.Column("jwk", JsonDocument),
    sa.Column("module_id", sa.String(64)),
    sa.CheckConstraint(
        "activated_by IS NULL OR (proposed_by IS NOT NULL AND activated_by <> proposed_by)", name="two_people"
    ),
    sa.CheckConstraint("state <> 'compromised' OR compromised_from IS NOT NULL", name="compromised_from"),
    sa.Index(
        "uq_issuer_keys_one_active",
        "institution",
        "algorithm",
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    ),
    sa.Index(
        "uq_issuer_keys_one_pending",
        "institution",
        "algorithm",
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    ),
)

status_lists: Final = sa.Table(
    "status_lists",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("issuer", sa.String(100), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("allocated", sa.Integer, nullable=False),
    sa.Column("credential", sa.Text),
    sa.Column("signed_at", UtcDateTime),
    sa.UniqueConstraint("issuer", "ordinal"),
)

log_entries: Final = sa.Table(
    "log_entries",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("subject", sa.String(100), nullable=False, index=True),
    sa.Column("issuer", sa.String(100), nullable=False),
    sa.Column("digest", sa.String(80)),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("salt", sa.String(64), nullable=False),
    sa.Column("leaf", sa.String(64), nullable=False, unique=True),
    sa.Column("position", sa.BigInteger, unique=True),
    sa.Index(
        "ix_log_entries_waiting",
        "at",
        sqlite_where=sa.text("position IS NULL"),
        postgresql_where=sa.text("position IS NULL"),
    ),
)

log_nodes: Final = sa.Table(
    "log_nodes",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

log_heads: Final = sa.Table(
    "log_heads",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
)

log_checkpoints: Final = sa.Table(
    "log_checkpoints",
    metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("root", sa.String(64), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)
