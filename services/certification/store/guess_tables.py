"""The table of guesses: how many names were tried for each public certificate or statement in its present window.

The names themselves are kept nowhere.
"""

from typing import Final

import sqlalchemy as sa

from services.certification.store.metadata import metadata
from shared.db import UtcDateTime

name_guesses: Final = sa.Table(
    "name_guesses",
    metadata,
    sa.Column("public_id", sa.String(40), primary_key=True),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("guesses", sa.Integer, nullable=False),
)
