"""The tables of wallets: offers that learners made, what wallets asked for, the copies they got, their status lists.

Codes and tokens are kept as keyed hashes only. A copy's content is kept until it is fetched or its token expires.
"""

from typing import Final

import sqlalchemy as sa

from services.certification.store.metadata import metadata
from shared.db import JsonDocument, UtcDateTime

token_status_lists: Final = sa.Table(
    "token_status_lists",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("issuer", sa.String(100), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("allocated", sa.Integer, nullable=False),
    sa.Column("token", sa.Text),
    sa.Column("signed_at", UtcDateTime),
    sa.UniqueConstraint("issuer", "ordinal"),
)

wallet_offers: Final = sa.Table(
    "wallet_offers",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("certificate_id", sa.ForeignKey("certificates.id"), nullable=False, index=True),
    sa.Column("issuer", sa.String(100), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("code_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("reference_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("transaction_code_hash", sa.String(64)),
    sa.Column("guesses", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("client_id", sa.String(200)),
    sa.Column("access_hash", sa.String(64), unique=True),
    sa.Column("access_until", UtcDateTime),
)

wallet_requests: Final = sa.Table(
    "wallet_requests",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("offer_id", sa.ForeignKey("wallet_offers.id"), nullable=False, index=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

wallet_copies: Final = sa.Table(
    "wallet_copies",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("request_id", sa.ForeignKey("wallet_requests.id"), nullable=False),
    sa.Column("certificate_id", sa.ForeignKey("certificates.id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("holder_key", JsonDocument, nullable=False),
    sa.Column("status_list_id", sa.ForeignKey("token_status_lists.id"), nullable=False),
    sa.Column("status_index", sa.Integer, nullable=False),
    sa.Column("verification_method", sa.String(300)),
    sa.Column("digest", sa.String(64)),
    sa.Column("content", sa.Text),
    sa.Column("issued_at", UtcDateTime),
    sa.UniqueConstraint("request_id", "position"),
    sa.UniqueConstraint("status_list_id", "status_index"),
)

wallet_nonces: Final = sa.Table(
    "wallet_nonces",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
)
