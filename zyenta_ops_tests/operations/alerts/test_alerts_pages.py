"""However many variants a store has to be told of, it is told in pages and as a whole, or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from zyenta_ops.domain.alerts import AlertType
from zyenta_ops.persistence.alerts import AlertSubjects
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import alert, alert_subject, product_change
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.alerts.shop import SUPPLIER, Shop, a_shop

KINDS = (
    AlertType.STOCK_OUT,
    AlertType.STOCK_LOW,
    AlertType.PRICE_CHANGE,
    AlertType.PRICE_MISSING,
)


@pytest.fixture
def shop(database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    """A store with five variants of news of every kind, in products of two variants."""
    shop = a_shop(database, clock, new_id)
    variants = [each for n in range(10) for each in shop.sells(f"item{9 - n}", "m", "l")]
    for number, variant in enumerate(variants):
        if number % 4 == 0:
            shop.sells_out(variant, status="ACTIVE")
        elif number % 4 == 1:
            shop.stock(variant, 3, "STOCK_LOW")
        elif number % 4 == 2:
            shop.cost(variant, 1_500, price_minor=2_499)
        else:
            shop.loses_price(variant)
    return shop


def tell(shop: Shop, page: int = 3) -> dict[AlertType, int]:
    return dict(replace(shop.alerts, page=page).tell(SUPPLIER, None, "run-1").raised)


def test_pages_are_told_as_one_alert_of_each_kind(shop: Shop) -> None:
    assert tell(shop) == dict.fromkeys(KINDS, 1)

    by_type = {row["type"]: row for row in shop.rows(alert)}
    assert by_type["STOCK_OUT"]["title"] == "5 products with variants out of stock"
    for row in by_type.values():
        metadata = row["metadata"]
        titles = [each["title"] for each in metadata["products"]]
        assert (titles, len(titles)) == (sorted(titles), metadata["product_count"])
        assert (metadata["product_count"], metadata["variant_count"]) == (5, 5)
    assert len(shop.mails()) == 4
    assert len(shop.rows(alert_subject)) == 20
    assert all(row["told_at"] for row in shop.rows(product_change))


def test_telling_again_in_pages_finds_nothing_and_then_what_is_over(shop: Shop) -> None:
    tell(shop)
    told = shop.everything()
    assert tell(shop, page=2) == {}
    assert shop.everything() == told
    for row in shop.rows(alert_subject):
        if row["cause"] in ("OUT_OF_STOCK", "STOCK_LOW"):
            shop.stock(row["variant_id"], 20, "RESTOCKED", status="ACTIVE")
        elif row["cause"] == "NO_RATE":
            shop.gets_price(row["variant_id"])
        else:
            shop.cost(row["variant_id"], 1_000)

    report = replace(shop.alerts, page=3).tell(SUPPLIER, None, "run-2")

    assert report.resolved == dict.fromkeys(KINDS, 1)
    assert [row["type"] for row in shop.open_alerts()] == ["PRICE_CHANGE"]
    assert report.withdrawn == 4


def test_who_dies_between_two_pages_has_told_nobody_anything(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shop.everything()
    add = AlertSubjects.add
    calls: list[str] = []

    def dies(self: AlertSubjects, alert_id: str, *rest: Any) -> None:
        calls.append(alert_id)
        if len(calls) == 9:
            raise ConnectionError("the server is gone")
        add(self, alert_id, *rest)

    monkeypatch.setattr(AlertSubjects, "add", dies)
    (fault,) = replace(shop.alerts, page=3).tell(SUPPLIER, None, "run-1").faults

    assert fault == "store store-my-shop: ConnectionError"
    assert shop.everything() == before
    monkeypatch.undo()
    assert tell(shop) == dict.fromkeys(KINDS, 1)
    assert len(shop.mails()) == 4
    assert len(shop.rows(alert_subject)) == 20
