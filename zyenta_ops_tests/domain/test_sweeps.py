from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from zyenta_ops.domain.inventory import BETWEEN_MISSES, Listing
from zyenta_ops.domain.sweeps import (
    Difference,
    ListedOffer,
    MissingOffer,
    MissRule,
    SanityLimits,
    StagedOffer,
    StoredOffer,
    SweepCounts,
    classify,
    judge,
)
from zyenta_ops_tests.sweeping import offered

LIMITS = SanityLimits()
NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def stored_as(cost: int = 1_000, stock: int | None = 5, **fields: Any) -> StoredOffer:
    known: dict[str, Any] = {
        "cost_currency": "USD",
        "saleable": True,
        "cost_estimated": False,
        "listed": True,
        "miss_count": 0,
    }
    return StoredOffer(cost_minor=cost, stock=stock, **known | fields)


def counted(cost: int, stock: int | None, before: StoredOffer, **fields: Any) -> SweepCounts:
    counts = SweepCounts()
    classify("id", offered(cost=cost, stock=stock, **fields), "hash", before, counts)
    return counts


def test_an_offer_that_is_not_stored_is_new() -> None:
    offer, counts = offered(), SweepCounts()

    staged = classify("id", offer, "hash", None, counts)

    assert staged == StagedOffer("id", Difference.NEW, offer, "hash", None)
    assert counts == SweepCounts(new=1)


@pytest.mark.parametrize("before", [stored_as(miss_count=1), stored_as(listed=False, miss_count=3)])
def test_an_offer_that_was_missing_or_gone_is_back(before: StoredOffer) -> None:
    offer, counts = offered(cost=9_000, stock=0), SweepCounts()

    staged = classify("id", offer, "hash", before, counts)

    assert staged == StagedOffer("id", Difference.BACK, offer, "hash", before)
    assert counts == SweepCounts(back=1)


@pytest.mark.parametrize(
    ("before", "after", "jumped"),
    [(1_000, 2_000, 1), (1_000, 1_999, 0), (1_000, 500, 1), (1_000, 501, 0), (1_000, 0, 1)],
)
def test_a_cost_that_doubles_or_halves_is_a_jump(before: int, after: int, jumped: int) -> None:
    assert counted(after, 5, stored_as(cost=before)).jumped == jumped


def test_a_cost_of_zero_that_stays_zero_is_no_jump() -> None:
    assert counted(0, 4, stored_as(cost=0)) == SweepCounts(changed=1)


def test_a_cost_that_was_zero_and_is_not_any_more_is_a_jump() -> None:
    assert counted(1, 5, stored_as(cost=0)).jumped == 1


def test_a_cost_in_another_currency_is_no_jump_and_counts_by_itself() -> None:
    counts = counted(1_000, 5, stored_as(cost=10, cost_currency="JPY"))

    assert (counts.redenominated, counts.jumped, counts.changed) == (1, 0, 1)


@pytest.mark.parametrize(
    ("stock", "saleable", "zeroed"), [(0, True, 1), (5, False, 1), (None, True, 0), (1, True, 0)]
)
def test_only_what_could_be_bought_and_cannot_any_more_went_to_zero(
    stock: int | None, saleable: bool, zeroed: int
) -> None:
    assert counted(1_000, stock, stored_as(), saleable=saleable).zeroed == zeroed


@pytest.mark.parametrize(
    ("before", "stock", "in_stock", "untold"),
    [
        (stored_as(), None, False, 1),
        (stored_as(), None, True, 0),
        (stored_as(), 1, False, 0),
        (stored_as(stock=None), None, False, 0),
        (stored_as(stock=0), None, False, 0),
    ],
)
def test_a_stock_that_was_stated_and_is_not_any_more_is_untold(
    before: StoredOffer, stock: int | None, in_stock: bool, untold: int
) -> None:
    assert counted(1_000, stock, before, in_stock=in_stock).untold == untold


@pytest.mark.parametrize(("noted", "estimated"), [(False, 1), (True, 0), (None, 0)])
def test_a_cost_that_was_stated_and_is_not_any_more_is_estimated(
    noted: bool | None, estimated: int
) -> None:
    before = stored_as(cost_estimated=noted)

    assert counted(900, 5, before, cost_estimated=True).estimated == estimated
    assert counted(900, 5, before, cost_estimated=False).estimated == 0


@pytest.mark.parametrize(
    ("before", "after", "raised", "lowered"),
    [
        (1_000, 1_500, 1, 0),
        (1_000, 1_499, 0, 0),
        (1_500, 1_000, 0, 1),
        (1_500, 1_001, 0, 0),
        (0, 0, 0, 0),
    ],
)
def test_a_cost_that_moves_by_half_counts_by_its_direction(
    before: int, after: int, raised: int, lowered: int
) -> None:
    counts = counted(after, 4, stored_as(cost=before))

    assert (counts.raised, counts.lowered) == (raised, lowered)


def test_what_could_not_be_bought_before_does_not_go_to_zero() -> None:
    assert counted(1_000, 0, stored_as(stock=3, saleable=False)).zeroed == 0
    assert counted(1_001, 0, stored_as(stock=0)).zeroed == 0


@pytest.mark.parametrize(
    ("misses", "product_listed", "outcome"),
    [
        (0, True, MissingOffer("id", Difference.MISSING, Listing.LISTED, 1)),
        (1, False, MissingOffer("id", Difference.MISSING, Listing.LISTED, 2)),
        (2, True, MissingOffer("id", Difference.GONE, Listing.VARIANT_GONE, 3)),
        (2, False, MissingOffer("id", Difference.GONE, Listing.DELISTED, 3)),
    ],
)
def test_an_absence_is_believed_at_the_third_catalogue(
    misses: int, product_listed: bool, outcome: MissingOffer
) -> None:
    offer = ListedOffer("id", "shirt", misses, None, live=True)

    assert MissRule().apply(offer, NOW, product_listed=product_listed) == outcome


def test_an_absence_right_after_another_is_the_same_absence() -> None:
    missed = ListedOffer("id", "shirt", 1, NOW, live=True)
    a_moment = timedelta(seconds=1)

    assert MissRule().apply(missed, NOW + BETWEEN_MISSES - a_moment, product_listed=True) is None
    counted = MissRule().apply(missed, NOW + BETWEEN_MISSES, product_listed=True)
    assert counted is not None
    assert counted.miss_count == 2


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (
            SweepCounts(known=40),
            "the catalogue is empty: 0 entries, none of them an offer (40 offers were known)",
        ),
        (
            SweepCounts(entries=3, offers=1, rejected=2, known=1),
            "more entries were rejected (2) than understood (1)",
        ),
        (
            SweepCounts(offers=100, known=100, live_before=80, zeroed=25),
            "25 of 80 offers went to zero or off sale (more than 30 %)",
        ),
        (
            SweepCounts(offers=69, known=100, live_before=100, vanished=31),
            "31 of 100 offers disappeared (more than 30 %)",
        ),
        (
            SweepCounts(offers=10, known=10, live_before=10, jumped=4),
            "4 of 10 offers at least doubled or halved in cost (more than 30 %)",
        ),
        (
            SweepCounts(
                offers=90, known=100, live_before=80, zeroed=15, vanished=10, live_vanished=10
            ),
            "25 of 80 offers went to zero, off sale or disappeared (more than 30 %)",
        ),
        (
            SweepCounts(offers=65, known=100, live_before=100, unread=31),
            "31 of 100 offers stand in entries that were rejected (more than 30 %)",
        ),
        (
            SweepCounts(offers=20, known=20, live_before=15, untold=5),
            "5 of 15 offers no longer state their stock (more than 30 %)",
        ),
        (
            SweepCounts(offers=20, known=20, live_before=15, estimated=7),
            "7 of 20 offers no longer state their cost (more than 30 %)",
        ),
        (
            SweepCounts(offers=20, known=20, live_before=20, raised=11, jumped=6),
            "11 of 20 offers cost at least one and a half times as much (more than 50 %)",
        ),
        (
            SweepCounts(offers=20, known=20, live_before=20, lowered=11),
            "11 of 20 offers cost at most two thirds as much (more than 50 %)",
        ),
        (
            SweepCounts(offers=20, known=20, live_before=20, raised=20, jumped=20),
            "20 of 20 offers at least doubled or halved in cost (more than 30 %)",
        ),
    ],
)
def test_an_unbelievable_catalogue_is_refused_with_its_reason(
    counts: SweepCounts, reason: str
) -> None:
    verdict = judge(counts, LIMITS, first=False)

    assert (verdict.believed, verdict.reasons) == (False, (reason,))


@pytest.mark.parametrize(
    "counts",
    [
        SweepCounts(offers=100, known=100, live_before=100, zeroed=30, jumped=30),
        SweepCounts(offers=100, known=100, live_before=100, zeroed=10, live_vanished=20),
        SweepCounts(offers=100, known=100, live_before=100, unread=30, untold=30, estimated=30),
        SweepCounts(offers=100, known=100, live_before=100, raised=50, lowered=50),
        SweepCounts(offers=2, known=9, live_before=9, zeroed=2, jumped=2, vanished=7),
        SweepCounts(entries=2, offers=1, rejected=1, known=1),
        SweepCounts(known=0),
    ],
)
def test_a_share_at_the_limit_and_a_tiny_catalogue_are_believed(counts: SweepCounts) -> None:
    assert judge(counts, LIMITS, first=False).believed


def test_every_reason_is_given() -> None:
    counts = SweepCounts(
        entries=30, offers=10, rejected=20, known=100, live_before=100, vanished=90, jumped=40
    )

    assert len(judge(counts, LIMITS, first=False).reasons) == 3


def test_a_first_catalogue_is_believed_unless_it_offers_nothing() -> None:
    assert judge(SweepCounts(entries=1, offers=1, new=1), LIMITS, first=True).believed
    assert judge(SweepCounts(entries=4, rejected=4), LIMITS, first=True).reasons == (
        "the catalogue is empty: 4 entries, none of them an offer (0 offers were known)",
    )
