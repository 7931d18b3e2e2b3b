"""Supplier orders: what is bought for customers' orders, how it is asked for, and its parcels."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
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

from zyenta_ops.domain.fulfillment import (
    ActionReason,
    AttemptKind,
    AttemptOutcome,
    SpendState,
    Stage,
    Verb,
)
from zyenta_ops.domain.supplier_orders import ParcelState, SupplierOrderState
from zyenta_ops.persistence.schema.columns import (
    CURRENCY,
    ID,
    KEY,
    WORD,
    count,
    id_column,
    metadata,
    required,
    times,
)
from zyenta_ops.persistence.types import Document, Minor, UtcDateTime, one_of

_REF = String(255)
_LONG_WORD = String(32)
WAITING = (
    "stage IN ('NEEDS_ACTION', 'AWAITING_SUPPLIER_PAYMENT')"
    " OR (stage = 'CANCELLED' AND unwanted_at IS NOT NULL)"
)


def _ours(**options: Any) -> Column[str]:
    """The supplier order that a row belongs to."""
    return Column("supplier_order_id", ID, ForeignKey("supplier_order.id"), **options)


supplier_order = Table(
    "supplier_order",
    metadata,
    id_column(),
    Column("order_id", ID, ForeignKey("order.id"), nullable=False),
    Column("store_id", ID, ForeignKey("store.id"), nullable=False),
    Column("supplier_key", KEY, ForeignKey("supplier.key"), nullable=False, index=True),
    Column("account_id", ID, ForeignKey("supplier_account.id")),  # NULL until it is first asked for
    Column("seq", Integer, nullable=False),
    Column("client_ref", String(40), nullable=False, unique=True),
    required("stage", _LONG_WORD),
    Column("reason", _LONG_WORD),
    Column("stuck_in", _LONG_WORD),  # the stage in which it came to need action
    Column("stuck_at", UtcDateTime),
    Column("note", Text, nullable=False, server_default=""),
    Column("goods_minor", Minor),  # as last quoted; NULL = not yet
    Column("freight_minor", Minor),
    Column("goods_expected_minor", Minor),
    Column("cost_currency", CURRENCY),
    Column("service_code", _REF, nullable=False, server_default=""),
    Column("service_name", _REF, nullable=False, server_default=""),
    Column("ships_from", String(2)),
    Column("most_days", Integer),
    count("attempts"),
    count("failures"),
    count("claims"),
    Column("eligible_at", UtcDateTime),
    Column("sent_at", UtcDateTime),  # since when the supplier may have it
    Column("unwanted_at", UtcDateTime),
    Column("placed_at", UtcDateTime),
    Column("confirmed_at", UtcDateTime),
    Column("shipped_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("settle_until", UtcDateTime),
    count("negatives"),
    Column("cancel_refused_at", UtcDateTime),
    Column("reserves", Boolean, nullable=False, server_default=text("true")),
    Column("next_check_at", UtcDateTime),  # NULL = not before something new is heard
    Column("deadline_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    count("version"),
    *times(),
    one_of("stage", Stage),
    one_of("reason", ActionReason),
    one_of("stuck_in", Stage),
    UniqueConstraint("order_id", "seq"),
    CheckConstraint(
        "(stage = 'NEEDS_ACTION') = (reason IS NOT NULL)", name="reason_says_why_action_is_needed"
    ),
    # Orders that are over or wait for something new are never looked at.
    Index(
        "ix_supplier_order_due",
        "next_check_at",
        sqlite_where=text("next_check_at IS NOT NULL"),
        postgresql_where=text("next_check_at IS NOT NULL"),
    ),
    Index(
        "ix_supplier_order_deadline",
        "deadline_at",
        sqlite_where=text("deadline_at IS NOT NULL"),
        postgresql_where=text("deadline_at IS NOT NULL"),
    ),
    # What may wait for a person: the few that an operator's list is made of.
    Index(
        "ix_supplier_order_waiting",
        "store_id",
        sqlite_where=text(WAITING),
        postgresql_where=text(WAITING),
    ),
)

supplier_order_line = Table(
    "supplier_order_line",
    metadata,
    _ours(nullable=False),
    Column("position", Integer, nullable=False),
    Column("item_id", ID, ForeignKey("order_item.id"), nullable=False, index=True),
    Column("variant_id", ID, ForeignKey("product_variant.id"), nullable=False),
    Column("offer_id", ID, ForeignKey("supplier_offer.id"), nullable=False),
    Column("product_ref", _REF, nullable=False),
    Column("variant_ref", _REF, nullable=False),
    Column("order_ref", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_cost_minor", Minor, nullable=False),
    required("cost_currency", CURRENCY),
    Column("revenue_minor", Minor, nullable=False),
    PrimaryKeyConstraint("supplier_order_id", "position"),
    CheckConstraint("quantity > 0", name="quantity_is_positive"),
)

# What the supplier calls it; one request may become several orders there.
external_order = Table(
    "external_order",
    metadata,
    Column("supplier_key", KEY, ForeignKey("supplier.key"), nullable=False),
    Column("external_id", _REF, nullable=False),
    _ours(nullable=False, index=True),
    required("state"),
    Column("attempt", Integer),  # that made it; NULL = it was found
    Column("total_minor", Minor),
    Column("total_currency", CURRENCY),
    Column("pay_until", UtcDateTime),
    Column("seen_at", UtcDateTime),
    *times(),
    PrimaryKeyConstraint("supplier_key", "external_id"),
    one_of("state", SupplierOrderState),
)

# Intents: stored before the supplier is asked, settled after.
placement_attempt = Table(
    "placement_attempt",
    metadata,
    _ours(nullable=False),
    Column("number", Integer, nullable=False),
    required("kind"),
    Column("external_id", _REF, nullable=False, server_default=""),
    Column("request_hash", String(64), nullable=False),
    Column("request", Document, nullable=False),  # without the recipient
    Column("started_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("outcome", WORD),  # NULL = nobody knows
    Column("error", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("supplier_order_id", "number"),
    one_of("kind", AttemptKind),
    one_of("outcome", AttemptOutcome),
)

# What a store's supplier orders cost, in its own currency, by the day they were placed on.
spend = Table(
    "spend",
    metadata,
    _ours(primary_key=True),
    Column("store_id", ID, ForeignKey("store.id"), nullable=False),
    Column("day", String(10), nullable=False),  # UTC
    Column("amount_minor", Minor, nullable=False),
    required("currency", CURRENCY),
    required("state", default=SpendState.RESERVED.value),
    *times(),
    one_of("state", SpendState),
    CheckConstraint("amount_minor >= 0", name="amount_is_not_negative"),
    Index("ix_spend_of_day", "store_id", "day"),
)

shipment = Table(
    "shipment",
    metadata,
    id_column(),
    _ours(nullable=False),
    Column("order_id", ID, ForeignKey("order.id"), nullable=False, index=True),
    Column("external_id", _REF, nullable=False, server_default=""),
    Column("key", _REF, nullable=False, index=True),  # the number without spaces, in upper case
    Column("number", _REF, nullable=False),
    Column("carrier", _REF, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    required("state"),
    Column("raw_state", _REF, nullable=False, server_default=""),
    Column("internal_number", Boolean, nullable=False, server_default=text("false")),
    Column("events", Document, nullable=False),
    Column("expected_at", UtcDateTime),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("shipped_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("settled_at", UtcDateTime),  # a person has dealt with its not arriving
    *times(),
    one_of("state", ParcelState),
    UniqueConstraint("supplier_order_id", "key"),
)

# Other offers that a variant may be bought as, the lower the rank the sooner.
variant_source = Table(
    "variant_source",
    metadata,
    Column("variant_id", ID, ForeignKey("product_variant.id"), nullable=False),
    Column("offer_id", ID, ForeignKey("supplier_offer.id"), nullable=False),
    Column("rank", Integer, nullable=False),
    *times(),
    PrimaryKeyConstraint("variant_id", "offer_id"),
    CheckConstraint("rank > 0", name="rank_is_positive"),
)

# What operators did, each under a key of the caller: done twice under it, it is done once.
order_action = Table(
    "order_action",
    metadata,
    Column("order_id", ID, ForeignKey("order.id"), nullable=False),
    Column("request_key", String(255), nullable=False),
    required("verb", _LONG_WORD),
    Column("digest", String(64), nullable=False),  # of all that was asked for
    Column("actor", String(200), nullable=False),
    Column("result", Document, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("order_id", "request_key"),
    one_of("verb", Verb),
)
