"""What `zyenta-ops orders` says of supplier orders."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from zyenta_ops.cli.orders import orders as command
from zyenta_ops.domain.fulfillment import mermaid
from zyenta_ops.operations.orders import Orders
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.fulfillment.shop import Shop

Shell = Callable[..., Result]


@dataclass
class Bundle:
    orders: Orders
    clock: FixedClock


@dataclass
class FakeWiring:
    bundle: Bundle

    def operations(self) -> Bundle:
        return self.bundle


@pytest.fixture
def shop(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    return Shop(sqlite_database, clock, new_id)


@pytest.fixture
def shell(shop: Shop) -> Shell:
    orders = replace(shop.orders, supplier_orders_of=shop.fulfillment.standings)
    wiring = FakeWiring(Bundle(orders, shop.clock))
    return lambda *words: CliRunner().invoke(command, list(words), obj=wiring)


def test_the_diagram_is_that_of_the_machine(shell: Shell) -> None:
    assert shell("diagram").stdout == mermaid() + "\n"


def test_an_order_shows_what_is_bought_for_it_and_what_comes_next(shop: Shop, shell: Shell) -> None:
    shop.suppliers["cj"].list_product("shirt", stock=1)
    order = shop.order()
    shop.tick()
    shop.suppliers["aliexpress"].ship("F1")
    shop.tick(hours=6)

    shown = shell("show", order.id).stdout

    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert f"aliexpress zy-{order.id}-1 SHIPPED 1 15.50 USD F1" in lines
    assert f"cj zy-{order.id}-2 READY 2 - -" in lines
    assert "aliexpress: it is on its way; looked at again at 2026-11-03 18:00 UTC" in lines
    assert (
        "cj: STOCK: 1 of 2 shirt-v are in stock; looked at again at 2026-11-02 19:00 UTC" in lines
    )
    assert "TRACKF1 Carrier IN_TRANSIT 2026-11-02 18:00 UTC - -" in lines


def test_what_needs_a_person_says_what_about_and_what_may_be_done(shop: Shop, shell: Shell) -> None:
    with shop.database.write() as records:
        records.connection.exec_driver_sql("UPDATE supplier SET kind = 'FEED' WHERE key = 'cj'")
    order = shop.order(shirt=1)
    shop.tick()

    shown = " ".join(shell("show", order.id).stdout.split())

    assert "NEEDS_ACTION (BY_HAND)" in shown
    assert "the supplier takes no orders from programs; a person may: " in shown
    assert "MARK_PLACED" in shown
    assert "looked at again once something new is heard" in shown


def test_the_same_is_there_for_programs(shop: Shop, shell: Shell) -> None:
    order = shop.order(mug=1)
    shop.tick()

    document: Any = json.loads(shell("show", order.id, "--json").stdout)

    (found,) = document["supplier_orders"]
    assert found["supplier_order"]["stage"] == "CONFIRMED"
    assert found["supplier_order"]["quote"]["goods"] == {"minor": 1_250, "currency": "USD"}
    assert found["outlook"]["step"] is None
    assert found["outlook"]["at"] == "2026-11-02T18:00:00+00:00"
