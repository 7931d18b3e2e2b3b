"""The orders a vendor has booked: paid, packed, carried and delivered on the sandbox's clock.

Where an order stands is a function of the order and of the time; nothing runs in the background.
Money is integer US cents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from zyenta_ops.sandbox.chance import between
from zyenta_ops.sandbox.products import Catalogue, Product, Variant
from zyenta_ops.sandbox.wire import Call


class Standing(StrEnum):
    """Where an order stands, whatever the vendor calls it."""

    UNPAID = "unpaid"
    PAID = "paid"
    HELD = "held"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Line:
    """Units of a variant at the price of the moment, from one warehouse."""

    product: Product
    variant: Variant
    units: int
    unit_price: int
    warehouse: str
    tag: str = ""


@dataclass
class Parcel:
    """Lines that travel together: packed `after` the payment, then so long on the road."""

    tracking: str
    carrier: str
    lines: list[int]
    after: timedelta
    transit: timedelta


@dataclass
class Order:
    """An order as booked; the times at which something happened are empty until it does.

    Attributes:
        reference: the buyer's own number of it, empty when none was given.
        address: where it goes; leaves the sandbox only towards the account that gave it.
        visible_at: from when it can be looked up; `indexed_at`: from when by its reference.
        step: the vendor's own step before payment, where it has several.
        details: what the vendor wants to remember besides.
    """

    number: int
    account: str
    reference: str
    lines: list[Line]
    country: str
    address: dict[str, Any]
    service: str
    goods: int
    postage: int
    created_at: datetime
    visible_at: datetime
    indexed_at: datetime
    parcels: list[Parcel]
    pay_by: datetime | None = None
    paid_at: datetime | None = None
    cancelled_at: datetime | None = None
    held_at: datetime | None = None
    held_for: timedelta = timedelta()
    step: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """What it costs, in US cents."""
        return self.goods + self.postage

    def shipped_at(self, parcel: Parcel) -> datetime | None:
        """When a parcel leaves; None while nobody can say."""
        if self.paid_at is None or self.held_at is not None:
            return None
        return self.paid_at + self.held_for + parcel.after

    def standing(self, now: datetime) -> Standing:
        """Where it stands."""
        if self.cancelled_at is not None:
            return Standing.CANCELLED
        if self.paid_at is None:
            return Standing.EXPIRED if self.pay_by and now >= self.pay_by else Standing.UNPAID
        if self.held_at is not None:
            return Standing.HELD
        leaving = [at for at in map(self.shipped_at, self.parcels) if at is not None]
        gone = [at for at in leaving if at <= now]
        if not gone:
            return Standing.PAID
        if len(gone) < len(self.parcels):
            return Standing.PART_SHIPPED
        arrived = all(
            at + parcel.transit <= now for at, parcel in zip(leaving, self.parcels, strict=True)
        )
        return Standing.DELIVERED if arrived else Standing.SHIPPED

    def shipped(self, now: datetime) -> list[tuple[Parcel, datetime]]:
        """The parcels that are on their way, and since when."""
        found = ((parcel, self.shipped_at(parcel)) for parcel in self.parcels)
        return [(parcel, at) for parcel, at in found if at is not None and at <= now]

    def history(self, now: datetime) -> list[tuple[datetime, str]]:
        """What has happened to it, oldest first."""
        happened = [(self.created_at, "created")]
        if self.paid_at:
            happened.append((self.paid_at, "paid"))
        for parcel, at in self.shipped(now):
            happened.append((at, f"shipped:{parcel.tracking}"))
            if at + parcel.transit <= now:
                happened.append((at + parcel.transit, f"delivered:{parcel.tracking}"))
        if self.cancelled_at:
            happened.append((self.cancelled_at, "cancelled"))
        elif self.standing(now) is Standing.EXPIRED and self.pay_by:
            happened.append((self.pay_by, "expired"))
        return sorted(happened, key=lambda event: event[0])


_CHECKPOINTS = (
    (0.0, "Accepted by carrier"),
    (0.15, "Departed from sorting center"),
    (0.4, "Departed country of origin"),
    (0.65, "Arrived in destination country"),
    (0.8, "Customs clearance completed"),
    (0.95, "Out for delivery"),
    (1.0, "Delivered"),
)


def checkpoints(parcel: Parcel, shipped_at: datetime, now: datetime) -> list[tuple[datetime, str]]:
    """What the carrier has scanned, oldest first."""
    scanned = ((shipped_at + parcel.transit * share, text) for share, text in _CHECKPOINTS)
    return [(at, text) for at, text in scanned if at <= now]


class NotEnough(Exception):
    """There is not enough of something; the message says of what."""


@dataclass
class OrderBook:
    """The orders of one vendor.

    Attributes:
        packing, transit: shortest and longest time, in hours.
        prefix, carrier: of tracking numbers.
        balances: what accounts have with the vendor, in US cents.
    """

    seed: str
    catalogue: Catalogue
    clock: Callable[[], datetime]
    first_number: int
    prefix: str
    carrier: str
    packing: tuple[int, int] = (20, 60)
    transit: tuple[int, int] = (96, 240)
    orders: dict[int, Order] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: 1_000_000))

    def place(
        self,
        call: Call,
        lines: list[Line],
        *,
        reference: str = "",
        country: str,
        address: dict[str, Any],
        service: str,
        postage: int,
        pay_within: timedelta | None = None,
        step: str = "",
    ) -> Order:
        """Book an order; twice when the fault script says so. Takes nothing from the stock."""
        now = self.clock()
        landing, lag = call.effects.get("slow_landing"), call.effects.get("index_lag")
        visible = now + timedelta(seconds=landing.seconds if landing else 0)
        booked = []
        for _ in range(2 if "duplicated_order" in call.effects else 1):
            number = self.first_number + len(self.orders)
            order = Order(
                number=number,
                account=call.account,
                reference=reference,
                lines=lines,
                country=country,
                address=address,
                service=service,
                goods=sum(line.unit_price * line.units for line in lines),
                postage=postage,
                created_at=now,
                visible_at=visible,
                indexed_at=visible + timedelta(seconds=lag.seconds if lag else 0),
                parcels=[self._parcel(number, list(range(len(lines))))],
                pay_by=now + pay_within if pay_within else None,
                step=step,
            )
            self.orders[number] = order
            booked.append(order)
        return booked[0]

    def find(self, account: str, number: int) -> Order | None:
        """An order of the account that can be looked up by now."""
        order = self.orders.get(number)
        if order is None or order.account != account or order.visible_at > self.clock():
            return None
        return order

    def by_reference(self, account: str, reference: str) -> list[Order]:
        """The account's orders with a reference, as far as they are indexed by now."""
        now = self.clock()
        return [o for o in self.booked(account, reference) if o.indexed_at <= now]

    def booked(self, account: str, reference: str) -> list[Order]:
        """The account's orders with a reference, whether or not a look-up shows them yet."""
        orders = self.orders.values()
        return [o for o in orders if (o.account, o.reference) == (account, reference)]

    def of(self, account: str) -> list[Order]:
        """The account's orders that can be seen, newest first."""
        found = (self.find(account, number) for number in sorted(self.orders, reverse=True))
        return [order for order in found if order is not None]

    def in_stock(self, lines: list[Line]) -> bool:
        """Whether the units of all lines together are there."""
        wanted: Counter[tuple[int, str]] = Counter()
        for line in lines:
            wanted[line.variant.number, line.warehouse] += line.units
        return all(
            line.variant.stock.get(line.warehouse, 0) >= wanted[line.variant.number, line.warehouse]
            for line in lines
        )

    def reserve(self, order: Order) -> None:
        """Take the units of every line from the stock.

        Raises:
            NotEnough: of one of them; then nothing is taken.
        """
        if not self.in_stock(order.lines):
            raise NotEnough("stock")
        for line in order.lines:
            self.catalogue.take(line.variant, line.warehouse, line.units)
        order.details["reserved"] = True

    def pay(self, order: Order) -> None:
        """Pay from the account's balance.

        Raises:
            NotEnough: balance; nothing is paid.
        """
        if self.balances[order.account] < order.total:
            raise NotEnough("balance")
        self.balances[order.account] -= order.total
        order.paid_at = self.clock()

    def cancel(self, order: Order) -> None:
        """Cancel: units go back to the stock, and what was paid to the balance."""
        if order.paid_at is not None:
            self.balances[order.account] += order.total
        if order.details.pop("reserved", False):
            for line in order.lines:
                self.catalogue.take(line.variant, line.warehouse, -line.units)
        order.cancelled_at = self.clock()

    def hold(self, order: Order) -> None:
        """Stop a paid order before its parcels leave."""
        order.held_at = order.held_at or self.clock()

    def release(self, order: Order) -> None:
        """Let a held order go on; the time it stood still is added."""
        if order.held_at is not None:
            order.held_for += self.clock() - order.held_at
            order.held_at = None

    def split(self, order: Order) -> None:
        """Give every line a parcel of its own, each a day after the one before."""
        order.parcels = [self._parcel(order.number, [n], n) for n in range(len(order.lines))]

    def _parcel(self, number: int, lines: list[int], part: int = 0) -> Parcel:
        draw = (self.seed, number, part)
        return Parcel(
            tracking=f"{self.prefix}{between(10**9, 10**10 - 1, *draw, 'tracking')}CN",
            carrier=self.carrier,
            lines=lines,
            after=timedelta(hours=between(*self.packing, *draw, "packing") + 24 * part),
            transit=timedelta(hours=between(*self.transit, *draw, "transit")),
        )
