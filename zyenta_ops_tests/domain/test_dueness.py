from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.dueness import (
    FIRST_BACKOFF,
    LONGEST_BACKOFF,
    OLDEST_PERCENT,
    Pace,
    Urgency,
    Watch,
    allotment,
    plan,
    project,
)
from zyenta_ops.domain.stores import Cadence

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def ago(**delta: float) -> datetime:
    return NOW - timedelta(**delta)


def watch(ref: str, **known: Any) -> Watch:
    return Watch(ref, **{"read_at": ago(hours=2), "asked_at": ago(hours=2)} | known)


@pytest.mark.parametrize(
    ("known", "urgency"),
    [
        ({"pending": 1, "sold": False}, Urgency.PENDING),
        ({"sold": False, "read_at": None}, Urgency.UNSOLD),
        ({"read_at": None}, Urgency.NEW),
        ({"sold_at": ago(hours=1), "high": True}, Urgency.SOLD),
        ({"sold_at": ago(days=3), "changed_at": ago(days=1)}, Urgency.CHANGED),
        ({"high": True, "changed_at": ago(days=3)}, Urgency.HIGH),
        ({}, Urgency.REST),
    ],
)
def test_a_product_is_as_urgent_as_its_best_reason(known: dict[str, Any], urgency: Urgency) -> None:
    assert watch("a", **known).urgency(NOW) is urgency


@pytest.mark.parametrize(
    ("cadence", "known", "due"),
    [
        (Cadence.STANDARD, {"read_at": ago(minutes=58)}, True),
        (Cadence.STANDARD, {"read_at": ago(minutes=50)}, False),
        (Cadence.STANDARD, {"read_at": ago(minutes=20), "high": True}, True),
        (Cadence.HIGH, {"read_at": ago(minutes=13), "high": True}, True),
        (Cadence.HIGH, {"read_at": ago(minutes=13), "pending": 1}, True),
        (Cadence.HIGH, {"read_at": ago(days=3)}, False),
        (Cadence.HIGH, {"read_at": None}, True),
        (Cadence.STANDARD, {"read_at": ago(days=3), "sold": False}, False),
        (Cadence.FULL, {"read_at": ago(minutes=1), "sold": False}, True),
    ],
)
def test_a_product_is_due_when_its_cadence_comes_round(
    cadence: Cadence, known: dict[str, Any], due: bool
) -> None:
    assert watch("a", **known).is_due(cadence, NOW) is due


def test_what_fails_again_and_again_waits_longer_and_longer_up_to_a_day() -> None:
    def asked(failures: int, since: timedelta) -> Watch:
        return watch("a", failures=failures, asked_at=NOW - since)

    moment = timedelta(seconds=1)
    assert asked(0, timedelta(0)).is_due(Cadence.STANDARD, NOW)
    assert not asked(1, FIRST_BACKOFF - moment).is_due(Cadence.STANDARD, NOW)
    assert asked(1, FIRST_BACKOFF).is_due(Cadence.STANDARD, NOW)
    assert not asked(2, 2 * FIRST_BACKOFF - moment).is_due(Cadence.FULL, NOW)
    assert not asked(99, LONGEST_BACKOFF - moment).is_due(Cadence.FULL, NOW)
    assert asked(99, LONGEST_BACKOFF).is_due(Cadence.FULL, NOW)


def test_with_room_for_all_the_urgent_come_first_and_the_oldest_of_equals() -> None:
    watches = [
        watch("rest-new", read_at=ago(hours=2)),
        watch("rest-old", read_at=ago(hours=9)),
        watch("paid", pending=2),
        watch("never", read_at=None),
        watch("fresh", read_at=ago(minutes=5)),
    ]

    assert plan(watches, Cadence.STANDARD, 99, NOW) == ["paid", "never", "rest-old", "rest-new"]


def test_with_little_room_a_quarter_goes_to_the_longest_unseen() -> None:
    urgent = [watch(f"sold-{n}", sold_at=ago(hours=1), read_at=ago(hours=2)) for n in range(9)]
    oldest = [watch(f"old-{n}", read_at=ago(days=9 - n)) for n in range(4)]

    assert plan([*oldest, *urgent], Cadence.STANDARD, 8, NOW) == [
        "sold-0",
        "sold-1",
        "sold-2",
        "old-0",
        "sold-3",
        "sold-4",
        "sold-5",
        "old-1",
    ]


watches = st.lists(
    st.builds(
        Watch,
        product_ref=st.integers(0, 10_000).map(str),
        read_at=st.none() | st.integers(0, 10_000).map(lambda minutes: ago(minutes=minutes)),
        pending=st.integers(0, 2),
        high=st.booleans(),
        sold=st.booleans(),
        failures=st.integers(0, 4),
        asked_at=st.none() | st.integers(0, 10_000).map(lambda minutes: ago(minutes=minutes)),
    ),
    max_size=60,
    unique_by=lambda each: each.product_ref,
)


@given(watches, st.sampled_from(Cadence), st.integers(0, 80))
def test_a_plan_holds_due_products_once_and_never_too_many(
    known: list[Watch], cadence: Cadence, most: int
) -> None:
    planned = plan(known, cadence, most, NOW)

    due = {each.product_ref for each in known if each.is_due(cadence, NOW)}
    assert len(planned) == min(most, len(due))
    assert len(set(planned)) == len(planned)
    assert set(planned) <= due


@given(watches, st.integers(4, 80))
def test_the_longest_unseen_is_always_in_the_plan(known: list[Watch], most: int) -> None:
    due = [each for each in known if each.is_due(Cadence.STANDARD, NOW) and each.read_at]
    planned = plan(due, Cadence.STANDARD, most, NOW)

    if due and most * OLDEST_PERCENT // 100:
        oldest = min(due, key=lambda each: (each.read_at, each.product_ref))
        assert oldest.product_ref in planned


def test_a_run_gets_what_its_time_allows_where_there_is_no_quota() -> None:
    assert allotment(Pace(5.0), Cadence.STANDARD, 600, NOW) == 3_000
    assert allotment(Pace(5.0), Cadence.STANDARD, -1, NOW) == 0


def test_what_is_left_of_a_quota_is_shared_by_the_runs_until_midnight() -> None:
    pace = Pace(5.0, per_day=1_000, left_today=600)

    assert allotment(pace, Cadence.STANDARD, 600, NOW) == 50  # 12 hourly runs are left
    assert allotment(pace, Cadence.HIGH, 600, NOW) == 13  # 48 quarters
    assert allotment(pace, Cadence.FULL, 600, NOW) == 50
    assert allotment(Pace(5.0, 1_000, 0), Cadence.STANDARD, 600, NOW) == 0
    late = NOW.replace(hour=23, minute=59)
    assert allotment(pace, Cadence.STANDARD, 600, late) == 600


def test_a_quota_that_suffices_gives_everybody_what_is_wanted() -> None:
    (rest,) = project({Urgency.REST: 100}, Pace(5.0, per_day=10_000))

    assert (rest.products, rest.wanted, rest.expected) == (
        100,
        timedelta(hours=1),
        timedelta(hours=1),
    )


def test_a_short_quota_makes_the_rest_wait_and_never_forever() -> None:
    projections = project({Urgency.SOLD: 20, Urgency.REST: 5_000}, Pace(1.0, per_day=1_000))

    sold, rest = projections
    assert sold.expected == timedelta(hours=1)
    assert rest.expected is not None
    assert timedelta(days=9) < rest.expected < timedelta(days=12)


def test_nothing_is_promised_where_nothing_may_be_asked() -> None:
    (rest,) = project({Urgency.REST: 10, Urgency.SOLD: 0}, Pace(1.0, per_day=0))

    assert rest.expected is None
