"""What the API takes and gives, field by field; the OpenAPI document is made of it.

Amounts are integers in minor units of the currency beside them. Times are UTC.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from zyenta_ops.domain.alerts import AlertStatus, AlertType, Severity
from zyenta_ops.domain.inbox import EventSource, InboxStatus, Via
from zyenta_ops.domain.orders import EventKind, FulfillmentStatus, HoldReason, PaymentStatus
from zyenta_ops.domain.refunds import RefundStatus
from zyenta_ops.domain.stores import Document, StoreStatus, SyncFrequency

# Ids, subdomains, keys: visible ASCII without what is special in a path.
Ref = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Minor = Annotated[int, Field(ge=0, le=10**15, strict=True)]
Count = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
Limit = Annotated[int, Field(ge=1, le=200)]


class Given(BaseModel):
    """Something that comes from a caller; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """Something that is told, read off a value of the domain."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class OrderHandedOver(BaseModel):
    """An order as a storefront hands it over; `store` is an id or a subdomain."""

    model_config = ConfigDict(extra="allow", frozen=True)

    store: Ref


class OrderFilter(Given):
    """Which orders to list; `before` is the id of the last one seen."""

    store: Ref | None = None
    payment_status: PaymentStatus | None = None
    before: Ref | None = None
    limit: Limit = 50


class AlertFilter(Given):
    """Which alerts to list."""

    store: Ref | None = None
    status: AlertStatus | None = None
    limit: Limit = 50


class InboxFilter(Given):
    """Which events to list."""

    source: EventSource | None = None
    status: InboxStatus | None = None
    limit: Limit = 50


class HoldWish(Given):
    """Why an order shall wait, and until when if not for a person."""

    note: str = Field(min_length=1, max_length=500)
    expires_at: AwareDatetime | None = None


class ReleaseWish(Given):
    """Which holds to release."""

    hold_ids: list[Ref] = Field(min_length=1, max_length=100)


class RefundUnits(Given):
    """Units of an item to refund."""

    item_id: Ref
    quantity: Count


class RefundOrder(Given):
    """What to refund: an amount, or units of items; with neither, all that is left.

    `key` is the caller's own: asking again under it refunds nothing more.
    """

    key: Ref
    reason: str = Field(min_length=1, max_length=500)
    amount_minor: Annotated[int, Field(ge=1, le=10**15, strict=True)] | None = None
    items: list[RefundUnits] = Field(default_factory=list, max_length=500)
    shipping_minor: Minor = 0

    @model_validator(mode="after")
    def _either(self) -> RefundOrder:
        if self.amount_minor is not None and (self.items or self.shipping_minor):
            raise ValueError("give an amount, or items and shipping, not both")
        return self


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
    """Something that keeps an order waiting, or did."""

    id: str
    reason: HoldReason
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


class OrderWithTimeline(Told):
    """An order and what happened to it, oldest first."""

    order: OrderTold
    timeline: list[OrderEventTold]


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
