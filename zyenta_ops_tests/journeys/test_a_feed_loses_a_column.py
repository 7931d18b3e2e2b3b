"""A supplier renames a column or empties cells: what is not said any more is no news."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zyenta_ops.adapters.suppliers.feed import FeedConfig, FeedSource
from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.sweeps import SweepStatus
from zyenta_ops.operations.catalog import SweepReport
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.sweeping import Feed, opened, statuses

HEADER = "sku,title,price,cost,stock"
SOLD_OUT = 5
KNOWN = 20

Publish = Callable[..., SweepReport]


@pytest.fixture
def feed(database: Database, clock: FixedClock, new_id: CountingIds) -> Feed:
    return Feed(database, clock, new_id)


@pytest.fixture
def publish(feed: Feed, tmp_path: Path) -> Publish:
    """Write the supplier's list of twenty, the first five sold out, and sweep it."""
    path = tmp_path / "list.csv"

    def write_and_sweep(header: str = HEADER, without_cost: int = 0) -> SweepReport:
        rows = [
            f"P{number},Thing {number},30.00,{'' if number < without_cost else '25.00'},"
            f"{0 if number < SOLD_OUT else 9}"
            for number in range(KNOWN)
        ]
        path.write_text("\n".join([header, *rows, ""]))
        config = FeedConfig.of({"location": str(path)})
        return feed.sweep(FeedSource(config, Market("US", "USD")))

    return write_and_sweep


def test_a_lost_stock_column_puts_nothing_back_on_sale(feed: Feed, publish: Publish) -> None:
    publish()
    opened(feed)
    feed.sync()
    before = statuses(feed)

    report = publish(HEADER.replace("stock", "amount_left"))
    assert report.status is SweepStatus.QUARANTINED
    assert report.reasons == ("15 of 15 offers no longer state their stock (more than 30 %)",)
    feed.catalog().accept_quarantined("my-feed")
    feed.sync()

    assert list(before.values()).count("OUT_OF_STOCK") == SOLD_OUT
    assert statuses(feed) == before


def test_a_lost_cost_column_is_not_replaced_by_a_guess(feed: Feed, publish: Publish) -> None:
    publish()
    stored = feed.stored()

    report = publish(HEADER.replace("cost", "yours"))

    assert report.status is SweepStatus.QUARANTINED
    assert report.reasons == ("20 of 20 offers no longer state their cost (more than 30 %)",)
    assert feed.stored() == stored


def test_a_cost_that_is_left_empty_keeps_the_offer_as_it_was(feed: Feed, publish: Publish) -> None:
    publish()
    stored = feed.stored()

    reports = [publish(without_cost=3) for _ in range(4)]

    assert [each.reason for each in reports[0].rejections] == ["no cost is stated"] * 3
    assert (reports[-1].status, feed.stored()) == (SweepStatus.UNCHANGED, stored)
