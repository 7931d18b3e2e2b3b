from __future__ import annotations

from typing import Any

import dagster as dg

from zyenta_ops_tests.defs.world import World, plain


def test_a_locked_price_below_its_floor_fails_the_check_and_nothing_else(world: World) -> None:
    world.supplier()
    world.store("Ann")
    world.run()
    world.operations.products.lock_price("p01", "ann")
    world.feed.rows[0]["Cost per item"] = "22.50"

    run = world.run()

    check = run.checks["no_price_below_floor"]
    assert (check.passed, check.blocking) == (False, False)
    metadata = plain(check.metadata)
    assert metadata["below_floor"] == 1
    (row,) = metadata["prices"]
    assert row["floor"].endswith(" USD")
    assert (row["store"], row["product"], row["price"], row["locked"]) == (
        "ann",
        "Product 01",
        "22.00 USD",
        True,
    )
    assert run.success
    assert world.prices()["Ann p01"] == 2200


def test_stores_are_fresh_until_two_cadences_have_passed(world: World) -> None:
    world.supplier()
    world.store("Ann")
    synced_at = world.clock().isoformat()
    world.run()
    world.clock.advance(hours=3)

    assert _freshness(world) == (True, {"stale_stores": 0, "stores": []})

    world.clock.advance(seconds=1)
    assert _freshness(world) == (
        False,
        {
            "stale_stores": 1,
            "stores": [
                {
                    "store": "Ann",
                    "supplier": "fjord",
                    "cadence": "STANDARD",
                    "last synced": synced_at,
                }
            ],
        },
    )


def test_a_store_never_synced_is_stale_and_says_never(world: World) -> None:
    world.supplier()
    world.store("Ann")
    world.clock.advance(hours=4)

    passed, metadata = _freshness(world)

    assert not passed
    assert [row["last synced"] for row in metadata["stores"]] == ["never"]


def _freshness(world: World) -> tuple[bool, dict[str, Any]]:
    key = dg.AssetCheckKey(dg.AssetKey("store_inventory"), "stores_are_fresh")
    job = dg.define_asset_job("freshness", selection=dg.AssetSelection.checks(key))
    definitions = dg.Definitions.merge(world.definitions, dg.Definitions(jobs=[job]))
    run = world.run("freshness", None, definitions)
    check = run.checks["stores_are_fresh"]
    assert check.severity is dg.AssetCheckSeverity.WARN
    return check.passed, plain(check.metadata)
