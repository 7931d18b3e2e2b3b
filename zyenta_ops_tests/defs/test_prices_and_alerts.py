from __future__ import annotations

from decimal import Decimal

import dagster as dg
import pytest
from sqlalchemy import update

from zyenta_ops.defs.pricing import selling_prices
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import store
from zyenta_ops_tests.defs.world import World, plain

QUIET = dict.fromkeys(
    ("waiting", "blocked", "rejected", "locked", "unchanged", "raised", "below_floor"), 0
)


@pytest.fixture
def synced(world: World) -> World:
    world.supplier()
    world.store("Ann")
    assert world.run().success
    return world


def break_strategy(database: Database, store_id: str) -> None:
    with database.write() as records:
        records.connection.execute(
            update(store).where(store.c.id == store_id).values(pricing_strategy={"kind": "LUCK"})
        )


def test_prices_follow_costs_and_are_listed_old_and_new(synced: World) -> None:
    synced.feed.rows[0]["Cost per item"] = "12.10"

    prices = synced.run().assets["selling_prices"]

    counts = {"priced": 1, "applied": 1, "moved": 1, **QUIET}
    assert prices == counts | {
        "unpriced": 0,
        "stores": 1,
        "stores_left": 0,
        "stores_failed": 0,
        "prices": [{"store": "Ann", "title": "Product 01", "old": "22.00 USD", "new": "24.20 USD"}],
        "by_store": [{"store": "Ann", "status": "COMPLETED", **counts, "error": ""}],
    }
    assert synced.prices()["Ann p01"] == 2420


def test_a_large_move_waits_for_a_person_and_the_old_price_stays(synced: World) -> None:
    synced.feed.rows[0]["Cost per item"] = "17.60"

    prices = synced.run().assets["selling_prices"]

    assert (prices["priced"], prices["waiting"], prices["applied"]) == (1, 1, 0)
    assert prices["prices"] == []
    assert synced.prices()["Ann p01"] == 2200
    assert len(synced.operations.pricing.pending("ann")) == 1


def test_one_store_that_cannot_be_priced_does_not_stop_the_others(
    synced: World, settings_database: Database
) -> None:
    break_strategy(settings_database, synced.store("Bea").id)
    synced.feed.rows[0]["Cost per item"] = "12.10"

    run = synced.run()

    assert run.success
    prices = run.assets["selling_prices"]
    assert (prices["stores"], prices["stores_failed"]) == (2, 1)
    errors = {row["store"]: row["error"] for row in prices["by_store"]}
    assert errors["Ann"] == ""
    assert "LUCK" in errors["Bea"] or "kind" in errors["Bea"]
    assert synced.prices()["Ann p01"] == 2420


def test_a_run_fails_when_no_store_can_be_priced(
    synced: World, settings_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ann,) = synced.operations.stores.list()
    break_strategy(settings_database, ann.id)
    monkeypatch.setattr(selling_prices.op, "_retry_policy", None)
    synced.feed.rows[0]["Cost per item"] = "12.10"

    run = synced.run()

    assert not run.success
    assert "no store could be priced" in run.failures["selling_prices"]
    assert "store_alerts" not in run.attempts
    assert synced.prices()["Ann p01"] == 2200


def test_a_changed_strategy_is_applied_without_reading_the_feed(synced: World) -> None:
    asked = len(synced.feeds.requests)
    synced.operations.stores.set_strategy(
        "ann",
        {"kind": "PERCENTAGE_MARGIN", "value": "110", "endings": [{"currency": "USD"}]},
    )

    run = synced.run(job="reprice")

    assert set(run.assets) == {"selling_prices", "store_alerts"}
    assert run.assets["selling_prices"]["moved"] == 12
    assert synced.prices()["Ann p01"] == 2310
    assert len(synced.feeds.requests) == asked
    assert synced.operations.pricing.suppliers_to_reprice() == []


def test_what_changed_becomes_alerts_and_mails(synced: World) -> None:
    synced.feed.rows[0]["Variant Inventory Qty"] = "0"
    synced.feed.rows[1]["Variant Inventory Qty"] = "3"
    synced.feed.rows[2]["Cost per item"] = "15.60"

    run = synced.run()

    assert run.assets["store_alerts"] == {
        "stores": 1,
        "raised": 3,
        "resolved": 0,
        "muted": 0,
        "messages_queued": 3,
        "faults": 0,
        "not_told": [],
        "alerts": [
            {
                "store": "Ann",
                "type": "STOCK_OUT",
                "severity": "HIGH",
                "title": "1 product out of stock",
                "variants": 1,
            },
            {
                "store": "Ann",
                "type": "STOCK_LOW",
                "severity": "MEDIUM",
                "title": "1 product low on stock",
                "variants": 1,
            },
            {
                "store": "Ann",
                "type": "PRICE_CHANGE",
                "severity": "MEDIUM",
                "title": "Significant price changes detected",
                "variants": 1,
            },
        ],
    }
    assert [recipient for recipient, _ in synced.mails()] == ["ann@example.com"] * 3


def test_alerts_end_with_what_they_tell_of(synced: World) -> None:
    synced.feed.rows[0]["Variant Inventory Qty"] = "0"
    synced.run()
    synced.feed.rows[0]["Variant Inventory Qty"] = "9"

    report = synced.run().assets["store_alerts"]

    assert (report["raised"], report["resolved"], report["alerts"]) == (0, 1, [])
    assert synced.alerts() == [("Ann", "STOCK_OUT", "RESOLVED")]


def test_a_store_that_cannot_be_told_is_shown_and_keeps_no_other_from_its_alerts(
    synced: World, settings_database: Database
) -> None:
    with settings_database.write() as records:
        records.connection.execute(update(store).values(alert_preferences={"digest": "YEARLY"}))
    synced.store("Bea")
    synced.run()
    synced.feed.rows[0]["Variant Inventory Qty"] = "0"

    run = synced.run()

    report = run.assets["store_alerts"]
    assert (run.success, report["stores"], report["faults"]) == (True, 2, 1)
    (row,) = report["not_told"]
    assert row["fault"].startswith("the document of alert preferences of store")
    assert synced.alerts() == [("Bea", "STOCK_OUT", "OPEN")]


def test_a_store_without_an_exchange_rate_is_told_until_it_has_one(
    world: World, settings_database: Database
) -> None:
    world.supplier()
    world.store("Ann")
    with settings_database.write() as records:
        records.connection.execute(update(store).values(currency="EUR", pricing_strategy={}))

    run = world.run()

    assert run.assets["selling_prices"]["unpriced"] == 12
    check = run.checks["every_variant_is_priced"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    metadata = plain(check.metadata)
    assert (metadata["unpriced"], len(metadata["variants"])) == (12, 12)
    assert metadata["variants"][0] == {
        "store": "ann",
        "product": "Product 01",
        "variant": metadata["variants"][0]["variant"],
        "cost": "11.00 USD",
        "reason": "there is no exchange rate from USD to EUR; load one and price again",
    }
    assert [row["title"] for row in run.assets["store_alerts"]["alerts"]] == [
        "12 products without a price: no exchange rate from USD to EUR"
    ]
    assert world.mails() == [("ann@example.com", "price-missing")]
    world.operations.rates.set_rate("USD", "EUR", Decimal("0.92"))

    run = world.run(job="reprice")

    assert run.assets["selling_prices"]["unpriced"] == 0
    assert run.checks["every_variant_is_priced"].passed
    assert world.alerts() == [("Ann", "PRICE_MISSING", "RESOLVED")]
