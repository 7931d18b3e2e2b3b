"""Sweeps of a supplier and the offers they found."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from zyenta_ops.domain.inventory import Listing
from zyenta_ops.domain.sweeps import Difference, SweepStatus
from zyenta_ops.persistence.schema.columns import (
    CURRENCY,
    ID,
    KEY,
    WORD,
    id_column,
    metadata,
    required,
)
from zyenta_ops.persistence.types import Document, Minor, UtcDateTime, one_of

catalog_sweep = Table(
    "catalog_sweep",
    metadata,
    id_column(),
    Column("supplier_key", KEY, ForeignKey("supplier.key"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("base_sequence", Integer, nullable=False),
    required("status"),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("sha256", String(64)),
    Column("reader", String(32)),  # how the source was read, as its adapter says
    Column("counts", Document, nullable=False),
    Column("reasons", Document, nullable=False),
    Column("rejections", Document, nullable=False),  # the first few, with line and reason
    Column("error", Text),
    Column("run_id", String(36)),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    one_of("status", SweepStatus),
    UniqueConstraint("supplier_key", "sequence"),
)


def _offer_columns() -> tuple[Column[object], ...]:
    return (
        Column("supplier_key", KEY, ForeignKey("supplier.key"), nullable=False),
        Column("country", String(2), nullable=False),
        Column("currency", CURRENCY, nullable=False),
        Column("product_ref", String(255), nullable=False),
        Column("variant_ref", String(255), nullable=False),
        Column("order_ref", String(255), nullable=False),
        Column("sku", String(255)),
        Column("title", Text, nullable=False),
        Column("cost_minor", Minor, nullable=False),
        Column("cost_currency", CURRENCY, nullable=False),
        Column("cost_estimated", Boolean),  # NULL: was not noted when the offer was stored
        Column("list_price_minor", Minor),
        Column("stock", Integer),
        # Where stock is unknown: whether the supplier says that there is some.
        Column("in_stock", Boolean, nullable=False, server_default=text("false")),
        Column("saleable", Boolean, nullable=False),
        Column("attributes", Document, nullable=False),
        Column("images", Document, nullable=False),
        Column("content_hash", String(32), nullable=False),
        Column("listing", WORD, nullable=False),
        Column("miss_count", Integer, nullable=False),
        Column("missed_at", UtcDateTime),  # of the last absence that counted
        Column("observed_at", UtcDateTime, nullable=False),
    )


supplier_offer = Table(
    "supplier_offer",
    metadata,
    id_column(),  # zyenta_ops.domain.catalog.offer_id
    *_offer_columns(),
    Column("revision", Integer, nullable=False),  # sequence of the sweep that last changed it
    one_of("listing", Listing),
    Index("ix_supplier_offer_product", "supplier_key", "product_ref"),
)

# Append-only. The rows of a sweep that is not promoted yet are its staged differences. The sweep of
# an offer's revision names its observation; no index by offer, for ids come in no order and every
# row staged would touch another page of it.
offer_observation = Table(
    "offer_observation",
    metadata,
    Column("sweep_id", ID, ForeignKey("catalog_sweep.id"), nullable=False),
    Column("offer_id", ID, nullable=False),
    Column("difference", WORD, nullable=False),
    Column("previous_cost_minor", Minor),
    Column("previous_cost_currency", CURRENCY),
    Column("previous_stock", Integer),
    *_offer_columns(),
    PrimaryKeyConstraint("sweep_id", "offer_id"),
    one_of("difference", Difference),
    one_of("listing", Listing),
)
