from __future__ import annotations

import dagster as dg

from zyenta_ops_tests.defs.world import World

DOWNSTREAM = {"store_inventory", "selling_prices", "store_alerts"}


def a_synced_world(world: World) -> World:
    world.supplier()
    world.store("Ann")
    world.store("Bea")
    assert world.run().success
    return world


def test_an_unbelievable_catalogue_stops_everything_after_it(world: World) -> None:
    a_synced_world(world)
    stocks, prices = world.stocks(), world.prices()
    world.feed.broken = True

    run = world.run()

    assert not run.success
    assert set(run.assets) == {"supplier_catalog"}
    assert not DOWNSTREAM & set(run.attempts)
    assert (world.stocks(), world.prices()) == (stocks, prices)


def test_the_blocking_check_says_why_and_what_to_do(world: World) -> None:
    a_synced_world(world)
    world.feed.broken = True

    run = world.run()

    check = run.checks["feed_sanity"]
    assert (check.passed, check.blocking, check.severity) == (
        False,
        True,
        dg.AssetCheckSeverity.ERROR,
    )
    assert check.description == (
        "the catalogue of 'fjord' is quarantined: the catalogue is empty: 0 entries, none of them"
        " an offer (12 offers were known). Look at it with `zyenta-ops quarantine show fjord` and"
        " let it through with `zyenta-ops quarantine accept fjord`"
    )
    catalog = run.assets["supplier_catalog"]
    assert (catalog["status"], catalog["missing"], catalog["vanished"]) == ("QUARANTINED", 12, 12)
    assert run.attempts == {"supplier_catalog": 1}


def test_a_quarantine_is_told_once_however_often_it_is_seen(world: World) -> None:
    a_synced_world(world)
    world.feed.broken = True

    world.run()
    world.run()

    assert world.alerts() == [
        ("Ann", "SYNC_FAILURE", "OPEN"),
        ("Bea", "SYNC_FAILURE", "OPEN"),
        ("internal", "SYNC_FAILURE", "OPEN"),
    ]
    assert [recipient for recipient, _ in world.mails()] == ["ops@localhost"]


def test_a_good_catalogue_ends_the_quarantine_and_its_alerts(world: World) -> None:
    a_synced_world(world)
    world.feed.broken = True
    world.run()
    world.feed.broken = False
    world.feed.rows[0]["Variant Inventory Qty"] = "0"

    run = world.run()

    assert run.success
    assert run.assets["supplier_catalog"]["status"] == "PROMOTED"
    assert world.stocks()["Ann p01"] == 0
    assert world.alerts() == [
        ("Ann", "STOCK_OUT", "OPEN"),
        ("Ann", "SYNC_FAILURE", "RESOLVED"),
        ("Bea", "STOCK_OUT", "OPEN"),
        ("Bea", "SYNC_FAILURE", "RESOLVED"),
        ("internal", "SYNC_FAILURE", "RESOLVED"),
    ]
