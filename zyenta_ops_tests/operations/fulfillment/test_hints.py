"""Suppliers' and carriers' own word makes supplier orders due, and is believed in nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zyenta_ops.bootstrap.payments import supplier_handlers, tracker_handlers
from zyenta_ops.domain.fulfillment import Stage
from zyenta_ops.domain.inbox import EventSource, InboxStatus, NewEvent, Via
from zyenta_ops.domain.supplier_orders import SupplierOrderState
from zyenta_ops.operations.inbox import Inbox
from zyenta_ops_tests.operations.fulfillment.shop import Shop


def hear(shop: Shop, source: EventSource, message: Any) -> tuple[InboxStatus, str | None]:
    """What becomes of an event."""
    handlers = supplier_handlers(shop.database, shop.clock) | tracker_handlers(shop.clock)
    inbox = Inbox(shop.database, handlers, lambda *_: None, shop.clock, shop.new_id)
    body = json.dumps(message).encode()
    event = NewEvent(
        shop.new_id(), source, str(shop.new_id()), "PUSH", body, Via.HOOK, True, shop.clock()
    )
    inbox.record([event])
    inbox.drain()
    found = inbox.show(event.id)
    return found.status, found.note


@pytest.fixture
def shipped(both: Shop) -> Shop:
    both.order(shirt=1)
    both.tick()
    both.suppliers["cj"].ship("F1")
    both.tick(hours=6)
    return both


def test_an_order_that_the_supplier_names_is_read_at_once(shipped: Shop) -> None:
    assert shipped.fulfillment.count_due() == (0, 0)
    message = {"messageId": "m", "type": "ORDER", "params": {"cjOrderId": "F1"}}

    heard = hear(shipped, EventSource.CJ, message)

    assert heard == (InboxStatus.PROCESSED, "1 supplier order will be read again")
    assert shipped.fulfillment.count_due() == (1, 0)
    asked = shipped.suppliers["cj"].requests
    assert shipped.tick().worked_on == 1
    assert shipped.suppliers["cj"].requests > asked


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (EventSource.SEVENTEEN_TRACK, {"event": "e", "data": {"number": "trackf1"}}),
        (EventSource.AFTERSHIP, {"msg": {"tracking_number": "TRACK F1"}}),
        (EventSource.SHIP24, {"trackings": [{"tracker": {"trackingNumber": "TRACKF1"}}]}),
    ],
)
def test_a_parcel_that_a_tracker_names_is_read_at_once(
    shipped: Shop, source: EventSource, message: dict[str, Any]
) -> None:
    assert hear(shipped, source, message)[0] is InboxStatus.PROCESSED
    assert shipped.fulfillment.count_due() == (1, 0)


def test_a_hint_about_what_is_over_or_of_another_kind_of_supplier_wakes_nothing(
    shipped: Shop,
) -> None:
    message = {"message_type": 18, "data": {"orderId": "F1"}}
    assert hear(shipped, EventSource.ALIEXPRESS, message)[0] is InboxStatus.IGNORED
    assert shipped.fulfillment.count_due() == (0, 0)

    shipped.suppliers["cj"].change("F1", state=SupplierOrderState.DELIVERED)
    shipped.tick(hours=24)
    ours = {"messageId": "m", "type": "ORDER", "params": {"cjOrderId": "F1"}}
    assert hear(shipped, EventSource.CJ, ours)[0] is InboxStatus.IGNORED
    assert shipped.fulfillment.count_due() == (0, 0)
    assert Stage.DELIVERED in {after for _, after in shipped.moves}
