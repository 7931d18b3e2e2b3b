"""What fails for one store is told for that store, once, and is over when that store is well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from sqlalchemy import update

from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.inventory import InventoryRecords
from zyenta_ops.persistence.schema import store
from zyenta_ops_tests.conftest import FixedClock
from zyenta_ops_tests.defs.world import World

STRATEGY = {"kind": "PERCENTAGE_MARGIN", "value": "100", "endings": [{"currency": "USD"}]}
BEA_FAILS = [("Bea", "SYNC_FAILURE", "OPEN"), ("internal", "SYNC_FAILURE", "OPEN")]
BEA_IS_WELL = [(who, kind, "RESOLVED") for who, kind, _ in BEA_FAILS]

Break = Callable[[str], None]


@pytest.fixture
def ids(world: World) -> dict[str, str]:
    """Two stores that were synced well, by name."""
    world.supplier()
    found = {name: world.store(name).id for name in ("Ann", "Bea")}
    assert world.run().success
    return found


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Ids of stores whose inventory cannot be synced."""
    broken: set[str] = set()
    count = InventoryRecords.count_variants

    def counts(self: InventoryRecords, store_id: str, supplier_key: str) -> int:
        if store_id in broken:
            raise RuntimeError("ann@example.com is in row 7")
        return count(self, store_id, supplier_key)

    monkeypatch.setattr(InventoryRecords, "count_variants", counts)
    return broken


@pytest.fixture
def misprices(settings_database: Database) -> Break:
    """Makes the pricing strategy of a store unreadable."""

    def spoil(store_id: str) -> None:
        with settings_database.write() as records:
            records.connection.execute(
                update(store)
                .where(store.c.id == store_id)
                .values(pricing_strategy={"kind": "LUCK"})
            )

    return spoil


@dataclass
class Hurrying:
    """A clock that moves by a second each time it is read."""

    clock: FixedClock

    def __call__(self) -> datetime:
        self.clock.advance(seconds=1)
        return self.clock()


def reasons(world: World) -> list[str]:
    return [each.message for each in world.operations.alerts.listed() if each.store_id is None]


def test_a_store_that_cannot_be_synced_is_told_until_it_is_synced_well(
    world: World, ids: dict[str, str], breaks: set[str]
) -> None:
    breaks.add(ids["Bea"])

    assert world.run().success
    assert world.run().success

    assert world.alerts() == BEA_FAILS
    assert [recipient for recipient, _ in world.mails()] == ["ops@localhost"]
    assert reasons(world) == ["Bea: RuntimeError"]
    breaks.clear()

    world.run()

    assert world.alerts() == BEA_IS_WELL


def test_a_store_that_cannot_be_priced_is_told_until_it_is_priced_well(
    world: World, ids: dict[str, str], misprices: Break
) -> None:
    misprices(ids["Bea"])

    world.run()
    world.run()

    assert world.alerts() == BEA_FAILS
    assert len(world.mails()) == 1
    world.operations.stores.set_strategy("bea", STRATEGY)

    world.run()

    assert world.alerts() == BEA_IS_WELL


@pytest.mark.usefixtures("no_waiting")
def test_while_every_store_fails_a_good_catalogue_ends_nothing_and_mails_nothing(
    world: World, ids: dict[str, str], breaks: set[str]
) -> None:
    breaks.update(ids.values())
    for _ in range(3):
        assert not world.run().success

    assert world.alerts() == [("Ann", "SYNC_FAILURE", "OPEN"), *BEA_FAILS]
    assert len(world.mails()) == 1


def test_a_good_inventory_does_not_end_the_failure_of_prices(
    world: World, ids: dict[str, str], misprices: Break
) -> None:
    misprices(ids["Bea"])
    world.run()

    world.run(job="apply_offers")

    assert world.alerts() == BEA_FAILS


def test_a_store_left_over_by_the_time_budget_is_neither_well_nor_failing(
    world: World, ids: dict[str, str], breaks: set[str]
) -> None:
    breaks.add(ids["Bea"])
    world.run()
    breaks.clear()
    inventory = replace(world.operations.inventory, clock=Hurrying(world.clock))
    world.operations = replace(world.operations, inventory=inventory)

    run = world.run(budget_seconds=1)

    assert (run.assets["store_inventory"]["stores"], run.success) == (1, True)
    assert run.assets["store_inventory"]["stores_left"] == 1
    assert world.alerts() == BEA_FAILS


def test_a_second_store_that_fails_later_is_news_of_its_own(
    world: World, ids: dict[str, str], breaks: set[str]
) -> None:
    breaks.add(ids["Bea"])
    world.run()
    late = world.store("Cyd").id
    breaks.add(late)
    world.run()
    assert len(world.mails()) == 2
    breaks.remove(ids["Bea"])

    world.run()

    assert world.alerts() == [
        ("Bea", "SYNC_FAILURE", "RESOLVED"),
        ("Cyd", "SYNC_FAILURE", "OPEN"),
        ("internal", "SYNC_FAILURE", "OPEN"),
        ("internal", "SYNC_FAILURE", "RESOLVED"),
    ]


def test_a_store_that_is_paused_while_it_fails_is_nobodys_failure_any_more(
    world: World, ids: dict[str, str], breaks: set[str]
) -> None:
    breaks.add(ids["Bea"])
    world.run()
    world.operations.stores.pause("bea")

    world.run()

    assert world.alerts() == BEA_IS_WELL
