"""What is bought from suppliers: quotes, orders, payments and shipments, in no supplier's words.

How our own supplier orders move from state to state is the business of `fulfillment`; here are the
values that gateways take and return.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.money import Money


class Ability(StrEnum):
    """What a supplier's API can do for us."""

    FETCH_ITEMS = "FETCH_ITEMS"
    QUOTE_SHIPPING = "QUOTE_SHIPPING"
    PLACE_ORDERS = "PLACE_ORDERS"
    PAY_ORDERS = "PAY_ORDERS"  # placing and paying are separate steps
    CANCEL_ORDERS = "CANCEL_ORDERS"
    TRACK = "TRACK"
    WEBHOOKS = "WEBHOOKS"


class Placement(StrEnum):
    """What makes it safe to place an order again after a lost reply."""

    IDEMPOTENT_REF = "IDEMPOTENT_REF"  # the same reference places nothing twice in its window
    SEARCHABLE_REF = "SEARCHABLE_REF"  # an order can be looked up by our reference
    BLIND = "BLIND"  # neither; a person decides


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a supplier can do, and how its orders are reconciled.

    Attributes:
        abilities: everything else raises `Unsupported`.
        placement: how a lost reply is reconciled.
        reference_window: how long the supplier remembers our reference; None = for good.
        settle: how long after a lost reply a search may still miss an order that was accepted.
        longest_reference: characters of our reference that the supplier keeps.
    """

    abilities: frozenset[Ability] = frozenset()
    placement: Placement = Placement.BLIND
    reference_window: timedelta | None = None
    settle: timedelta = timedelta(minutes=15)
    longest_reference: int = 40

    def can(self, ability: Ability) -> bool:
        """Whether the supplier offers it."""
        return ability in self.abilities


@dataclass(frozen=True, slots=True)
class OrderLine:
    """Units of one variant, as the supplier wants them named."""

    product_ref: str
    variant_ref: str
    order_ref: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ShippingRequest:
    """What should go where: lines that one warehouse can send in one parcel."""

    lines: tuple[OrderLine, ...]
    country: str
    currency: str
    province: str = ""
    city: str = ""
    postal_code: str = ""
    ships_from: str | None = None  # ISO 3166; None = the supplier's choice


@dataclass(frozen=True, slots=True)
class ShippingQuote:
    """One way of sending a parcel. Days are calendar days; None = not said."""

    service_code: str
    service_name: str
    cost: Money
    min_days: int | None = None
    max_days: int | None = None
    tracked: bool = False
    ships_from: str | None = None
    taxes: Money | None = None


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order to be placed.

    `reference` is ours, the same for every attempt; the supplier finds or refuses a second order
    under it. `service_code` is a `ShippingQuote.service_code` of the same supplier.
    """

    reference: str
    lines: tuple[OrderLine, ...]
    address: Address
    service_code: str
    ships_from: str | None = None
    note: str = ""


class SupplierOrderState(StrEnum):
    """Where an order stands at the supplier."""

    CREATED = "CREATED"  # accepted, not confirmed by us yet
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    PAID = "PAID"
    ON_HOLD = "ON_HOLD"  # the supplier waits for something; `holds` says what
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    DISPUTED = "DISPUTED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"  # a word we do not know; `raw_state` holds it


class ParcelState(StrEnum):
    """Where a parcel is, in no carrier's words."""

    ANNOUNCED = "ANNOUNCED"  # a number was given, the carrier has nothing yet
    IN_TRANSIT = "IN_TRANSIT"
    CUSTOMS = "CUSTOMS"
    CUSTOMS_ACTION = "CUSTOMS_ACTION"  # customs wait for papers or money from a person
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    READY_FOR_PICKUP = "READY_FOR_PICKUP"
    DELIVERED = "DELIVERED"
    FAILED_ATTEMPT = "FAILED_ATTEMPT"
    EXCEPTION = "EXCEPTION"  # the carrier reports trouble of another kind
    EXPIRED = "EXPIRED"  # whoever followed it has given up for want of news
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"
    LOST = "LOST"  # or damaged, or destroyed: it will not arrive
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class ParcelEvent:
    """Something that happened to a parcel, as it was told."""

    at: datetime
    text: str
    place: str = ""
    state: ParcelState = ParcelState.UNKNOWN


@dataclass(frozen=True, slots=True, order=True)
class Handover:
    """The number under which another carrier brings the same parcel on."""

    number: str
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says of a parcel against what was told of it.

    Attributes:
        state: where it is.
        at: since when.
        by: who says so.
        note: why.
        entered_at: when they said so.
        over: what was told of it at that time.
    """

    state: ParcelState
    at: datetime
    by: str
    note: str
    entered_at: datetime
    over: ParcelState


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel on its way; `events` newest first.

    `internal_number` marks a number that only the supplier's own network knows. `state_at` is since
    when it is where it is; None = nobody says. `handovers` are the numbers that it got on its way.
    While a person's `correction` is in force, `state` and `state_at` are those of the correction.
    """

    number: str
    carrier: str = ""
    url: str = ""
    state: ParcelState = ParcelState.UNKNOWN
    raw_state: str = ""
    events: tuple[ParcelEvent, ...] = ()
    expected_at: datetime | None = None
    internal_number: bool = False
    state_at: datetime | None = None
    handovers: tuple[Handover, ...] = ()
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """What placing came to: one request may become several orders at the supplier."""

    external_ids: tuple[str, ...]
    state: SupplierOrderState
    paid: bool = False
    total: Money | None = None
    pay_url: str = field(default="", repr=False)
    pay_until: datetime | None = None
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExternalOrder:
    """An order as the supplier tells of it now; `reference` is ours, empty when it says none."""

    external_id: str
    state: SupplierOrderState
    raw_state: str = ""
    reference: str = ""
    total: Money | None = None
    parcels: tuple[Parcel, ...] = ()
    children: tuple[str, ...] = ()  # ids of the orders the supplier split it into
    holds: tuple[str, ...] = ()
    pay_until: datetime | None = None


class HintKind(StrEnum):
    """What a webhook speaks of."""

    PRODUCT = "PRODUCT"
    STOCK = "STOCK"
    ORDER = "ORDER"
    PARCEL = "PARCEL"
    ACCOUNT = "ACCOUNT"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Hint:
    """What a webhook says changed. Never acted on alone: the thing named is read again."""

    kind: HintKind
    event_id: str
    refs: tuple[str, ...] = ()
