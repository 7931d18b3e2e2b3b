"""What a person enters about a parcel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.supplier_orders import Correction, Parcel, ParcelEvent, ParcelState
from zyenta_ops.domain.tracking import corrected, follow, settled

S = ParcelState
DAY = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return DAY + timedelta(hours=hours)


def told(state: ParcelState, hours: float | None) -> Parcel:
    events = () if hours is None else (ParcelEvent(at(hours), f"news {hours}", state=state),)
    return settled(Parcel("LX1", "UPS", state=state, events=events))


def enter(parcel: Parcel, state: ParcelState, hours: float, now: float = 100) -> Parcel:
    return corrected(parcel, state, at(hours), "mira", "the customer called", at(now))


def test_a_correction_is_kept_with_who_when_why_and_over_what() -> None:
    parcel = enter(told(S.DELIVERED, 5), S.LOST, 6)

    assert (parcel.state, parcel.state_at) == (S.LOST, at(6))
    assert parcel.correction == Correction(
        S.LOST, at(6), "mira", "the customer called", at(100), S.DELIVERED
    )


def test_it_beats_what_is_told_of_the_same_or_an_earlier_time_however_often() -> None:
    parcel = enter(told(S.DELIVERED, 5), S.IN_TRANSIT, 5)

    again = follow(follow(parcel, told(S.DELIVERED, 5)), told(S.OUT_FOR_DELIVERY, 4))

    assert again.state is S.IN_TRANSIT
    assert len(again.events) == 2


def test_what_carriers_tell_of_a_later_time_counts_again() -> None:
    parcel = enter(told(S.DELIVERED, 5), S.LOST, 6)

    found = follow(parcel, told(S.OUT_FOR_DELIVERY, 7))

    assert (found.state, found.state_at) == (S.OUT_FOR_DELIVERY, at(7))
    assert follow(found, told(S.DELIVERED, 5)).state is S.OUT_FOR_DELIVERY


def test_a_supplier_without_times_is_believed_again_when_it_says_more() -> None:
    parcel = enter(told(S.OUT_FOR_DELIVERY, None), S.IN_TRANSIT, 6)

    assert follow(parcel, told(S.OUT_FOR_DELIVERY, None)).state is S.IN_TRANSIT
    assert follow(parcel, told(S.DELIVERED, None)).state is S.DELIVERED
    lost = enter(told(S.DELIVERED, None), S.LOST, 6)
    assert follow(lost, told(S.DELIVERED, None)).state is S.LOST
    twice = enter(lost, S.IN_TRANSIT, 7, now=101)
    assert follow(twice, told(S.DELIVERED, None)).state is S.IN_TRANSIT


def test_delivered_by_hand_stays_delivered() -> None:
    parcel = enter(told(S.OUT_FOR_DELIVERY, 5), S.DELIVERED, 6)

    assert follow(parcel, told(S.IN_TRANSIT, 8)).state is S.DELIVERED
    assert follow(parcel, told(S.RETURNED, 9)).state is S.RETURNED


def test_of_two_corrections_the_one_entered_later_counts() -> None:
    first = enter(told(S.IN_TRANSIT, 1), S.DELIVERED, 6)

    second = enter(first, S.LOST, 6, now=101)

    assert second.state is S.LOST


@pytest.mark.parametrize(
    ("state", "hours", "by", "note", "why"),
    [
        (S.UNKNOWN, 6, "mira", "x", "UNKNOWN says nothing"),
        (S.DELIVERED, 101, "mira", "x", "a time to come"),
        (S.DELIVERED, 6, "mira", " \n", "needs a note"),
        (S.DELIVERED, 6, " ", "x", "the name of who"),
        (S.DELIVERED, 6, "mira", "x" * 501, "longer than 500"),
        (S.DELIVERED, 6, "mira", "bell\x07", "not printable"),
        (S.ANNOUNCED, 4, "mira", "x", "known to be OUT_FOR_DELIVERY since 2026-11-02 17:00 UTC"),
    ],
)
def test_what_would_say_nothing_or_change_nothing_is_refused(
    state: ParcelState, hours: float, by: str, note: str, why: str
) -> None:
    parcel = told(S.OUT_FOR_DELIVERY, 5)

    with pytest.raises(Refused, match=why):
        corrected(parcel, state, at(hours), by, note, at(100))

    assert parcel.correction is None
