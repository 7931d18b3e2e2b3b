"""CJ's orders step by step; each step is a call of its own and can be refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from zyenta_ops.sandbox.cj.products import variant_sku, vid
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.orders import OrderBook
from zyenta_ops.sandbox.products import Variant
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.cj.conftest import CjClient

CREATE = "/shopping/order/createOrderV2"
CONFIRM = "/shopping/order/confirmOrder"
PAY = "/shopping/pay/payBalance"
DETAIL = "/shopping/order/getOrderDetail"
DELETE = "/shopping/order/deleteOrder"


@pytest.fixture
def book(world: SandboxWorld) -> OrderBook:
    return world.trades["cj"].orders


@pytest.fixture
def variants(world: SandboxWorld) -> list[Variant]:
    products = world.trades["cj"].catalogue.on_sale()
    return [p.variants[0] for p in products if p.variants[0].stock["CN"] > 50]


def request(*items: Variant, **changes: Any) -> dict[str, Any]:
    return {
        "orderNumber": "zy-42-1",
        "shippingCountryCode": "DE",
        "shippingCountry": "Germany",
        "shippingProvince": "Bayern",
        "shippingCity": "München",
        "shippingCustomerName": "Jürgen Groß",
        "shippingAddress": "Straße 1",
        "shippingZip": "80331",
        "shippingPhone": "+491512345678",
        "logisticName": "CJPacket Ordinary",
        "fromCountryCode": "CN",
        "payType": 3,
        "products": [
            {"vid": vid(variant), "quantity": 2, "storeLineItemId": f"line-{n}"}
            for n, variant in enumerate(items)
        ],
        **changes,
    }


def status(cj: CjClient, name: str) -> str:
    found: str = cj.get(DETAIL, orderId=name)["orderStatus"]
    return found


def paid(cj: CjClient, *items: Variant, **changes: Any) -> str:
    return str(cj.post(CREATE, request(*items, payType=2, **changes))["orderId"])


def test_an_order_goes_step_by_step_to_the_door(
    cj: CjClient, world: SandboxWorld, book: OrderBook, variants: list[Variant]
) -> None:
    variant, stock = variants[0], variants[0].stock["CN"]
    before = book.balances["demo"]

    created = cj.post(CREATE, request(variant))
    order = created["orderId"]
    booked = book.orders[int(order)]
    assert (created["orderStatus"], created["cjPayUrl"]) == ("CREATED", None)
    assert created["orderAmount"] == booked.total / 100
    assert created["productAmount"] == 2 * variant.price / 100
    assert (variant.stock["CN"], book.balances["demo"]) == (stock, before)

    assert cj.call("PATCH", CONFIRM, {"orderId": order})["data"] == order
    assert status(cj, order) == "UNPAID"
    assert variant.stock["CN"] == stock - 2

    assert cj.get("/shopping/pay/getBalance")["amount"] == before / 100
    assert cj.post(PAY, {"orderId": order}) is None
    assert status(cj, order) == "UNSHIPPED"
    assert book.balances["demo"] == before - booked.total

    world.clock.advance(booked.parcels[0].after)
    shipped = cj.get(DETAIL, orderId="zy-42-1")
    tracking = shipped["trackNumber"]
    assert (shipped["orderStatus"], shipped["cjOrderId"]) == ("SHIPPED", order)
    assert tracking == booked.parcels[0].tracking

    world.clock.advance(booked.parcels[0].transit / 2)
    (tracked,) = cj.get("/logistic/trackInfo", trackNumber=tracking)
    assert (tracked["trackingStatus"], tracked["deliveryTime"]) == ("In transit", None)

    world.clock.advance(booked.parcels[0].transit / 2)
    (tracked,) = cj.get("/logistic/trackInfo", trackNumber=tracking)
    assert tracked["trackingStatus"] == "Delivered"
    assert tracked["deliveryTime"] is not None
    assert status(cj, order) == "DELIVERED"


def test_payment_by_page_waits_for_a_person(
    cj: CjClient, book: OrderBook, variants: list[Variant]
) -> None:
    created = cj.post(CREATE, request(variants[0], payType=1))

    assert created["orderStatus"] == "UNPAID"
    assert created["cjPayUrl"].endswith(f"/cj/pay/{created['orderId']}")
    assert book.orders[int(created["orderId"])].paid_at is None


def test_payment_by_balance_goes_all_the_way(cj: CjClient, variants: list[Variant]) -> None:
    created = cj.post(CREATE, request(variants[0], payType=2))

    assert created["orderStatus"] == "UNSHIPPED"
    assert created["actualPayment"] == created["orderAmount"]


def test_a_balance_that_is_too_low_refuses_and_leaves_the_order_unpaid(
    cj: CjClient, book: OrderBook, variants: list[Variant]
) -> None:
    book.balances["demo"] = 10

    assert cj.code("POST", CREATE, request(variants[0], payType=2)) == 1604000
    assert status(cj, "zy-42-1") == "UNPAID"
    (order,) = book.orders
    assert cj.code("POST", PAY, {"orderId": str(order)}) == 1604000
    assert book.balances["demo"] == 10


def test_the_cart_is_another_way_to_pay(
    cj: CjClient, book: OrderBook, variants: list[Variant]
) -> None:
    order = cj.post(CREATE, request(variants[0]))["orderId"]

    cj.post("/shopping/order/addCart", {"cjOrderIdList": [order]})
    assert status(cj, order) == "IN_CART"
    shipment = cj.post("/shopping/order/addCartConfirm", {"cjOrderIdList": [order]})["shipmentsId"]
    parent = {"shipmentOrderId": shipment}
    pay_id = cj.post("/shopping/order/saveGenerateParentOrder", parent)["payId"]
    assert cj.code("POST", "/shopping/pay/payBalanceV2", {**parent, "payId": "x"}) == 1603101
    cj.post("/shopping/pay/payBalanceV2", {**parent, "payId": pay_id})

    assert status(cj, order) == "UNSHIPPED"


def test_an_order_number_is_good_once(
    cj: CjClient, book: OrderBook, variants: list[Variant]
) -> None:
    cj.post(CREATE, request(variants[0]))

    assert cj.code("POST", CREATE, request(variants[1])) == 1603003
    assert len(book.orders) == 1


def test_a_deleted_order_gives_its_number_free(
    cj: CjClient, book: OrderBook, variants: list[Variant]
) -> None:
    first = cj.post(CREATE, request(variants[0]))["orderId"]
    cj.call("PATCH", CONFIRM, {"orderId": first})
    stock = variants[0].stock["CN"]

    assert cj.call("DELETE", DELETE, orderId=first)["data"] == first
    assert variants[0].stock["CN"] == stock + 2
    assert status(cj, first) == "CANCELLED"
    second = cj.post(CREATE, request(variants[0]))["orderId"]
    assert (status(cj, "zy-42-1"), status(cj, second)) == ("CREATED", "CREATED")


def test_steps_out_of_order_are_refused(cj: CjClient, variants: list[Variant]) -> None:
    order = cj.post(CREATE, request(variants[0]))["orderId"]

    assert cj.code("POST", PAY, {"orderId": order}) == 1603101
    cj.call("PATCH", CONFIRM, {"orderId": order})
    assert cj.code("PATCH", CONFIRM, {"orderId": order}) == 1603001
    cj.post(PAY, {"orderId": order})
    assert cj.code("POST", PAY, {"orderId": order}) == 1603101
    assert cj.code("DELETE", DELETE, orderId=order) == 1603002
    assert cj.code("PATCH", CONFIRM, {"orderId": "7"}) == 1603100


def test_stock_that_is_gone_is_noticed_when_it_is_confirmed(
    cj: CjClient, variants: list[Variant]
) -> None:
    order = cj.post(CREATE, request(variants[0]))["orderId"]
    variants[0].stock["CN"] = 1

    assert cj.code("PATCH", CONFIRM, {"orderId": order}) == 1603102
    assert (status(cj, order), variants[0].stock["CN"]) == ("CREATED", 1)


def test_an_order_without_a_zip_code_is_created_and_intercepted(
    cj: CjClient, variants: list[Variant]
) -> None:
    created = cj.post(CREATE, request(variants[0], payType=2, shippingZip=""))

    assert created["orderStatus"] == "CREATED"
    assert [reason["code"] for reason in created["interceptOrderReasons"]] == [10004]
    assert cj.code("PATCH", CONFIRM, {"orderId": created["orderId"]}) == 1603001


REFUSALS: list[tuple[dict[str, Any], int]] = [
    ({"shippingProvince": ""}, 1600300),
    ({"orderNumber": "z" * 51}, 1600300),
    ({"payType": 4}, 1600300),
    ({"products": []}, 1600300),
    ({"products": [{"vid": "1500000000009999999", "quantity": 1}]}, 1602000),
    ({"products": [{"vid": "1500000000000000101", "quantity": 0}]}, 1600300),
    ({"logisticName": "USPS+"}, 1605001),
    ({"shippingCountryCode": "AQ"}, 1605002),
]


@pytest.mark.parametrize(("changes", "code"), REFUSALS)
def test_what_cannot_be_ordered_is_refused_with_its_code(
    cj: CjClient, book: OrderBook, variants: list[Variant], changes: dict[str, Any], code: int
) -> None:
    assert cj.code("POST", CREATE, request(variants[0], **changes)) == code
    assert book.orders == {}


def test_variants_are_named_by_sku_too(cj: CjClient, variants: list[Variant]) -> None:
    body = request(products=[{"sku": variant_sku(variants[0]), "quantity": 1}])

    (line,) = cj.post(CREATE, body)["productInfoList"]

    assert (line["vid"], line["quantity"]) == (vid(variants[0]), 1)


def test_an_order_nobody_has_is_a_wrong_parameter(cj: CjClient) -> None:
    assert cj.code("GET", DETAIL, orderId="zy-43-1") == 1600300
    assert cj.post("/shopping/order/getOrderDetailBatch", {"orderIds": ["zy-43-1"]}) == []


def test_orders_are_listed_by_status_and_cancelled_ones_unless_asked(
    cj: CjClient, variants: list[Variant]
) -> None:
    path = "/shopping/order/list"
    order = cj.post(CREATE, request(variants[0]))["orderId"]
    assert cj.get(path)["total"] == 0

    found = cj.get(path, status="CREATED", pageNum=1, pageSize=10)

    assert [o["orderId"] for o in found["list"]] == [order]
    cj.call("DELETE", DELETE, orderId=order)
    assert cj.get(path)["total"] == 1


def test_an_order_is_found_by_its_number_once_it_has_landed_and_is_indexed(
    cj: CjClient, world: SandboxWorld, variants: list[Variant]
) -> None:
    world.script.add(Rule("slow_landing", operation=CREATE, seconds=20))
    world.script.add(Rule("index_lag", operation=CREATE, seconds=40))
    order = cj.post(CREATE, request(variants[0]))["orderId"]

    assert cj.code("GET", DETAIL, orderId=order) == 1600300
    assert cj.code("POST", CREATE, request(variants[0])) == 1603003
    world.advance(seconds=20)
    assert status(cj, order) == "CREATED"
    assert cj.code("GET", DETAIL, orderId="zy-42-1") == 1600300
    world.advance(seconds=40)
    assert status(cj, "zy-42-1") == "CREATED"


def test_a_lost_reply_leaves_an_order_that_its_number_finds(
    cj: CjClient, world: SandboxWorld, variants: list[Variant]
) -> None:
    world.script.add(Rule("reset_after", operation=CREATE, times=1))

    with pytest.raises(httpx.ReadError):
        cj.post(CREATE, request(variants[0]))

    assert status(cj, "zy-42-1") == "CREATED"


def test_a_split_order_has_a_code_and_a_parcel_for_every_part(
    cj: CjClient, world: SandboxWorld, book: OrderBook, variants: list[Variant]
) -> None:
    order = paid(cj, variants[0], variants[1])
    booked = book.orders[int(order)]
    book.split(booked)
    world.clock.advance(booked.parcels[0].after)

    whole = cj.get(DETAIL, orderId=order)
    parts = [cj.get(DETAIL, orderId=code) for code in whole["splitOrderList"]]

    assert whole["splitOrderList"] == [f"{order}-1", f"{order}-2"]
    assert [part["orderStatus"] for part in parts] == ["SHIPPED", "UNSHIPPED"]
    assert [[line["vid"] for line in part["productList"]] for part in parts] == [
        [vid(variants[0])],
        [vid(variants[1])],
    ]
    world.advance(days=60 - 49)
    numbers = [parcel.tracking for parcel in booked.parcels]
    tracked = cj.call("GET", "/logistic/trackInfo", trackNumber=[*numbers, "nobody's"])["data"]
    assert [one["trackingNumber"] for one in tracked] == numbers


def test_a_sandbox_order_is_moved_by_hand_and_costs_nothing(
    cj: CjClient, book: OrderBook, variants: list[Variant]
) -> None:
    order = cj.post(CREATE, request(variants[0], isSandbox=1))["orderId"]
    before, update = book.balances["demo"], "/shopping/sandbox/updateStatus"

    assert cj.post("/shopping/sandbox/simulatePay", {"orderId": order}) is True
    assert cj.code("POST", update, {"orderId": order, "targetStatus": 500}) == 1600300
    reached = []
    for target in (400, 500, 600, 700):
        assert cj.post(update, {"orderId": order, "targetStatus": target}) is True
        reached.append(status(cj, order))

    assert reached == ["UNSHIPPED", "SHIPPED", "DELIVERED", "DELIVERED"]
    assert book.balances["demo"] == before


def test_a_real_order_is_not_moved_by_hand(cj: CjClient, variants: list[Variant]) -> None:
    order = cj.post(CREATE, request(variants[0]))["orderId"]

    assert cj.code("POST", "/shopping/sandbox/simulatePay", {"orderId": order}) == 1600300


def test_a_dispute_is_opened_once_under_the_buyers_own_id(
    cj: CjClient, variants: list[Variant]
) -> None:
    order = paid(cj, variants[0])
    (line,) = cj.get("/disputes/disputeProducts", orderId=order)["productInfoList"]
    claims = [{"lineItemId": line["lineItemId"], "quantity": 1}]
    info = cj.post("/disputes/disputeConfirmInfo", {"orderId": order, "productInfoList": claims})
    assert info["maxAmount"] == variants[0].price / 100
    body = {
        "orderId": order,
        "businessDisputeId": "zy-42-1-d1",
        "disputeReasonId": info["disputeReasonList"][0]["disputeReasonId"],
        "expectType": 1,
        "refundType": 1,
        "messageText": "It never came.",
        "productInfoList": claims,
    }

    assert cj.post("/disputes/create", body) is True

    assert cj.code("POST", "/disputes/create", body) == 1600300
    (dispute,) = cj.get("/disputes/getDisputeList", orderId=order)["list"]
    assert (dispute["businessDisputeId"], dispute["status"]) == ("zy-42-1-d1", "processing")
    assert dispute["money"] == variants[0].price / 100
    cj.post("/disputes/cancel", {"orderId": order, "disputeId": dispute["disputeId"]})
    detail = cj.get("/disputes/getDisputeDetail", disputeId=dispute["disputeId"])
    assert detail["status"] == "cancelled"


@pytest.mark.parametrize("quantity", [0, 3, "many"])
def test_a_dispute_about_more_than_was_bought_is_refused(
    cj: CjClient, variants: list[Variant], quantity: object
) -> None:
    order = paid(cj, variants[0])
    claims = [{"lineItemId": f"{order}00", "quantity": quantity}]

    body = {"orderId": order, "productInfoList": claims}
    assert cj.code("POST", "/disputes/disputeConfirmInfo", body) == 1600300


def test_an_unpaid_order_cannot_be_disputed(cj: CjClient, variants: list[Variant]) -> None:
    order = cj.post(CREATE, request(variants[0]))["orderId"]

    assert cj.code("GET", "/disputes/disputeProducts", orderId=order) == 1600300
