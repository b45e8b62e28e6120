"""The tables of recognition: cases, the certificates from elsewhere that were presented, and signed statements.

A case is an aggregate of its own; its documents and statements are written under its lock.
"""

from typing import Final

import sqlalchemy as sa

from services.certification.store.metadata import metadata
from shared.db import JsonDocument, UtcDateTime
from shared.messaging.tables import aggregate_columns

_ASKED = sa.text("origin = 'request' AND state NOT IN ('withdrawn', 'closed')")

recognitions: Final = sa.Table(
    "recognitions",
    metadata,
    *aggregate_columns(),
    sa.Column("origin", sa.String(20), nullable=False),
    sa.Column("learner_id", sa.String(36), nullable=False, index=True),
    sa.Column("institution", sa.String(100), nullable=False, index=True),
    sa.Column("award_id", sa.String(36), index=True),
    sa.Column("certificate_id", sa.String(36)),
    sa.Column("filed_digest", sa.String(80), nullable=False),
    sa.Column("programme", JsonDocument, nullable=False),
    sa.Column("programme_key", sa.String(80), nullable=False),
    sa.Column("rule", JsonDocument, nullable=False),
    sa.Column("basis", JsonDocument, nullable=False),
    sa.Column("exemption", JsonDocument),
    sa.Column("examination", JsonDocument),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("cause", sa.String(40)),
    sa.Column("decide_by", UtcDateTime),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("overdue", sa.Boolean, nullable=False),
    sa.Column("paused_at", UtcDateTime),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("ruling", JsonDocument),
    sa.Column("ruled_on", sa.String(80)),
    sa.Column("decided_by", sa.String(200)),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("answered", sa.String(200)),
    sa.Index(
        "uq_recognitions_one_request",
        "learner_id",
        "institution",
        "filed_digest",
        "programme_key",
        unique=True,
        sqlite_where=_ASKED,
        postgresql_where=_ASKED,
    ),
)

recognition_documents: Final = sa.Table(
    "recognition_documents",
    metadata,
    sa.Column("recognition_id", sa.ForeignKey("recognitions.id"), primary_key=True),
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

recognition_statements: Final = sa.Table(
    "recognition_statements",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("recognition_id", sa.ForeignKey("recognitions.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("issuer", sa.String(100), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("public_id", sa.String(40), nullable=False, unique=True),
    sa.Column("status_list_id", sa.String(36), nullable=False),
    sa.Column("status_index", sa.Integer, nullable=False),
    sa.Column("snapshot", JsonDocument, nullable=False),
    sa.Column("snapshot_digest", sa.String(80), nullable=False),
    sa.Column("verification_method", sa.String(300)),
    sa.Column("content", sa.LargeBinary),
    sa.Column("sha256", sa.String(64)),
    sa.Column("issued_at", UtcDateTime),
    sa.UniqueConstraint("recognition_id", "number"),
    sa.UniqueConstraint("status_list_id", "status_index"),
)
