"""17TRACK on the wire: what is sent, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from zyenta_ops.adapters.carriers.seventeentrack import SeventeenTrack
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginRevoked,
    Misconfigured,
    RateLimited,
    RateScope,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.domain.supplier_orders import Handover, Parcel, ParcelEvent, ParcelState
from zyenta_ops.domain.tracking import Knowledge, Registered, TrackedNumber, TrackingAnswer
from zyenta_ops_tests.adapters.carriers.conftest import Tracker

KEY = "s3cret-17"
NUMBER = TrackedNumber("RR 123456785 CN", "China Post", "DE")
TIDY = "RR123456785CN"


def ok(accepted: Any = (), rejected: Any = ()) -> dict[str, Any]:
    return {"code": 0, "data": {"accepted": list(accepted), "rejected": list(rejected)}}


def refused(code: int, number: str = TIDY) -> dict[str, Any]:
    return {"number": number, "error": {"code": code, "message": "as documented"}}


def told(info: Any, number: str = TIDY) -> dict[str, Any]:
    return ok([{"number": number, "carrier": 3011, "track_info": info}])


@pytest.fixture
def provider(tracker: Tracker) -> Iterator[SeventeenTrack]:
    made = SeventeenTrack(KEY, f"{tracker.url}/track/v2.2/", tracker.connections)
    yield made
    made.close()


def read(provider: SeventeenTrack, *asked: TrackedNumber) -> list[TrackingAnswer]:
    return list(provider.read(asked or (NUMBER,)))


def parcel(provider: SeventeenTrack) -> Parcel:
    (answer,) = read(provider)
    assert answer.parcel is not None
    return answer.parcel


# Built after the documentation of v2.2.
INFO = {
    "shipping_info": {"recipient_address": {"country": "DE"}},
    "latest_status": {
        "status": "InTransit",
        "sub_status": "InTransit_CustomsProcessing",
        "sub_status_descr": None,
    },
    "latest_event": {"time_utc": "2026-11-01T08:00:00Z"},
    "time_metrics": {
        "estimated_delivery_date": {
            "source": "Official",
            "from": "2026-11-08T00:00:00+01:00",
            "to": "2026-11-10T00:00:00+01:00",
        }
    },
    "misc_info": {"local_number": "DE0001", "local_provider": "Deutsche Post"},
    "tracking": {
        "providers": [
            {
                "provider": {"key": 3011, "name": "China Post", "country": "CN"},
                "events": [
                    {
                        "time_iso": "2026-10-30T16:00:00+08:00",
                        "time_utc": "2026-10-30T08:00:00Z",
                        "time_raw": {"date": "2026-10-30", "time": "16:00", "timezone": None},
                        "description": "Departed  from\tGuangzhou",
                        "location": "Guangzhou",
                        "stage": "Departure",
                        "sub_status": "InTransit_Departure",
                    }
                ],
            },
            {
                "provider": {"key": 7041, "name": "Deutsche Post"},
                "events": [
                    {
                        "time_iso": "2026-11-01T09:00:00+01:00",
                        "time_utc": None,
                        "time_raw": "2026-11-01 09:00",
                        "description": "In customs",
                        "location": None,
                        "stage": None,
                        "sub_status": "InTransit_CustomsProcessing",
                    },
                    {"time_utc": None, "time_iso": None, "description": "no time"},
                ],
            },
        ]
    },
}


def test_a_parcel_is_told_by_all_its_carriers(tracker: Tracker, provider: SeventeenTrack) -> None:
    tracker.says(told(INFO))

    assert parcel(provider) == Parcel(
        "RR 123456785 CN",
        "China Post",
        state=ParcelState.CUSTOMS,
        raw_state="InTransit_CustomsProcessing",
        events=(
            ParcelEvent(
                datetime(2026, 11, 1, 8, tzinfo=UTC), "In customs", "", ParcelState.CUSTOMS
            ),
            ParcelEvent(
                datetime(2026, 10, 30, 8, tzinfo=UTC),
                "Departed from Guangzhou",
                "Guangzhou",
                ParcelState.IN_TRANSIT,
            ),
        ),
        expected_at=datetime(2026, 11, 9, 23, tzinfo=UTC),
        handovers=(Handover("DE0001", "Deutsche Post"),),
    )


def test_numbers_are_sent_tidied_and_once_with_the_key_in_its_header(
    tracker: Tracker, provider: SeventeenTrack
) -> None:
    tracker.says(ok([{"number": TIDY}]))

    list(provider.register([NUMBER, NUMBER, TrackedNumber("rr123456785cn")]))
    read(provider, TrackedNumber("YT2229521272164446", "YunExpress"))

    assert [each.path for each in tracker.asked] == [
        "/track/v2.2/register",
        "/track/v2.2/gettrackinfo",
    ]
    assert {each.headers["17token"] for each in tracker.asked} == {KEY}
    assert tracker.bodies() == [
        [{"number": TIDY, "auto_detection": True}],
        [{"number": "YT2229521272164446"}],
    ]
    tracker.asked.clear()
    read(provider)
    assert tracker.bodies() == [[{"number": TIDY, "carrier": 3011}]]


def test_forty_numbers_go_at_once_and_count_as_one_request(
    tracker: Tracker, provider: SeventeenTrack
) -> None:
    tracker.says(ok())

    read(provider, *(TrackedNumber(f"YT{number:016d}") for number in range(95)))

    assert [len(body) for body in tracker.bodies()] == [40, 40, 15]
    assert len(tracker.limiter.acquired) == 3
    (key,) = {key for keys in tracker.limiter.acquired for key in keys}
    assert key.startswith("17track:")
    assert KEY not in key


@pytest.mark.parametrize(
    ("code", "outcome", "reason"),
    [
        (-18019901, Registered.DONE, ""),
        (-18019908, Registered.LATER, "the quota at 17TRACK is used up"),
        (-18019907, Registered.LATER, "the quota at 17TRACK is used up"),
        (-18019903, Registered.REFUSED, "no carrier can be told from the number"),
        (-18010020, Registered.REFUSED, "its carrier asks for a phone number besides"),
        (-18010099, Registered.REFUSED, "17TRACK does not take it (-18010099)"),
    ],
)
def test_why_a_number_is_not_taken(
    tracker: Tracker, provider: SeventeenTrack, code: int, outcome: Registered, reason: str
) -> None:
    tracker.says(ok([], [refused(code)]))

    (found,) = provider.register([NUMBER])

    assert (found.outcome, found.reason) == (outcome, reason)


def test_a_number_that_is_not_spoken_of_is_not_taken(
    tracker: Tracker, provider: SeventeenTrack
) -> None:
    tracker.says(ok([{"number": "ANOTHER1"}]))

    (found,) = provider.register([NUMBER])

    assert (found.outcome, found.reason) == (Registered.REFUSED, "17TRACK does not take it")


@pytest.mark.parametrize(
    ("code", "knowledge"),
    [
        (-18019902, Knowledge.UNREGISTERED),
        (-18019909, Knowledge.NOTHING_YET),
        (-18010012, Knowledge.UNREGISTERED),
    ],
)
def test_what_it_does_not_know(
    tracker: Tracker, provider: SeventeenTrack, code: int, knowledge: Knowledge
) -> None:
    tracker.says(ok([], [refused(code)]))
    assert [each.knowledge for each in read(provider)] == [knowledge]


def failure(code: int) -> dict[str, Any]:
    return {"code": 0, "data": {"errors": [{"code": code, "message": f"key {KEY} is wrong"}]}}


@pytest.mark.parametrize(
    ("document", "status", "kind"),
    [
        (failure(-18010002), 401, LoginRevoked),
        (failure(-18010002), 200, LoginRevoked),
        (failure(-18010004), 401, LoginRevoked),
        (failure(-18010001), 401, Misconfigured),
        (failure(-18010005), 401, Misconfigured),
        ({"code": 401, "data": {}}, 401, LoginRevoked),
        (failure(-18010014), 200, RequestInvalid),
        (failure(-18010003), 200, SupplierUnavailable),
        ({"code": -18010003, "data": None}, 200, SupplierUnavailable),
        ({"code": 404}, 404, RequestInvalid),
        ({"message": "hello"}, 200, AnswerInvalid),
        ([], 200, AnswerInvalid),
        ({}, 503, SupplierUnavailable),
    ],
)
def test_what_failures_mean(
    tracker: Tracker,
    provider: SeventeenTrack,
    document: Any,
    status: int,
    kind: type[SupplierError],
) -> None:
    tracker.says(document, status=status)

    for ask in (lambda: list(provider.register([NUMBER])), lambda: read(provider), provider.check):
        with pytest.raises(SupplierError) as caught:
            ask()
        assert type(caught.value) is kind
        assert KEY not in str(caught.value)


def test_a_used_up_day_pauses_everybody_with_this_key(
    tracker: Tracker, provider: SeventeenTrack
) -> None:
    tracker.says(failure(-18019907))

    with pytest.raises(RateLimited) as caught:
        read(provider)

    assert caught.value.scope is RateScope.DAY
    assert [seconds for _, seconds in tracker.limiter.penalties] == [3600]
    assert len(tracker.asked) == 1


def test_the_account_tells_what_is_left(tracker: Tracker, provider: SeventeenTrack) -> None:
    tracker.says({"code": 0, "data": {"quota_total": 100, "quota_used": 7, "quota_remain": 93}})
    assert provider.check() == "93 of 100 numbers left"


@pytest.mark.parametrize(
    "info",
    [
        None,
        {},
        {"latest_status": None, "tracking": None},
        {"latest_status": {"status": None}, "tracking": {"providers": [None, 7, {"events": 7}]}},
        {"latest_status": {"status": "NotFound", "sub_status": "NotFound_Other"}},
    ],
)
def test_an_empty_tracking_is_nothing_yet(
    tracker: Tracker, provider: SeventeenTrack, info: Any
) -> None:
    tracker.says(told(info))
    assert [each.knowledge for each in read(provider)] == [Knowledge.NOTHING_YET]


def test_words_that_nobody_knows_are_counted(tracker: Tracker, provider: SeventeenTrack) -> None:
    event = {"time_utc": "2026-11-01T08:00:00Z", "sub_status": "InTransit_Teleported"}
    info = {
        "latest_status": {"status": "Beamed", "sub_status": "Beamed_Other"},
        "tracking": {"providers": [{"events": [event, event]}]},
    }
    tracker.says(told(info))

    (answer,) = read(provider)

    assert answer.unknown_words == (
        "Beamed_Other",
        "Beamed",
        "InTransit_Teleported",
        "InTransit_Teleported",
    )
    assert answer.parcel is not None
    assert (answer.parcel.state, answer.parcel.raw_state) == (ParcelState.UNKNOWN, "Beamed_Other")
