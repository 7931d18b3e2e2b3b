from __future__ import annotations

import dagster as dg
import pytest
from sqlalchemy import select

from zyenta_ops.domain.stores import SyncFrequency
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import catalog_sweep, sync_log
from zyenta_ops_tests.defs.world import FEED, World

_COUNTS = (
    *(
        "new",
        "changed",
        "missing",
        "gone",
        "back",
        "zeroed",
        "jumped",
        "vanished",
        "live_vanished",
        "unread",
        "untold",
        "estimated",
        "raised",
        "lowered",
        "rejected",
    ),
    "redenominated",
    *("asked", "unanswered", "left"),
)
NO_COUNTS = dict.fromkeys(_COUNTS, 0)


def test_a_first_sync_takes_the_whole_catalogue_over(world: World) -> None:
    world.supplier()

    run = world.run()

    catalog = run.assets["supplier_catalog"]
    assert run.success
    assert catalog.pop("duration_seconds") > 0
    differences = catalog.pop("differences")
    assert catalog == NO_COUNTS | {
        "entries": 12,
        "offers": 12,
        "new": 12,
        "known": 0,
        "live_before": 0,
        "status": "PROMOTED",
        "reasons": "",
        "error_rate": 0.0,
        "rejections": [],
    }
    assert len(differences) == 12
    assert differences[0] == {
        "product": "p01",
        "variant": "SKU-01",
        "title": "Product 01",
        "difference": "NEW",
        "stock before": "",
        "stock": 20,
        "cost before (minor)": "",
        "currency before": "",
        "cost (minor)": 1100,
        "currency": "USD",
    }
    assert run.checks["feed_sanity"].passed
    assert run.assets["store_inventory"]["stores"] == 0


def test_a_sync_says_exactly_what_changed_and_where(world: World) -> None:
    world.supplier()
    world.store("Ann")
    world.store("Bea")
    world.run()
    sold_out, dearer = world.feed.rows[0], world.feed.rows[2]
    sold_out["Variant Inventory Qty"] = "0"
    dearer["Cost per item"] = "15.60"

    run = world.run()

    catalog, inventory = run.assets["supplier_catalog"], run.assets["store_inventory"]
    assert {name: catalog[name] for name in NO_COUNTS} == NO_COUNTS | {"changed": 2, "zeroed": 1}
    assert [
        (row["product"], row["stock before"], row["stock"], row["cost (minor)"])
        for row in catalog["differences"]
    ] == [("p01", 20, 0, 1100), ("p03", 20, 20, 1560)]
    assert inventory == {
        "stores": 2,
        "stores_left": 0,
        "stores_failed": 0,
        "processed": 24,
        "changed": 4,
        "hidden": 2,
        "republished": 0,
        "error_rate": 0.0,
        "by_store": [
            {
                "store": name,
                "status": "COMPLETED",
                "processed": 12,
                "changed": 2,
                "hidden": 1,
                "republished": 0,
                "findings": "",
                "error": "",
            }
            for name in ("Ann", "Bea")
        ],
    }
    stocks = world.stocks()
    assert (stocks["Ann p01"], stocks["Bea p01"], stocks["Ann p02"]) == (0, 0, 20)


def test_an_unchanged_feed_costs_one_request_and_no_reading(world: World) -> None:
    world.supplier()
    world.run()

    run = world.run()

    assert world.feeds.requests == [(f"/{FEED}", 200), (f"/{FEED}", 304)]
    assert run.assets["supplier_catalog"]["status"] == "UNCHANGED"
    assert run.assets["supplier_catalog"]["entries"] == 0


def test_rows_that_are_no_offers_are_listed_with_their_reason(world: World) -> None:
    world.feed.rows[1]["Cost per item"] = "twelve"
    world.supplier()

    catalog = world.run().assets["supplier_catalog"]

    assert (catalog["entries"], catalog["offers"], catalog["rejected"]) == (12, 11, 1)
    assert catalog["error_rate"] == 1 / 12
    (rejection,) = catalog["rejections"]
    assert (rejection["line"], rejection["reference"]) == (3, "SKU-02")
    assert "twelve" in rejection["reason"]


def test_the_stores_of_a_run_can_be_named(world: World) -> None:
    world.supplier()
    ann = world.store("Ann")
    world.store("Bea")

    run = world.run(store_ids=[ann.id])

    assert [row["store"] for row in run.assets["store_inventory"]["by_store"]] == ["Ann"]
    assert [row["store"] for row in run.assets["selling_prices"]["by_store"]] == ["Ann"]
    assert run.assets["store_alerts"]["stores"] == 1
    assert world.stocks()["Bea p01"] is None


@pytest.mark.parametrize(
    ("cadence", "synced"),
    [("HIGH", ["Ann"]), ("STANDARD", ["Bea"]), ("FULL", ["Ann", "Bea"]), (None, ["Ann", "Bea"])],
)
def test_a_cadence_covers_its_own_stores(
    world: World, cadence: str | None, synced: list[str]
) -> None:
    world.supplier()
    world.store("Ann", frequency=SyncFrequency.HIGH)
    world.store("Bea", frequency=SyncFrequency.STANDARD)

    run = world.run(cadence=cadence)

    by_store = run.assets["store_inventory"]["by_store"]
    assert sorted(row["store"] for row in by_store) == synced


def test_a_cadence_that_does_not_exist_is_refused_before_a_run_exists(world: World) -> None:
    world.supplier()

    with pytest.raises(dg.DagsterInvalidConfigError) as refusal:
        world.run(cadence="WEEKLY")

    assert [error.message for error in refusal.value.errors] == [
        "Value at path root:resources:scope:config:cadence not in enum type Cadence got WEEKLY"
    ]
    assert world.instance.get_runs() == []
    assert world.feeds.requests == []


def test_every_record_of_a_sync_names_its_run(world: World, settings_database: Database) -> None:
    world.supplier()
    world.store("Ann")

    run = world.run()

    with settings_database.read() as records:
        logged = records.connection.execute(
            select(sync_log.c.type, sync_log.c.run_id).order_by(sync_log.c.type)
        ).all()
        sweep = records.connection.execute(
            select(catalog_sweep.c.run_id).order_by(catalog_sweep.c.sequence.desc())
        ).scalar()
    assert logged == [("INVENTORY", run.id), ("PRICE", run.id)]
    assert sweep == run.id
