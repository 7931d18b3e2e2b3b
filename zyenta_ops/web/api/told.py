"""What the API gives, field by field; the OpenAPI document is made of it.

Amounts are integers in minor units of the currency beside them. Times are UTC.
"""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from zyenta_ops.domain.alerts import AlertStatus, AlertType, Severity
from zyenta_ops.domain.fulfillment import Verb
from zyenta_ops.domain.inbox import EventSource, InboxStatus, Via
from zyenta_ops.domain.orders import EventKind, FulfillmentStatus, HoldReason, PaymentStatus
from zyenta_ops.domain.refunds import RefundStatus
from zyenta_ops.domain.stores import Document, StoreStatus, SyncFrequency


class Told(BaseModel):
    """Something that is told, read off a value of the domain."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class StoreTold(Told):
    """A store."""

    id: str
    name: str
    subdomain: str
    currency: str
    ship_to_country: str
    status: StoreStatus
    sync_frequency: SyncFrequency
    created_at: AwareDatetime


class StoreList(Told):
    """Stores in the order of their subdomains."""

    stores: list[StoreTold]


class AmountsTold(Told):
    """What an order costs."""

    subtotal_minor: int
    shipping_minor: int
    tax_minor: int
    discount_minor: int
    total_minor: int


class CustomerTold(Told):
    """Who ordered."""

    email: str
    name: str
    phone: str


class AddressTold(Told):
    """Where it goes."""

    country: str
    name: str
    line1: str
    line2: str
    city: str
    province: str
    postal_code: str
    phone: str
    email: str
    tax_id: str


class ItemTold(Told):
    """A line of an order."""

    id: str
    variant_id: str
    title: str
    sku: str | None
    quantity: int
    unit_price_minor: int


class HoldTold(Told):
    """Something that keeps an order waiting, or did; released by its `source`."""

    id: str
    reason: HoldReason
    source: str
    note: str
    opened_at: AwareDatetime
    opened_by: str
    expires_at: AwareDatetime | None
    released_at: AwareDatetime | None
    released_by: str | None


class OrderTold(Told):
    """An order as it stands."""

    id: str
    store_id: str
    number: str
    currency: str
    amounts: AmountsTold
    customer: CustomerTold
    address: AddressTold
    items: list[ItemTold]
    placed_at: AwareDatetime
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    paid_at: AwareDatetime | None
    paid_minor: int
    refunded_minor: int
    version: int
    holds: list[HoldTold]
    locale: str


class OrderList(Told):
    """Orders, newest first."""

    orders: list[OrderTold]


class OrderEventTold(Told):
    """One entry of a timeline."""

    at: AwareDatetime
    kind: EventKind
    actor: str
    reason: str
    before: Document
    after: Document


class RefundTold(Told):
    """A refund of ours."""

    id: str
    order_id: str
    number: int
    amount_minor: int
    currency: str
    reason: str
    status: RefundStatus
    requested_by: str
    requested_at: AwareDatetime
    error: str | None


class RefundList(Told):
    """The refunds of one request: one for each payment that it takes from."""

    refunds: list[RefundTold]


class OrderShown(Told):
    """An order, the subdomain of its store, and what happened to it, oldest first."""

    order: OrderTold
    store: str
    timeline: list[OrderEventTold]
    refunds: list[RefundTold]


class ActedTold(Told):
    """What was done about an order, or would be, in sentences.

    `which` is the number of the supplier order, null = the whole order; `stage` and `next` say
    where that one is, and what comes next.
    """

    order_id: str
    number: str
    verb: Verb
    key: str
    says: list[str]
    which: int | None
    stage: str
    next: str
    rehearsed: bool
    repeated: bool


class WaitingTold(Told):
    """Something that waits for a person, why, and what may be done about it."""

    order_id: str
    number: str
    store: str
    which: int | None
    supplier_key: str
    reason: str
    hold: str
    since: AwareDatetime
    why: str
    verbs: list[Verb]
    assigned_to: str


class QueueTold(Told):
    """What waits, the longest waiting first."""

    waiting: list[WaitingTold]


class AlertTold(Told):
    """An alert; `store_id` null = the operators'."""

    id: str
    store_id: str | None
    supplier_key: str | None
    type: AlertType
    severity: Severity
    title: str
    message: str
    status: AlertStatus
    read: bool
    opened_at: AwareDatetime
    acknowledged_at: AwareDatetime | None
    resolved_at: AwareDatetime | None


class AlertList(Told):
    """Alerts, newest first."""

    alerts: list[AlertTold]


class InboxEventTold(Told):
    """An event as it is kept, without its body."""

    id: str
    source: EventSource
    event_id: str
    type: str
    account: str
    via: Via
    verified: bool
    status: InboxStatus
    attempts: int
    received_at: AwareDatetime
    occurred_at: AwareDatetime | None
    next_attempt_at: AwareDatetime
    processed_at: AwareDatetime | None
    note: str | None


class InboxList(Told):
    """Events, newest first."""

    events: list[InboxEventTold]
