"""Payments of orders, refunds, and what came in from outside about either."""

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
from zyenta_ops.domain.payments import FactKind, FactState
from zyenta_ops.domain.refunds import RefundStatus
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

# How the payment provider's objects stood when last read; orders are derived from them.
payment_fact = Table(
    "payment_fact",
    metadata,
    required("kind"),
    Column("external_id", EXTERNAL, nullable=False),
    Column("account", EXTERNAL, nullable=False, server_default=""),
    Column("order_id", ID, ForeignKey("order.id"), index=True),  # NULL = no order is known yet
    required("state"),
    Column("amount_minor", Minor, nullable=False),
    required("currency", CURRENCY),
    Column("as_of", UtcDateTime, nullable=False),
    Column("moved_at", UtcDateTime, nullable=False),  # its money, says the provider
    Column("intent_id", EXTERNAL, nullable=False, server_default="", index=True),
    Column("order_ref", EXTERNAL, nullable=False, server_default=""),
    Column("store_ref", EXTERNAL, nullable=False, server_default=""),
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
    Column("intent_id", EXTERNAL, nullable=False),
    Column("account", EXTERNAL, nullable=False, server_default=""),
    required("status", default=RefundStatus.PLANNED.value),
    Column("requested_by", ACTOR, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    # The caller's: asking twice refunds once. A request is a refund for each payment.
    Column("request_key", EXTERNAL, nullable=False),
    Column("lines", Document, nullable=False),
    count("epoch"),
    Column("reverse_transfer", Boolean, nullable=False, server_default=text("false")),
    Column("refund_application_fee", Boolean, nullable=False, server_default=text("false")),
    Column("external_id", EXTERNAL, unique=True),
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
    Column("external_id", EXTERNAL, nullable=False, index=True),
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
    Column("event_id", EXTERNAL, nullable=False),
    Column("account", EXTERNAL, nullable=False, server_default=""),
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
