"""From the document that a storefront hands over to an order, or to everything wrong with it.

The document is JSON; docs/operations.md shows one. Every amount is a whole number of minor units of
the store's currency, and amounts must add up: nothing is computed that the storefront did not say.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from zyenta_ops.domain.addresses import LONGEST, Address, faults_of, phone_number, tidied
from zyenta_ops.domain.documents import NO_TIME, Fault, Fields
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import MAX_MINOR
from zyenta_ops.domain.names import email_address
from zyenta_ops.domain.orders import Amounts, Customer, NewOrder, OrderItem, PayableVariant
from zyenta_ops.domain.store_voice import locale_tag

LONGEST_NUMBER: Final = 64
MOST_ITEMS: Final = 200
MOST_UNITS: Final = 10_000
LONGEST_ID: Final = 32
LONGEST_SKU: Final = 255
LONGEST_LOCALE: Final = 6
_MOST_TOLD: Final = 3

# A storefront's clock may be ahead of ours; an order from before shops were on line is a typing
# error that would have payments searched for from then on.
_CLOCK_SKEW: Final = timedelta(days=1)
_FIRST_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)


class OrderRefused(Refused):
    """The document is no order of this store; nothing was stored.

    Attributes:
        faults: everything that is wrong with it.
    """

    def __init__(self, number: str, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        told = "; ".join(str(fault) for fault in self.faults[:_MOST_TOLD])
        more = len(self.faults) - _MOST_TOLD
        called = f"order '{number}'" if number else "the order"
        super().__init__(
            f"{called} cannot be taken: {told}" + (f"; and {more} more" if more > 0 else "")
        )


class OrderConflict(Refused):
    """The store has another order of this number; nothing was stored.

    Attributes:
        order_id: the order that is there already.
    """

    def __init__(self, number: str, order_id: str) -> None:
        self.order_id = order_id
        super().__init__(
            f"order '{number}' was handed over before with other content, as {order_id};"
            " give a new order a new number"
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order that names a variant by `variant_id` or `sku`, the other is empty."""

    variant_id: str
    sku: str
    quantity: int
    unit_price_minor: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document says and what is wrong with it, before its items are looked up."""

    number: str
    currency: str
    amounts: Amounts
    customer: Customer
    address: Address
    lines: tuple[Line, ...]
    placed_at: datetime
    faults: tuple[Fault, ...] = ()
    locale: str = ""

    @property
    def variant_ids(self) -> frozenset[str]:
        """The variants that lines name by their ids."""
        return frozenset(line.variant_id for line in self.lines if line.variant_id)

    @property
    def skus(self) -> frozenset[str]:
        """The SKUs that lines name."""
        return frozenset(line.sku for line in self.lines if line.sku)

    @property
    def fingerprint(self) -> str:
        """The same for the same order however it was written; of what was said, not looked up.

        Blank fields leave no trace in it, so that one added later changes no stored fingerprint.
        """
        said = asdict(
            self, dict_factory=lambda pairs: {name: value for name, value in pairs if value}
        )
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), default=datetime.isoformat)
        return sha256(text.encode()).hexdigest()

    def order(self, variants: Sequence[PayableVariant], new_id: Callable[[], str]) -> NewOrder:
        """The order, with the store's variants found for its lines.

        Args:
            variants: those of the store with one of `variant_ids` or `skus`.
            new_id: makes the ids of the items.

        Raises:
            OrderRefused: the document has faults, or a line names no variant or several.
        """
        found = _Variants(variants)
        unknown = [
            Fault(f"items[{place}].{'sku' if line.sku else 'variant_id'}", problem)
            for place, line in enumerate(self.lines)
            if (problem := found.problem(line))
        ]
        if self.faults or unknown:
            raise OrderRefused(self.number, (*self.faults, *unknown))
        return NewOrder(
            number=self.number,
            currency=self.currency,
            amounts=self.amounts,
            customer=self.customer,
            address=self.address,
            items=tuple(_item(new_id(), line, found.of(line)[0]) for line in self.lines),
            placed_at=self.placed_at,
            fingerprint=self.fingerprint,
            locale=self.locale,
        )


def read_order(document: object, currency: str, now: datetime) -> Reading:
    """Read a document as an order of a store that sells in `currency`.

    A field `store` is left to whoever chooses the store.
    """
    reader = Fields(document)
    reader.has("store")
    number = reader.text("number", LONGEST_NUMBER)
    if reader.text("currency", 3) not in ("", currency):
        reader.note("currency", f"is not {currency}, which the store sells in")
    placed_at = reader.moment("placed_at")
    if placed_at != NO_TIME and not _FIRST_DAY <= placed_at <= now + _CLOCK_SKEW:
        reader.note("placed_at", "is not a time at which an order was placed; check the clock")
    locale = _read_locale(reader)
    address = _read_address(reader.inner("address"))
    customer = _read_customer(reader.inner("customer"), address)
    lines = tuple(_read_line(each) for each in reader.each("items", MOST_ITEMS))
    amounts = _read_amounts(reader, lines)
    reader.end()
    return Reading(
        number,
        currency,
        amounts,
        customer,
        replace(
            address, phone=address.phone or customer.phone, email=address.email or customer.email
        ),
        lines,
        placed_at,
        reader.faults,
        locale,
    )


def _read_locale(reader: Fields) -> str:
    """The language that the customer ordered in; "" when it is not said."""
    given = reader.text("locale", LONGEST_LOCALE, required=False)
    try:
        return locale_tag(given) if given else ""
    except Refused:
        reader.note("locale", "must be a language such as de, or with a country such as en-GB")
        return ""


def _read_customer(reader: Fields, address: Address) -> Customer:
    """Who ordered; called as the recipient is when no name is given."""
    email = reader.text("email", LONGEST["email"])
    if email:
        try:
            email = email_address(email)
        except Refused:
            # Its text would quote the address.
            reader.note("email", "is not an e-mail address such as name@example.com")
    name = " ".join(reader.text("name", LONGEST["name"], required=False).split())
    phone = reader.text("phone", LONGEST["phone"], required=False)
    number = phone_number(phone) or ""
    if phone and not number:
        reader.note("phone", "must begin with + and the country's calling code, such as +49")
    reader.end()
    return Customer(email, name or address.name, number)


def _read_address(reader: Fields) -> Address:
    given = {
        each.name: reader.text(each.name, LONGEST[each.name], required=False)
        for each in fields(Address)
    }
    address = tidied(Address(**given))
    for fault in faults_of(address):
        reader.note(fault.where, fault.problem)
    reader.end()
    return address


def _read_line(reader: Fields) -> Line:
    by_sku = reader.has("sku")
    if by_sku and reader.has("variant_id"):
        reader.note("sku", "must not stand beside a variant_id")
    line = Line(
        reader.text("variant_id", LONGEST_ID, required=not by_sku),
        reader.text("sku", LONGEST_SKU, required=by_sku),
        reader.whole("quantity", 1, MOST_UNITS),
        reader.whole("unit_price_minor", 0, MAX_MINOR),
    )
    reader.end()
    return line


def _read_amounts(reader: Fields, lines: Sequence[Line]) -> Amounts:
    """What the order costs; sums are only checked where all their parts could be read."""
    amounts = Amounts(
        subtotal_minor=reader.whole("subtotal_minor", 0, MAX_MINOR),
        shipping_minor=reader.whole("shipping_minor", 0, MAX_MINOR, required=False),
        tax_minor=reader.whole("tax_minor", 0, MAX_MINOR, required=False),
        discount_minor=reader.whole("discount_minor", 0, MAX_MINOR, required=False),
        total_minor=reader.whole("total_minor", 0, MAX_MINOR),
    )
    faulty = {fault.where.partition("[")[0] for fault in reader.faults}
    items_minor = sum(line.quantity * line.unit_price_minor for line in lines)
    if not faulty & {"items", "subtotal_minor"} and items_minor != amounts.subtotal_minor:
        reader.note("subtotal_minor", f"must be {items_minor}, which the items come to")
    if not faulty & {each.name for each in fields(Amounts)} and (
        amounts.sum_minor != amounts.total_minor
    ):
        reader.note(
            "total_minor",
            f"must be {amounts.sum_minor}: subtotal - discount + shipping + tax",
        )
    return amounts


class _Variants:
    """The store's variants, by what lines may call them."""

    def __init__(self, variants: Sequence[PayableVariant]) -> None:
        self._by_id = {variant.id: [variant] for variant in variants}
        self._by_sku: dict[str, list[PayableVariant]] = defaultdict(list)
        for variant in self._by_id.values():
            if sku := variant[0].sku:
                self._by_sku[sku] += variant

    def of(self, line: Line) -> Sequence[PayableVariant]:
        """The variants that a line may mean."""
        if line.sku:
            return self._by_sku.get(line.sku, ())
        return self._by_id.get(line.variant_id, ())

    def problem(self, line: Line) -> str | None:
        """Why a line that names a variant does not name one of the store's, or None."""
        if not (line.sku or line.variant_id) or len(found := self.of(line)) == 1:
            return None
        if not found:
            return "names no variant of the store"
        return f"names {len(found)} variants of the store; give a variant_id"


def _item(item_id: str, line: Line, variant: PayableVariant) -> OrderItem:
    return OrderItem(
        id=item_id,
        variant_id=variant.id,
        title=variant.title,
        sku=variant.sku,
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
    )
