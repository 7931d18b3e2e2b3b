from __future__ import annotations

import pytest

from zyenta_ops.domain.alerts import AlertType
from zyenta_ops.operations.alerts.telling import Told, Turn
from zyenta_ops.persistence.schema import alert, alert_subject, product, product_change, store
from zyenta_ops_tests.operations.alerts.shop import SUPPLIER, Shop


def test_products_that_sold_out_become_one_high_alert_and_one_mail(shop: Shop) -> None:
    (bottle,), (mug,) = shop.sells("bottle"), shop.sells("mug")
    shop.sells_out(bottle)
    shop.sells_out(mug)

    report = shop.alerts.tell(SUPPLIER, None, "run-1")

    (found,) = shop.rows(alert)
    assert (found["type"], found["severity"], found["status"]) == ("STOCK_OUT", "HIGH", "OPEN")
    assert found["title"] == "2 products out of stock"
    assert found["message"] == (
        "The following products are now out of stock and have been hidden from your storefront."
    )
    assert found["metadata"]["run_id"] == "run-1"
    assert found["metadata"]["products"][0] == {
        "id": "p-bottle-my-shop",
        "title": "Bottle",
        "hidden": True,
        "variants": [
            {
                "id": bottle,
                "title": "M",
                "cause": "OUT_OF_STOCK",
                "previous_stock": 20,
                "stock": 0,
            }
        ],
    }
    (mail,) = shop.mails()
    assert (mail["recipient"], mail["template"]) == ("my-shop@example.com", "stock-alert")
    assert mail["context"]["dashboard_url"] == "https://dash.example/stores/store-my-shop/products"
    assert mail["context"]["user_name"] == "Ann Owner"
    assert report.raised == {AlertType.STOCK_OUT: 1}
    assert report.queued == 1
    assert [(row.store, row.products) for row in report.rows] == [("Fjord & Pine", 2)]
    assert all(row["told_at"] == shop.clock.now for row in shop.rows(product_change))


def test_telling_again_changes_nothing(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    (mug,) = shop.sells("mug")
    shop.sells_out(bottle)
    shop.cost(mug, 1_500, price_minor=2_499)
    shop.alerts.tell(SUPPLIER, None, "run-1")
    before = shop.everything()
    shop.clock.advance(minutes=15)

    report = shop.alerts.tell(SUPPLIER, None, "run-2")

    assert shop.everything() == before
    assert (report.raised, report.resolved, report.queued) == ({}, {}, 0)


def test_a_product_that_came_back_before_anyone_was_told_is_no_news(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)
    shop.stock(bottle, 8, "RESTOCKED")

    shop.alerts.tell(SUPPLIER, None, None)

    assert (shop.rows(alert), shop.mails()) == ([], [])
    assert all(row["told_at"] for row in shop.rows(product_change))


def test_the_ways_of_being_gone_are_told_apart(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    (mug,) = shop.sells("mug")
    small, large = shop.sells("beanie", "s", "l")
    shop.sells_out(bottle)
    shop.stock(mug, 0, "DELISTED", availability="DELISTED")
    shop.stock(small, 0, "VARIANT_GONE", availability="VARIANT_GONE", status="ACTIVE")
    shop.stock(large, 20)

    shop.alerts.tell(SUPPLIER, None, None)

    (found,) = shop.rows(alert)
    assert found["title"] == "3 products out of stock or no longer available"
    assert found["message"] == (
        "The following products are now out of stock or no longer available. They have been hidden"
        " from your storefront, except 1 that can still be bought in other variants. Variants:"
        " 1 sold out at the supplier, 1 variant no longer offered by the supplier,"
        " 1 no longer listed by the supplier."
    )
    causes = {row["variant_id"]: row["cause"] for row in shop.rows(alert_subject)}
    assert causes == {bottle: "OUT_OF_STOCK", mug: "DELISTED", small: "VARIANT_GONE"}


def test_a_product_that_sells_on_in_other_variants_is_not_said_to_be_hidden(shop: Shop) -> None:
    small, _ = shop.sells("beanie", "s", "l")
    shop.sells_out(small, status="ACTIVE")

    shop.alerts.tell(SUPPLIER, None, None)

    (found,) = shop.rows(alert)
    assert found["title"] == "1 product with variants out of stock"
    assert found["message"] == (
        "Variants of the following products are now out of stock. The products stay on your"
        " storefront: other variants can still be bought."
    )
    assert shop.mails()[0]["context"]["products"][0]["note"] == "still on sale in other variants"


def test_a_later_sweep_has_an_alert_of_its_own_that_names_only_what_is_new(shop: Shop) -> None:
    (bottle,), (mug,) = shop.sells("bottle"), shop.sells("mug")
    shop.sells_out(bottle)
    shop.alerts.tell(SUPPLIER, None, "run-1")
    shop.sells_out(mug)
    shop.change(bottle, "STOCK_OUT", 1, 0)

    shop.alerts.tell(SUPPLIER, None, "run-2")

    first, second = shop.rows(alert)
    assert [found["title"] for found in (first, second)] == ["1 product out of stock"] * 2
    assert [each["id"] for each in second["metadata"]["products"]] == ["p-mug-my-shop"]
    assert len(shop.mails()) == 2


def test_an_alert_resolves_itself_when_all_its_products_are_back(shop: Shop) -> None:
    (bottle,), (mug,) = shop.sells("bottle"), shop.sells("mug")
    shop.sells_out(bottle)
    shop.sells_out(mug)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.stock(bottle, 9, "RESTOCKED")
    shop.set(product, "p-mug-my-shop", status="ARCHIVED")
    shop.clock.advance(hours=1)

    report = shop.alerts.tell(SUPPLIER, None, None)

    (found,) = shop.rows(alert)
    assert (found["status"], found["resolved_at"]) == ("RESOLVED", shop.clock.now)
    assert found["read"] is False
    assert report.resolved == {AlertType.STOCK_OUT: 1}


def test_a_partly_resolved_alert_keeps_what_remains(shop: Shop) -> None:
    (bottle,), (mug,) = shop.sells("bottle"), shop.sells("mug")
    shop.sells_out(bottle)
    shop.sells_out(mug)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.stock(bottle, 9, "RESTOCKED")

    shop.alerts.tell(SUPPLIER, None, None)

    (found,) = shop.rows(alert)
    assert found["status"] == "OPEN"
    metadata = found["metadata"]
    assert [each["id"] for each in metadata["products"]] == ["p-mug-my-shop"]
    assert (metadata["product_count"], metadata["told_product_count"]) == (1, 2)
    cleared = {row["variant_id"]: row["cleared_at"] for row in shop.rows(alert_subject)}
    assert cleared == {bottle: shop.clock.now, mug: None}


def test_a_sold_out_product_that_is_then_delisted_stays_in_its_alert_as_delisted(
    shop: Shop,
) -> None:
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.stock(bottle, 0, "DELISTED", availability="DELISTED")

    shop.alerts.tell(SUPPLIER, None, None)

    (found,) = shop.rows(alert)
    assert found["metadata"]["products"][0]["variants"][0]["cause"] == "DELISTED"
    assert len(shop.mails()) == 1


def test_low_stock_is_medium_and_over_when_sold_out(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.stock(bottle, 4, "STOCK_LOW")
    shop.alerts.tell(SUPPLIER, None, None)
    (low,) = shop.rows(alert)
    assert (low["type"], low["severity"]) == ("STOCK_LOW", "MEDIUM")
    assert low["title"] == "1 product low on stock"
    assert shop.mails()[0]["context"]["products"][0]["variants"][0]["text"] == (
        "4 left (before: 20)"
    )
    shop.sells_out(bottle)

    shop.alerts.tell(SUPPLIER, None, None)

    assert [(row["type"], row["status"]) for row in shop.rows(alert)] == [
        ("STOCK_LOW", "RESOLVED"),
        ("STOCK_OUT", "OPEN"),
    ]


def test_a_mail_that_waits_is_withdrawn_when_its_alert_is_over(shop: Shop) -> None:
    shop.prefers(quiet_hours={"start": "11:00", "end": "13:00"})
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.stock(bottle, 9, "RESTOCKED")

    report = shop.alerts.tell(SUPPLIER, None, None)

    assert [mail["status"] for mail in shop.mails()] == ["WITHDRAWN"]
    assert report.withdrawn == 1


def test_only_active_stores_in_scope_are_told(shop: Shop) -> None:
    other = Shop(shop.database, shop.clock, shop.new_id, "other", shop.changes).opened()
    paused = Shop(shop.database, shop.clock, shop.new_id, "paused", shop.changes)
    paused.opened(status="PAUSED")
    for each in (shop, other, paused):
        (bottle,) = each.sells("bottle")
        each.sells_out(bottle)

    shop.alerts.tell(SUPPLIER, ["store-my-shop", "store-paused"], None)

    assert [row["store_id"] for row in shop.rows(alert)] == ["store-my-shop"]
    told = {row["store_id"] for row in shop.rows(product_change) if row["told_at"]}
    assert told == {"store-my-shop"}


def test_a_store_with_unreadable_preferences_does_not_keep_others_from_being_told(
    shop: Shop,
) -> None:
    other = Shop(shop.database, shop.clock, shop.new_id, "other", shop.changes).opened()
    for each in (shop, other):
        (bottle,) = each.sells("bottle")
        each.sells_out(bottle)
    shop.set(store, "store-my-shop", alert_preferences={"stock_low_threshold": "many"})

    report = shop.alerts.tell(SUPPLIER, None, None)

    (fault,) = report.faults
    assert fault.startswith(
        "the document of alert preferences of store store-my-shop is not valid: stock_low_threshold"
    )
    assert [row["store_id"] for row in shop.rows(alert)] == ["store-other"]
    untold = {row["store_id"] for row in shop.rows(product_change) if not row["told_at"]}
    assert untold == {"store-my-shop"}


def test_two_stores_first_broken_second_told(shop: Shop) -> None:
    other = Shop(shop.database, shop.clock, shop.new_id, "other", shop.changes).opened()
    for each in (shop, other):
        (bottle,) = each.sells("bottle")
        each.sells_out(bottle)
    with shop.database.write() as records:
        records.connection.exec_driver_sql(
            "UPDATE product_change SET occurred_at = 'ann@example.com' WHERE store_id = ?",
            (shop.store_id,),
        )

    report = shop.alerts.tell(SUPPLIER, None, "run-1")

    assert report.faults == ["store store-my-shop: ValueError"]
    assert (report.stores, report.raised, report.queued) == (2, {AlertType.STOCK_OUT: 1}, 1)
    assert [row["store_id"] for row in shop.rows(alert)] == ["store-other"]
    assert [mail["recipient"] for mail in shop.mails()] == ["other@example.com"]
    with shop.database.write() as records:
        records.connection.exec_driver_sql(
            "UPDATE product_change SET occurred_at = '2026-11-01T09:00:00.000000+00:00'"
        )

    assert shop.alerts.tell(SUPPLIER, None, "run-2").raised == {AlertType.STOCK_OUT: 1}

    assert {row["store_id"] for row in shop.rows(alert)} == {"store-my-shop", "store-other"}


def test_a_turn_that_is_rolled_back_at_its_end_is_not_counted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)
    before = shop.everything()

    def full(self: Turn) -> Told:
        tell(self)
        raise OSError("the disk is full at /home/ann")

    tell = Turn.tell
    monkeypatch.setattr(Turn, "tell", full)

    report = shop.alerts.tell(SUPPLIER, None, None)

    assert shop.everything() == before
    assert (report.raised.total(), report.queued, report.rows) == (0, 0, [])
    assert report.faults == ["store store-my-shop: OSError"]
