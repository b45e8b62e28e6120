"""Kinds of keys: RSA keys, whose names do not hold the public key, and keys in a hardware module."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("issuer_keys", sa.Column("jwk", shared.db.JsonDocument(), nullable=True))
    op.add_column("issuer_keys", sa.Column("module_id", sa.String(length=64), nullable=True))
