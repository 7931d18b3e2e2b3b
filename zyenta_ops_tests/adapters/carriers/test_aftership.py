"""AfterShip on the wire: what is sent, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from zyenta_ops.adapters.carriers.aftership import AfterShip
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginRevoked,
    Misconfigured,
    RateLimited,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
    UnknownReference,
)
from zyenta_ops.domain.supplier_orders import Handover, Parcel, ParcelEvent, ParcelState
from zyenta_ops.domain.tracking import Knowledge, Registered, TrackedNumber, TrackingAnswer
from zyenta_ops_tests.adapters.carriers.conftest import Tracker

KEY = "asat_s3cret"
NUMBER = TrackedNumber("RR 123456785 CN", "China Post", "DE")
TIDY = "RR123456785CN"


@pytest.fixture
def provider(tracker: Tracker) -> Iterator[AfterShip]:
    made = AfterShip(KEY, f"{tracker.url}/tracking/2025-07", tracker.connections)
    yield made
    made.close()


def listed(*trackings: Any, cursor: str = "") -> dict[str, Any]:
    paging = {"total": len(trackings), "next_cursor": cursor, "has_next_page": bool(cursor)}
    return {"meta": {"code": 200}, "data": {"pagination": paging, "trackings": list(trackings)}}


def read(provider: AfterShip, *asked: TrackedNumber) -> list[TrackingAnswer]:
    return list(provider.read(asked or (NUMBER,)))


# Built after the documentation of 2025-07.
TRACKING = {
    "id": "5b74f4958776db0e00b6f5ed",
    "tracking_number": TIDY,
    "slug": "china-post",
    "tag": "Exception",
    "subtag": "Exception_010",
    "courier_estimated_delivery_date": {"estimated_delivery_date": "2026-11-10"},
    "last_mile": {"tracking_number": "DE0001", "slug": "deutsch-post"},
    "checkpoints": [
        {
            "checkpoint_time": "2026-10-30T16:00:00+08:00",
            "message": "Departed",
            "city": "Guangzhou",
            "state": None,
            "country_region": "CHN",
            "tag": "InTransit",
            "subtag": "InTransit_007",
        },
        {
            "checkpoint_time": "2026-11-01T08:00:00",
            "message": "Returning to sender",
            "location": "Leipzig, DEU",
            "tag": "Exception",
            "subtag": "Exception_010",
        },
    ],
}


def test_a_parcel_is_told_with_its_checkpoints(tracker: Tracker, provider: AfterShip) -> None:
    tracker.says(listed(TRACKING))

    (answer,) = read(provider)

    assert answer.parcel == Parcel(
        "RR 123456785 CN",
        "China Post",
        state=ParcelState.RETURNING,
        raw_state="Exception_010",
        events=(
            ParcelEvent(
                datetime(2026, 11, 1, 8, tzinfo=UTC),
                "Returning to sender",
                "Leipzig, DEU",
                ParcelState.RETURNING,
            ),
            ParcelEvent(
                datetime(2026, 10, 30, 8, tzinfo=UTC),
                "Departed",
                "Guangzhou, CHN",
                ParcelState.IN_TRANSIT,
            ),
        ),
        expected_at=datetime(2026, 11, 10, tzinfo=UTC),
        handovers=(Handover("DE0001", "deutsch-post"),),
    )
    (asked,) = tracker.asked
    assert asked.path == f"/tracking/2025-07/trackings?tracking_numbers={TIDY}&limit=100"
    assert asked.headers["as-api-key"] == KEY


def test_a_number_is_handed_over_with_a_carrier_that_is_called_the_same_there(
    tracker: Tracker, provider: AfterShip
) -> None:
    tracker.says({"meta": {"code": 201}, "data": TRACKING}, status=201)

    found = list(provider.register([NUMBER, TrackedNumber("YT1234567890123456", "Nobody")]))

    assert [each.outcome for each in found] == [Registered.DONE] * 2
    assert tracker.bodies() == [
        {"tracking_number": TIDY, "slug": "china-post"},
        {"tracking_number": "YT1234567890123456"},
    ]
    assert {each.path for each in tracker.asked} == {"/tracking/2025-07/trackings"}


def failure(code: int) -> dict[str, Any]:
    return {"meta": {"code": code, "type": "x", "message": f"key {KEY}"}, "data": {}}


@pytest.mark.parametrize(
    ("code", "status", "outcome", "reason"),
    [
        (4003, 400, Registered.DONE, ""),
        (4005, 400, Registered.REFUSED, "the number is not valid"),
        (4012, 400, Registered.REFUSED, "no carrier can be told from the number"),
        (4099, 400, Registered.REFUSED, "AfterShip does not take it (4099)"),
        (402, 402, Registered.LATER, "the quota at AfterShip is used up"),
    ],
)
def test_why_a_number_is_not_taken(
    tracker: Tracker,
    provider: AfterShip,
    code: int,
    status: int,
    outcome: Registered,
    reason: str,
) -> None:
    tracker.says(failure(code), status=status)

    (found,) = provider.register([NUMBER])

    assert (found.outcome, found.reason) == (outcome, reason)


def test_too_many_requests_are_told_when_they_last(tracker: Tracker, provider: AfterShip) -> None:
    tracker.says(failure(429), status=429)

    with pytest.raises(RateLimited):
        list(provider.register([NUMBER]))


def test_lists_come_in_pages_and_fifty_numbers_at_once(
    tracker: Tracker, provider: AfterShip
) -> None:
    many = [TrackedNumber(f"YT{number:016d}") for number in range(60)]
    one, two = ({"tracking_number": many[n].number, "tag": "InTransit"} for n in (3, 7))
    tracker.says(listed(one, cursor="next"), listed(two), listed())

    found = read(provider, *many)

    assert [each.asked.number[-2:] for each in found if each.parcel] == ["03", "07"]
    assert [each.knowledge for each in found].count(Knowledge.UNREGISTERED) == 58
    assert "cursor=next" in tracker.asked[1].path
    assert [path.path.count("YT") for path in tracker.asked] == [50, 50, 10]


def test_a_list_without_an_end_is_given_up(tracker: Tracker, provider: AfterShip) -> None:
    tracker.says(listed(cursor="again"))

    with pytest.raises(AnswerInvalid, match="does not come to an end"):
        read(provider)


def test_of_several_trackings_of_a_number_the_one_of_its_carrier_counts(
    tracker: Tracker, provider: AfterShip
) -> None:
    other = {**TRACKING, "slug": "dhl", "tag": "Delivered", "subtag": "Delivered_001"}
    tracker.says(listed(other, TRACKING))

    (mine,) = read(provider)
    (first,) = read(provider, TrackedNumber(TIDY))

    assert mine.parcel is not None
    assert first.parcel is not None
    assert (mine.parcel.state, first.parcel.state) == (ParcelState.RETURNING, ParcelState.DELIVERED)


@pytest.mark.parametrize(
    ("document", "status", "kind"),
    [
        (failure(401), 401, LoginRevoked),
        (failure(403), 403, Misconfigured),
        (failure(404), 404, UnknownReference),
        (failure(4001), 400, RequestInvalid),
        ({"data": {}}, 200, AnswerInvalid),
        ({"meta": {"code": "200"}}, 200, AnswerInvalid),
        ("hello", 200, AnswerInvalid),
        ({}, 500, SupplierUnavailable),
    ],
)
def test_what_failures_mean(
    tracker: Tracker, provider: AfterShip, document: Any, status: int, kind: type[SupplierError]
) -> None:
    tracker.says(document, status=status)

    for ask in (lambda: read(provider), provider.check):
        with pytest.raises(SupplierError) as caught:
            ask()
        assert type(caught.value) is kind
        assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "odd",
    [
        {"tag": "Pending", "subtag": "Pending_001", "checkpoints": []},
        {"tag": None, "checkpoints": None},
        {"checkpoints": [None, 7, {}], "last_mile": 7, "courier_estimated_delivery_date": []},
    ],
)
def test_an_empty_tracking_is_nothing_yet(tracker: Tracker, provider: AfterShip, odd: Any) -> None:
    tracker.says(listed({"tracking_number": TIDY, **odd}))
    assert [each.knowledge for each in read(provider)] == [Knowledge.NOTHING_YET]
