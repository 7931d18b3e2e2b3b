"""A shop with an order, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.domain.errors import DeliveryError, Unreachable
from zyenta_ops.domain.notifications import Channel, OutboundMessage
from zyenta_ops.domain.orders import FulfillmentStatus, Order
from zyenta_ops.domain.payments import Issue
from zyenta_ops.domain.storefront_hooks import StorefrontHook
from zyenta_ops.operations.notifications import Notifications
from zyenta_ops.operations.orders import Orders
from zyenta_ops.operations.storefronts import (
    Announcements,
    StorefrontChecks,
    StorefrontHooks,
)
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import order, outbox_message
from zyenta_ops.ports import Repositories
from zyenta_ops.ports.notifications import Send
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.orders import a_document, a_shop

KEYRING = "k1:" + "A" * 43 + "="
URL = "https://shop.example/hook?token=s3cret"
READ_URL = "https://shop.example/orders/{number}"


@dataclass
class FakeSystem:
    """A store's system: takes events unless it is told not to, and shows what a test says."""

    fault: DeliveryError | None = None
    taken: list[OutboundMessage] = field(default_factory=list)
    shows: dict[str, object] = field(default_factory=dict)
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def open(self) -> Iterator[Send]:
        yield self._take

    def _take(self, message: OutboundMessage) -> None:
        if self.fault is not None:
            raise self.fault
        self.taken.append(message)

    def shown(self, hook: StorefrontHook, order_number: str) -> object:
        self.asked.append(order_number)
        if self.silent:
            raise Unreachable("the store's system answered 503")
        return self.shows.get(order_number)


@dataclass
class Shop:
    """Everything that tells customers and storefronts, wired on one database."""

    database: Database
    clock: FixedClock
    new_id: CountingIds = field(default_factory=CountingIds)
    system: FakeSystem = field(default_factory=FakeSystem)
    issues: dict[str, list[str]] = field(default_factory=dict)
    secrets: int = 0

    def __post_init__(self) -> None:
        team = ((Channel.EMAIL, "ops@example.com"), (Channel.WEBHOOK, "internal"))
        self.announcements = Announcements(self.new_id, team)
        self.hooks = StorefrontHooks(
            self.database, self.clock, self.new_id, self._secret, Vault(KEYRING), self._issues
        )
        self.checks = StorefrontChecks(
            self.database,
            self.system,
            self.hooks.in_force,
            self.clock,
            self.new_id,
            self._issues,
        )
        self.notifications = Notifications(
            self.database,
            {Channel.STOREFRONT: self.system},
            self.clock,
            self.new_id,
            on_gone=self.hooks.on_gone,
        )
        self.orders = Orders(self.database, self.clock, self.new_id)
        with self.database.write() as records:
            a_shop(records.connection)
            a_shop(records.connection, "other-shop")

    def order(self, number: str = "1001", **changes: Any) -> Order:
        """Hand an order over."""
        return self.orders.receive("my-shop", a_document(number=number, **changes), "test").order

    def moved(self, given: Order, status: FulfillmentStatus) -> Order:
        """The order with another fulfilment status, stored."""
        with self.database.write() as records:
            records.connection.execute(
                update(order).where(order.c.id == given.id).values(fulfillment_status=status.value)
            )
        return replace(given, fulfillment_status=status)

    def tell(self, what: str, *about: Any) -> None:
        """Call one of the announcements in a transaction of its own."""
        with self.database.write() as records:
            getattr(self.announcements, what)(records, *about, self.clock())

    def outbox(self, channel: Channel = Channel.EMAIL) -> list[str]:
        """The dedupe keys of what was put in."""
        return [row["dedupe_key"] for row in self.rows() if row["channel"] == channel.value]

    def rows(self) -> list[dict[str, Any]]:
        """Everything that was put in, oldest first."""
        with self.database.read() as records:
            rows = records.connection.execute(select(outbox_message).order_by(outbox_message.c.id))
            return [dict(row._mapping) for row in rows]

    def _secret(self) -> str:
        self.secrets += 1
        return f"whsec_c2VjcmV0{self.secrets}"

    def _issues(
        self,
        records: Repositories,
        store_id: str,
        about: str,
        found: Sequence[Issue],
        now: datetime,
    ) -> None:
        self.issues.pop(about, None)
        if found:
            self.issues[about] = [each.title for each in found]


@pytest.fixture
def shop(database: Database, clock: FixedClock) -> Shop:
    return Shop(database, clock)


@pytest.fixture
def sqlite_shop(sqlite_database: Database, clock: FixedClock) -> Shop:
    return Shop(sqlite_database, clock)
