"""A merchant hears once of each variant that is on sale and low, however it came to be so."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zyenta_ops.domain.inventory import Availability, StockState, stock_change
from zyenta_ops.persistence.schema import alert, alert_subject, product, product_variant, store
from zyenta_ops_tests.operations.alerts.shop import SUPPLIER, Shop

Step = tuple[str, Any]

VARIANTS = ("a", "b", "c")
NUMBERS = count()


def take(shop: Shop, variant_id: str, step: Step) -> None:
    """What the inventory sync, the merchant or a person at the command line does."""
    what, value = step
    row = shop.row(product_variant, variant_id)
    if what == "stock":
        before = StockState(Availability(row["availability"]), row["stock"], row["published_stock"])
        availability = Availability.OUT_OF_STOCK if value == 0 else Availability.AVAILABLE
        after = StockState(availability, value, value)
        kind = stock_change(before, after, threshold_of(shop))
        held = shop.row(product, row["product_id"])["status"] == "ON_HOLD"
        status = "ACTIVE" if availability is Availability.AVAILABLE else "OUT_OF_STOCK"
        shop.set(
            product_variant,
            variant_id,
            availability=availability.value,
            stock=value,
            published_stock=value,
        )
        if not held:
            shop.set(product, row["product_id"], status=status)
        if kind:
            shop.change(variant_id, kind.value, before.published, value)
    elif what == "threshold":
        shop.prefers(stock_low_threshold=value)
    elif what == "hold":
        shop.set(product, row["product_id"], status="ON_HOLD")
    elif what == "release":
        status = "ACTIVE" if row["availability"] == "AVAILABLE" else "OUT_OF_STOCK"
        shop.set(product, row["product_id"], status=status)
    else:
        for each in shop.open_alerts():
            if each["store_id"] == shop.store_id and each["type"] == "STOCK_LOW":
                shop.alerts.resolve(each["id"])


def threshold_of(shop: Shop) -> int:
    preferences = shop.row(store, shop.store_id)["alert_preferences"]
    return int(preferences.get("stock_low_threshold", 5))


def low_alerts(shop: Shop) -> dict[str, str]:
    """Status of each STOCK_LOW alert of the store, by id."""
    return {
        row["id"]: row["status"]
        for row in shop.rows(alert)
        if row["type"] == "STOCK_LOW" and row["store_id"] == shop.store_id
    }


@pytest.mark.parametrize(
    ("steps", "alerts"),
    [
        ([("stock", 5)], ["OPEN"]),
        ([("stock", 6)], []),
        ([("stock", None)], []),
        ([("stock", 4), ("stock", 2)], ["OPEN"]),
        ([("stock", 4), ("stock", 9)], ["RESOLVED"]),
        ([("stock", 4), ("stock", None)], ["RESOLVED"]),
        ([("stock", 4), ("stock", 0)], ["RESOLVED"]),
        ([("stock", 4), ("stock", 9), ("stock", 3)], ["RESOLVED", "OPEN"]),
        ([("stock", 0), ("stock", 3)], ["OPEN"]),
        ([("stock", 0), ("stock", 9), ("stock", 5)], ["OPEN"]),
        ([("threshold", 20)], ["OPEN"]),
        ([("threshold", 20), ("threshold", 19)], ["RESOLVED"]),
        ([("threshold", 20), ("threshold", 30)], ["OPEN"]),
        ([("threshold", 0), ("stock", 1)], []),
        ([("stock", 4), ("threshold", 0)], ["RESOLVED"]),
        ([("stock", 4), ("resolve", None), ("stock", 2)], ["RESOLVED"]),
        ([("stock", 4), ("resolve", None), ("stock", 9), ("stock", 4)], ["RESOLVED", "OPEN"]),
        ([("hold", None), ("stock", 4)], []),
        ([("hold", None), ("stock", 4), ("release", None)], ["OPEN"]),
        ([("stock", 4), ("hold", None)], ["RESOLVED"]),
        ([("stock", 4), ("hold", None), ("release", None)], ["RESOLVED", "OPEN"]),
    ],
)
def test_each_way_of_becoming_low_is_told_and_each_way_out_ends_it(
    shop: Shop, steps: list[Step], alerts: list[str]
) -> None:
    (bottle,) = shop.sells("bottle")
    for step in steps:
        take(shop, bottle, step)
        shop.alerts.tell(SUPPLIER, None, None)
        told = shop.everything()

        shop.alerts.tell(SUPPLIER, None, None)

        assert shop.everything() == told

    assert list(low_alerts(shop).values()) == alerts
    assert len([each for each in shop.mails() if "low" in each["context"]["title"]]) == len(alerts)


def test_a_variant_that_is_low_when_it_is_first_synced_is_told(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.set(product_variant, bottle, availability=None, stock=None, published_stock=None)
    shop.alerts.tell(SUPPLIER, None, None)
    assert low_alerts(shop) == {}
    shop.set(product_variant, bottle, availability="AVAILABLE", stock=2, published_stock=2)

    shop.alerts.tell(SUPPLIER, None, None)

    assert shop.mails()[0]["context"]["products"][0]["variants"][0]["text"] == "2 left"


def test_units_that_customers_paid_for_can_make_a_variant_low(shop: Shop) -> None:
    """No more than the published stock moves; the supplier's stays."""
    (bottle,) = shop.sells("bottle")
    shop.set(product_variant, bottle, reserved_units=16, published_stock=4)

    shop.alerts.tell(SUPPLIER, None, None)

    assert list(low_alerts(shop).values()) == ["OPEN"]


moves = st.one_of(
    st.tuples(st.just("stock"), st.sampled_from([0, 1, 4, 6, 20, None])),
    st.tuples(st.just("threshold"), st.sampled_from([0, 5, 10])),
    st.tuples(st.sampled_from(["hold", "release", "resolve"]), st.none()),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.one_of(st.tuples(st.sampled_from(VARIANTS), moves), st.none()), max_size=20))
def test_exactly_what_is_low_on_sale_and_not_told_of_is_told(
    shop: Shop, steps: list[tuple[str, Step] | None]
) -> None:
    """None stands for telling. Every example has a store of its own in one database."""
    mine = Shop(shop.database, shop.clock, shop.new_id, f"s{next(NUMBERS)}", shop.changes)
    mine.opened()
    variants = {name: mine.sells(name)[0] for name in VARIANTS}
    told: set[str] = set()
    for each in [*steps, None]:
        if each is not None:
            take(mine, variants[each[0]], each[1])
            continue
        before = low_alerts(mine)

        mine.alerts.tell(SUPPLIER, [mine.store_id], None)

        low = low_on_sale(mine)
        new = [alert_id for alert_id in low_alerts(mine) if alert_id not in before]
        assert sorted(named_by(mine, new)) == sorted(low - told)
        assert len(new) == bool(low - told)
        told = low
        unresolved = [key for key, status in low_alerts(mine).items() if status != "RESOLVED"]
        assert set(named_by(mine, unresolved)) <= low
        assert all(named_by(mine, [alert_id]) for alert_id in unresolved)


def low_on_sale(shop: Shop) -> set[str]:
    statuses = {row["id"]: row["status"] for row in shop.rows(product)}
    return {
        row["id"]
        for row in shop.rows(product_variant)
        if row["store_id"] == shop.store_id
        and statuses[row["product_id"]] == "ACTIVE"
        and row["availability"] == "AVAILABLE"
        and row["published_stock"] is not None
        and row["published_stock"] <= threshold_of(shop)
    }


def named_by(shop: Shop, alert_ids: list[str]) -> list[str]:
    """Variants that these alerts still name."""
    return [
        row["variant_id"]
        for row in shop.rows(alert_subject)
        if row["alert_id"] in alert_ids and row["cleared_at"] is None
    ]
