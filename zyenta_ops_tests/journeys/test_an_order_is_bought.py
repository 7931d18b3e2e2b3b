"""A paid order is bought at AliExpress and CJ over the sandbox, and followed to the door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import stamina

from zyenta_ops.bootstrap import Operations, build, prepare
from zyenta_ops.cli.dev import prepare_instance
from zyenta_ops.defs import build_defs
from zyenta_ops.defs.fulfillment import fulfill_orders, orders_due
from zyenta_ops.domain.orders import EventKind, FulfillmentStatus, Order, PaymentStatus
from zyenta_ops.domain.payments import Assessment
from zyenta_ops.domain.products import OfferFilter
from zyenta_ops.domain.stores import Cadence, SupplierKind, SweepScope
from zyenta_ops.sandbox.accounts import DEMO_SECRETS
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops.settings import Settings
from zyenta_ops_tests.adapters.web_server import LOOPBACK

VENDORS = ("aliexpress", "cj")
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_SETTINGS: dict[str, dict[str, Any]] = {
    "aliexpress": {"requests_per_second": 20},
    "cj": {"level": 5, "calls_per_day": None},
}


class House:
    """An installation whose owner has accounts at both vendors, on the sandbox's clock."""

    def __init__(
        self, settings: Settings, world: SandboxWorld, instance: dg.DagsterInstance
    ) -> None:
        self.settings, self.world, self.instance = settings, world, instance
        self.operations: Operations = build(
            settings, clock=world.clock, sleep=lambda seconds: self._pass(seconds)
        )
        self.variants: dict[str, tuple[str, int]] = {}

    def _pass(self, seconds: float) -> None:
        self.world.clock.advance(timedelta(seconds=seconds))

    def open(self) -> None:
        """A store in Germany that sells one product of each vendor."""
        operations = self.operations
        operations.stores.add(name="Ann", email="ann@example.com", currency="USD", country="DE")
        for vendor, refs in self.world.examples(1).items():
            if vendor not in VENDORS:
                continue
            supplier = operations.suppliers.draft(
                key=vendor,
                kind=SupplierKind(vendor.upper()),
                config={"base_url": self.world.urls[vendor], **_SETTINGS[vendor]},
                country="DE",
                currency="USD",
                name=None,
            )
            operations.accounts.connect(supplier, DEMO_SECRETS[vendor], store_ref="ann")
            operations.items.watch(vendor, refs)
            operations.catalog.sweep(vendor, scope=SweepScope(cadence=Cadence.FULL))
            operations.products.import_from_catalogue("ann", vendor, OfferFilter())
            operations.inventory.sync(vendor, SweepScope())
        for product in operations.products.list("ann"):
            for variant in product.variants:
                if variant.published_stock and product.supplier_key not in self.variants:
                    assert variant.cost is not None
                    self.variants[product.supplier_key] = (variant.id, variant.cost.minor)

    def order(self, number: str = "1001") -> Order:
        """One unit of each, sold at three times its cost, and paid for."""
        items: list[dict[str, Any]] = [
            {"variant_id": variant, "quantity": 1, "unit_price_minor": 3 * cost + 2_000}
            for variant, cost in self.variants.values()
        ]
        total = sum(item["unit_price_minor"] for item in items)
        document = {
            "number": number,
            "placed_at": self.world.clock().isoformat(),
            "currency": "USD",
            "customer": {
                "email": "bea@example.com",
                "name": "Bea Buyer",
                "phone": "+4915112345678",
            },
            "address": {
                "name": "Bea Buyer",
                "line1": "Chausseestr. 1",
                "city": "Berlin",
                "province": "Berlin",
                "postal_code": "10115",
                "country": "DE",
                "phone": "+4915112345678",
            },
            "items": items,
            "subtotal_minor": total,
            "discount_minor": 0,
            "shipping_minor": 0,
            "tax_minor": 0,
            "total_minor": total,
        }
        order = self.operations.orders.receive("ann", document, "test").order
        with self.operations.orders.database.write() as records:
            records.orders.hold(order.id)
            now = self.world.clock()
            paid = Assessment(PaymentStatus.PAID, total)
            records.orders.save_payment(order.id, paid, now, now)
        return order

    def tick(self, **delta: float) -> int:
        """Time goes on, the sensor looks, and the run that it asks for is made; how many were."""
        if delta:
            self.world.advance(**delta)
        definitions = build_defs({"operations": self.operations})
        with dg.build_sensor_context(
            instance=self.instance,
            resources={"operations": self.operations},
            definitions=definitions,
        ) as context:
            requests = orders_due.evaluate_tick(context).run_requests or ()
        for request in requests:
            result = definitions.resolve_job_def(fulfill_orders.name).execute_in_process(
                instance=self.instance, run_config=QUIET, tags=dict(request.tags)
            )
            assert result.success
        return len(requests)

    def booked(self, vendor: str) -> list[Any]:
        return list(self.world.trades[vendor].orders.orders.values())

    def stages(self, order: Order) -> dict[str, str]:
        found = self.operations.orders.show(order.id).supplier_orders
        return {each.supplier_order.supplier_key: each.supplier_order.stage.value for each in found}

    def status(self, order: Order) -> FulfillmentStatus:
        return self.operations.orders.show(order.id).order.fulfillment_status


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    with (
        stamina.set_testing(True, attempts=3, cap=True),
        SandboxWorld(seed=7, products=20).serving() as world,
    ):
        world.cj.account.level, world.cj.account.verified = 5, True
        settings = Settings(
            home=tmp_path / "home",
            database_url=sqlite_url,
            sandbox_url=world.urls["sandbox"].removesuffix("/_sandbox"),
            private_networks=(LOOPBACK,),
        )
        prepare(settings)
        prepare_instance(settings)
        with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
            house = House(settings, world, instance)
            house.open()
            yield house


def until_delivered(house: House, order: Order) -> None:
    for _ in range(60):
        if house.status(order) is FulfillmentStatus.DELIVERED:
            return
        house.tick(hours=12)
    raise AssertionError(house.stages(order))


def test_a_paid_order_is_split_bought_and_delivered_by_ticking(house: House) -> None:
    order = house.order()

    assert house.tick() == 1

    assert house.stages(order) == {
        "aliexpress": "AWAITING_SUPPLIER_PAYMENT",  # paid on its site
        "cj": "CONFIRMED",
    }
    (at_cj,), (at_aliexpress,) = house.booked("cj"), house.booked("aliexpress")
    assert at_cj.reference == f"zy-{order.id}-2"
    assert at_aliexpress.reference == f"zy-{order.id}-1"
    assert house.status(order) is FulfillmentStatus.PROCESSING
    (alert,) = house.operations.alerts.listed()
    assert alert.title == "To be paid at aliexpress: order 1001"

    # The merchant pays on the site.
    house.world.trades["aliexpress"].orders.pay(at_aliexpress)
    house.tick(hours=1)
    assert house.status(order) is FulfillmentStatus.AWAITING_SHIPMENT
    until_delivered(house, order)

    assert house.stages(order) == {"aliexpress": "DELIVERED", "cj": "DELIVERED"}
    assert [len(house.booked(vendor)) for vendor in VENDORS] == [1, 1]
    assert {each.status.value for each in house.operations.alerts.listed()} == {"RESOLVED"}
    timeline = house.operations.orders.show(order.id).timeline
    parcels = {each.after["parcel"] for each in timeline if each.kind is EventKind.PARCEL_CHANGED}
    sent = {parcel.tracking for each in (at_cj, at_aliexpress) for parcel in each.parcels}
    assert parcels == sent
    assert house.tick(days=1) == 0


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_order_whose_answer_was_lost_is_bought_once(house: House, vendor: str) -> None:
    operation = {"aliexpress": "aliexpress.ds.order.create", "cj": "/shopping/order/createOrderV2"}
    house.world.script.add(
        Rule("reset_after", vendor=vendor, operation=operation[vendor], calls=(1,))
    )
    order = house.order()
    house.tick()
    assert house.stages(order)[vendor] == "UNKNOWN"
    assert len(house.booked(vendor)) == 1

    for _ in range(20):
        house.tick(minutes=2)

    assert house.stages(order)["cj"] == "CONFIRMED"
    assert house.stages(order)["aliexpress"] == "AWAITING_SUPPLIER_PAYMENT"
    assert [len(house.booked(each)) for each in VENDORS] == [1, 1]


def test_no_address_and_no_secret_is_logged_or_kept_where_it_does_not_belong(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    order = house.order()
    house.tick()

    assert house.stages(order)["cj"] == "CONFIRMED"
    for word in ("Bea Buyer", "Chausseestr", "15112345678", *DEMO_SECRETS["cj"].values()):
        assert word not in caplog.text
    with house.operations.orders.database.read() as records:
        kept = records.connection.exec_driver_sql(  # type: ignore[attr-defined]
            "SELECT request FROM placement_attempt"
        ).all()
    assert kept
    assert "Chausseestr" not in str(kept)
