"""Customers' orders, their payments, and what came in about them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from zyenta_ops.domain.inbox import EventSource, InboxStatus, Via
from zyenta_ops.domain.orders import EventKind, FulfillmentStatus, HoldReason, PaymentStatus
from zyenta_ops.domain.payments import FactKind, FactState
from zyenta_ops.domain.refunds import RefundStatus
from zyenta_ops.persistence.schema.columns import (
    CURRENCY,
    ID,
    count,
    id_column,
    metadata,
    required,
    times,
)
from zyenta_ops.persistence.types import Document, Minor, UtcDateTime, one_of

_EXTERNAL = String(255)
_ACTOR = String(200)
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
    Column("assigned_to", _ACTOR, nullable=False, server_default=""),
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
    Column("source", _EXTERNAL, nullable=False),
    Column("note", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_by", _ACTOR, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("released_at", UtcDateTime),
    Column("released_by", _ACTOR),
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
    Column("actor", _ACTOR, nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", Document, nullable=False),
    Column("after", Document, nullable=False),
    Column("run_id", String(64)),
    one_of("kind", EventKind),
    Index("ix_order_event_timeline", "order_id", "at", "id"),
)

# How the payment provider's objects stood when last read; orders are derived from them.
payment_fact = Table(
    "payment_fact",
    metadata,
    required("kind"),
    Column("external_id", _EXTERNAL, nullable=False),
    Column("account", _EXTERNAL, nullable=False, server_default=""),
    Column("order_id", ID, ForeignKey("order.id"), index=True),  # NULL = no order is known yet
    required("state"),
    Column("amount_minor", Minor, nullable=False),
    required("currency", CURRENCY),
    Column("as_of", UtcDateTime, nullable=False),
    Column("moved_at", UtcDateTime, nullable=False),  # its money, says the provider
    Column("intent_id", _EXTERNAL, nullable=False, server_default="", index=True),
    Column("order_ref", _EXTERNAL, nullable=False, server_default=""),
    Column("store_ref", _EXTERNAL, nullable=False, server_default=""),
    Column("order_number", String(64), nullable=False, server_default=""),
    Column("refund_ref", ID, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    *times(),
    PrimaryKeyConstraint("kind", "external_id"),
    one_of("kind", FactKind),
    one_of("state", FactState),
)

refund = Table(
    "refund",
    metadata,
    id_column(),
    Column("order_id", ID, ForeignKey("order.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("amount_minor", Minor, nullable=False),
    required("currency", CURRENCY),
    Column("reason", Text, nullable=False),
    Column("intent_id", _EXTERNAL, nullable=False),
    Column("account", _EXTERNAL, nullable=False, server_default=""),
    required("status", default=RefundStatus.PLANNED.value),
    Column("requested_by", _ACTOR, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    # The caller's: asking twice refunds once. A request is a refund for each payment.
    Column("request_key", _EXTERNAL, nullable=False),
    Column("lines", Document, nullable=False),
    count("epoch"),
    Column("reverse_transfer", Boolean, nullable=False, server_default=text("false")),
    Column("refund_application_fee", Boolean, nullable=False, server_default=text("false")),
    Column("external_id", _EXTERNAL, unique=True),
    count("attempts"),
    Column("next_attempt_at", UtcDateTime),
    Column("first_asked_at", UtcDateTime),  # under the key of this epoch
    Column("lease_owner", ID),
    Column("lease_until", UtcDateTime),
    Column("error", Text),
    *times(),
    one_of("status", RefundStatus),
    UniqueConstraint("order_id", "number"),
    UniqueConstraint("order_id", "request_key", "intent_id"),
    CheckConstraint("amount_minor > 0", name="amount_is_positive"),
    Index("ix_refund_due", "status", "next_attempt_at"),
)

# How a store's customers pay: through the platform or through an account of the store's own.
payment_account = Table(
    "payment_account",
    metadata,
    Column("store_id", ID, ForeignKey("store.id"), primary_key=True),
    Column("external_id", _EXTERNAL, nullable=False, index=True),
    required("charge_model"),
    Column("charges_enabled", Boolean, nullable=False, server_default=text("true")),
    Column("deauthorized_at", UtcDateTime),
    Column("as_of", UtcDateTime),
    *times(),
    CheckConstraint(
        "charge_model IN ('PLATFORM', 'DESTINATION', 'DIRECT')", name="charge_model_is_known"
    ),
)

inbox_event = Table(
    "inbox_event",
    metadata,
    id_column(),
    required("source"),
    Column("event_id", _EXTERNAL, nullable=False),
    Column("account", _EXTERNAL, nullable=False, server_default=""),
    Column("type", String(128), nullable=False),
    Column("body", LargeBinary, nullable=False),
    required("via"),
    Column("verified", Boolean, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("occurred_at", UtcDateTime),
    required("status", default=InboxStatus.RECEIVED.value),
    count("attempts"),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("lease_owner", ID),
    Column("lease_until", UtcDateTime),
    Column("processed_at", UtcDateTime),
    Column("note", Text),
    one_of("source", EventSource),
    one_of("via", Via),
    one_of("status", InboxStatus),
    UniqueConstraint("source", "event_id"),
    Index("ix_inbox_event_due", "status", "next_attempt_at", "id"),
    Index("ix_inbox_event_newest", "source", "received_at"),
)
