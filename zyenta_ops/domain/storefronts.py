"""What a store's own system is told of orders and their parcels, and whether it shows it.

Messages are events as the Standard Webhooks specification wants them: `type`, `timestamp`, `data`.
They name no person: a storefront knows its customers by the number of the order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from zyenta_ops.domain.customer_notices import Shop, dedupe_key
from zyenta_ops.domain.notifications import Channel, NewMessage
from zyenta_ops.domain.orders import FulfillmentStatus, Order
from zyenta_ops.domain.stores import Document
from zyenta_ops.domain.supplier_orders import Parcel
from zyenta_ops.domain.tracking_links import link_of

# What the specification recommends as an upper bound, in bytes.
LARGEST_BODY: Final = 20_000
_MOST_EVENTS: Final = 10
_LONGEST_TEXT: Final = 200
# Longer than the whole schedule of attempts.
_MAX_AGE: Final = timedelta(days=5)

# Time for the message to be sent, taken and shown.
_FIRST_CHECK: Final = timedelta(minutes=30)
_AFTER_REPAIR: Final = timedelta(hours=1)
_USUAL: Final = timedelta(days=1)
_UNREADABLE: Final = timedelta(hours=6)
# A difference that survived one repair is told; after this many nothing more is sent again.
TOLD_FROM: Final = 2
_MOST_REPAIRS: Final = 7
_OVER: Final = frozenset({FulfillmentStatus.DELIVERED, FulfillmentStatus.CANCELLED})


class EventType(StrEnum):
    """What a storefront is told of."""

    CONFIRMED = "order.confirmed"
    SHIPPED = "order.shipped"
    TRACKING_UPDATED = "order.tracking_updated"
    DELIVERED = "order.delivered"
    CANCELLED = "order.cancelled"
    TEST = "test.sent"  # by `store webhook test` alone


@dataclass(frozen=True, slots=True)
class OrderTracking:
    """The tracking of an order as it was last told, and what became of telling it.

    Attributes:
        order_id: whose it is.
        store_id: the order's store.
        info: as `tracking_info` writes it.
        promised: by parcel number, the day that the customer was told; ISO 8601.
        revision: counts the changes of `info`.
        check_at: when to see whether the storefront shows it; None = not any more.
        drifts: how often in a row it showed something else.
    """

    order_id: str
    store_id: str
    info: list[Document] = field(default_factory=list)
    promised: dict[str, str] = field(default_factory=dict)
    revision: int = 0
    check_at: datetime | None = None
    drifts: int = 0


def tracking_info(parcels: Iterable[Parcel]) -> list[Document]:
    """The `trackingInfo` of parcels: carrier, number, url, status, eta and events, newest first."""
    return [
        {
            "carrier": each.carrier[:_LONGEST_TEXT],
            "number": each.number[:_LONGEST_TEXT],
            "url": link_of(each),
            "status": each.state.value,
            "eta": None if each.expected_at is None else each.expected_at.date().isoformat(),
            "events": [
                {
                    "at": _time(event.at),
                    "status": event.state.value,
                    "text": event.text[:_LONGEST_TEXT],
                    "place": event.place[:_LONGEST_TEXT],
                }
                for event in each.events[:_MOST_EVENTS]
            ],
        }
        for each in parcels
    ]


def first_check(shop: Shop, now: datetime) -> datetime | None:
    """When to see whether a storefront shows what it was just told; None = it cannot be asked."""
    return now + _FIRST_CHECK if shop.listens and shop.shows else None


def storefront_event(
    type_: EventType,
    order: Order,
    shop: Shop,
    tracking: OrderTracking,
    key: Sequence[str] = (),
    *,
    new_id: Callable[[], str],
    now: datetime,
) -> list[NewMessage]:
    """An event about an order, nothing where the store's system does not listen.

    Args:
        type_: what happened.
        order: as it stands now.
        shop: whose system is told.
        tracking: of the order, as it stands now.
        key: tells events of one type about one order apart.
        new_id: makes the id that the receiver recognises the event by, however often it comes.
        now: when it happened.
    """
    if not shop.listens:
        return []
    payload = _fitted(
        {
            "type": type_.value,
            "timestamp": _time(now),
            "data": {
                "orderId": order.id,
                "orderNumber": order.number,
                "storeId": order.store_id,
                "paymentStatus": order.payment_status.value,
                "fulfillmentStatus": order.fulfillment_status.value,
                "revision": tracking.revision,
                "trackingInfo": tracking.info,
            },
        }
    )
    return [
        NewMessage(
            id=new_id(),
            dedupe_key=dedupe_key("storefront", type_.value, order.id, *key),
            channel=Channel.STOREFRONT,
            recipient=shop.store_id,
            template=type_.value,
            context=payload,
            due_at=now,
            store_id=shop.store_id,
            regarding=storefront_topic(order.id),
            expires_at=now + _MAX_AGE,
        )
    ]


def storefront_topic(order_id: str) -> str:
    """What events about an order are said to regard."""
    return f"storefront:{order_id}"


def body_of(payload: Document) -> bytes:
    """The bytes that are signed and sent: the same for the same payload."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8", "replace")


def drift(expected: Sequence[Document], shown: object) -> str:
    """How what a storefront shows differs from what it was told, in words; "" = not.

    Parcels are compared by number. Of what a storefront says about a parcel the status must be
    ours; carrier, url and eta only where it says them. Events are not compared.
    """
    if not isinstance(shown, list) or not all(isinstance(each, Mapping) for each in shown):
        return "it shows no list of parcels"
    by_number = {str(each.get("number")): each for each in shown}
    for wanted in expected:
        found = by_number.pop(wanted["number"], None)
        if found is None:
            return "it lacks a parcel"
        for name in ("status", "carrier", "url", "eta"):
            if (name == "status" or name in found) and found.get(name) != wanted[name]:
                return f"the {name} of a parcel differs"
    return "it shows a parcel that is none" if by_number else ""


def next_check(
    status: FulfillmentStatus, drifts: int, now: datetime, *, readable: bool = True
) -> datetime | None:
    """When a storefront is looked at again; None = not any more.

    Args:
        status: of the order.
        drifts: how often in a row it showed something else, this time included.
        now: when it was looked at.
        readable: whether it could be.
    """
    if not readable:
        return now + _UNREADABLE
    if drifts == 0:
        return None if status in _OVER else now + _USUAL
    if drifts > _MOST_REPAIRS and status in _OVER:
        return None
    return now + (_AFTER_REPAIR if drifts < TOLD_FROM else _USUAL)


def _fitted(payload: Document) -> Document:
    """The payload with as many events and parcels as a body may hold, the newest first."""
    data: Document = payload["data"]
    parcels: list[Document] = data["trackingInfo"]
    for most in (_MOST_EVENTS, 3, 1, 0):
        cut = [each | {"events": each["events"][:most]} for each in parcels]
        fitted = payload | {"data": data | {"trackingInfo": cut}}
        if len(body_of(fitted)) < LARGEST_BODY:
            return fitted
    while cut and len(body_of(fitted)) >= LARGEST_BODY:
        cut = cut[: len(cut) // 2]
        more = {"trackingInfo": cut, "parcelsLeftOut": len(parcels) - len(cut)}
        fitted = payload | {"data": data | more}
    return fitted


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
