"""What PostgreSQL or SQLite cannot store as text never breaks a sweep, wherever it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from zyenta_ops.domain.catalog import Rejection
from zyenta_ops.domain.errors import SourceInvalid
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import supplier_offer
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.sweeping import SUPPLIER, Feed, offered

NASTY = "a\x00b\ud800c\udfffd \U0001f600"
STORED = "a\ufffdb\ufffdc\ufffdd \U0001f600"


@pytest.fixture
def feed(database: Database, clock: FixedClock, new_id: CountingIds) -> Feed:
    return Feed(database, clock, new_id)


def test_an_offer_is_taken_over_and_stays_the_same_offer(feed: Feed) -> None:
    nasty = replace(
        offered(),
        variant_ref=NASTY,
        title=NASTY,
        sku=NASTY,
        attributes=((NASTY, NASTY), ("Backslash", r"\u0000 \ud800")),
        images=(f"https://images.example/{NASTY}",),
    )
    feed.offers(nasty, offered("belt"))
    feed.source.entries = (nasty, offered("belt", stock=2))
    again = feed.sweep()

    assert feed.statuses() == ["PROMOTED", "PROMOTED"]
    assert (again.counts.new, again.counts.changed, again.counts.missing) == (0, 1, 0)
    columns = supplier_offer.c
    with feed.database.read() as records:
        row = records.connection.execute(
            select(
                columns.variant_ref, columns.title, columns.sku, columns.attributes, columns.images
            ).where(columns.product_ref == "shirt")
        ).one()
    assert tuple(row) == (
        STORED,
        STORED,
        STORED,
        [[STORED, STORED], ["Backslash", r"\u0000 \ud800"]],
        [f"https://images.example/{STORED}"],
    )


def test_a_rejection_is_kept(feed: Feed) -> None:
    feed.offers(offered(), Rejection(2, NASTY, f"the price '{NASTY}' is no amount"))

    with feed.database.read() as records:
        kept = records.sweeps.latest(SUPPLIER)
    assert kept is not None
    assert kept.rejections == (Rejection(2, STORED, f"the price '{STORED}' is no amount"),)


def test_a_failure_is_recorded_and_the_error_that_comes_out_is_the_source_s(feed: Feed) -> None:
    feed.source.fails_with = SourceInvalid(f"there is no column '{NASTY}'")

    with pytest.raises(SourceInvalid):
        feed.sweep()

    with feed.database.read() as records:
        kept = records.sweeps.latest(SUPPLIER)
    assert kept is not None
    assert kept.error == f"there is no column '{STORED}'"
