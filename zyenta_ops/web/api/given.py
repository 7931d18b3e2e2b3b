"""What the API takes, field by field; the OpenAPI document is made of it.

Amounts are integers in minor units of the currency beside them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from zyenta_ops.domain.addresses import LONGEST
from zyenta_ops.domain.alerts import AlertStatus
from zyenta_ops.domain.fulfillment import Verb
from zyenta_ops.domain.fulfillment.wishes import LONGEST_REF, LONGEST_TEXT, MOST_PARTS, Wish
from zyenta_ops.domain.inbox import EventSource, InboxStatus
from zyenta_ops.domain.money import MAX_MINOR
from zyenta_ops.domain.order_intake import (
    LONGEST_ID,
    LONGEST_NUMBER,
    LONGEST_SKU,
    MOST_ITEMS,
    MOST_UNITS,
)
from zyenta_ops.domain.orders import PaymentStatus
from zyenta_ops.operations.orders.orders import LONGEST_NOTE

# What the operation takes of a reason; a test holds the two together.
LONGEST_REASON = 200

# Ids, subdomains, keys: visible ASCII without what is special in a path.
Ref = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Amount = Annotated[int, Field(ge=0, le=MAX_MINOR, strict=True)]
Count = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
Phone = Annotated[
    str,
    Field(max_length=LONGEST["phone"], description="beginning with + and the calling code"),
]
Limit = Annotated[int, Field(ge=1, le=200)]
ActionText = Annotated[str, Field(max_length=LONGEST_REF)]


class Given(BaseModel):
    """Something that comes from a caller; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CustomerGiven(Given):
    """Who ordered; called as the recipient is when no name is given."""

    email: Annotated[str, Field(min_length=1, max_length=LONGEST["email"])]
    name: Annotated[str, Field(max_length=LONGEST["name"])] | None = None
    phone: Phone | None = None


class AddressGiven(Given):
    """Where it goes. Countries ask for more than is required here; what is missing is told."""

    country: Annotated[str, Field(pattern="^[A-Za-z]{2}$", description="ISO 3166-1 alpha-2")]
    name: Annotated[str, Field(min_length=1, max_length=LONGEST["name"])]
    line1: Annotated[str, Field(min_length=1, max_length=LONGEST["line1"])]
    line2: Annotated[str, Field(max_length=LONGEST["line2"])] | None = None
    city: Annotated[str, Field(min_length=1, max_length=LONGEST["city"])]
    province: Annotated[str, Field(max_length=LONGEST["province"])] | None = None
    postal_code: Annotated[str, Field(max_length=LONGEST["postal_code"])] | None = None
    phone: Phone | None = None
    email: Annotated[str, Field(max_length=LONGEST["email"])] | None = None
    tax_id: Annotated[str, Field(max_length=LONGEST["tax_id"])] | None = None


class ItemOfSku(Given):
    """Units of a variant that the store knows by an SKU."""

    sku: Annotated[str, Field(min_length=1, max_length=LONGEST_SKU)]
    quantity: Annotated[int, Field(ge=1, le=MOST_UNITS, strict=True)]
    unit_price_minor: Amount


class ItemOfVariant(Given):
    """Units of a variant that is named by its id."""

    variant_id: Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]
    quantity: Annotated[int, Field(ge=1, le=MOST_UNITS, strict=True)]
    unit_price_minor: Amount


class OrderHandedOver(Given):
    """An order as a storefront hands it over; `store` is an id or a subdomain.

    The items must come to the subtotal, and subtotal - discount + shipping + tax to the total.
    """

    store: Annotated[str, Field(min_length=1, max_length=200)]
    number: Annotated[str, Field(min_length=1, max_length=LONGEST_NUMBER)]
    placed_at: AwareDatetime
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", description="the store's, ISO 4217")]
    locale: Annotated[
        str | None,
        Field(
            pattern="^[A-Za-z]{2,3}([-_][A-Za-z]{2})?$", description="the customer's, as in de-AT"
        ),
    ] = None
    customer: CustomerGiven
    address: AddressGiven
    items: Annotated[list[ItemOfSku | ItemOfVariant], Field(min_length=1, max_length=MOST_ITEMS)]
    subtotal_minor: Amount
    discount_minor: Amount | None = None
    shipping_minor: Amount | None = None
    tax_minor: Amount | None = None
    total_minor: Amount


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

    note: str = Field(min_length=1, max_length=LONGEST_NOTE)
    expires_at: AwareDatetime | None = None


class ReleaseWish(Given):
    """Which hold to end, by its source."""

    source: str = Field(min_length=1, max_length=200)


class RefundUnits(Given):
    """Units of an item to refund."""

    item_id: Ref
    quantity: Count


class RefundOrder(Given):
    """What to refund: an amount, or units of items; with neither, all that is left.

    `key` is the caller's own: asking again under it refunds nothing more.
    """

    key: Ref
    reason: str = Field(min_length=1, max_length=LONGEST_REASON)
    amount_minor: Annotated[int, Field(ge=1, le=MAX_MINOR, strict=True)] | None = None
    items: list[RefundUnits] = Field(default_factory=list, max_length=500)
    shipping_minor: Amount = 0

    @model_validator(mode="after")
    def _either(self) -> RefundOrder:
        if self.amount_minor is not None and (self.items or self.shipping_minor):
            raise ValueError("give an amount, or items and shipping, not both")
        return self


class QueueFilter(Given):
    """Which orders that wait to list."""

    store: Ref | None = None
    limit: Limit = 50


class AddressChanges(Given):
    """The fields of an address that change."""

    country: Annotated[str, Field(max_length=LONGEST["country"])] | None = None
    name: Annotated[str, Field(max_length=LONGEST["name"])] | None = None
    line1: Annotated[str, Field(max_length=LONGEST["line1"])] | None = None
    line2: Annotated[str, Field(max_length=LONGEST["line2"])] | None = None
    city: Annotated[str, Field(max_length=LONGEST["city"])] | None = None
    province: Annotated[str, Field(max_length=LONGEST["province"])] | None = None
    postal_code: Annotated[str, Field(max_length=LONGEST["postal_code"])] | None = None
    phone: Phone | None = None
    email: Annotated[str, Field(max_length=LONGEST["email"])] | None = None
    tax_id: Annotated[str, Field(max_length=LONGEST["tax_id"])] | None = None


class ActionUnits(Given):
    """Units of an item."""

    item_id: Ref
    quantity: Count


class OrderAction(Given):
    """What to do about an order: a verb, and what it needs; what it does not take stays out.

    `key` is the caller's own: asking again under it does nothing more. With `dry_run` nothing is
    changed and the answer says what would happen. `which` is the number of the supplier order,
    needed where the verb could be done to several.

    MARK_PLACED needs `references`; REMAP_VARIANT `item` and `offer` (SUPPLIER:PRODUCT:VARIANT);
    SPLIT `units`; EDIT_ADDRESS `address`; ADD_TRACKING `number` and takes `carrier`, `url`,
    `partial`; SNOOZE `until`; NOTE `note`. RETRY_OTHER_SUPPLIER takes `supplier`, APPROVE `holds`,
    ASSIGN `to`, CANCEL and CANCEL_AND_REFUND `done`: it was cancelled on the supplier's site.
    """

    verb: Verb
    key: Ref
    dry_run: bool = False
    note: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    which: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    holds: Annotated[list[ActionText], Field(max_length=MOST_PARTS)] = Field(default_factory=list)
    references: Annotated[list[ActionText], Field(max_length=MOST_PARTS)] = Field(
        default_factory=list
    )
    supplier: ActionText = ""
    item: ActionText = ""
    offer: ActionText = ""
    units: Annotated[list[ActionUnits], Field(max_length=MOST_PARTS)] = Field(default_factory=list)
    address: AddressChanges = AddressChanges()
    number: ActionText = ""
    carrier: ActionText = ""
    url: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    partial: bool = False
    done: bool = False
    until: AwareDatetime | None = None
    to: ActionText = ""

    def wish(self) -> Wish:
        """What is asked for, as the domain knows it."""
        return Wish(
            verb=self.verb,
            note=self.note,
            which=self.which,
            holds=tuple(self.holds),
            references=tuple(self.references),
            supplier=self.supplier,
            item=self.item,
            offer=self.offer,
            units=tuple((each.item_id, each.quantity) for each in self.units),
            address=self.address.model_dump(exclude_none=True),
            number=self.number,
            carrier=self.carrier,
            url=self.url,
            partial=self.partial,
            done=self.done,
            until=self.until,
            to=self.to,
        )
