"""Processes of our own that buy on one database from one supplier, and are killed for good.

The supplier lives in a process of its own, so that what it was told stays told. All processes
share its clock, which only moves while nobody works.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.managers import BaseManager
from multiprocessing.process import BaseProcess
from random import Random
from threading import RLock
from typing import Any
from uuid import uuid4

from zyenta_ops.domain.accounts import SupplierAccount
from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.errors import DatabaseUnavailable
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import Supplier
from zyenta_ops.domain.supplier_orders import Capabilities, Placement, SupplierOrderState
from zyenta_ops.operations.fulfillment import Desk, Failpoint, Fulfillment
from zyenta_ops.persistence.engine import Database
from zyenta_ops.ports.gateway import SupplierGateway
from zyenta_ops_tests.conftest import FixedClock
from zyenta_ops_tests.fulfillment.vendor import Manner, Vendor, VendorGateway, a_vendor

_READS_AND_WRITES = (
    *("find_order", "place_order", "pay_order", "get_order", "get_tracking", "cancel_order"),
    "quote_shipping",
)
# A worker that cannot reach the database ends so, and is replaced.
NO_DATABASE = 3


class Counter:
    """The supplier, one request at a time."""

    def __init__(self, placement: Placement, lost: int) -> None:
        self.clock = FixedClock()
        self.vendor: Vendor = a_vendor(placement, Manner.ANSWERS, self.clock)
        self.vendor.list_product("mug")
        self.vendor.lost, self.vendor.balance = lost, Money(10**10, "USD")
        self.gateway, self.lock = VendorGateway(self.vendor), RLock()

    def ask(self, method: str, *arguments: Any) -> Any:
        with self.lock:
            return getattr(self.gateway, method)(*arguments)

    def items(self, refs: Sequence[str], market: Market) -> list[Any]:
        with self.lock:
            return list(self.gateway.fetch_items(refs, market))

    def capabilities(self) -> Capabilities:
        return self.vendor.capabilities

    def now(self) -> datetime:
        return self.clock.now

    def let_pass(self, time: timedelta) -> None:
        with self.lock:
            self.clock.now += time
            self.vendor.live()

    def doubles(self) -> int:
        return self.vendor.doubles()

    def live_references(self) -> list[str]:
        gone = SupplierOrderState.CANCELLED
        return sorted(each.reference for each in self.vendor.orders.values() if each.state != gone)

    def charged(self) -> int:
        return sum(self.vendor.charges.values())


class Counters(BaseManager):
    """Serves one `Counter`."""


Counters.register("Counter", Counter)


@dataclass(frozen=True)
class RemoteGateway:
    """Our way to a supplier in another process; satisfies `ports.gateway.SupplierGateway`."""

    counter: Any

    @property
    def capabilities(self) -> Capabilities:
        found: Capabilities = self.counter.capabilities()
        return found

    def fetch_items(self, refs: Sequence[str], market: Market) -> Iterator[Any]:
        return iter(self.counter.items(refs, market))

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method not in _READS_AND_WRITES:
            raise AttributeError(method)
        return lambda *arguments: self.counter.ask(method, *arguments)


def work(url: str, counter: Any, die_after: int | None) -> None:
    """Make one pass over everything that is due, or die at the nth place on the way."""
    left = [die_after]
    now = counter.now()
    capabilities = counter.capabilities()

    @contextmanager
    def open_gateway(supplier: Supplier, account: SupplierAccount) -> Iterator[SupplierGateway]:
        yield RemoteGateway(counter)  # type: ignore[misc]

    def pass_by(failpoint: Failpoint) -> None:
        if left[0] is not None:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    desk = Desk(
        Database(url),
        lambda: now,
        lambda: uuid4().hex[:26],
        open_gateway,
        lambda supplier: capabilities,
        lambda account, error: None,
        lambda: 500,
        lambda *found: None,
        failpoint=pass_by,
    )
    try:
        Fulfillment(desk).advance(limit=100_000)
    except DatabaseUnavailable:
        os._exit(NO_DATABASE)


@dataclass
class Shift:
    """Workers that are killed and replaced until a pass is made.

    Attributes:
        kills: so many more workers kill themselves on the way.
        ambushes: so many more are killed from outside, at any instant.
        disturb: called after every seventh death, `disturbed` times so far.
        killed: how many died of it; `cut_off` lost the database.
    """

    url: str
    counter: Any
    size: int
    kills: int
    choice: Random
    ambushes: int = 0
    disturb: Callable[[], object] | None = None
    killed: int = 0
    cut_off: int = 0
    disturbed: int = 0
    alive: list[BaseProcess] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = get_context("forkserver")
        self.context.set_forkserver_preload([__name__])

    def make_a_pass(self) -> None:
        """Work until everybody who was not killed is done."""
        for _ in range(self.size):
            self._start()
        while self.alive:
            patience = self.choice.uniform(0.05, 0.5) if self.ambushes else None
            ended = wait([each.sentinel for each in self.alive], timeout=patience)
            if not ended:
                self.ambushes -= 1
                self.choice.choice(self.alive).kill()
            for each in [each for each in self.alive if each.sentinel in ended]:
                self._bury(each)

    def _bury(self, worker: BaseProcess) -> None:
        worker.join()
        self.alive.remove(worker)
        assert worker.exitcode in (0, NO_DATABASE, -signal.SIGKILL), worker.exitcode
        if worker.exitcode:
            self.killed += worker.exitcode == -signal.SIGKILL
            self.cut_off += worker.exitcode == NO_DATABASE
            due = worker.exitcode == -signal.SIGKILL and self.killed % 7 == 0
            if self.disturb is not None and due:
                self.disturb()
                self.disturbed += 1
            self._start()

    def _start(self) -> None:
        die_after = None
        if self.kills:
            self.kills -= 1
            die_after = self.choice.randrange(1, 150)
        worker = self.context.Process(target=work, args=(self.url, self.counter, die_after))
        worker.start()
        self.alive.append(worker)
