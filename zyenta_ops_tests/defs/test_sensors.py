from __future__ import annotations

from dataclasses import replace
from typing import Any

import dagster as dg
import pytest
from sqlalchemy.exc import OperationalError

from zyenta_ops.defs.sensors import (
    MAX_PARTITION_CHANGES,
    notifications_due,
    prices_due,
    products_imported,
    suppliers_changed,
)
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import SyncFrequency
from zyenta_ops_tests.defs.world import PARTITIONS, World


def tick(world: World, sensor: dg.SensorDefinition) -> Any:
    """What the sensor function returns now."""
    with dg.build_sensor_context(
        instance=world.instance,
        resources={"operations": world.operations},
        definitions=world.definitions,
    ) as context:
        return sensor(context)


def apply(world: World, result: dg.SensorResult) -> None:
    """Change the partitions as the daemon would."""
    for request in result.dynamic_partitions_requests or ():
        if isinstance(request, dg.AddDynamicPartitionsRequest):
            world.instance.add_dynamic_partitions(PARTITIONS, list(request.partition_keys))
        else:
            for key in request.partition_keys:
                world.instance.delete_dynamic_partition(PARTITIONS, key)


def in_progress(world: World, job: str, **tags: str) -> None:
    world.instance.add_run(dg.DagsterRun(job, tags=tags, status=dg.DagsterRunStatus.STARTED))


def partitions(world: World) -> list[str]:
    return sorted(world.instance.get_dynamic_partitions(PARTITIONS))


def test_partitions_follow_the_suppliers_and_a_second_tick_has_nothing_to_do(
    world: World,
) -> None:
    world.supplier("fjord")
    world.instance.delete_dynamic_partition(PARTITIONS, "fjord")
    world.instance.add_dynamic_partitions(PARTITIONS, ["forgotten"])

    apply(world, tick(world, suppliers_changed))

    assert partitions(world) == ["fjord"]
    second = tick(world, suppliers_changed)
    assert isinstance(second, dg.SkipReason)
    assert second.skip_message == "1 supplier, nothing changed"


class BrokenSuppliers:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def list(self) -> list[Any]:
        raise self.error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Refused("the database is away"), "the suppliers could not be read: the database is away"),
        (
            OperationalError("SELECT", {}, Exception("host=db password=hunter2")),
            "the suppliers could not be read: OperationalError",
        ),
    ],
)
def test_suppliers_that_cannot_be_read_keep_their_partitions(
    world: World, error: Exception, reason: str
) -> None:
    world.supplier("fjord")
    world.operations = replace(
        world.operations,
        suppliers=BrokenSuppliers(error),  # type: ignore[arg-type]
    )

    result = tick(world, suppliers_changed)

    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == reason
    assert partitions(world) == ["fjord"]


def test_a_tick_changes_a_bounded_number_of_partitions(world: World) -> None:
    stale = [f"gone-{number}" for number in range(MAX_PARTITION_CHANGES + 1)]
    world.instance.add_dynamic_partitions(PARTITIONS, stale)

    apply(world, tick(world, suppliers_changed))

    assert len(partitions(world)) == 1
    apply(world, tick(world, suppliers_changed))
    assert partitions(world) == []


@pytest.fixture
def told(world: World) -> World:
    """A world with one mail waiting."""
    world.supplier()
    world.store("Ann")
    world.run()
    world.feed.rows[0]["Variant Inventory Qty"] = "0"
    world.run()
    assert world.operations.notifications.count_due() == 1
    return world


def test_no_message_no_run(world: World) -> None:
    result = tick(world, notifications_due)

    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == "no message is due"


def test_due_messages_ask_for_one_run_that_sends_them(told: World) -> None:
    result = tick(told, notifications_due)

    assert isinstance(result, dg.RunRequest)
    assert result.tags == {"zyenta/lane": "notifications", "dagster/priority": "20"}
    assert told.run("deliver_notifications", None).success
    assert len(list(told.settings.mail_folder.glob("*.eml"))) == 1
    assert isinstance(tick(told, notifications_due), dg.SkipReason)


def test_nobody_asks_twice_for_the_same_delivery(told: World) -> None:
    in_progress(told, "deliver_notifications")

    result = tick(told, notifications_due)

    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == "1 message due, and a run is delivering"


def test_a_daily_mail_is_asked_for_when_its_hour_has_come(world: World) -> None:
    world.supplier()
    world.store("Ann", preferences={"digest": "DAILY", "digest_hour": 8})
    world.run()
    world.feed.rows[0]["Variant Inventory Qty"] = "0"
    world.run()
    assert isinstance(tick(world, notifications_due), dg.SkipReason)

    world.clock.advance(hours=20)

    assert isinstance(tick(world, notifications_due), dg.RunRequest)
    assert world.run("deliver_notifications", None).success
    (mail,) = world.settings.mail_folder.glob("*.eml")
    assert "ann@example.com" in mail.read_text()
    assert isinstance(tick(world, notifications_due), dg.SkipReason)


@pytest.fixture
def priced(world: World) -> World:
    world.supplier("fjord")
    world.store("Ann", "fjord", SyncFrequency.HIGH)
    world.run()
    return world


def test_prices_in_force_ask_for_nothing(priced: World) -> None:
    result = tick(priced, prices_due)

    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == "no supplier with outdated prices"


def test_an_outdated_strategy_asks_for_one_run_per_supplier(priced: World) -> None:
    priced.operations.stores.set_strategy("ann", {"kind": "PERCENTAGE_MARGIN", "value": "105"})

    (request,) = tick(priced, prices_due)

    assert request.partition_key == "fjord"
    assert request.tags == {"dagster/partition": "fjord", "dagster/priority": "8"}
    assert priced.run("reprice").success
    assert isinstance(tick(priced, prices_due), dg.SkipReason)


def test_a_supplier_being_worked_on_is_not_priced_meanwhile(priced: World) -> None:
    priced.operations.stores.set_strategy("ann", {"kind": "PERCENTAGE_MARGIN", "value": "105"})
    in_progress(priced, "sync_catalog", **{"dagster/partition": "fjord"})

    result = tick(priced, prices_due)

    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == "1 supplier with outdated prices, none of them free"


def test_prices_that_cannot_be_made_are_not_asked_for_again_and_again(world: World) -> None:
    world.supplier("fjord")
    # No rate from the supplier's dollars to yen is known.
    store = world.operations.stores.add(
        name="Yuki", email="yuki@example.com", currency="JPY", country="JP"
    )
    world.operations.catalog.sweep_if_never("fjord")
    world.operations.products.import_from_catalogue(store.id, "fjord")
    assert isinstance(tick(world, prices_due), dg.SkipReason)

    world.run()

    assert set(world.prices().values()) == {None}
    assert isinstance(tick(world, prices_due), dg.SkipReason)


def test_imported_products_are_filled_without_asking_the_supplier(world: World) -> None:
    world.supplier("fjord")
    world.store("Ann", "fjord")
    asked = len(world.feeds.requests)

    (request,) = tick(world, products_imported)

    assert request.partition_key == "fjord"
    assert request.tags == {"dagster/partition": "fjord", "dagster/priority": "8"}
    run = world.run("apply_offers")
    assert set(run.assets) == {"store_inventory", "selling_prices", "store_alerts"}
    assert (world.stocks()["Ann p01"], world.prices()["Ann p01"]) == (20, 2200)
    assert len(world.feeds.requests) == asked
    second = tick(world, products_imported)
    assert isinstance(second, dg.SkipReason)
    assert second.skip_message == "no supplier with products to fill"


def test_products_of_a_paused_store_wait_until_it_is_resumed(world: World) -> None:
    world.supplier("fjord")
    world.store("Ann", "fjord")
    world.operations.stores.pause("ann")
    assert isinstance(tick(world, products_imported), dg.SkipReason)

    world.operations.stores.resume("ann")

    assert len(tick(world, products_imported)) == 1
