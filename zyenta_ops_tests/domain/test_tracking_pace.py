"""When to look at a parcel again, and which has been quiet for too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from zyenta_ops.domain.supplier_orders import Parcel, ParcelEvent, ParcelState
from zyenta_ops.domain.tracking import Lane, is_stalled, lane, last_news, next_look

S = ParcelState
NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def parcel(state: ParcelState, days: float = 0, expected_in: float | None = None) -> Parcel:
    return Parcel(
        "LX1",
        state=state,
        events=(ParcelEvent(ago(days), "x"),),
        expected_at=None if expected_in is None else ago(-expected_in),
    )


def hours_to_next(of: Parcel, between: Lane = Lane.INTERNATIONAL, since: float = 5) -> float | None:
    at = next_look(of, between, ago(since), NOW)
    return None if at is None else (at - NOW) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("of", "hours"),
    [
        (Parcel("LX1"), 6),
        (Parcel("LX1", state=S.ANNOUNCED), 6),
        (parcel(S.IN_TRANSIT), 24),
        (parcel(S.CUSTOMS), 24),
        (parcel(S.CUSTOMS_ACTION), 24),
        (parcel(S.EXCEPTION), 24),
        (parcel(S.RETURNING), 24),
        (parcel(S.OUT_FOR_DELIVERY), 3),
        (parcel(S.FAILED_ATTEMPT), 6),
        (parcel(S.READY_FOR_PICKUP), 12),
        (parcel(S.IN_TRANSIT, expected_in=1), 6),
        (parcel(S.IN_TRANSIT, expected_in=-1), 6),
        (parcel(S.IN_TRANSIT, expected_in=1.1), 24),
        (parcel(S.IN_TRANSIT, expected_in=-9), 24),
        (parcel(S.IN_TRANSIT, days=31), 48),
        (parcel(S.OUT_FOR_DELIVERY, days=31), 48),
        (parcel(S.EXPIRED), 72),
        (parcel(S.LOST), 72),
        (parcel(S.DELIVERED), None),
        (parcel(S.RETURNED), None),
    ],
)
def test_a_parcel_is_asked_about_the_oftener_the_sooner_it_arrives(
    of: Parcel, hours: float | None
) -> None:
    assert hours_to_next(of, since=40) == hours if of.events else hours_to_next(of) == hours


@pytest.mark.parametrize(
    ("ships_from", "ships_to", "between"),
    [
        ("US", "US", Lane.DOMESTIC),
        ("CN", "US", Lane.INTERNATIONAL),
        (None, "US", Lane.INTERNATIONAL),
    ],
)
def test_a_lane_crosses_a_border_unless_it_is_known_not_to(
    ships_from: str | None, ships_to: str, between: Lane
) -> None:
    assert lane(ships_from, ships_to) is between


@pytest.mark.parametrize(
    ("days", "between", "stalled"),
    [
        (3, Lane.DOMESTIC, False),
        (3.1, Lane.DOMESTIC, True),
        (3.1, Lane.INTERNATIONAL, False),
        (30, Lane.INTERNATIONAL, False),
        (30.1, Lane.INTERNATIONAL, True),
    ],
)
def test_a_parcel_has_stalled_when_it_is_quiet_for_longer_than_its_lane_allows(
    days: float, between: Lane, stalled: bool
) -> None:
    assert is_stalled(parcel(S.IN_TRANSIT, days), between, ago(40), NOW) is stalled
    assert is_stalled(Parcel("LX1"), between, ago(days), NOW) is stalled


@pytest.mark.parametrize("state", [S.DELIVERED, S.RETURNED, S.READY_FOR_PICKUP, S.LOST])
def test_what_is_at_rest_has_not_stalled(state: ParcelState) -> None:
    assert not is_stalled(parcel(state, 100), Lane.DOMESTIC, ago(100), NOW)


def test_the_last_news_is_the_newest_time_that_was_told() -> None:
    assert last_news(Parcel("LX1")) is None
    assert last_news(parcel(S.IN_TRANSIT, 2)) == ago(2)
    assert last_news(Parcel("LX1", state=S.LOST, state_at=ago(1))) == ago(1)
