"""Variants on sale without a price, for want of a rate or since none can be made of their cost."""

from __future__ import annotations

from typing import Any

import pytest

from zyenta_ops.domain.alerts import AlertType
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import alert, alert_subject, product
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.alerts.shop import SUPPLIER, Shop, a_shop


@pytest.fixture
def shop(database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    return a_shop(database, clock, new_id)


@pytest.fixture
def bottles(shop: Shop) -> list[str]:
    """Two variants of one product without a price, beside a product that has one."""
    found = shop.sells("bottle", "m", "l")
    shop.sells("mug")
    for each in found:
        shop.loses_price(each)
    return found


def rows_of(mail: dict[str, Any]) -> list[str]:
    return [each["text"] for row in mail["context"]["products"] for each in row["variants"]]


def test_a_missing_rate_is_told_with_what_to_do(shop: Shop, bottles: list[str]) -> None:
    report = shop.alerts.tell(SUPPLIER, None, "run-1")

    (found,) = shop.rows(alert)
    assert (found["type"], found["severity"]) == ("PRICE_MISSING", "HIGH")
    assert found["title"] == "1 product without a price: no exchange rate from USD to EUR"
    assert found["message"] == (
        "The following products are on sale and cannot be bought: they have no price. There is no"
        " usable exchange rate from USD to EUR: set one with `zyenta-ops fx set USD EUR RATE`,"
        " or load rates with `zyenta-ops fx import`."
    )
    assert (found["metadata"]["product_count"], found["metadata"]["variant_count"]) == (1, 2)
    (mail,) = shop.mails()
    assert (mail["template"], mail["recipient"]) == ("price-missing", "my-shop@example.com")
    assert rows_of(mail) == ["costs 10.00 USD; no exchange rate to EUR"] * 2
    assert report.raised == {AlertType.PRICE_MISSING: 1}


def test_it_is_told_once_and_over_when_all_are_priced(shop: Shop, bottles: list[str]) -> None:
    shop.alerts.tell(SUPPLIER, None, None)
    told = shop.everything()
    shop.alerts.tell(SUPPLIER, None, None)
    assert shop.everything() == told
    shop.gets_price(bottles[0])
    shop.alerts.tell(SUPPLIER, None, None)
    assert [row["status"] for row in shop.rows(alert)] == ["OPEN"]
    assert shop.rows(alert)[0]["metadata"]["variant_count"] == 1
    shop.gets_price(bottles[1])

    report = shop.alerts.tell(SUPPLIER, None, None)

    assert [row["status"] for row in shop.rows(alert)] == ["RESOLVED"]
    assert (report.resolved, report.withdrawn) == ({AlertType.PRICE_MISSING: 1}, 1)


def test_further_variants_join_the_alert_without_another_mail(
    shop: Shop, bottles: list[str]
) -> None:
    shop.alerts.tell(SUPPLIER, None, None)
    shop.gets_price(bottles[0])
    shop.alerts.tell(SUPPLIER, None, None)
    (hat,) = shop.sells("hat")
    for each in (hat, bottles[0]):
        shop.loses_price(each)

    report = shop.alerts.tell(SUPPLIER, None, None)

    (found,) = shop.rows(alert)
    assert found["title"] == "2 products without a price: no exchange rate from USD to EUR"
    listed = [(each["title"], len(each["variants"])) for each in found["metadata"]["products"]]
    assert listed == [("Bottle", 2), ("Hat", 1)]
    assert [row["cleared_at"] for row in shop.rows(alert_subject)] == [None] * 3
    assert (len(shop.mails()), report.raised) == (1, {})


def test_what_a_person_resolved_stays_told_and_later_ones_get_an_alert_of_their_own(
    shop: Shop, bottles: list[str]
) -> None:
    shop.alerts.tell(SUPPLIER, None, None)
    shop.alerts.resolve(shop.rows(alert)[0]["id"])
    shop.alerts.tell(SUPPLIER, None, None)
    assert len(shop.rows(alert)) == 1
    (hat,) = shop.sells("hat")
    shop.loses_price(hat)

    shop.alerts.tell(SUPPLIER, None, None)

    second = shop.rows(alert)[1]
    assert [each["title"] for each in second["metadata"]["products"]] == ["Hat"]
    assert second["metadata"]["variant_count"] == 1


def test_each_store_has_an_alert_of_its_own(shop: Shop, bottles: list[str]) -> None:
    other = Shop(shop.database, shop.clock, shop.new_id, "other", shop.changes).opened()
    (bottle,) = other.sells("bottle")
    other.loses_price(bottle)

    shop.alerts.tell(SUPPLIER, None, None)

    assert [row["store_id"] for row in shop.rows(alert)] == ["store-my-shop", "store-other"]


def test_a_cost_that_gives_no_price_says_why(shop: Shop) -> None:
    shop.rate("USD", "EUR", "0.92")
    (bottle,) = shop.sells("bottle")
    shop.loses_price(bottle, "the cost is 0.00 USD")

    shop.alerts.tell(SUPPLIER, None, None)

    (found,) = shop.rows(alert)
    assert found["title"] == "1 product without a price"
    assert found["message"] == (
        "The following products are on sale and cannot be bought: they have no price. No price"
        " could be made of the cost of 1 variant; `zyenta-ops price history VARIANT` says why."
    )
    assert rows_of(shop.mails()[0]) == ["costs 10.00 USD; the cost is 0.00 USD"]


def test_a_product_a_person_took_off_needs_no_price(shop: Shop, bottles: list[str]) -> None:
    shop.set(product, "p-bottle-my-shop", status="ON_HOLD")

    shop.alerts.tell(SUPPLIER, None, None)

    assert shop.rows(alert) == []


def test_it_can_wait_for_the_daily_mail(shop: Shop, bottles: list[str]) -> None:
    shop.prefers(digest="DAILY")
    shop.alerts.tell(SUPPLIER, None, None)
    shop.clock.advance(days=1)

    assert shop.alerts.queue_digests() == 1

    (entry,) = shop.mails()[0]["context"]["alerts"]
    assert entry["type"] == "PRICE_MISSING"
    assert entry["products"][0]["variants"][0]["text"] == "costs 10.00 USD; no exchange rate to EUR"
