"""Times, events and numbers, as trackers write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from zyenta_ops.adapters.carriers.reading import answer, handover, happened, moment
from zyenta_ops.domain.supplier_orders import Handover, ParcelEvent, ParcelState
from zyenta_ops.domain.tracking import Knowledge, TrackedNumber
from zyenta_ops.domain.tracking.words import NOTHING, Heard

AT = datetime(2026, 11, 2, 12, 30, tzinfo=UTC)
NUMBER = TrackedNumber("LX1", "UPS")
MOVING = Heard(ParcelState.IN_TRANSIT, "moving")


@pytest.mark.parametrize(
    ("value", "offset", "at"),
    [
        ("2026-11-02T12:30:00Z", None, AT),
        ("2026-11-02T20:30:00+08:00", None, AT),
        ("2026-11-02T20:30:00", "+08:00", AT),
        ("2026-11-02T20:30:00+08:00", "+01:00", AT),
        ("2026-11-02T12:30:00", None, AT),
        ("2026-11-02 12:30", "", AT),
        ("2026-11-02", None, datetime(2026, 11, 2, tzinfo=UTC)),
        ("2026-11-02T12:30:00", "far away", None),
        ("soon", None, None),
        ("", None, None),
        (None, None, None),
        (True, None, None),
        ({"date": "2026-11-02"}, None, None),
        ("0001-01-01T00:00:00+14:00", None, None),
        ("9" * 5000, None, None),
    ],
)
def test_a_time_is_read_with_its_offset_or_the_one_beside_it(
    value: Any, offset: Any, at: datetime | None
) -> None:
    assert moment(value, offset) == at


def test_what_has_no_time_is_no_event_and_its_words_still_count() -> None:
    odd = Heard(ParcelState.UNKNOWN, "beamed", ("beamed",))

    found = answer(NUMBER, MOVING, [happened(None, "x", "", odd), happened(AT, None, None, MOVING)])

    assert found.unknown_words == ("beamed",)
    assert found.parcel is not None
    assert found.parcel.events == (ParcelEvent(AT, "moving", state=ParcelState.IN_TRANSIT),)


def test_who_says_nothing_has_nothing_yet() -> None:
    assert answer(NUMBER, NOTHING, []).knowledge is Knowledge.NOTHING_YET
    odd = Heard(ParcelState.UNKNOWN, "beamed", ("beamed",))
    told = answer(NUMBER, odd, [])
    assert (told.knowledge, told.unknown_words) == (Knowledge.TOLD, ("beamed",))
    assert told.parcel is not None
    assert told.parcel.raw_state == "beamed"


def test_the_carrier_that_is_known_counts_more_than_the_trackers() -> None:
    known = answer(NUMBER, MOVING, [], carrier="United Parcel Service").parcel
    found = answer(TrackedNumber("LX1"), MOVING, [], carrier="Yodel").parcel
    assert known is not None
    assert found is not None
    assert (known.carrier, found.carrier) == ("UPS", "Yodel")


def test_its_own_number_is_no_other_one() -> None:
    assert list(handover("lx-1", "UPS", NUMBER)) == []
    assert list(handover(None, "UPS", NUMBER)) == []
    assert list(handover("US1", "USPS", NUMBER)) == [Handover("US1", "USPS")]
