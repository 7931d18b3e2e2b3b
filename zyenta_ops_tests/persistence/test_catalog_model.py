"""Whatever happens on the way, a store ends up selling what the supplier offers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zyenta_ops.domain.catalog import Offer
from zyenta_ops.domain.errors import NotFound, SourceUnavailable
from zyenta_ops.domain.stores import SweepScope
from zyenta_ops.domain.sweeps import SanityLimits, SweepStatus
from zyenta_ops.operations.catalog import Catalog, SweepReport
from zyenta_ops.persistence.engine import Database
from zyenta_ops.ports import CatalogueSource
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.fakes import FakeCatalogue
from zyenta_ops_tests.postgres import Databases
from zyenta_ops_tests.sweeping import (
    EVERY_MISS,
    SUPPLIER,
    Feed,
    HookedCatalogue,
    offered,
    opened,
    variants,
)

State = dict[tuple[str, str], tuple[int | None, int, bool]]

# Some products have two variants; small enough a catalogue that every fate is met often.
REFS = [("a", "m"), ("a", "l"), ("b", "m"), ("b", "l"), ("c", "m"), ("d", "m")]
EVERYTHING: State = dict.fromkeys(REFS, (9, 1000, True))

_FACTS = st.tuples(
    st.sampled_from([None, 0, 3, 9]),
    st.sampled_from([900, 1_000, 2_500]),
    st.sampled_from([True, True, False]),
)
_STATES = st.dictionaries(st.sampled_from(REFS), _FACTS)
_STEPS = st.one_of(
    st.tuples(st.just("sweep"), _STATES),
    st.tuples(st.just("fail"), _STATES, st.integers(0, 6)),
    st.tuples(st.just("accept")),
    st.tuples(st.just("overlap"), _STATES, _STATES, st.integers(0, 5)),
    st.tuples(st.just("accept meanwhile"), _STATES, st.integers(0, 5)),
    st.tuples(st.just("sync")),
)


def entries(state: State) -> list[Offer]:
    return [
        offered(*ref, cost, stock=stock, saleable=saleable)
        for ref, (stock, cost, saleable) in state.items()
    ]


def published(stock: int | None, saleable: bool) -> tuple[str, int | None]:
    """Availability and published stock of a listed offer."""
    if not saleable:
        return "NOT_SALEABLE", 0
    return ("OUT_OF_STOCK" if stock == 0 else "AVAILABLE"), stock


@dataclass
class World:
    """The product on a real database beside the plainest model of it: the believed catalogue."""

    feed: Feed
    believed: State = field(default_factory=dict)
    waiting: State | None = None

    def catalog(self, source: CatalogueSource) -> Catalog:
        feed = self.feed
        limits = SanityLimits(smallest_catalogue=3)
        return Catalog(
            feed.database,
            lambda _: source,
            feed.clock,
            feed.new_id,
            limits,
            misses=EVERY_MISS,
            chunk=2,
        )

    def take(self, step: tuple[Any, ...]) -> None:
        getattr(self, step[0].replace(" ", "_"))(*step[1:])
        self.check()

    def sweep(self, state: State) -> SweepReport:
        return self.judged(state, self.catalog(FakeCatalogue(entries(state))).sweep(SUPPLIER))

    def judged(self, state: State, report: SweepReport) -> SweepReport:
        if report.status is SweepStatus.UNCHANGED:
            assert state == self.believed
        if report.status is SweepStatus.PROMOTED:
            self.believed = state
        if report.status is not SweepStatus.SUPERSEDED:
            self.waiting = state if report.status is SweepStatus.QUARANTINED else None
        return report

    def fail(self, state: State, after: int) -> None:
        source = FakeCatalogue([*entries(state), offered("z")], SourceUnavailable("down"))
        source.fails_after = min(after, len(state))
        with pytest.raises(SourceUnavailable):
            self.catalog(source).sweep(SUPPLIER)

    def accept(self) -> bool:
        """Accept what waits, if anything does."""
        catalog = self.catalog(FakeCatalogue())
        if self.waiting is None:
            with pytest.raises(NotFound):
                catalog.accept_quarantined(SUPPLIER)
            return False
        catalog.accept_quarantined(SUPPLIER)
        self.believed, self.waiting = self.waiting, None
        return True

    def overlap(self, slow: State, quick: State, at: int) -> None:
        self._while_sweeping(slow, at, lambda: bool(self.sweep(quick)))

    def accept_meanwhile(self, slow: State, at: int) -> None:
        self._while_sweeping(slow, at, self.accept)

    def _while_sweeping(self, slow: State, at: int, overtake: Callable[[], bool]) -> None:
        overtaken = []

        def hook(number: int) -> None:
            if number == at:
                overtaken.append(overtake())

        source = HookedCatalogue(entries(slow), before_entry=hook)
        report = self.judged(slow, self.catalog(source).sweep(SUPPLIER))
        assert (report.status is SweepStatus.SUPERSEDED) == any(overtaken)

    def sync(self) -> None:
        self.feed.sync(SweepScope())

    def check(self) -> None:
        """What is listed and not missing is the believed catalogue, whole and exact."""
        listed = {
            tuple(ref.split("/")): (offer.stock, offer.cost_minor, offer.saleable)
            for ref, offer in self.feed.stored().items()
            if offer.listing == "LISTED" and not offer.miss_count
        }
        assert listed == self.believed
        assert self.feed.staged() == 0

    def settle(self, state: State) -> None:
        """The supplier is well and stays as it is."""
        for _ in range(4):
            if self.sweep(state).status is SweepStatus.QUARANTINED:
                self.accept()
        self.sync()
        self.check()


def run(database: Database, steps: list[tuple[Any, ...]], last: State) -> None:
    world = World(Feed(database, FixedClock(), CountingIds()))
    world.sweep(EVERYTHING)
    opened(world.feed)
    world.sync()
    for step in steps:
        world.take(step)
    world.settle(last)

    for ref, found in variants(world.feed, "availability", "published_stock", "cost_minor").items():
        product, variant = ref.split("/")
        if (product, variant) in last:
            stock, cost, saleable = last[product, variant]
            assert found == (*published(stock, saleable), cost)
        else:
            assert found[:2] in {("VARIANT_GONE", 0), ("DELISTED", 0)}
    changes = world.feed.changes()
    world.sync()
    assert world.feed.changes() == changes


@contextmanager
def fresh_sqlite(template: Path) -> Iterator[Database]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "zyenta.db"
        shutil.copy(template, path)
        yield Database(f"sqlite:///{path}")


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(_STEPS, max_size=8), last=_STATES)
def test_stores_converge_on_the_catalogue_on_sqlite(
    sqlite_template: Path, steps: list[tuple[Any, ...]], last: State
) -> None:
    with fresh_sqlite(sqlite_template) as database:
        run(database, steps, last)


@settings(max_examples=5, deadline=None)
@given(steps=st.lists(_STEPS, max_size=8), last=_STATES)
def test_stores_converge_on_the_catalogue_on_postgresql(
    postgres_databases: Databases, steps: list[tuple[Any, ...]], last: State
) -> None:
    with postgres_databases.lent() as url:
        database = Database(url)
        run(database, steps, last)
        database.dispose()
