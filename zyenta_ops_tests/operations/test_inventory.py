from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from zyenta_ops.domain.money import Money
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import product, product_variant
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.sweeping import (
    Feed,
    offered,
    opened,
    set_in,
    statuses,
    variants,
)

MY_SHOP = "store-my-shop"


@pytest.fixture
def feed(database: Database, clock: FixedClock, new_id: CountingIds) -> Feed:
    return Feed(database, clock, new_id)


def shifted(
    feed: Feed, *after: Any, **before: Any
) -> list[tuple[str, str, int | None, int | None]]:
    """What a shirt's step from `before` to what is offered `after` records."""
    feed.offers(offered("shirt", **before), offered("other"))
    opened(feed)
    feed.sync()
    feed.offers(*after, offered("other"))
    feed.sync()
    first = feed.changes()
    feed.sync()
    assert feed.changes() == first
    return first


SHIRT = f"{MY_SHOP}:shirt/m"


def test_a_first_sync_takes_stock_and_cost_over_and_makes_no_news(feed: Feed) -> None:
    feed.offers(offered("shirt", stock=3, cost=900), offered("hat", stock=0))
    opened(feed)

    report = feed.sync()

    assert variants(feed, "availability", "stock", "published_stock", "cost_minor") == {
        "shirt/m": ("AVAILABLE", 3, 3, 900),
        "hat/m": ("OUT_OF_STOCK", 0, 0, 1_000),
    }
    assert (report.processed, report.changed, feed.changes()) == (2, 2, [])
    assert statuses(feed) == {"shirt": "ACTIVE", "hat": "OUT_OF_STOCK"}


def test_unknown_stock_stays_on_sale_in_unknown_quantity(feed: Feed) -> None:
    changes = shifted(feed, offered("shirt", stock=None), stock=2)

    assert changes == []
    assert variants(feed, "availability", "stock", "published_stock")["shirt/m"] == (
        "AVAILABLE",
        None,
        None,
    )
    assert statuses(feed)["shirt"] == "ACTIVE"


def test_what_sold_out_stays_hidden_while_its_stock_is_unknown(feed: Feed) -> None:
    changes = shifted(feed, offered("shirt", stock=None), stock=0)

    assert changes == []
    assert variants(feed, "availability", "stock", "published_stock")["shirt/m"] == (
        "OUT_OF_STOCK",
        0,
        0,
    )
    assert statuses(feed)["shirt"] == "OUT_OF_STOCK"


def test_units_that_are_paid_for_are_not_published_again(feed: Feed) -> None:
    feed.offers(offered("shirt", stock=10), offered("hat", stock=2))
    opened(feed)
    set_in(feed, product_variant, SHIRT, reserved_units=4)
    set_in(feed, product_variant, f"{MY_SHOP}:hat/m", reserved_units=2)

    feed.sync()

    assert variants(feed, "stock", "published_stock", "availability") == {
        "shirt/m": (10, 6, "AVAILABLE"),
        "hat/m": (2, 0, "OUT_OF_STOCK"),
    }


def test_published_stock_follows_what_is_paid_for_while_the_offer_stays_the_same(
    feed: Feed,
) -> None:
    feed.offers(offered("shirt", stock=10), offered("hat", stock=2))
    opened(feed)
    feed.sync()

    set_in(feed, product_variant, SHIRT, reserved_units=4)
    set_in(feed, product_variant, f"{MY_SHOP}:hat/m", reserved_units=2)
    (paid,) = feed.sync().stores
    published = variants(feed, "published_stock")

    assert (paid.changed, published) == (2, {"shirt/m": 6, "hat/m": 0})
    assert statuses(feed) == {"shirt": "ACTIVE", "hat": "OUT_OF_STOCK"}
    assert feed.sync().changed == 0

    set_in(feed, product_variant, f"{MY_SHOP}:hat/m", reserved_units=0)
    feed.sync()

    assert variants(feed, "published_stock") == {"shirt/m": 6, "hat/m": 2}
    assert feed.changes() == [
        (f"{MY_SHOP}:hat/m", "RESTOCKED", 0, 2),
        (f"{MY_SHOP}:hat/m", "STOCK_OUT", 2, 0),
    ]


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"stock": 9}, {"stock": 0}, [(SHIRT, "STOCK_OUT", 9, 0)]),
        ({"stock": 9}, {"stock": 5}, [(SHIRT, "STOCK_LOW", 9, 5)]),
        ({"stock": 5}, {"stock": 2}, []),
        ({"stock": 0}, {"stock": 9}, [(SHIRT, "RESTOCKED", 0, 9)]),
        ({"stock": 0}, {"stock": None}, []),
        ({"stock": 0}, {"stock": None, "in_stock": True}, [(SHIRT, "RESTOCKED", 0, None)]),
        ({"stock": 9}, {"stock": 8}, []),
        ({}, {"saleable": False}, [(SHIRT, "WITHDRAWN", 5, 0)]),
        ({"cost": 1_000}, {"cost": 1_250}, [(SHIRT, "COST", 1_000, 1_250)]),
        (
            {"stock": 9, "cost": 1_000},
            {"stock": 0, "cost": 900},
            [(SHIRT, "COST", 1_000, 900), (SHIRT, "STOCK_OUT", 9, 0)],
        ),
        ({}, {"title": "Renamed"}, []),
    ],
)
def test_each_change_is_recorded_exactly_once(
    feed: Feed,
    before: dict[str, Any],
    after: dict[str, Any],
    changes: list[tuple[str, str, int | None, int | None]],
) -> None:
    assert shifted(feed, offered("shirt", **after), **before) == changes


def test_each_store_is_warned_at_its_own_threshold(feed: Feed) -> None:
    feed.offers(offered("shirt", stock=50))
    opened(feed, alert_preferences={"stock_low_threshold": 40})
    opened(feed, "other")
    feed.sync()
    feed.offers(offered("shirt", stock=30))

    feed.sync()

    assert feed.changes() == [(SHIRT, "STOCK_LOW", 50, 30)]


def test_a_delisted_product_is_told_of_and_hidden(feed: Feed) -> None:
    feed.offers(offered("shirt"), offered("hat"))
    opened(feed)
    feed.sync()
    feed.offers(offered("hat"))
    feed.sync()
    feed.sweep()
    feed.sync()
    assert (feed.changes(), statuses(feed)["shirt"]) == ([], "ACTIVE")

    feed.sweep()
    (result,) = feed.sync().stores

    assert feed.changes() == [(SHIRT, "DELISTED", 5, 0)]
    assert statuses(feed) == {"shirt": "DELISTED", "hat": "ACTIVE"}
    assert (result.hidden, result.republished) == (1, 0)


def test_a_variant_that_is_gone_leaves_its_product_on_sale(feed: Feed) -> None:
    feed.offers(offered("shirt", "m"), offered("shirt", "l"))
    opened(feed)
    feed.sync()
    feed.offers(offered("shirt", "l"))
    feed.sweep()
    feed.sweep()

    feed.sync()

    assert feed.changes() == [(SHIRT, "VARIANT_GONE", 5, 0)]
    assert statuses(feed) == {"shirt": "ACTIVE"}


def test_what_is_listed_again_without_stock_has_not_sold_out(feed: Feed) -> None:
    feed.offers(offered("shirt"), offered("hat"))
    opened(feed)
    feed.sync()
    feed.offers(offered("hat"))
    feed.sweep()
    feed.sweep()
    feed.sync()

    feed.offers(offered("shirt", stock=0), offered("hat"))
    feed.sync()

    assert feed.changes() == [(SHIRT, "DELISTED", 5, 0)]
    assert statuses(feed)["shirt"] == "OUT_OF_STOCK"


def test_a_restock_publishes_again(feed: Feed) -> None:
    feed.offers(offered("shirt", stock=0))
    opened(feed)
    feed.sync()
    feed.offers(offered("shirt", stock=7))

    (result,) = feed.sync().stores

    assert statuses(feed) == {"shirt": "ACTIVE"}
    assert (result.hidden, result.republished) == (0, 1)


@pytest.mark.parametrize("status", ["ON_HOLD", "DRAFT", "ARCHIVED"])
def test_what_a_person_decided_stays_while_its_stock_is_kept(feed: Feed, status: str) -> None:
    feed.offers(offered("shirt", stock=0))
    opened(feed)
    set_in(feed, product, f"{MY_SHOP}:shirt", status=status)
    feed.sync()
    feed.offers(offered("shirt", stock=7))

    (result,) = feed.sync().stores

    assert statuses(feed) == {"shirt": status}
    assert variants(feed, "published_stock") == {"shirt/m": 7}
    assert (result.hidden, result.republished) == (0, 0)


def test_the_cost_a_merchant_knows_stays_when_the_supplier_changes_its_currency(
    feed: Feed,
) -> None:
    """Else a step from 10 dollars to 9 euros would have nothing to be told against."""
    feed.offers(offered("shirt", cost=1_000))
    opened(feed)
    feed.sync()
    feed.offers(replace(offered("shirt"), unit_cost=Money(900, "EUR")))

    feed.sync()

    columns = ("cost_minor", "cost_currency", "alerted_cost_minor", "alerted_cost_currency")
    assert variants(feed, *columns) == {"shirt/m": (900, "EUR", 1_000, "USD")}
    assert feed.changes() == [(SHIRT, "COST", None, 900)]
