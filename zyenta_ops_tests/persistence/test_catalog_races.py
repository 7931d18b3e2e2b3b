"""Sweeps and syncs that overlap or die: interleaved by hand, and in processes of their own."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import event, select, update

from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.stores import SweepScope
from zyenta_ops.domain.sweeps import SweepStatus
from zyenta_ops.operations.inventory import Inventory, InventoryReport
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import catalog_sweep, product, product_variant, sync_log
from zyenta_ops.ports import Clock
from zyenta_ops_tests.builders import a_store
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.fakes import FakeCatalogue
from zyenta_ops_tests.persistence import child
from zyenta_ops_tests.sweeping import (
    CHUNK,
    PAGE,
    SUPPLIER,
    Feed,
    HookedCatalogue,
    offered,
    range_of,
)

SHOP = "store-my-shop"

T = TypeVar("T")


@pytest.fixture
def feed(database: Database, clock: FixedClock, new_id: CountingIds) -> Feed:
    return Feed(database, clock, new_id)


def once(action: Callable[[], object], at: int = 0) -> Callable[[int], None]:
    """A hook that acts before one entry."""

    def hook(number: int) -> None:
        if number == at:
            action()

    return hook


def in_background(work: Callable[[], T]) -> Future[T]:
    """Start work in a thread of its own."""
    with_one_thread = ThreadPoolExecutor(1)
    started = with_one_thread.submit(work)
    with_one_thread.shutdown(wait=False)
    return started


def test_a_difference_to_an_old_base_does_not_undo_a_newer_sweep(feed: Feed) -> None:
    feed.offers(offered(stock=1))
    newer = FakeCatalogue([offered(stock=5)])
    slow = HookedCatalogue([offered(stock=3)], before_entry=once(lambda: feed.sweep(newer)))

    report = feed.sweep(slow)

    assert report.status is SweepStatus.SUPERSEDED
    assert feed.statuses() == ["PROMOTED", "SUPERSEDED", "PROMOTED"]
    assert feed.stocks() == {"shirt/m": 5}
    assert feed.staged() == 0


def test_a_sweep_that_found_no_difference_to_an_old_base_is_not_believed_either(feed: Feed) -> None:
    feed.offers(offered("shirt", stock=3), offered("hat"))
    newer = FakeCatalogue([offered("shirt", stock=5), offered("hat")])
    # Says of the shirt what was stored when it began, so it stages nothing for it.
    truth = [offered("shirt", stock=3), offered("hat", stock=1)]
    slow = HookedCatalogue(truth, before_entry=once(lambda: feed.sweep(newer), at=1))

    assert feed.sweep(slow).status is SweepStatus.SUPERSEDED
    assert feed.stocks() == {"shirt/m": 5, "hat/m": 5}

    feed.offers(*truth)
    assert feed.stocks() == {"shirt/m": 3, "hat/m": 1}


def test_a_superseded_version_is_never_taken_for_the_known_one(feed: Feed) -> None:
    """A sweep that finds its source unchanged while an older one is promoted proves nothing."""
    first, second = [offered(stock=1)], [offered(stock=2)]
    feed.offers(*first)
    begun, finish = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        assert finish.wait(10)

    older = in_background(lambda: feed.sweep(HookedCatalogue(second, before_entry=once(wait))))
    assert begun.wait(10)

    def let_the_older_one_finish() -> None:
        finish.set()
        assert older.result(10).status is SweepStatus.PROMOTED

    newer = feed.sweep(HookedCatalogue(first, on_open=let_the_older_one_finish))

    assert newer.status is SweepStatus.SUPERSEDED
    assert feed.stocks() == {"shirt/m": 2}
    feed.offers(*first)
    assert feed.stocks() == {"shirt/m": 1}


@pytest.mark.parametrize("healed", [True, False], ids=["unchanged", "promoted"])
def test_a_sweep_that_was_cleared_away_is_never_promoted_in_part(feed: Feed, healed: bool) -> None:
    before = range_of(CHUNK * 2, stock=1)
    feed.offers(*before)
    feed.source.entries = before if healed else range_of(CHUNK * 2, stock=2)
    slow = HookedCatalogue(
        range_of(CHUNK * 3, stock=3), before_entry=once(feed.sweep, at=CHUNK + 1)
    )

    report = feed.sweep(slow)

    assert report.status is SweepStatus.SUPERSEDED
    assert set(feed.stocks().values()) == {1 if healed else 2}
    assert (len(feed.stocks()), feed.staged()) == (CHUNK * 2, 0)


def test_a_sweep_that_was_cleared_away_stops_reading(feed: Feed) -> None:
    feed.offers(offered())
    feed.source.entries = [offered()]
    slow = HookedCatalogue(range_of(CHUNK * 4), before_entry=once(feed.sweep, at=CHUNK))

    feed.sweep(slow)

    assert slow.read <= CHUNK * 2


def test_a_sweep_that_was_cleared_away_cannot_be_quarantined_and_accepted_in_part(
    feed: Feed,
) -> None:
    before = range_of(CHUNK * 2, stock=1)
    feed.offers(*before)
    # Unbelievable as a whole; the part staged before the unchanged sweep clears it is dropped.
    slow = HookedCatalogue(
        range_of(CHUNK * 2, stock=0), before_entry=once(feed.sweep, at=CHUNK + 1)
    )

    report = feed.sweep(slow)

    assert report.status is SweepStatus.SUPERSEDED
    with pytest.raises(NotFound):
        feed.catalog().accept_quarantined(SUPPLIER)
    assert set(feed.stocks().values()) == {1}


def test_accepting_a_quarantine_supersedes_the_sweep_that_runs(feed: Feed) -> None:
    feed.offers(*range_of(12))
    feed.offers(*range_of(12, stock=0))
    catalog = feed.catalog()
    slow = HookedCatalogue(
        range_of(12, stock=8),
        before_entry=once(lambda: catalog.accept_quarantined(SUPPLIER), at=3),
    )

    assert feed.sweep(slow).status is SweepStatus.SUPERSEDED
    assert set(feed.stocks().values()) == {0}
    feed.offers(*range_of(12, stock=8))
    assert set(feed.stocks().values()) == {8}


def test_accepting_after_being_overtaken_is_refused_and_changes_nothing(feed: Feed) -> None:
    feed.offers(*range_of(12))
    unbelievable = feed.offers()
    feed.offers(*range_of(12, stock=4))
    # As a process sees it that looked the quarantine up just before it was overtaken.
    with feed.database.write() as records:
        records.connection.execute(
            update(catalog_sweep)
            .where(catalog_sweep.c.id == unbelievable.sweep_id)
            .values(status="QUARANTINED", sequence=99)
        )

    with pytest.raises(NotFound, match="was overtaken by a newer one; nothing is left to accept"):
        feed.catalog().accept_quarantined(SUPPLIER)

    assert set(feed.stocks().values()) == {4}
    assert {offer.miss_count for offer in feed.stored().values()} == {0}


class Dawdling:
    """A clock that takes its time at one call."""

    def __init__(self, clock: Clock, at: int, reached: threading.Event) -> None:
        self.clock, self.at, self.reached, self.calls = clock, at, reached, 0

    def __call__(self) -> datetime:
        self.calls += 1
        if self.calls == self.at:
            self.reached.set()
            time.sleep(0.3)
        return self.clock()


@pytest.mark.parametrize("call", [3, 4])
def test_two_sweeps_that_end_at_once_do_not_lock_each_other_out(feed: Feed, call: int) -> None:
    """The newer one holds its transaction open, at and after the promotion; the older one ends."""
    feed.offers(offered(stock=1))
    ending = threading.Event()
    newer = feed.catalog(FakeCatalogue([offered(stock=5)]), Dawdling(feed.clock, call, ending))
    started: list[Future[SweepStatus]] = []

    def overtake() -> None:
        started.append(in_background(lambda: newer.sweep(SUPPLIER).status))
        assert ending.wait(10)

    older = feed.sweep(HookedCatalogue([offered(stock=3)], before_entry=once(overtake)))

    assert started[0].result(10) is SweepStatus.PROMOTED
    assert older.status is SweepStatus.SUPERSEDED
    assert feed.stocks() == {"shirt/m": 5}


def test_two_syncs_of_a_store_tell_of_a_change_once(feed: Feed) -> None:
    feed.offers(offered(stock=9))
    with feed.database.write() as records:
        a_store(records.connection)
    feed.sold_by(SHOP)
    feed.sync()
    feed.offers(offered(stock=0))
    others: list[Future[InventoryReport]] = []

    def new_id() -> str:
        if not others:
            others.append(in_background(feed.sync))
            time.sleep(0.3)
        return feed.new_id()

    Inventory(feed.database, feed.clock, new_id).sync(SUPPLIER, SweepScope())
    others[0].result(10)

    assert feed.changes() == [(f"{SHOP}:shirt/m", "STOCK_OUT", 9, 0)]


def test_a_product_put_on_hold_during_a_sync_stays_on_hold(feed: Feed) -> None:
    feed.offers(offered(stock=9))
    with feed.database.write() as records:
        a_store(records.connection)
    feed.sold_by(SHOP)
    feed.sync()
    feed.offers(offered(stock=0))
    holds: list[Future[None]] = []

    def hold() -> None:
        with feed.database.write() as records:
            records.connection.execute(update(product).values(status="ON_HOLD"))

    def hold_before_the_status_is_written(*call: Any) -> None:
        if call[2].startswith("UPDATE product ") and not holds:
            holds.append(in_background(hold))
            time.sleep(0.2)

    event.listen(feed.database.engine, "before_cursor_execute", hold_before_the_status_is_written)
    feed.sync()
    holds[0].result(10)

    with feed.database.read() as records:
        assert records.connection.execute(select(product.c.status)).scalar_one() == "ON_HOLD"


def test_a_reader_sees_the_old_catalogue_or_the_new_one_never_half(feed: Feed) -> None:
    feed.offers(*range_of(CHUNK + 10, stock=1))
    ending = threading.Event()
    catalog = feed.catalog(
        FakeCatalogue(range_of(CHUNK + 10, stock=2)), Dawdling(feed.clock, 3, ending)
    )
    sweep = in_background(lambda: catalog.sweep(SUPPLIER))
    seen = []
    with feed.database.read() as records:
        first = records.sweeps.latest(SUPPLIER, (SweepStatus.PROMOTED,))
        assert ending.wait(10)
        seen.append(set(feed.stocks().values()))
        sweep.result(10)
        assert records.sweeps.latest(SUPPLIER, (SweepStatus.PROMOTED,)) == first
    seen.append(set(feed.stocks().values()))

    assert seen == [{1}, {2}]


def url_of(feed: Feed) -> str:
    return feed.database.url.render_as_string(hide_password=False)


def test_two_processes_that_sweep_at_once_promote_one_whole_catalogue(
    feed: Feed, tmp_path: Path
) -> None:
    size = CHUNK * 2
    feed.offers(*range_of(size, stock=1))
    place = tmp_path / "meeting"
    place.mkdir()

    both = [
        child.start(
            url=url_of(feed),
            work="sweep",
            name=name,
            size=size,
            stock=stock,
            meet={"at": str(place), "of": 2},
        )
        for name, stock in (("three", 3), ("five", 5))
    ]
    ended = [child.outcome(each) for each in both]

    assert sorted(ended) == [(0, "PROMOTED"), (0, "SUPERSEDED")]
    winner = 3 if ended[0][1] == "PROMOTED" else 5
    assert (len(feed.stocks()), set(feed.stocks().values())) == (size, {winner})
    assert feed.staged() == 0
    feed.offers(*range_of(size, stock=8 - winner))
    assert set(feed.stocks().values()) == {8 - winner}


@pytest.mark.parametrize(
    "death",
    [{"die_at_entry": CHUNK + 30}, {"die_at_clock": 3}],
    ids=["while staging", "between promotion and commit"],
)
def test_a_sweep_killed_on_the_way_leaves_the_old_catalogue_and_the_next_completes(
    feed: Feed, death: dict[str, int]
) -> None:
    size = CHUNK + 40
    feed.offers(*range_of(size, stock=1))

    ended = child.outcome(
        child.start(url=url_of(feed), work="sweep", name="dies", size=size, stock=2, **death)
    )

    assert ended == (-signal.SIGKILL, "")
    assert feed.statuses() == ["PROMOTED", "RUNNING"]
    assert feed.staged() >= CHUNK
    assert set(feed.stocks().values()) == {1}
    assert feed.offers(*range_of(size, stock=3)).status is SweepStatus.PROMOTED
    assert feed.statuses() == ["PROMOTED", "SUPERSEDED", "PROMOTED"]
    assert (feed.staged(), set(feed.stocks().values())) == (0, {3})


def test_an_unchanged_source_also_clears_what_a_killed_sweep_left(feed: Feed) -> None:
    size = CHUNK + 40
    feed.offers(*range_of(size, stock=1))
    child.outcome(
        child.start(
            url=url_of(feed), work="sweep", name="dies", size=size, stock=2, die_at_entry=size
        )
    )

    assert feed.sweep().status is SweepStatus.UNCHANGED
    assert feed.statuses() == ["PROMOTED", "SUPERSEDED", "UNCHANGED"]
    assert feed.staged() == 0


def test_a_sync_killed_in_its_second_page_leaves_the_first_and_the_next_completes(
    feed: Feed,
) -> None:
    size = PAGE + 30
    feed.offers(*range_of(size, stock=9))
    with feed.database.write() as records:
        a_store(records.connection)
    feed.sold_by(SHOP)
    feed.sync()
    feed.offers(*range_of(size, stock=3))

    ended = child.outcome(
        child.start(url=url_of(feed), work="sync", name="dies", die_at_id=PAGE + 10)
    )

    assert ended == (-signal.SIGKILL, "")
    assert len(feed.changes()) == PAGE
    with feed.database.read() as records:
        published = records.connection.execute(select(product_variant.c.published_stock)).scalars()
        assert Counter(published) == {3: PAGE, 9: size - PAGE}
        logged = records.connection.execute(select(sync_log.c.status, sync_log.c.processed))
        assert sorted(tuple(row) for row in logged) == [("COMPLETED", size), ("STARTED", PAGE)]
    assert feed.sync().changed == size - PAGE
    assert len(feed.changes()) == size
    assert {(kind, before, after) for _, kind, before, after in feed.changes()} == {
        ("STOCK_LOW", 9, 3)
    }
