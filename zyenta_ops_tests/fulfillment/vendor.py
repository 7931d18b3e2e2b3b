"""A supplier that takes its time: replies get lost, orders land late and are found later still.

`Vendor` is the supplier and survives every crash of ours. What it does by itself (orders that
land, goods that are sent and arrive) depends on the clock alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import DuplicateOrder, OutcomeUnknown
from zyenta_ops.domain.supplier_orders import (
    Ability,
    Capabilities,
    ExternalOrder,
    OrderRequest,
    ParcelState,
    PlacedOrder,
    Placement,
    SupplierOrderState,
)
from zyenta_ops_tests.contracts.fake_gateway import FakeGateway, FakeSupplier

_State = SupplierOrderState
_SENT_AFTER = timedelta(hours=5)
_ARRIVES_AFTER = timedelta(hours=20)
NOTHING = timedelta(0)
SETTLE = timedelta(minutes=15)


class Manner(StrEnum):
    """What is odd about a supplier's answers."""

    ANSWERS = "answers"
    REPLY_LOST = "reply lost after commit"
    SLOW_LANDING = "slow landing"
    INDEX_LAG = "index lag"
    DUPLICATE_ERROR = "duplicate error"
    PAYMENT_LOST = "payment's reply lost"


@dataclass
class Vendor(FakeSupplier):
    """The supplier itself.

    Attributes:
        lost: so many replies to placing get lost, after the order was accepted.
        lost_payments: so many replies to paying and cancelling get lost, after it was done.
        landing: an order exists so long after it was sent; its reply never comes.
        lag: an order is found by its reference so long after it exists.
        refuses_twice: a second order under a reference is refused without saying the first's name.
        accepted: when each order came to exist, by the supplier's id.
        under_way: what was sent and is going to land.
    """

    clock: Callable[[], datetime] = datetime.now
    lost: int = 0
    lost_payments: int = 0
    landing: timedelta = NOTHING
    lag: timedelta = NOTHING
    refuses_twice: bool = False
    accepted: dict[str, datetime] = field(default_factory=dict)
    paid_at: dict[str, datetime] = field(default_factory=dict)
    under_way: list[tuple[datetime, OrderRequest]] = field(default_factory=list)

    def accept(self, request: OrderRequest) -> ExternalOrder:
        """Make an order of a request, unless there must be but one under its reference."""
        known = self.under(request.reference)
        once = self.refuses_twice or self.capabilities.placement is Placement.IDEMPOTENT_REF
        if known is not None and once:
            return known
        order = FakeGateway(self)._created(request)
        self.accepted[order.external_id] = self.clock()
        return order

    def under(self, reference: str) -> ExternalOrder | None:
        """The order that exists under a reference, found or not."""
        return next((each for each in self.orders.values() if each.reference == reference), None)

    def live(self) -> None:
        """Do everything that is due by now."""
        now = self.clock()
        due = [each for each in self.under_way if each[0] <= now]
        self.under_way = [each for each in self.under_way if each[0] > now]
        for _, request in due:
            self.accept(request)
        for external_id, paid_at in self.paid_at.items():
            order = self.orders[external_id]
            if order.state is _State.PAID and now >= paid_at + _SENT_AFTER:
                self.ship(external_id)
                order = self.orders[external_id]
            if order.state is _State.SHIPPED and now >= paid_at + _ARRIVES_AFTER:
                parcels = tuple(replace(p, state=ParcelState.DELIVERED) for p in order.parcels)
                self.change(external_id, state=_State.DELIVERED, parcels=parcels)

    def next_event(self) -> datetime | None:
        """When it does something next; None = not by itself."""
        times = [at for at, _ in self.under_way]
        for external_id, paid_at in self.paid_at.items():
            if self.orders[external_id].state is _State.PAID:
                times.append(paid_at + _SENT_AFTER)
            elif self.orders[external_id].state is _State.SHIPPED:
                times.append(paid_at + _ARRIVES_AFTER)
        return min(times, default=None)

    def state(self) -> str:
        """All that tells two of them apart."""
        return repr(
            (
                (self.orders, self.charges, self.balance, self.accepted, self.paid_at),
                (self.under_way, self.lost, self.lost_payments),
            )
        )

    def __copy__(self) -> Vendor:
        """Another that goes its own way from here."""
        return replace(
            self,
            orders=dict(self.orders),
            charges=dict(self.charges),
            accepted=dict(self.accepted),
            paid_at=dict(self.paid_at),
            under_way=list(self.under_way),
        )

    def doubles(self) -> int:
        """Orders beyond the first under a reference, taken back or not, and second payments."""
        references = [each.reference for each in self.orders.values()]
        return len(references) - len(set(references)) + sum(n - 1 for n in self.charges.values())


@dataclass(frozen=True)
class VendorGateway(FakeGateway):
    """Our way to a `Vendor`."""

    supplier: Vendor

    def find_order(self, reference: str) -> ExternalOrder | None:
        self.supplier.live()
        found = super().find_order(reference)
        seen = found and self.supplier.accepted[found.external_id] + self.supplier.lag
        return found if seen and seen <= self.supplier.clock() else None

    def place_order(self, request: OrderRequest) -> PlacedOrder:
        vendor = self.supplier
        vendor.live()
        known = vendor.under(request.reference)
        if known is not None and vendor.refuses_twice:
            raise DuplicateOrder("there is one under this reference")
        if vendor.landing and known is None:
            vendor.under_way.append((vendor.clock() + vendor.landing, request))
            raise OutcomeUnknown("no answer came in time")
        order = vendor.accept(request)
        if vendor.lost:
            vendor.lost -= 1
            raise OutcomeUnknown("the answer was lost")
        return PlacedOrder((order.external_id,), order.state, total=order.total)

    def pay_order(self, external_id: str, most: Money) -> None:
        super().pay_order(external_id, most)
        self.supplier.paid_at.setdefault(external_id, self.supplier.clock())
        self._maybe_lost()

    def cancel_order(self, external_id: str) -> None:
        super().cancel_order(external_id)
        self._maybe_lost()

    def get_order(self, external_id: str) -> ExternalOrder:
        self.supplier.live()
        return super().get_order(external_id)

    def _maybe_lost(self) -> None:
        if self.supplier.lost_payments:
            self.supplier.lost_payments -= 1
            raise OutcomeUnknown("the answer was lost")


def a_vendor(
    placement: Placement,
    manner: Manner,
    clock: Callable[[], datetime],
    settle: timedelta = SETTLE,
) -> Vendor:
    """A supplier that sells shirts in one manner and is reconciled in one way."""
    window = timedelta(days=2) if placement is Placement.IDEMPOTENT_REF else None
    abilities = frozenset(Ability)
    vendor = Vendor(Capabilities(abilities, placement, window, settle), clock=clock)
    match manner:
        case Manner.REPLY_LOST:
            vendor.lost = 1
        case Manner.SLOW_LANDING:
            vendor.landing = timedelta(minutes=8)
        case Manner.INDEX_LAG:
            vendor.lost, vendor.lag = 1, timedelta(minutes=12)
        case Manner.DUPLICATE_ERROR:
            # Found so late that it is placed again, which only the refusal keeps from being bought.
            vendor.lost, vendor.lag, vendor.refuses_twice = 1, timedelta(minutes=40), True
        case Manner.PAYMENT_LOST:
            vendor.lost_payments = 1
        case Manner.ANSWERS:
            pass
    vendor.list_product("shirt")
    return vendor
