"""Which stores a sync reaches, in which order, and what it makes good."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from zyenta_ops.domain.stores import Cadence, SweepScope
from zyenta_ops.operations.inventory import Inventory, StoreSync
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import (
    store,
    sync_log,
)
from zyenta_ops_tests.builders import a_store
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.sweeping import (
    PAGE,
    SUPPLIER,
    Feed,
    logged,
    offered,
    opened,
    range_of,
    set_in,
    variants,
)

MY_SHOP = "store-my-shop"
SHIRT = f"{MY_SHOP}:shirt/m"


@pytest.fixture
def feed(database: Database, clock: FixedClock, new_id: CountingIds) -> Feed:
    return Feed(database, clock, new_id)


def test_running_twice_changes_nothing(feed: Feed) -> None:
    feed.offers(*range_of(PAGE + 5))
    opened(feed)
    feed.sync()
    before = variants(feed, "stock", "published_stock", "cost_minor", "applied_revision")

    (again,) = feed.sync().stores

    assert (again.processed, again.changed) == (PAGE + 5, 0)
    assert variants(feed, "stock", "published_stock", "cost_minor", "applied_revision") == before


def test_more_variants_than_a_page_are_all_applied(feed: Feed) -> None:
    feed.offers(*range_of(PAGE * 2 + 1, stock=9))
    opened(feed)
    feed.sync()
    feed.offers(*range_of(PAGE * 2 + 1, stock=8))

    (result,) = feed.sync().stores

    assert result.changed == PAGE * 2 + 1
    assert set(variants(feed, "published_stock").values()) == {8}


def test_a_missed_sync_is_made_good_by_the_next(feed: Feed) -> None:
    feed.offers(offered("shirt", stock=9))
    opened(feed)
    feed.sync()
    feed.offers(offered("shirt", stock=0))
    feed.offers(offered("shirt", stock=3))

    feed.sync()

    assert feed.changes() == [(SHIRT, "STOCK_LOW", 9, 3)]


@pytest.mark.parametrize("status", ["PAUSED", "CLOSED"])
def test_a_store_that_is_not_active_is_left_alone_even_when_named(feed: Feed, status: str) -> None:
    feed.offers(offered())
    shop = opened(feed, status=status)

    report = feed.sync(SweepScope(store_ids=(shop,)))

    assert (report.stores, report.left, logged(feed)) == ((), 0, [])
    assert variants(feed, "availability") == {"shirt/m": None}


@pytest.mark.parametrize(
    ("scope", "reached"),
    [
        (SweepScope(cadence=Cadence.HIGH), ["fast"]),
        (SweepScope(cadence=Cadence.STANDARD), ["slow", "steady"]),
        (SweepScope(cadence=Cadence.FULL), ["fast", "slow", "steady"]),
        (SweepScope(), ["fast", "slow", "steady"]),
        (SweepScope(store_ids=("store-slow",)), ["slow"]),
        (SweepScope(store_ids=("store-slow", "store-fast"), cadence=Cadence.HIGH), ["fast"]),
        (SweepScope(store_ids=("store-elsewhere",)), []),
    ],
)
def test_a_scope_reaches_its_stores_only(feed: Feed, scope: SweepScope, reached: list[str]) -> None:
    feed.offers(offered())
    for subdomain in ("steady", "slow"):
        opened(feed, subdomain)
    opened(feed, "fast", sync_frequency="HIGH")
    with feed.database.write() as records:
        a_store(records.connection, "sells-nothing")

    report = feed.sync(scope)

    assert [each.store.lower() for each in report.stores] == reached


def test_a_budget_that_ends_leaves_stores_due_and_takes_them_first_next_time(
    feed: Feed, clock: FixedClock
) -> None:
    feed.offers(offered())
    for subdomain in ("a", "b", "c"):
        opened(feed, subdomain)
    inventory = Inventory(feed.database, clock, feed.new_id)
    scope = SweepScope(budget_seconds=100)

    def slowly(_: StoreSync) -> None:
        clock.advance(seconds=60)

    runs = [inventory.sync(SUPPLIER, scope, progress=slowly) for _ in range(3)]

    assert [([each.store for each in run.stores], run.left) for run in runs] == [
        (["A", "B"], 1),
        (["C", "A"], 1),
        (["B", "C"], 1),
    ]


def test_a_budget_that_is_over_at_once_still_serves_one_store(feed: Feed) -> None:
    feed.offers(offered())
    opened(feed, "a")
    opened(feed, "b")

    report = feed.sync(SweepScope(budget_seconds=0))

    assert (len(report.stores), report.left) == (1, 1)


def test_the_pricing_of_a_store_does_not_count_as_its_sync(feed: Feed, clock: FixedClock) -> None:
    feed.offers(offered())
    opened(feed, "a")
    opened(feed, "b")
    feed.sync(SweepScope(store_ids=("store-a",)))
    clock.advance(minutes=1)
    feed.sync(SweepScope(store_ids=("store-b",)))
    clock.advance(minutes=1)
    with feed.database.write() as records:
        first = records.connection.execute(select(sync_log)).mappings().first()
        assert first is not None
        priced = dict(first) | {"id": "priced", "type": "PRICE", "started_at": clock()}
        records.connection.execute(sync_log.insert().values(**priced))

    assert [each.store for each in feed.sync().stores] == ["A", "B"]


def test_a_store_resumed_later_is_brought_in_line(feed: Feed) -> None:
    feed.offers(offered("shirt", stock=9))
    shop = opened(feed)
    feed.sync()
    set_in(feed, store, shop, status="PAUSED")
    feed.offers(offered("shirt", stock=0))
    feed.sync()
    assert feed.changes() == []

    set_in(feed, store, shop, status="ACTIVE")
    feed.sync()

    assert feed.changes() == [(SHIRT, "STOCK_OUT", 9, 0)]
