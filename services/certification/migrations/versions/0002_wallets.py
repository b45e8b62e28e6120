"""Wallets: offers, requests, copies, nonces, and the lists that say their states."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "token_status_lists",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.String(length=100), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("allocated", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("signed_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_status_lists")),
        sa.UniqueConstraint("issuer", "ordinal", name=op.f("uq_token_status_lists_issuer_ordinal")),
    )
    op.create_table(
        "wallet_nonces",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_wallet_nonces")),
    )
    op.create_index(op.f("ix_wallet_nonces_expires_at"), "wallet_nonces", ["expires_at"], unique=False)
    op.create_table(
        "wallet_offers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("reference_hash", sa.String(length=64), nullable=False),
        sa.Column("transaction_code_hash", sa.String(length=64), nullable=True),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.String(length=200), nullable=True),
        sa.Column("access_hash", sa.String(length=64), nullable=True),
        sa.Column("access_until", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_wallet_offers_certificate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_offers")),
        sa.UniqueConstraint("access_hash", name=op.f("uq_wallet_offers_access_hash")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_wallet_offers_code_hash")),
        sa.UniqueConstraint("reference_hash", name=op.f("uq_wallet_offers_reference_hash")),
    )
    op.create_index(
        op.f("ix_wallet_offers_certificate_id"), "wallet_offers", ["certificate_id"], unique=False
    )
    op.create_table(
        "wallet_requests",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("offer_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", shared.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["wallet_offers.id"], name=op.f("fk_wallet_requests_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_requests")),
    )
    op.create_index(op.f("ix_wallet_requests_offer_id"), "wallet_requests", ["offer_id"], unique=False)
    op.create_table(
        "wallet_copies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("holder_key", shared.db.JsonDocument(none_as_null=True), nullable=False),
        sa.Column("status_list_id", sa.String(length=36), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("verification_method", sa.String(length=300), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("issued_at", shared.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_wallet_copies_certificate_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["wallet_requests.id"], name=op.f("fk_wallet_copies_request_id")
        ),
        sa.ForeignKeyConstraint(
            ["status_list_id"], ["token_status_lists.id"], name=op.f("fk_wallet_copies_status_list_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_copies")),
        sa.UniqueConstraint("request_id", "position", name=op.f("uq_wallet_copies_request_id_position")),
        sa.UniqueConstraint(
            "status_list_id", "status_index", name=op.f("uq_wallet_copies_status_list_id_status_index")
        ),
    )
    op.create_index(
        op.f("ix_wallet_copies_certificate_id"), "wallet_copies", ["certificate_id"], unique=False
    )
