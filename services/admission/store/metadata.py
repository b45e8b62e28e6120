"""The one collection of tables of admission, so that modules of tables need not know each other."""

from typing import Final

import sqlalchemy as sa

from shared.messaging.tables import NAMING

metadata: Final = sa.MetaData(naming_convention=NAMING)
