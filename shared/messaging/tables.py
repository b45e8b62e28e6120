"""The messaging tables that every service's database holds beside its own."""

from typing import Any, Final

import sqlalchemy as sa

from shared.db import JsonDocument, UtcDateTime

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata: Final = sa.MetaData(naming_convention=NAMING)

_Sequence: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")

outbox: Final = sa.Table(
    "outbox",
    metadata,
    sa.Column("seq", _Sequence, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("type", sa.String(200), nullable=False),
    sa.Column("source", sa.String(300), nullable=False),
    sa.Column("subject", sa.String(100), nullable=False),
    sa.Column("partition_key", sa.String(100), nullable=False),
    sa.Column("sequence", sa.String(20), nullable=False),
    sa.Column("time", UtcDateTime, nullable=False),
    sa.Column("correlation_id", sa.String(100), nullable=False),
    sa.Column("causation_id", sa.String(100)),
    sa.Column("traceparent", sa.String(100)),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("audience", JsonDocument, nullable=False),
    sa.Column("position", sa.BigInteger, unique=True),
    sa.Column("published_at", UtcDateTime),
    sa.Index(
        "ix_outbox_pending",
        "seq",
        sqlite_where=sa.text("published_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)

feed: Final = sa.Table(
    "feed",
    metadata,
    sa.Column("institution", sa.String(100), primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
)

inbox: Final = sa.Table(
    "inbox",
    metadata,
    sa.Column("event_id", sa.String(100), primary_key=True),
    sa.Column("type", sa.String(200), nullable=False),
    sa.Column("handled_at", UtcDateTime, nullable=False),
)

jobs: Final = sa.Table(
    "jobs",
    metadata,
    sa.Column("kind", sa.String(60), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("due_at", UtcDateTime, nullable=False, index=True),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("payload", JsonDocument, nullable=False),
    sa.Column("correlation_id", sa.String(100), nullable=False),
    sa.Column("causation_id", sa.String(100)),
    sa.Column("traceparent", sa.String(100)),
    sa.Column("last_error", sa.Text),
)

leases: Final = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(60), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("counter", sa.BigInteger, nullable=False),
)

worker_troubles: Final = sa.Table(
    "worker_troubles",
    metadata,
    sa.Column("owner", sa.String(200), primary_key=True),
    sa.Column("part", sa.String(60), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

blocked_keys: Final = sa.Table(
    "blocked_keys",
    metadata,
    sa.Column("topic", sa.String(100), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("blocked_at", UtcDateTime, nullable=False),
    sa.Column("retry_requested", sa.Boolean, nullable=False),
)

parked: Final = sa.Table(
    "parked",
    metadata,
    sa.Column("id", _Sequence, primary_key=True, autoincrement=True),
    sa.Column("topic", sa.String(100), nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("event_id", sa.String(100)),
    sa.Column("type", sa.String(200)),
    sa.Column("headers", JsonDocument, nullable=False),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("parked_at", UtcDateTime, nullable=False),
    sa.Column("resolved_at", UtcDateTime),
    sa.Column("resolution", sa.Text),
    sa.UniqueConstraint("topic", "partition", "offset"),
    sa.Index(None, "topic", "key", "resolved_at"),
    sqlite_autoincrement=True,
)

history: Final = sa.Table(
    "history",
    metadata,
    sa.Column("seq", _Sequence, primary_key=True, autoincrement=True),
    sa.Column("aggregate_type", sa.String(60), nullable=False),
    sa.Column("aggregate_id", sa.String(100), nullable=False),
    sa.Column("subject_type", sa.String(60), nullable=False),
    sa.Column("subject", sa.String(100), nullable=False),
    sa.Column("trigger", sa.String(60), nullable=False),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("target", sa.String(60), nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("role", sa.String(60), nullable=False),
    sa.Column("institution", sa.String(100)),
    sa.Column("reason", sa.Text),
    sa.Column("rule_set", sa.String(100)),
    sa.Column("detail", JsonDocument, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index(None, "aggregate_type", "aggregate_id"),
    sqlite_autoincrement=True,
)

idempotency_keys: Final = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("scope", sa.String(64), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("status", sa.Integer),
    sa.Column("headers", sa.Text),
    sa.Column("body", sa.Text),
)

kept_documents: Final = sa.Table(
    "kept_documents",
    metadata,
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("id", sa.String(100), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", JsonDocument, nullable=False),
    sa.Column("kept_at", UtcDateTime, nullable=False),
)


def aggregate_columns() -> list[sa.Column[Any]]:
    """The columns of an aggregate's root row: its identity, its version (the ETag) and its event counter."""
    return [
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
    ]
