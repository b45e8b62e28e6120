"""Every intent to sign, each before its signature: what was signed in vain is accounted for by its digest."""

from typing import Final

import sqlalchemy as sa

from services.certification.store.metadata import metadata
from shared.db import UtcDateTime

intents: Final = sa.Table(
    "intents",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("certificate_id", sa.ForeignKey("certificates.id"), nullable=False, index=True),
    sa.Column("snapshot_digest", sa.String(80), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
