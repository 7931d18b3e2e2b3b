"""Which stores a sync reaches, in which order, and what it leaves on record."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import insert, select, update

from zyenta_ops.domain.inventory import ChangeKind
from zyenta_ops.domain.stores import Cadence, SweepScope
from zyenta_ops.domain.sync import SyncStatus
from zyenta_ops.operations.inventory import Inventory, StoreSync
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import (
    product,
    product_variant,
    store,
    supplier_account,
    supplier_offer,
    sync_log,
)
from zyenta_ops.persistence.unit_of_work import Repositories
from zyenta_ops.ports import NewId
from zyenta_ops_tests.builders import THEN, a_store
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
    statuses,
    variants,
)

MY_SHOP = "store-my-shop"


@pytest.fixture
def feed(database: Database, clock: FixedClock, new_id: CountingIds) -> Feed:
    return Feed(database, clock, new_id)


SHIRT = f"{MY_SHOP}:shirt/m"


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


def test_a_store_that_fails_is_logged_and_does_not_stop_the_others(feed: Feed) -> None:
    feed.offers(offered("shirt", stock=9))
    for subdomain in ("a", "b", "c"):
        opened(feed, subdomain)
    feed.sync()
    feed.offers(offered("shirt", stock=0))
    # Each store asks for the id of its change, then of its log: the third is store b's.
    new_id = FailsOnce(feed.new_id, 3)

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
    new_id = FailsOnce(feed.new_id, PAGE + 1)

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

    # Three pages and the log.
    assert yielding.written_between == 4


def test_the_sync_log_says_what_was_done(feed: Feed, clock: FixedClock) -> None:
    feed.offers(offered("shirt", stock=9), offered("hat", stock=0), offered("same"))
    opened(feed)
    feed.sync()
    clock.advance(hours=1)
    started: datetime = clock()
    feed.offers(offered("shirt", stock=0, cost=1_100), offered("hat", stock=8), offered("same"))

    (result,) = feed.sync(run_id="run-7").stores

    row = logged(feed)[-1]
    assert (row.type, row.status, row.store_id) == ("INVENTORY", "COMPLETED", MY_SHOP)
    assert (row.processed, row.changed, row.failed, row.duration_ms) == (3, 2, 0, 0)
    assert (row.run_id, row.error, row.started_at) == ("run-7", None, started)
    assert row.metadata == {
        "hidden": 1,
        "republished": 1,
        "kinds": {"STOCK_OUT": 1, "COST": 1, "RESTOCKED": 1},
        "findings": {},
    }
    assert result.kinds == Counter(
        {ChangeKind.STOCK_OUT: 1, ChangeKind.COST: 1, ChangeKind.RESTOCKED: 1}
    )
    assert result.status is SyncStatus.COMPLETED


def test_a_change_too_small_for_news_still_counts_as_changed(feed: Feed) -> None:
    feed.offers(offered("shirt", stock=90), offered("hat", stock=90))
    opened(feed)
    feed.sync()
    feed.offers(offered("shirt", stock=80), offered("hat", stock=90, title="Renamed"))

    assert feed.sync().changed == 1


def test_a_full_sync_reports_what_is_wrong_with_the_listings(feed: Feed) -> None:
    names = ("good", "blank", "bare", "mixed", "free", "dark", "loud", "long", "twin", "gone")
    feed.offers(*[offered(name) for name in names])
    opened(feed)
    set_in(feed, product, f"{MY_SHOP}:blank", title="  ")
    set_in(feed, product, f"{MY_SHOP}:mixed", product_ref="another")
    set_in(feed, product, f"{MY_SHOP}:dark", images=["data:image/png;base64,"])
    set_in(feed, product_variant, f"{MY_SHOP}:free/m", price_minor=None)
    set_in(feed, product_variant, f"{MY_SHOP}:bare/m", product_id=f"{MY_SHOP}:good")
    set_in(feed, product, f"{MY_SHOP}:loud", title="<b>Loud</b>", images=["http://a/1"] * 2)
    set_in(feed, product, f"{MY_SHOP}:long", title="x" * 151)
    set_in(feed, product, f"{MY_SHOP}:twin", title="Good M")
    with feed.database.write() as records:
        gone = supplier_offer.c.product_ref == "gone"
        records.connection.execute(
            update(supplier_offer).where(gone).values(listing="DELISTED", country="FR")
        )

    (result,) = feed.sync(SweepScope(cadence=Cadence.FULL)).stores

    assert result.findings == {
        "products without a title": 1,
        "products with a title of more than 150 characters": 1,
        "products with markup in their title": 1,
        "products with the title of another": 2,
        "products without variants": 1,
        # The one moved to another product, and the one whose product was renamed.
        "variants whose offer is another product's": 2,
        "variants whose offer is of another market": 1,
        "variants that the supplier no longer lists": 1,
        "variants on sale without a price": 1,
        "products without a usable image": 1,
        "products with an image twice": 1,
    }
    row = logged(feed)[-1]
    assert (row.type, row.metadata["findings"]) == ("FULL", result.findings)


def test_accounts_that_a_supplier_refuses_are_found_at_the_stores_of_their_owner(
    feed: Feed,
) -> None:
    feed.offers(offered())
    opened(feed, "good")
    opened(feed, "bad")
    with feed.database.write() as records:
        login = {"supplier_key": SUPPLIER, "credentials": "", "status": "REVOKED"}
        times = {"created_at": THEN, "updated_at": THEN}
        records.connection.execute(
            insert(supplier_account).values(id="a", account_id="account-bad", **login, **times)
        )

    report = feed.sync(SweepScope(cadence=Cadence.FULL))

    assert {each.store: each.findings for each in report.stores} == {
        "Bad": {"accounts at the supplier that need a person": 1},
        "Good": {},
    }


def test_findings_are_those_of_one_store(feed: Feed) -> None:
    feed.offers(offered())
    opened(feed, "good")
    opened(feed, "bad")
    set_in(feed, product, "store-bad:shirt", title="")

    report = feed.sync(SweepScope(cadence=Cadence.FULL))

    assert {each.store: each.findings for each in report.stores} == {
        "Bad": {"products without a title": 1},
        "Good": {},
    }


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
