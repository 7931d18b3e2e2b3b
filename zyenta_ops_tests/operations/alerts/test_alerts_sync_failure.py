from __future__ import annotations

import pytest

from zyenta_ops.domain.alerts import wording
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.sync import StoreOutcome, SyncPart
from zyenta_ops.persistence.schema import alert, product_change
from zyenta_ops_tests.operations.alerts.shop import SUPPLIER, Shop

REASON = "the feed answered with an HTML page; correct its URL"
MINE_IS_WELL = StoreOutcome("store-my-shop", "Fjord & Pine", None)
OTHER_IS_WELL = StoreOutcome("store-other", "Other", None)
OTHER_FAILS = StoreOutcome("store-other", "Other", "RuntimeError")


@pytest.fixture
def other(shop: Shop) -> Shop:
    """A second active store that sells from the supplier, beside one that is paused."""
    shop.sells("bottle")
    other = Shop(shop.database, shop.clock, shop.new_id, "other", shop.changes).opened()
    other.sells("bottle")
    paused = Shop(shop.database, shop.clock, shop.new_id, "paused", shop.changes)
    paused.opened(status="PAUSED").sells("bottle")
    return other


def test_a_failure_is_told_to_every_active_store_and_the_internal_team(
    shop: Shop, other: Shop
) -> None:
    shop.alerts.report_sync_failure(SUPPLIER, REASON, "run-1")

    found = {row["store_id"]: row for row in shop.rows(alert)}
    assert set(found) == {"store-my-shop", "store-other", None}
    assert {row["severity"] for row in found.values()} == {"CRITICAL"}
    merchants = found["store-other"]
    assert merchants["title"] == "Inventory sync failed"
    assert merchants["message"] == (
        "The automated inventory sync encountered an error. Our team has been notified."
    )
    assert REASON not in str(merchants)
    assert found[None]["metadata"] == {"run_id": "run-1", "reason": REASON, "stores": 2}
    assert [(mail["channel"], mail["recipient"]) for mail in shop.mails()] == [
        ("EMAIL", "ops@example.com"),
        ("WEBHOOK", "internal"),
    ]
    assert shop.mails()[0]["context"] == {
        "severity": "CRITICAL",
        "service": "zyenta-ops",
        "title": "Inventory sync failed for supplier Nordic Supply (2 store(s) affected)",
        "supplier_key": SUPPLIER,
        "supplier_name": "Nordic Supply",
        "reason": REASON,
        "run_id": "run-1",
        "stores": 2,
        "as_of": "2 November 2026, 12:00 UTC",
    }


def test_reporting_again_sends_nothing_new(shop: Shop, other: Shop) -> None:
    shop.alerts.report_sync_failure(SUPPLIER, REASON, "run-1")
    before = shop.everything()

    shop.alerts.report_sync_failure(SUPPLIER, "another reason", "run-2")

    assert shop.everything() == before


def test_a_store_that_joins_while_the_sync_fails_gets_its_alert_without_a_new_message(
    shop: Shop,
) -> None:
    shop.sells("bottle")
    shop.alerts.report_sync_failure(SUPPLIER, REASON, "run-1")
    late = Shop(shop.database, shop.clock, shop.new_id, "late", shop.changes).opened()
    late.sells("bottle")

    shop.alerts.report_sync_failure(SUPPLIER, REASON, "run-2")

    assert len([row for row in shop.rows(alert) if row["store_id"] == "store-late"]) == 1
    assert len(shop.mails()) == 2


def test_product_alerts_wait_until_the_sync_has_recovered(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)
    shop.alerts.report_sync_failure(SUPPLIER, REASON, "run-1")

    report = shop.alerts.tell(SUPPLIER, None, "run-2")

    assert (report.muted, report.raised) == (1, {})
    assert [row["told_at"] for row in shop.rows(product_change)] == [None]
    assert shop.alerts.resolve_sync_failure(SUPPLIER) == 2
    shop.alerts.tell(SUPPLIER, None, "run-3")
    assert [row["type"] for row in shop.open_alerts()] == ["STOCK_OUT"]


def test_the_failure_of_one_store_silences_that_store_alone(shop: Shop, other: Shop) -> None:
    shop.sells_out("v-bottle-m-my-shop")
    other.sells_out("v-bottle-m-other")
    shop.alerts.report_stores(SUPPLIER, SyncPart.INVENTORY, [MINE_IS_WELL, OTHER_FAILS], "run-1")

    shop.alerts.tell(SUPPLIER, None, "run-1")

    told = [row["store_id"] for row in shop.open_alerts() if row["type"] == "STOCK_OUT"]
    assert told == ["store-my-shop"]


def test_the_failure_of_the_whole_supplier_is_news_after_that_of_one_store(
    shop: Shop, other: Shop
) -> None:
    shop.alerts.report_stores(SUPPLIER, SyncPart.INVENTORY, [OTHER_FAILS], "run-1")

    shop.alerts.report_sync_failure(SUPPLIER, REASON, "run-2")

    internal = [row["title"] for row in shop.rows(alert) if row["store_id"] is None]
    assert internal == [
        "Inventory sync failed for supplier Nordic Supply (1 store(s) affected)",
        "Inventory sync failed for supplier Nordic Supply (2 store(s) affected)",
    ]


def test_a_failure_after_a_recovery_is_told_again(shop: Shop) -> None:
    shop.sells("bottle")
    shop.alerts.report_sync_failure(SUPPLIER, REASON, "run-1")
    shop.alerts.resolve_sync_failure(SUPPLIER)

    shop.alerts.report_sync_failure(SUPPLIER, REASON, "run-2")

    assert [mail["status"] for mail in shop.mails()] == ["WITHDRAWN"] * 2 + ["PENDING"] * 2


def test_only_the_success_of_what_failed_ends_its_failure(shop: Shop, other: Shop) -> None:
    shop.alerts.report_sync_failure(SUPPLIER, REASON, "run-1")
    shop.alerts.report_sync_failure(SUPPLIER, REASON, "run-1", SyncPart.RUN, "sync_catalog HIGH")
    for part in (SyncPart.INVENTORY, SyncPart.PRICES):
        shop.alerts.report_stores(SUPPLIER, part, [MINE_IS_WELL, OTHER_FAILS], "run-1")
    keys = {row["dedupe_key"] for row in shop.open_alerts() if row["store_id"]}
    failing = f"SYNC_FAILURE:{SUPPLIER}"
    assert keys == {
        f"{failing}:CATALOGUE:store:store-my-shop",
        f"{failing}:CATALOGUE:store:store-other",
        f"{failing}:RUN:sync_catalog HIGH:store:store-my-shop",
        f"{failing}:RUN:sync_catalog HIGH:store:store-other",
        f"{failing}:INVENTORY:store:store-other",
        f"{failing}:PRICES:store:store-other",
    }
    assert len(shop.open_alerts()) == len(keys) + 4

    assert shop.alerts.resolve_sync_failure(SUPPLIER) == 3
    assert shop.alerts.resolve_sync_failure(SUPPLIER, SyncPart.RUN, "sync_catalog") == 0
    assert shop.alerts.resolve_sync_failure(SUPPLIER, SyncPart.RUN, "sync_catalog HIGH") == 3
    shop.alerts.report_stores(SUPPLIER, SyncPart.PRICES, [OTHER_IS_WELL], "run-2")

    assert [row["dedupe_key"].split(":")[2] for row in shop.open_alerts()] == ["INVENTORY"] * 2


def test_a_run_of_everything_makes_good_a_run_of_any_kind(shop: Shop, other: Shop) -> None:
    for kind in ("reprice", "sync_catalog HIGH"):
        shop.alerts.report_sync_failure(SUPPLIER, REASON, "run-1", SyncPart.RUN, kind)

    assert shop.alerts.resolve_sync_failure(SUPPLIER, SyncPart.RUN) == 6

    assert shop.open_alerts() == []


def test_stores_that_begin_to_fail_together_are_one_message(shop: Shop, other: Shop) -> None:
    both = [StoreOutcome("store-my-shop", "Fjord & Pine", "KeyError"), OTHER_FAILS]

    shop.alerts.report_stores(SUPPLIER, SyncPart.PRICES, both, "run-1")
    shop.alerts.report_stores(SUPPLIER, SyncPart.PRICES, both, "run-2")

    assert [mail["channel"] for mail in shop.mails()] == ["EMAIL", "WEBHOOK"]
    context = shop.mails()[0]["context"]
    assert context["title"] == "Pricing failed for supplier Nordic Supply (2 store(s) affected)"
    assert context["reason"] == "Fjord & Pine: KeyError; Other: RuntimeError"
    merchants = [row["title"] for row in shop.open_alerts() if row["store_id"]]
    assert merchants == ["Price update failed"] * 2


def test_of_many_stores_that_begin_to_fail_the_first_are_named() -> None:
    many = [StoreOutcome("store-other", f"Store {number}", "KeyError") for number in range(7)]

    assert wording.failed_stores([(each.store, str(each.error)) for each in many]) == (
        "Store 0: KeyError; Store 1: KeyError; Store 2: KeyError; Store 3: KeyError;"
        " Store 4: KeyError; and 2 more"
    )


def test_a_failure_of_prices_keeps_no_stock_alert_from_its_merchant(
    shop: Shop, other: Shop
) -> None:
    other.sells_out("v-bottle-m-other")
    shop.alerts.report_stores(SUPPLIER, SyncPart.PRICES, [OTHER_FAILS], "run-1")

    report = shop.alerts.tell(SUPPLIER, None, "run-1")

    assert (report.muted, report.raised.total()) == (0, 1)


def test_an_unknown_supplier_is_refused_and_nothing_is_stored(shop: Shop) -> None:
    with pytest.raises(NotFound, match="there is no supplier 'nobody'"):
        shop.alerts.report_sync_failure("nobody", REASON, None)

    assert shop.rows(alert) == []
