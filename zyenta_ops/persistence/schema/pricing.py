"""Exchange rates and the record of every price decision."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from zyenta_ops.persistence.schema.columns import (
    CURRENCY,
    ID,
    id_column,
    metadata,
    required,
)
from zyenta_ops.persistence.types import Document, Minor, UtcDateTime

fx_rate = Table(
    "fx_rate",
    metadata,
    Column("base", CURRENCY, nullable=False),
    Column("quote", CURRENCY, nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("rate", String(40), nullable=False),  # a decimal number as text
    Column("source", String(64), nullable=False),
    PrimaryKeyConstraint("base", "quote", "as_of"),
)

price_decision = Table(
    "price_decision",
    metadata,
    id_column(),
    Column("variant_id", ID, ForeignKey("product_variant.id"), nullable=False, index=True),
    Column("store_id", ID, ForeignKey("store.id"), nullable=False),
    required("outcome"),
    required("status"),
    Column("previous_minor", Minor),
    Column("price_minor", Minor),
    Column("compare_at_minor", Minor),
    Column("floor_minor", Minor),
    Column("currency", CURRENCY, nullable=False),
    Column("reason", Text, nullable=False),
    Column("inputs", Document, nullable=False),
    Column("steps", Document, nullable=False),
    Column("priced_with", String(64), nullable=False),
    Column("offer_id", ID, nullable=False),
    Column("offer_revision", Integer),  # with offer_id names the observation it came from
    Column("run_id", String(36)),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Index("ix_price_decision_waiting", "store_id", "status"),
)
