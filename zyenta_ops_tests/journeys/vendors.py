"""AliExpress and CJ over the sandbox, connected as a person would, on one clock that is told.

Everything is wired as in production but for patience: time-outs are short, and what the limiter
waits for passes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import stamina
from sqlalchemy import select

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.suppliers.aliexpress import AliExpressConfig, AliExpressGateway
from zyenta_ops.adapters.suppliers.calls import CallPolicy
from zyenta_ops.adapters.suppliers.cj import CjConfig, CjGateway
from zyenta_ops.adapters.suppliers.connections import Connections
from zyenta_ops.bootstrap import Operations, build
from zyenta_ops.bootstrap.suppliers import Sources
from zyenta_ops.domain.accounts import SupplierAccount
from zyenta_ops.domain.stores import Cadence, Supplier, SupplierKind, SweepScope
from zyenta_ops.operations.catalog import SweepReport
from zyenta_ops.persistence.schema import catalog_sweep, supplier_offer, watched_product
from zyenta_ops.sandbox.accounts import DEMO_SECRETS
from zyenta_ops.sandbox.clock import Clock
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.products import Product
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops.settings import Settings
from zyenta_ops_tests.adapters.web_server import LOOPBACK

VENDORS = ("aliexpress", "cj")
PRODUCTS = 4  # that are watched at each
BEFORE, NOW = 5, 7  # units of every variant, as read and as they are
PRODUCT = {"aliexpress": "aliexpress.ds.product.get", "cj": "/product/query"}
# Of accounts that may ask quickly; the limits themselves are the sandbox's.
_SETTINGS: dict[str, dict[str, Any]] = {
    "aliexpress": {"requests_per_second": 20},
    "cj": {"level": 5, "calls_per_day": None},
}
_GATEWAYS: dict[str, tuple[Any, Any]] = {
    "aliexpress": (AliExpressConfig, AliExpressGateway),
    "cj": (CjConfig, CjGateway),
}


@dataclass
class MovingClock:
    """Moves when told, from whichever thread."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 2, 12, 0, tzinfo=UTC))
    lock: Lock = field(default_factory=Lock)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        with self.lock:
            self.now += timedelta(seconds=seconds)


@dataclass
class Vendors:
    """Both vendors, and an installation that watches some products of each."""

    world: SandboxWorld
    clock: MovingClock
    operations: Operations
    refs: dict[str, list[str]]
    ahead: timedelta = timedelta()  # of their clocks is ours
    read_seconds: float = 10
    honest: dict[str, Any] = field(default_factory=dict)  # services that answer about products

    def suffer(self, vendor: str, fault: str, **rule: Any) -> None:
        """Let something go wrong with questions about products, counted from now."""
        self.world.script.clear()
        self.world.script.add(Rule(fault, vendor=vendor, operation=PRODUCT[vendor], **rule))

    def product(self, vendor: str, ref: str) -> Product:
        """What the vendor calls so."""
        found = self.world.trades[vendor].catalogue.product(int(ref) % 1_000_000)
        assert found is not None
        return found

    def asked(self, vendor: str) -> int:
        """How often products were asked about."""
        return self.world.log.operations(vendor).count(PRODUCT[vendor])

    def rewrite(self, vendor: str, change: Callable[[Any], Any] | None) -> None:
        """From now on the vendor's answers about products go through `change`; None ends it."""
        services: dict[Any, Any] = self.world.aliexpress.services
        name: Any = PRODUCT[vendor]
        if vendor == "cj":
            services, name = self.world.cj.services, ("GET", name)
        honest = self.honest.setdefault(vendor, services[name])
        services[name] = (lambda *asked: change(honest(*asked))) if change else honest

    def next_day(self) -> None:
        """All is well at both, and all that is watched has moved since it was read."""
        self.world.script.clear()
        self.ahead, self.read_seconds = timedelta(), 10
        self.clock.advance(25 * 3_600)
        for vendor in VENDORS:
            self.rewrite(vendor, None)
            self.restock(vendor, BEFORE)
            assert not self.sweep(vendor).is_partial
            self.restock(vendor, NOW)

    def connect(self, vendor: str) -> None:
        """Connect the account of the demo, or connect it again."""
        supplier = self.operations.suppliers.draft(
            key=vendor,
            kind=SupplierKind(vendor.upper()),
            config={"base_url": self.world.urls[vendor], **_SETTINGS[vendor]},
            country="US",
            currency="USD",
            name=None,
        )
        self.operations.accounts.connect(supplier, DEMO_SECRETS[vendor])

    def restock(self, vendor: str, units: int) -> None:
        """Every variant of what is watched has so many units from now on."""
        for ref in self.refs[vendor]:
            for variant in self.product(vendor, ref).variants:
                variant.stock = dict.fromkeys(variant.stock, 0) | {"CN": units}

    def sweep(self, vendor: str) -> SweepReport:
        """Ask about all that is due, as the daily run does."""
        return self.operations.catalog.sweep(vendor, scope=SweepScope(cadence=Cadence.FULL))

    def stored(self, vendor: str) -> list[Any]:
        """The offers in force."""
        query = select(supplier_offer).where(supplier_offer.c.supplier_key == vendor)
        with self.operations.catalog.database.read() as records:
            return list(records.connection.execute(query))  # type: ignore[attr-defined]

    def offers(self, vendor: str) -> dict[str, set[int | None]]:
        """The stock of the variants of every product, as it is believed."""
        found: dict[str, set[int | None]] = {}
        for row in self.stored(vendor):
            found.setdefault(row.product_ref, set()).add(row.stock)
        return found

    def applied(self, vendor: str) -> list[bool]:
        """Of each product in order, whether the move has arrived: wholly or not at all."""
        offers = self.offers(vendor)
        assert all(offers[ref] in ({BEFORE}, {NOW}) for ref in self.refs[vendor])
        return [offers[ref] == {NOW} for ref in self.refs[vendor]]

    def recovers(self, vendor: str, **delta: float) -> None:
        """Nothing of it was forgotten, and the other supplier never noticed."""
        other = VENDORS[1 - VENDORS.index(vendor)]
        assert not self.sweep(other).is_partial
        assert self.applied(other) == [True] * PRODUCTS
        self.world.script.clear()
        self.rewrite(vendor, None)
        self.read_seconds = 10
        self.clock.advance(timedelta(**(delta or {"minutes": 10})).total_seconds())

        report = self.sweep(vendor)

        assert (report.counts.asked, report.is_partial) == (PRODUCTS, False)
        assert self.applied(vendor) == [True] * PRODUCTS

    def failures(self, vendor: str) -> dict[str, int]:
        """Times in a row that watched products went unanswered, but for those that did not."""
        with self.operations.catalog.database.read() as records:
            rows = records.connection.execute(  # type: ignore[attr-defined]
                select(watched_product).where(
                    watched_product.c.supplier_key == vendor, watched_product.c.failures > 0
                )
            )
            return {row.product_ref: row.failures for row in rows}

    def sweeps(self, vendor: str) -> list[str]:
        """The status of every sweep of a supplier, oldest first."""
        query = (
            select(catalog_sweep.c.status)
            .where(catalog_sweep.c.supplier_key == vendor)
            .order_by(catalog_sweep.c.sequence)
        )
        with self.operations.catalog.database.read() as records:
            return list(records.connection.execute(query).scalars())  # type: ignore[attr-defined]

    def account(self, vendor: str) -> SupplierAccount:
        """Our account there."""
        (account,) = self.operations.accounts.of_supplier(vendor)
        return account


@contextmanager
def two_vendors(home: Path, database_url: str) -> Iterator[Vendors]:
    """Both connected, and some products of each watched."""
    clock = MovingClock()
    with (
        stamina.set_testing(True, attempts=3, cap=True),
        SandboxWorld(products=40, clock=Clock(clock)).serving() as world,
    ):
        world.cj.account.level, world.cj.account.verified = 5, True
        settings = Settings(home=home, database_url=database_url, private_networks=(LOOPBACK,))
        vendors = Vendors(world, clock, None, world.examples(PRODUCTS))  # type: ignore[arg-type]
        vendors.operations = _impatient(settings, vendors)
        for vendor in VENDORS:
            vendors.connect(vendor)
            vendors.operations.items.watch(vendor, vendors.refs[vendor])
        yield vendors


def _impatient(settings: Settings, vendors: Vendors) -> Operations:
    """As `build` wires it, but for time-outs and one question at a time."""

    def now() -> datetime:
        return vendors.clock() + vendors.ahead

    operations = build(settings, clock=now, sleep=vendors.clock.advance)

    @contextmanager
    def open_gateway(supplier: Supplier, account: SupplierAccount) -> Iterator[Any]:
        config, gateway = _GATEWAYS[supplier.key]
        opened = gateway(
            config.of(supplier.config),
            operations.accounts.login(account.id),
            Connections(
                operations.items.limiter,
                now,
                HttpPolicy(allow_private=(LOOPBACK,), read_seconds=vendors.read_seconds),
                CallPolicy(first_wait_seconds=0.001),
                workers=1,
            ),
        )
        try:
            yield opened
        finally:
            opened.close()

    opener: Callable[..., AbstractContextManager[Any]] = open_gateway
    items = replace(operations.items, open_gateway=opener)
    sources = Sources(settings, operations.suppliers, items)
    catalog = replace(operations.catalog, open_source=sources.open)
    return replace(operations, items=items, catalog=catalog)
