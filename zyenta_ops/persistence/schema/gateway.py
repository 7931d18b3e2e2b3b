"""Suppliers with an API: what we ask them about, and how often we may ask."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from zyenta_ops.persistence.schema.columns import KEY, count, metadata
from zyenta_ops.persistence.types import UtcDateTime

# Whole microseconds since 1970: compared and added to, never shown.
_MICROSECONDS = BigInteger().with_variant(Integer(), "sqlite")


def _microseconds(name: str) -> Column[int]:
    return Column(name, _MICROSECONDS, nullable=False, server_default=text("0"))


watched_product = Table(
    "watched_product",
    metadata,
    Column("supplier_key", KEY, ForeignKey("supplier.key"), nullable=False),
    Column("product_ref", String(255), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime),
    Column("read_at", UtcDateTime),  # NULL = never answered
    Column("changed_at", UtcDateTime),
    Column("hinted_at", UtcDateTime),  # the supplier said by itself that it changed
    Column("sold_at", UtcDateTime),
    count("failures"),  # in a row
    Column("error", Text),  # of the last failure
    Column(
        "raw", String(64), index=True
    ),  # SHA-256 of the last answer, its name in the object store
    PrimaryKeyConstraint("supplier_key", "product_ref"),
)

rate_limit = Table(
    "rate_limit",
    metadata,
    Column("key", String(160), primary_key=True),
    _microseconds("next_at"),  # theoretical arrival time of the next request
    _microseconds("blocked_until"),  # the supplier asked for quiet
    _microseconds("urgent_until"),  # an order waits for its turn
    Column("day", String(10)),  # the day that `used` counts, UTC
    count("used"),
)
