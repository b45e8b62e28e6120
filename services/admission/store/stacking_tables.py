"""Which offerings the rules of stacking name, in the latest version of each agreement: for the public catalogue."""

from typing import Final

import sqlalchemy as sa

from services.admission.store.metadata import metadata

stacking_offerings: Final = sa.Table(
    "stacking_offerings",
    metadata,
    sa.Column("agreement_id", sa.ForeignKey("agreements.id"), primary_key=True),
    sa.Column("offering_id", sa.String(100), primary_key=True, index=True),
)
