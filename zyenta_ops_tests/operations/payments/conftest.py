"""A shop with one order that waits for its payment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from zyenta_ops.bootstrap.payments import cadence_teller
from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.payments import Issue
from zyenta_ops.operations.inbox import Inbox
from zyenta_ops.operations.orders import OrderDetails, Orders
from zyenta_ops.operations.payments import (
    Derivation,
    PaymentEvents,
    Refunds,
    Rests,
    StripeEvents,
)
from zyenta_ops.operations.plans import Plans
from zyenta_ops.persistence.engine import Database
from zyenta_ops.ports import Repositories
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.payments.world import FakeProvider
from zyenta_ops_tests.orders import a_document, a_shop


@dataclass
class Told:
    """What is told of, by store and scope."""

    now: dict[tuple[str | None, str], list[str]] = field(default_factory=dict)

    def settle(
        self,
        records: Repositories,
        store_id: str | None,
        scope: str,
        issues: Sequence[Issue],
        now: datetime,
    ) -> None:
        self.now.pop((store_id, scope), None)
        if issues:
            self.now[store_id, scope] = [each.title for each in issues]


@dataclass
class Shop:
    """Everything that payments take, wired on one database."""

    database: Database
    clock: FixedClock
    new_id: CountingIds = field(default_factory=CountingIds)
    told: Told = field(default_factory=Told)
    announced: list[tuple[object, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.provider = FakeProvider(self.clock)
        self.plans = Plans(
            self.database,
            self.provider,
            self.clock,
            self.new_id,
            cadence_teller(self.told.settle),
        )
        self.derivation = Derivation(
            self.new_id,
            self.told.settle,
            self.plans.use,
            "run-1",
            on_paid=lambda records, order, now: self.announced.append(("paid", order.id)),
            on_refunded=lambda records, order, *amounts: self.announced.append(
                ("refunded", order.id, *amounts[:2])
            ),
        )
        handler = PaymentEvents(
            self.provider, self.derivation, self.plans.take, self.clock, Rests(self.clock)
        )
        parked: Callable[[Repositories, int, Sequence[str], datetime], None] = self._parked
        self.parked: list[str] = []
        self.parkings = 0
        self.inbox = Inbox(
            self.database, {EventSource.STRIPE: handler}, parked, self.clock, self.new_id
        )
        self.stripe_events = StripeEvents(
            self.database,
            self.provider,
            self.inbox.record,
            self.derivation,
            self.clock,
        )
        self.refunds = Refunds(
            self.database, self.provider, self.derivation, self.clock, self.new_id
        )
        self.orders = Orders(
            self.database,
            self.clock,
            self.new_id,
            on_received=self.derivation.receive,
            refunds_of=lambda records, order_id: records.refunds.of_order(order_id),
        )
        with self.database.write() as records:
            a_shop(records.connection)
            a_shop(records.connection, "other-shop")

    def order(self, number: str = "1001", store: str = "my-shop", **changes: object) -> Order:
        """Hand an order over; 49.38 EUR."""
        document = a_document(number=number, **changes)
        if store != "my-shop":
            document["items"][0]["variant_id"] += f"-{store}"
        return self.orders.receive(store, document, "test").order

    def show(self, order: Order) -> OrderDetails:
        """The order as it stands."""
        return self.orders.show(order.id)

    def hear(self) -> None:
        """Record every event sent so far, and act on what is due."""
        self.inbox.record(self.provider.log)
        self.inbox.drain()

    def _parked(
        self, records: Repositories, number: int, shown: Sequence[str], now: datetime
    ) -> None:
        self.parked, self.parkings = list(shown), self.parkings + 1


@pytest.fixture
def shop(database: Database, clock: FixedClock) -> Shop:
    return Shop(database, clock)


@pytest.fixture
def sqlite_shop(sqlite_database: Database, clock: FixedClock) -> Shop:
    return Shop(sqlite_database, clock)
