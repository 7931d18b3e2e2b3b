"""An account of ours in the CJ of a sandbox.

The sandbox was written from CJ's documentation alone. What is asked keeps to the limits that it
enforces: the limiter moves the sandbox's clock instead of waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.suppliers.cj import CjConfig, CjConnector, CjGateway
from zyenta_ops.domain.items import Item, ItemFault
from zyenta_ops.domain.supplier_errors import SupplierError
from zyenta_ops.ports.gateway import Allowance, Tokens
from zyenta_ops.sandbox.cj.accounts import DEMO_API_KEY
from zyenta_ops.sandbox.cj.products import pid
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.products import Product
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import (
    LOCAL,
    FakeLogin,
    FreeLimiter,
    connections,
)
from zyenta_ops_tests.contracts.supplier_gateway import MARKET


@dataclass
class ClockedLimiter(FreeLimiter):
    """Keeps to rates on the sandbox's clock; days are the sandbox's to count."""

    world: SandboxWorld | None = None
    free_at: dict[str, datetime] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def acquire(self, allowances: Sequence[Allowance], *, urgent: bool = False) -> None:
        super().acquire(allowances, urgent=urgent)
        assert self.world is not None
        with self.lock:
            now = self.world.clock()
            due = max([now, *(self.free_at.get(each.key, now) for each in allowances)])
            self.world.clock.advance(due - now)
            for each in allowances:
                self.free_at[each.key] = due + timedelta(seconds=each.seconds)


@dataclass
class Shop:
    """A world and our account in it."""

    world: SandboxWorld
    limiter: ClockedLimiter
    login: FakeLogin
    gateway: CjGateway

    @property
    def products(self) -> list[Product]:
        return list(self.world.trades["cj"].catalogue.products.values())

    @property
    def violations(self) -> dict[str, int]:
        return dict(self.world.trades["cj"].limits.violations)

    def fail(self, fault: str, operation: str = "/product/query", **rule: Any) -> None:
        self.world.script.add(Rule(fault, vendor="cj", operation=operation, **rule))

    def fetch(self, *products: Product) -> dict[str, Item]:
        found = {}
        for answer in self.gateway.fetch_items([pid(each) for each in products], MARKET):
            assert isinstance(answer, Item), answer
            found[answer.product_ref] = answer
        return found

    def fault(self, product: Product) -> SupplierError:
        (answer,) = self.gateway.fetch_items([pid(product)], MARKET)
        assert isinstance(answer, ItemFault), answer
        return answer.error


def connected(
    world: SandboxWorld, limiter: ClockedLimiter, sandbox: bool = False
) -> tuple[CjConfig, Tokens]:
    config = CjConfig.of(
        {"base_url": world.urls["cj"], "from_country": "US,CN", "sandbox": sandbox}
    )
    connector = CjConnector(config, connections(limiter, world.clock))
    return config, connector.connect({"api_key": DEMO_API_KEY})


def shop_in(world: SandboxWorld, http: HttpPolicy = LOCAL, sandbox: bool = False) -> Shop:
    limiter = ClockedLimiter(world=world)
    config, tokens = connected(world, limiter, sandbox)
    login = FakeLogin(dict(tokens.secrets))
    # One worker: a clock that is moved instead of waited for is the same for all of them.
    gateway = CjGateway(config, login, connections(limiter, world.clock, http, workers=1))
    return Shop(world, limiter, login, gateway)
