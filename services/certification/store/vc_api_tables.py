"""The tables of what the VC-API has issued with a status: lists of their own, never those of an awarding body.

Of a credential only the digest of its identifier is kept.
"""

from typing import Final

import sqlalchemy as sa

from services.certification.store.metadata import metadata

vc_api_status_lists: Final = sa.Table(
    "vc_api_status_lists",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("issuer", sa.String(100), nullable=False),
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("allocated", sa.Integer, nullable=False),
    sa.Column("credential", sa.Text, nullable=False),
    sa.UniqueConstraint("issuer", "purpose", "ordinal"),
)

vc_api_statuses: Final = sa.Table(
    "vc_api_statuses",
    metadata,
    sa.Column("status_list_id", sa.ForeignKey("vc_api_status_lists.id"), primary_key=True),
    sa.Column("status_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("credential_digest", sa.String(64), nullable=False, index=True),
    sa.Column("is_set", sa.Boolean, nullable=False),
)
