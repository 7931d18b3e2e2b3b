"""What an account's plan allows, kept locally, and what it has used."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, PrimaryKeyConstraint, String, Table

from zyenta_ops.persistence.schema.columns import ID, id_column, metadata, required
from zyenta_ops.persistence.types import UtcDateTime

# The customer that pays for an account's plan, at the payment provider.
subscriber = Table(
    "subscriber",
    metadata,
    Column("account_id", ID, ForeignKey("account.id"), primary_key=True),
    Column("customer_id", String(255), nullable=False, unique=True),
    Column("subscription_status", String(32), nullable=False, server_default=""),
    Column("grace_until", UtcDateTime),  # what was allowed stays allowed until then
    Column("as_of", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False),
)

entitlement = Table(
    "entitlement",
    metadata,
    Column("account_id", ID, ForeignKey("account.id"), nullable=False),
    Column("lookup_key", String(80), nullable=False),
    Column("active_until", UtcDateTime),  # NULL = as long as it is listed
    Column("as_of", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("account_id", "lookup_key"),
)

usage_ledger = Table(
    "usage_ledger",
    metadata,
    id_column(),
    Column("account_id", ID, ForeignKey("account.id"), nullable=False),
    required("feature", String(80)),
    Column("effect_key", String(255), nullable=False, unique=True),  # the effect that used it
    Column("quantity", BigInteger, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    Index("ix_usage_ledger_account", "account_id", "feature", "used_at"),
)
