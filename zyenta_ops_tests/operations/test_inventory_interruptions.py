"""A sync that fails, dies or runs out of time within a store, and what is left of it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from zyenta_ops.domain.stores import SweepScope
from zyenta_ops.domain.sync import SyncStatus, SyncType
from zyenta_ops.operations.inventory import Inventory
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import (
    product,
    product_variant,
)
from zyenta_ops.persistence.unit_of_work import Repositories
from zyenta_ops.ports import NewId
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.fakes import DyingDatabase, Killed
from zyenta_ops_tests.sweeping import (
    PAGE,
    SUPPLIER,
    Feed,
    logged,
    offered,
    opened,
    range_of,
    set_in,
    statuses,
    variants,
)

MY_SHOP = "store-my-shop"


@pytest.fixture
def feed(database: Database, clock: FixedClock, new_id: CountingIds) -> Feed:
    return Feed(database, clock, new_id)


def test_a_store_that_fails_is_logged_and_does_not_stop_the_others(feed: Feed) -> None:
    feed.offers(offered("shirt", stock=9))
    for subdomain in ("a", "b", "c"):
        opened(feed, subdomain)
    feed.sync()
    feed.offers(offered("shirt", stock=0))
    # Each store asks for the id of its log, then of its change: the fourth is store b's.
    new_id = FailsOnce(feed.new_id, 4)

    report = syncing(feed, new_id=new_id).sync(SUPPLIER, SweepScope(), "run-1")

    assert [each.status for each in report.stores] == ["COMPLETED", "FAILED", "COMPLETED"]
    assert report.failed == 1
    assert {variant for variant, *_ in feed.changes()} == {"store-a:shirt/m", "store-c:shirt/m"}
    (failure,) = [row for row in logged(feed) if row.status == "FAILED"]
    assert (failure.store_id, failure.failed, failure.processed) == ("store-b", 1, 0)
    assert (failure.error, failure.run_id) == ("RuntimeError", "run-1")


@dataclass
class FailsOnce:
    """Gives ids but for one time, counted from 1."""

    new_id: NewId
    at: int
    asked: int = 0

    def __call__(self) -> str:
        self.asked += 1
        if self.asked == self.at:
            raise RuntimeError("no id for you")
        return self.new_id()


class YieldingDatabase(Database):
    """Lets another connection, which never waits, write after each transaction of its own."""

    def __init__(self, database: Database) -> None:
        super().__init__(str(database.url))
        self.written_between = 0

    @contextmanager
    def write(self) -> Iterator[Repositories]:
        with super().write() as records:
            yield records
        other = sqlite3.connect(str(self.url.database), timeout=0)
        other.execute("UPDATE supplier SET updated_at = updated_at")
        other.commit()
        other.close()
        self.written_between += 1


def syncing(
    feed: Feed, *, database: Database | None = None, new_id: NewId | None = None
) -> Inventory:
    return Inventory(database or feed.database, feed.clock, new_id or feed.new_id, PAGE)


def test_a_store_that_fails_half_way_keeps_what_it_took_over_and_says_so(feed: Feed) -> None:
    feed.offers(*range_of(PAGE + 5, cost=1_000))
    opened(feed)
    feed.sync()
    feed.offers(*range_of(PAGE + 5, cost=1_100))
    new_id = FailsOnce(feed.new_id, PAGE + 2)

    (result,) = syncing(feed, new_id=new_id).sync(SUPPLIER, SweepScope()).stores

    assert (result.status, result.processed, result.changed) == (SyncStatus.FAILED, PAGE, PAGE)
    assert Counter(variants(feed, "cost_minor").values()) == {1_100: PAGE, 1_000: 5}
    assert len(feed.changes()) == PAGE
    row = logged(feed)[-1]
    assert (row.status, row.processed, row.changed, row.failed) == ("FAILED", PAGE, PAGE, 1)
    (again,) = feed.sync().stores
    assert (again.status, again.changed) == (SyncStatus.COMPLETED, 5)
    assert set(variants(feed, "cost_minor").values()) == {1_100}
    assert len(feed.changes()) == PAGE + 5


def test_a_budget_that_ends_within_a_store_leaves_the_rest_of_it_due(feed: Feed) -> None:
    feed.offers(*range_of(PAGE * 2 + 5))
    opened(feed)

    first = feed.sync(SweepScope(budget_seconds=0))

    assert [(each.status, each.processed) for each in first.stores] == [(SyncStatus.PARTIAL, PAGE)]
    assert first.left == 1
    assert [(row.status, row.processed) for row in logged(feed)] == [("PARTIAL", PAGE)]
    reports = [feed.sync(SweepScope(budget_seconds=0)) for _ in range(2)]
    assert [report.stores[0].status for report in reports] == ["PARTIAL", "COMPLETED"]
    assert [report.left for report in reports] == [1, 0]
    assert reports[-1].processed == PAGE * 2 + 5
    assert None not in variants(feed, "availability").values()


def test_a_product_is_never_updated_in_part(feed: Feed) -> None:
    first, last = "p0000/m", f"p{PAGE + 4:04d}/m"
    feed.offers(*range_of(PAGE + 5), offered("p0000", "sold out", stock=0))
    opened(feed)
    set_in(feed, product_variant, f"{MY_SHOP}:{last}", product_id=f"{MY_SHOP}:p0000")
    feed.sync()
    set_in(feed, product, f"{MY_SHOP}:p0000", status="OUT_OF_STOCK")
    refs = [f"p{number:04d}" for number in range(PAGE + 5)]
    stocks = {ref: 0 if f"{ref}/m" == first else 7 for ref in refs}
    feed.offers(
        *[offered(ref, stock=stock) for ref, stock in stocks.items()],
        offered("p0000", "sold out", stock=0),
    )

    report = feed.sync(SweepScope(budget_seconds=0))

    # The budget ended after the first page, whose first product has a variant beyond it.
    assert report.stores[0].status is SyncStatus.PARTIAL
    stored = variants(feed, "published_stock")
    assert (stored[first], stored[last], stored[f"p{PAGE:04d}/m"]) == (0, 7, 5)
    assert statuses(feed)["p0000"] == "ACTIVE"
    assert (report.stores[0].hidden, report.stores[0].processed) == (0, PAGE + 1)


def test_others_can_write_between_the_pages_of_a_store(sqlite_database: Database) -> None:
    clock, new_id = FixedClock(), CountingIds()
    feed = Feed(sqlite_database, clock, new_id)
    feed.offers(*range_of(PAGE * 2 + 5))
    opened(feed)
    yielding = YieldingDatabase(sqlite_database)

    syncing(feed, database=yielding).sync(SUPPLIER, SweepScope())

    # What others left, three pages, and how it ended.
    assert yielding.written_between == 5


def killed_syncing(feed: Feed, *, at_write: int) -> None:
    """A sync whose process dies when it begins its nth transaction that writes."""
    dying = DyingDatabase(feed.database, at_write)
    with pytest.raises(Killed):
        syncing(feed, database=dying).sync(SUPPLIER, SweepScope(), "run-killed")


# The first write closes what others left, then come three pages and the end of the log.
@pytest.mark.parametrize(("at_write", "pages"), [(3, 1), (4, 2), (5, 3)])
def test_a_killed_sync_is_on_record_with_what_it_did_and_the_next_one_closes_it(
    feed: Feed, clock: FixedClock, at_write: int, pages: int
) -> None:
    feed.offers(*range_of(PAGE * 2 + 5))
    opened(feed)

    killed_syncing(feed, at_write=at_write)

    done = min(PAGE * pages, PAGE * 2 + 5)
    (begun,) = logged(feed)
    assert (begun.status, begun.processed, begun.run_id) == ("STARTED", done, "run-killed")
    assert Counter(variants(feed, "availability").values())["AVAILABLE"] == done
    clock.advance(minutes=1)
    feed.sync()
    closed, ended = logged(feed)
    assert (closed.id, closed.status, closed.processed) == (begun.id, "FAILED", done)
    assert (closed.failed, closed.error) == (
        1,
        "the process that did it died; what it had done stays, and the next sync does the rest",
    )
    assert (ended.status, ended.processed) == ("COMPLETED", PAGE * 2 + 5)


def test_a_sync_killed_within_its_first_page_leaves_nothing(feed: Feed) -> None:
    feed.offers(*range_of(5))
    opened(feed)

    killed_syncing(feed, at_write=2)

    assert logged(feed) == []
    assert set(variants(feed, "availability").values()) == {None}


def test_a_sync_that_is_alive_after_all_says_itself_how_it_ended(feed: Feed) -> None:
    feed.offers(*range_of(PAGE + 5))
    opened(feed)

    def another(_: int) -> None:
        with feed.database.write() as records:
            records.inventory.close_unfinished(SUPPLIER, list(SyncType))

    syncing(feed, database=DyingDatabase(feed.database, None, another)).sync(SUPPLIER, SweepScope())

    assert [(row.status, row.error, row.failed) for row in logged(feed)] == [("COMPLETED", None, 0)]


def test_pricing_closes_no_sync_of_stock_and_no_other_supplier_s(feed: Feed) -> None:
    feed.offers(*range_of(5))
    opened(feed)
    killed_syncing(feed, at_write=3)

    with feed.database.write() as records:
        records.inventory.close_unfinished(SUPPLIER, [SyncType.PRICE])
        records.inventory.close_unfinished("another", list(SyncType))

    assert [row.status for row in logged(feed)] == ["STARTED"]
