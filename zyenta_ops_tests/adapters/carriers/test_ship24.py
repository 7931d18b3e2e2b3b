"""Ship24 on the wire: what is sent, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from zyenta_ops.adapters.carriers.ship24 import Ship24
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginRevoked,
    Misconfigured,
    RateLimited,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.domain.supplier_orders import Handover, Parcel, ParcelEvent, ParcelState
from zyenta_ops.domain.tracking import Knowledge, Registered, TrackedNumber, TrackingAnswer
from zyenta_ops_tests.adapters.carriers.conftest import Tracker

KEY = "apik_s3cret"
NUMBER = TrackedNumber("RR 123456785 CN", "China Post", "DE")
TIDY = "RR123456785CN"


@pytest.fixture
def provider(tracker: Tracker) -> Iterator[Ship24]:
    made = Ship24(KEY, f"{tracker.url}/public/v1", tracker.connections)
    yield made
    made.close()


def read(provider: Ship24, *asked: TrackedNumber) -> list[TrackingAnswer]:
    return list(provider.read(asked or (NUMBER,)))


# Built after the documentation of v1.
TRACKING = {
    "tracker": {"trackerId": "26148317-7502-d3ac-44a9-546d240ac0dd", "trackingNumber": TIDY},
    "shipment": {
        "shipmentId": "e9ff2ec2-d0b6-4f2f-9a0a-2a1b0a6d4b0c",
        "statusCode": "customs_received",
        "statusCategory": "customs",
        "statusMilestone": "in_transit",
        "delivery": {"estimatedDeliveryDate": "2026-11-10T00:00:00", "service": None},
        "trackingNumbers": [{"tn": TIDY}, {"tn": "DE0001"}],
    },
    "events": [
        {
            "eventId": "67a64a66-c0cd-429c-a00b-4a30499fd997",
            "status": "In customs",
            "occurrenceDatetime": "2026-11-01T09:00:00",
            "utcOffset": "+01:00",
            "location": "Leipzig",
            "courierCode": "de-post",
            "statusCode": "customs_received",
            "statusMilestone": "in_transit",
        },
        {
            "status": "Departed",
            "occurrenceDatetime": "2026-10-30T08:00:00",
            "utcOffset": None,
            "location": None,
            "statusCode": None,
            "statusMilestone": "in_transit",
        },
    ],
}


def found(*trackings: Any) -> dict[str, Any]:
    return {"data": {"trackings": list(trackings)}}


def test_a_parcel_is_told_with_its_events(tracker: Tracker, provider: Ship24) -> None:
    tracker.says(found(TRACKING))

    (answer,) = read(provider)

    assert answer.parcel == Parcel(
        "RR 123456785 CN",
        "China Post",
        state=ParcelState.CUSTOMS,
        raw_state="customs_received",
        events=(
            ParcelEvent(
                datetime(2026, 11, 1, 8, tzinfo=UTC), "In customs", "Leipzig", ParcelState.CUSTOMS
            ),
            ParcelEvent(
                datetime(2026, 10, 30, 8, tzinfo=UTC), "Departed", "", ParcelState.IN_TRANSIT
            ),
        ),
        expected_at=datetime(2026, 11, 10, tzinfo=UTC),
        handovers=(Handover("DE0001"),),
    )
    (asked,) = tracker.asked
    assert (asked.method, asked.path) == ("GET", f"/public/v1/trackers/search/{TIDY}/results")
    assert asked.headers["authorization"] == f"Bearer {KEY}"


def test_a_number_is_handed_over_with_where_it_goes(tracker: Tracker, provider: Ship24) -> None:
    tracker.says({"data": {"tracker": {"trackingNumber": TIDY}}}, status=201)

    outcomes = [each.outcome for each in provider.register([NUMBER, TrackedNumber("YT123456")])]

    assert outcomes == [Registered.DONE] * 2
    assert tracker.bodies() == [
        {"trackingNumber": TIDY, "destinationCountryCode": "DE"},
        {"trackingNumber": "YT123456"},
    ]


def failure(code: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "message": f"key {KEY}"}], "data": None}


@pytest.mark.parametrize(
    ("code", "status", "outcome", "reason"),
    [
        ("validation_error", 400, Registered.REFUSED, "Ship24 does not take it (validation_error)"),
        ("", 422, Registered.REFUSED, "Ship24 does not take it"),
        ("quota_limit_reached", 403, Registered.LATER, "the quota at Ship24 is used up"),
        ("payment_required", 402, Registered.LATER, "the quota at Ship24 is used up"),
    ],
)
def test_why_a_number_is_not_taken(
    tracker: Tracker,
    provider: Ship24,
    code: str,
    status: int,
    outcome: Registered,
    reason: str,
) -> None:
    tracker.says(failure(code), status=status)

    (made,) = provider.register([NUMBER])

    assert (made.outcome, made.reason) == (outcome, reason)


def test_too_many_requests_are_told_when_they_last(tracker: Tracker, provider: Ship24) -> None:
    tracker.says(failure("too_many_requests"), status=429)

    with pytest.raises(RateLimited):
        list(provider.register([NUMBER]))


@pytest.mark.parametrize(
    ("document", "status", "knowledge"),
    [
        (failure("tracker_not_found"), 404, Knowledge.UNREGISTERED),
        (found(), 200, Knowledge.UNREGISTERED),
        (found({"shipment": {"statusMilestone": "pending"}}), 200, Knowledge.NOTHING_YET),
        (found({"shipment": None, "events": None}), 200, Knowledge.NOTHING_YET),
        (found({"shipment": {"delivery": 7}, "events": [7, {}]}), 200, Knowledge.NOTHING_YET),
    ],
)
def test_what_it_does_not_know(
    tracker: Tracker, provider: Ship24, document: Any, status: int, knowledge: Knowledge
) -> None:
    tracker.says(document, status=status)
    assert [each.knowledge for each in read(provider)] == [knowledge]


@pytest.mark.parametrize(
    ("document", "status", "kind"),
    [
        (failure("auth_invalid_key"), 401, LoginRevoked),
        (failure("forbidden"), 403, Misconfigured),
        (failure("validation_error"), 400, RequestInvalid),
        ({"hello": 1}, 200, AnswerInvalid),
        ({"data": None}, 200, AnswerInvalid),
        ([], 200, AnswerInvalid),
        ({}, 500, SupplierUnavailable),
    ],
)
def test_what_failures_mean(
    tracker: Tracker, provider: Ship24, document: Any, status: int, kind: type[SupplierError]
) -> None:
    tracker.says(document, status=status)

    for ask in (lambda: read(provider), provider.check):
        with pytest.raises(SupplierError) as caught:
            ask()
        assert type(caught.value) is kind
        assert KEY not in str(caught.value)
