"""Customers' orders: what was ordered, what holds it, and what happened."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from zyenta_ops.domain.orders import EventKind, FulfillmentStatus, HoldReason, PaymentStatus
from zyenta_ops.persistence.schema.columns import (
    ACTOR,
    CURRENCY,
    EXTERNAL,
    ID,
    count,
    id_column,
    metadata,
    required,
    times,
)
from zyenta_ops.persistence.types import Document, Minor, UtcDateTime, one_of

UNPLANNED = "fulfillment_status = 'PENDING' AND paid_at IS NOT NULL"

customer = Table(
    "customer",
    metadata,
    id_column(),
    Column("store_id", ID, ForeignKey("store.id"), nullable=False),
    Column("email", String(320), nullable=False),
    Column("name", String(200), nullable=False),
    Column("phone", String(32), nullable=False, server_default=""),
    *times(),
    UniqueConstraint("store_id", "email"),
)

order = Table(
    "order",
    metadata,
    id_column(),
    Column("store_id", ID, ForeignKey("store.id"), nullable=False),
    Column("customer_id", ID, ForeignKey("customer.id"), nullable=False, index=True),
    Column("number", String(64), nullable=False),  # the storefront's
    Column("fingerprint", String(64), nullable=False),  # of what the storefront handed over
    required("currency", CURRENCY),
    Column("subtotal_minor", Minor, nullable=False),
    Column("shipping_minor", Minor, nullable=False),
    Column("tax_minor", Minor, nullable=False),
    Column("discount_minor", Minor, nullable=False),
    Column("total_minor", Minor, nullable=False),
    Column("address", Document, nullable=False),
    Column("locale", String(6), nullable=False, server_default=""),  # "" = as the store speaks
    Column("placed_at", UtcDateTime, nullable=False),
    required("payment_status", default=PaymentStatus.PENDING.value),
    required("fulfillment_status", default=FulfillmentStatus.PENDING.value),
    Column("paid_at", UtcDateTime),
    Column("paid_minor", Minor, nullable=False, server_default=text("0")),
    Column("refunded_minor", Minor, nullable=False, server_default=text("0")),
    count("version"),
    Column("assigned_to", ACTOR, nullable=False, server_default=""),
    Column("snoozed_at", UtcDateTime),
    Column("snoozed_until", UtcDateTime),
    *times(),
    one_of("payment_status", PaymentStatus),
    one_of("fulfillment_status", FulfillmentStatus),
    UniqueConstraint("store_id", "number"),
    Index("ix_order_by_payment", "payment_status", "placed_at"),
    # Paid for, and nothing is planned yet: a handful of rows that a sensor asks for all the time.
    Index(
        "ix_order_unplanned",
        "paid_at",
        sqlite_where=text(UNPLANNED),
        postgresql_where=text(UNPLANNED),
    ),
)

order_item = Table(
    "order_item",
    metadata,
    id_column(),
    Column("order_id", ID, ForeignKey("order.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("variant_id", ID, ForeignKey("product_variant.id"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("sku", String(255)),
    Column("quantity", Integer, nullable=False),
    Column("unit_price_minor", Minor, nullable=False),
    *times(),
    UniqueConstraint("order_id", "position"),
    CheckConstraint("quantity > 0", name="quantity_is_positive"),
)

order_hold = Table(
    "order_hold",
    metadata,
    id_column(),
    Column("order_id", ID, ForeignKey("order.id"), nullable=False),
    required("reason"),
    Column("source", EXTERNAL, nullable=False),
    Column("note", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_by", ACTOR, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("released_at", UtcDateTime),
    Column("released_by", ACTOR),
    *times(),
    one_of("reason", HoldReason),
    # One per source: the same fact told twice holds once.
    UniqueConstraint("order_id", "source"),
    Index(
        "ix_order_hold_open",
        "opened_at",
        sqlite_where=text("released_at IS NULL"),
        postgresql_where=text("released_at IS NULL"),
    ),
)

order_event = Table(
    "order_event",
    metadata,
    id_column(),
    Column("order_id", ID, ForeignKey("order.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    required("kind"),
    Column("actor", ACTOR, nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", Document, nullable=False),
    Column("after", Document, nullable=False),
    Column("run_id", String(64)),
    one_of("kind", EventKind),
    Index("ix_order_event_timeline", "order_id", "at", "id"),
)
