"""Messages are signed with the openId, tried again when nobody listens, and end some day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from zyenta_ops.sandbox.cj.products import pid, vid
from zyenta_ops.sandbox.cj.webhooks import webhook_signature
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.cj.conftest import CjClient
from zyenta_ops_tests.sandbox.cj.test_orders import request
from zyenta_ops_tests.sandbox.receiver import Receiver, receiving

SET = "/webhook/set"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def listen(cj: CjClient, receiver: Receiver, *topics: str) -> None:
    setting = {"type": "ENABLE", "callbackUrls": [f"{receiver.url}/cj"]}
    cj.post(SET, dict.fromkeys(topics, setting))


def messages(receiver: Receiver, kind: str) -> list[Any]:
    told = [json.loads(body) for _, _, body in receiver.told]
    return [message for message in told if message["type"] == kind]


def test_a_message_is_signed_as_the_vendor_documents_it() -> None:
    body = (
        b'{"messageId":"7cceede817dc47ed9748328b64353c5c","type":"ORDER","messageType":"UPDATE",'
        b'"openId":12312,"params":{"orderNumber":"zy-42-1","orderStatus":"SHIPPED",'
        b'"trackNumber":"CJPKL7160102171YQ"}}'
    )

    assert webhook_signature(12312, body) == "wf22Jm4aVmqtqM6D2H+epMlnPeHEY2gTEYEZyINPFh8="


def test_every_step_of_an_order_is_told(
    cj: CjClient, world: SandboxWorld, receiver: Receiver
) -> None:
    listen(cj, receiver, "order", "logistics")
    variants = [p.variants[0] for p in world.trades["cj"].catalogue.on_sale()]
    items = [v for v in variants if v.stock["CN"] > 50][:2]
    created = cj.post("/shopping/order/createOrderV2", request(*items, payType=2))
    book = world.trades["cj"].orders
    order = book.orders[int(created["orderId"])]
    book.split(order)
    world.advance(days=40)

    (split,) = messages(receiver, "ORDERSPLIT")
    assert split["params"]["originalOrderId"] == created["orderId"]
    assert [part["orderCode"] for part in split["params"]["splitOrderList"]] == [
        f"{created['orderId']}-1",
        f"{created['orderId']}-2",
    ]
    orders = messages(receiver, "ORDER")
    assert orders[0]["messageType"] == "ORDER_CONNNECTED"
    assert {message["params"]["cjOrderId"] for message in orders} == {order.number}
    assert order.number > 2**53
    assert orders[-1]["params"]["orderStatus"] == "DELIVERED"
    statuses = [
        (m["params"]["trackingNumber"], m["params"]["trackingStatus"])
        for m in messages(receiver, "LOGISTIC")
    ]
    assert sorted(statuses) == sorted((p.tracking, s) for p in order.parcels for s in (1, 12))
    events = json.loads(messages(receiver, "LOGISTIC")[-1]["params"]["logisticsTrackEvents"])
    assert events[-1]["status"] == "Delivered"
    for _, headers, body in receiver.told:
        assert headers["sign"] == webhook_signature(12312, body)
    ids = [json.loads(body)["messageId"] for _, _, body in receiver.told]
    assert len(set(ids)) == len(ids)


def test_what_changes_in_the_catalogue_is_told_and_the_rest_is_null(
    cj: CjClient, world: SandboxWorld, receiver: Receiver
) -> None:
    listen(cj, receiver, "product", "stock")
    catalogue = world.trades["cj"].catalogue
    (gone,) = catalogue.delist(1)
    (dearer,) = catalogue.price_jump(1, 10)
    (empty,) = catalogue.sell_out(1)
    world.settle()

    (product,) = messages(receiver, "PRODUCT")
    assert (product["params"]["pid"], product["params"]["productStatus"]) == (pid(gone), 2)
    assert (product["params"]["fields"], product["params"]["productSellPrice"]) == (
        ["productStatus"],
        None,
    )
    priced = messages(receiver, "VARIANT")
    assert [m["params"]["vid"] for m in priced] == [vid(v) for v in dearer.variants]
    stocks = messages(receiver, "STOCK")
    assert [list(m["params"]) for m in stocks] == [[vid(v)] for v in empty.variants]
    assert {place["storageNum"] for m in stocks for p in m["params"].values() for place in p} == {0}


def test_a_message_that_nobody_takes_is_tried_three_times_more(
    cj: CjClient, world: SandboxWorld, receiver: Receiver
) -> None:
    listen(cj, receiver, "product")
    receiver.status = 500
    world.trades["cj"].catalogue.delist(1)

    for _ in range(6):
        world.advance(minutes=5)

    assert len(receiver.told) == 4
    assert len({body for _, _, body in receiver.told}) == 1
    assert [(push.attempts, push.status) for push in world.pushes.all] == [(4, 500)]


def test_a_topic_that_is_cancelled_or_unknown_tells_nothing(
    cj: CjClient, world: SandboxWorld, receiver: Receiver
) -> None:
    listen(cj, receiver, "product")
    cj.post(SET, {"product": {"type": "CANCEL", "callbackUrls": []}})

    assert cj.code("POST", SET, {"weather": {"type": "ENABLE", "callbackUrls": []}}) == 1606000
    world.trades["cj"].catalogue.delist(1)
    world.settle()
    assert receiver.told == []
