from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from zyenta_ops.domain.customer_notices import Shop
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.notifications import Channel
from zyenta_ops.domain.orders import FulfillmentStatus
from zyenta_ops.domain.storefront_hooks import read_address, secrets_after
from zyenta_ops.domain.storefronts import (
    LARGEST_BODY,
    EventType,
    OrderTracking,
    body_of,
    drift,
    first_check,
    next_check,
    storefront_event,
    tracking_info,
)
from zyenta_ops.domain.supplier_orders import Parcel, ParcelEvent, ParcelState
from zyenta_ops_tests.conftest import CountingIds
from zyenta_ops_tests.orders import PERSONAL, SHOP, an_order

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
LISTENING = Shop(SHOP, "My Shop", listens=True, shows=True)
A_PARCEL = Parcel(
    "1Z999AA10123456784",
    "UPS",
    state=ParcelState.IN_TRANSIT,
    events=(ParcelEvent(NOW, "Departed", "Köln", ParcelState.IN_TRANSIT),),
    expected_at=datetime(2026, 11, 9, 18, tzinfo=UTC),
)
INFO = {
    "carrier": "UPS",
    "number": "1Z999AA10123456784",
    "url": "https://www.ups.com/track?tracknum=1Z999AA10123456784",
    "status": "IN_TRANSIT",
    "eta": "2026-11-09",
    "events": [
        {
            "at": "2026-11-02T12:00:00Z",
            "status": "IN_TRANSIT",
            "text": "Departed",
            "place": "Köln",
        }
    ],
}


def an_event(tracking: OrderTracking, shop: Shop = LISTENING, *key: str) -> Any:
    return storefront_event(
        EventType.TRACKING_UPDATED,
        an_order(),
        shop,
        tracking,
        key,
        new_id=CountingIds(),
        now=NOW,
    )


def told(*parcels: Parcel, revision: int = 1) -> OrderTracking:
    return OrderTracking("order-1", SHOP, tracking_info(parcels), revision=revision)


def test_tracking_says_carrier_number_link_status_day_and_events() -> None:
    assert tracking_info([A_PARCEL]) == [INFO]


def test_an_event_is_what_standard_webhooks_want_and_names_no_person() -> None:
    (message,) = an_event(told(A_PARCEL), LISTENING, "1")

    assert message.context == {
        "type": "order.tracking_updated",
        "timestamp": "2026-11-02T12:00:00Z",
        "data": {
            "orderId": "order-1",
            "orderNumber": "1001",
            "storeId": SHOP,
            "paymentStatus": "PAID",
            "fulfillmentStatus": "PENDING",
            "revision": 1,
            "trackingInfo": [INFO],
        },
    }
    assert message.dedupe_key == "storefront:order.tracking_updated:order-1:1"
    assert (message.channel, message.recipient) == (Channel.STOREFRONT, SHOP)
    assert message.regarding == "storefront:order-1"
    body = body_of(message.context)
    assert json.loads(body) == message.context
    # The telephone number happens to stand in the parcel's.
    assert [each for each in PERSONAL if each.encode() in body] == ["2345678"]


def test_a_store_whose_system_does_not_listen_is_told_nothing() -> None:
    assert an_event(told(A_PARCEL), Shop(SHOP, "My Shop")) == []
    assert first_check(Shop(SHOP, "My Shop", listens=True), NOW) is None
    assert first_check(LISTENING, NOW) == NOW + timedelta(minutes=30)


@pytest.mark.parametrize(("parcels", "events", "left_out"), [(1, 80, 0), (20, 80, 0), (200, 9, 1)])
def test_a_body_stays_below_twenty_thousand_bytes(parcels: int, events: int, left_out: int) -> None:
    many = tuple(
        Parcel(
            f"LB{number:09d}DE",
            "DHL",
            events=tuple(ParcelEvent(NOW, "Ünterwegs 🎿 " * 40, "Köln") for _ in range(events)),
        )
        for number in range(parcels)
    )

    (message,) = an_event(told(*many))

    assert len(body_of(message.context)) < LARGEST_BODY
    data = message.context["data"]
    assert data["trackingInfo"][0]["number"] == "LB000000000DE"
    assert len(data["trackingInfo"]) + data.get("parcelsLeftOut", 0) == parcels
    assert ("parcelsLeftOut" in data) is bool(left_out)


def without(*names: str, **changes: Any) -> dict[str, Any]:
    return {key: each for key, each in INFO.items() if key not in names} | changes


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ([INFO], ""),
        ([without("events", "url", "carrier", "eta")], ""),
        ([without(events=["anything"])], ""),
        (None, "it shows no list of parcels"),
        ("nonsense", "it shows no list of parcels"),
        (["nonsense"], "it shows no list of parcels"),
        ([], "it lacks a parcel"),
        ([without(number="other")], "it lacks a parcel"),
        ([without("status")], "the status of a parcel differs"),
        ([without(status="DELIVERED")], "the status of a parcel differs"),
        ([without(eta=None)], "the eta of a parcel differs"),
        ([without(carrier="DHL")], "the carrier of a parcel differs"),
        ([INFO, without(number="other")], "it shows a parcel that is none"),
    ],
)
def test_what_is_shown_is_compared_with_what_was_told(shown: object, found: str) -> None:
    assert drift([INFO], shown) == found


def test_nothing_shown_where_nothing_was_told_is_no_drift() -> None:
    assert drift([], []) == ""


@pytest.mark.parametrize(
    ("status", "drifts", "readable", "wait"),
    [
        (FulfillmentStatus.SHIPPED, 0, True, timedelta(days=1)),
        (FulfillmentStatus.DELIVERED, 0, True, None),
        (FulfillmentStatus.CANCELLED, 0, True, None),
        (FulfillmentStatus.SHIPPED, 1, True, timedelta(hours=1)),
        (FulfillmentStatus.DELIVERED, 1, True, timedelta(hours=1)),
        (FulfillmentStatus.DELIVERED, 2, True, timedelta(days=1)),
        (FulfillmentStatus.DELIVERED, 8, True, None),
        (FulfillmentStatus.SHIPPED, 8, True, timedelta(days=1)),
        (FulfillmentStatus.DELIVERED, 0, False, timedelta(hours=6)),
    ],
)
def test_storefronts_are_looked_at_until_they_show_how_an_order_ended(
    status: FulfillmentStatus, drifts: int, readable: bool, wait: timedelta | None
) -> None:
    at = next_check(status, drifts, NOW, readable=readable)

    assert at == (None if wait is None else NOW + wait)


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("", True),
        ("https://shop.example/orders/{number}", True),
        (" https://shop.example/orders?n={number}&t=s ", True),
        ("http://127.0.0.1:8000/{number}", True),
        ("https://shop.example/orders", False),
        ("https://shop.example/{number}/{number}", False),
        ("http://shop.example/{number}", False),
        ("{number}", False),
    ],
)
def test_an_address_to_read_back_names_the_order_once(text: str, fine: bool) -> None:
    if fine:
        assert read_address(text) == text.strip()
    else:
        with pytest.raises(Refused, match="the address that is read back must"):
            read_address(text)


def test_secrets_come_newest_first_and_go_together() -> None:
    assert secrets_after((), "a", drop_old=False) == ("a",)
    assert secrets_after(("a",), "b", drop_old=False) == ("b", "a")
    assert secrets_after(("b", "a"), "", drop_old=True) == ("b",)
    assert secrets_after(("b", "a"), "c", drop_old=True) == ("c",)
    with pytest.raises(Refused, match="has 3 secrets"):
        secrets_after(("c", "b", "a"), "d", drop_old=False)
