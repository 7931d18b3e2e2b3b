"""Customer orders: what was ordered, what became of the payment, and what keeps it waiting.

The status of an order is never set by hand. `payments` derives the payment status from what the
payment provider says; `fulfillment` derives the fulfilment status from its supplier orders.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.stores import Document


class PaymentStatus(StrEnum):
    """Where the customer's payment stands."""

    PENDING = "PENDING"
    AUTHORIZED = "AUTHORIZED"  # the money is reserved, not taken
    PAID = "PAID"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"  # all of it, or lost in a dispute
    ABANDONED = "ABANDONED"  # the customer left or the payment was cancelled; nothing was taken


class FulfillmentStatus(StrEnum):
    """Where the goods stand; the names of the plan, and two for orders in several parcels."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    AWAITING_SHIPMENT = "AWAITING_SHIPMENT"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    DELIVERED = "DELIVERED"
    INTERVENTION_REQUIRED = "INTERVENTION_REQUIRED"
    CANCELLED = "CANCELLED"


class HoldReason(StrEnum):
    """Why nothing is bought for an order yet. Several may hold one order at once."""

    PAYMENT = "PAYMENT"
    FRAUD = "FRAUD"
    ADDRESS = "ADDRESS"
    STOCK = "STOCK"
    MARGIN = "MARGIN"
    BALANCE = "BALANCE"
    APPROVAL = "APPROVAL"
    MANUAL = "MANUAL"


@dataclass(frozen=True, slots=True)
class Hold:
    """Something that keeps an order from being bought.

    `source` names what it comes from ("dispute:dp_1", "manual:01K…"). An order has one hold per
    source, so the same fact told twice holds once, and what a person released stays released.
    """

    id: str
    order_id: str
    reason: HoldReason
    source: str
    note: str
    opened_at: datetime
    opened_by: str
    expires_at: datetime | None = None
    released_at: datetime | None = None
    released_by: str | None = None

    def holds_at(self, now: datetime) -> bool:
        """Whether it keeps the order waiting at this time."""
        return self.released_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Customer:
    """Who ordered; known by the e-mail address within a store."""

    email: str = field(repr=False)
    name: str = field(repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OrderItem:
    """A line of an order. Prices are minor units of the order's currency, as the customer paid."""

    id: str
    variant_id: str
    title: str
    sku: str | None
    quantity: int
    unit_price_minor: int

    @property
    def total_minor(self) -> int:
        """What the line costs."""
        return self.quantity * self.unit_price_minor


@dataclass(frozen=True, slots=True)
class PayableVariant:
    """A variant that an order may name, called as customers know it."""

    id: str
    title: str
    sku: str | None


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an order costs, in minor units: total = subtotal - discount + shipping + tax."""

    subtotal_minor: int
    shipping_minor: int
    tax_minor: int
    discount_minor: int
    total_minor: int

    @property
    def sum_minor(self) -> int:
        """What the parts come to."""
        return self.subtotal_minor - self.discount_minor + self.shipping_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as a storefront hands it over, checked.

    `number` is the storefront's, unique in its store. `fingerprint` is made of everything handed
    over: the same number with the same fingerprint is the same order told twice. `locale` is the
    language that the customer ordered in, such as "de" or "en-GB"; "" = the storefront did not say.
    """

    number: str
    currency: str
    amounts: Amounts
    customer: Customer
    address: Address
    items: tuple[OrderItem, ...]
    placed_at: datetime
    fingerprint: str
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A customer order as it stands.

    `assigned_to` is who takes care of it; "" = nobody. What waited for a person at `snoozed_at` is
    not shown again before `snoozed_until`.
    """

    id: str
    store_id: str
    number: str
    currency: str
    amounts: Amounts
    customer: Customer
    address: Address
    items: tuple[OrderItem, ...]
    placed_at: datetime
    payment_status: PaymentStatus = PaymentStatus.PENDING
    fulfillment_status: FulfillmentStatus = FulfillmentStatus.PENDING
    paid_at: datetime | None = None
    paid_minor: int = 0
    refunded_minor: int = 0
    version: int = 0
    holds: tuple[Hold, ...] = ()
    locale: str = ""
    assigned_to: str = ""
    snoozed_at: datetime | None = None
    snoozed_until: datetime | None = None


class EventKind(StrEnum):
    """What happened to an order."""

    RECEIVED = "RECEIVED"
    PAYMENT_CHANGED = "PAYMENT_CHANGED"
    PAYMENT_NOTED = "PAYMENT_NOTED"  # told, and changed nothing
    HELD = "HELD"
    RELEASED = "RELEASED"
    REFUND_REQUESTED = "REFUND_REQUESTED"
    REFUND_SETTLED = "REFUND_SETTLED"
    PLANNED = "PLANNED"  # split into supplier orders
    ADVANCED = "ADVANCED"  # a supplier order moved
    PARCEL_CHANGED = "PARCEL_CHANGED"
    LATE_RESULT = "LATE_RESULT"  # told by a process that had been given up
    ACTED = "ACTED"  # a person decided


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One entry of an order's timeline; never changed once written.

    `actor` is who did it: "stripe", "api:LABEL", "cli", "sensor", "fulfillment".
    """

    id: str
    order_id: str
    at: datetime
    kind: EventKind
    actor: str
    reason: str
    before: Document = field(default_factory=dict)
    after: Document = field(default_factory=dict)
    run_id: str | None = None
