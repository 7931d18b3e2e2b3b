"""Orders from the request to the door, and every way in which they are refused."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from zyenta_ops.sandbox.aliexpress.apps import DEMO_APP_KEY, DEMO_APP_SECRET
from zyenta_ops.sandbox.aliexpress.freight import Way, fee, ways
from zyenta_ops.sandbox.aliexpress.products import product_id, ships_to, sku_attr
from zyenta_ops.sandbox.aliexpress.signing import push_signature
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.orders import OrderBook
from zyenta_ops.sandbox.products import Product, Variant
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.aliexpress.conftest import AliExpressClient
from zyenta_ops_tests.sandbox.receiver import receiving

CREATE = "aliexpress.ds.order.create"
GET = "aliexpress.trade.ds.order.get"
TRACK = "aliexpress.ds.order.tracking.get"
REQUEST = "param_place_order_request4_open_api_d_t_o"
ADDRESS = {
    "address": "Straße 1",
    "city": "München",
    "contact_person": "Jürgen Groß",
    "country": "DE",
    "mobile_no": "1512345678",
    "phone_country": "+49",
    "province": "Bayern",
    "zip": "80331",
}
PAY = {"ds_extend_request": {"payment": {"pay_currency": "USD", "try_to_pay": "true"}}}


def goods(world: SandboxWorld) -> list[tuple[Product, Variant, Way]]:
    """What can be had in Germany, with its first way to get there."""
    trade = world.trades["aliexpress"]
    return [
        (product, product.variants[0], ways(trade, product, "DE")[0])
        for product in trade.catalogue.on_sale()
        if product.variants[0].units > 50
        and ships_to(trade, product, "DE")
        and ways(trade, product, "DE")
    ]


def item(product: Product, variant: Variant, way: Way, **changes: Any) -> dict[str, Any]:
    return {
        "product_id": product_id(product),
        "sku_attr": sku_attr(variant),
        "product_count": 2,
        "logistics_service_name": way.code,
        **changes,
    }


def request(*items: Any, reference: str = "zy-42-1", **address: Any) -> dict[str, Any]:
    return {
        REQUEST: {
            "out_order_id": reference,
            "logistics_address": {**ADDRESS, **address},
            "product_items": list(items),
        }
    }


@pytest.fixture
def book(world: SandboxWorld) -> OrderBook:
    return world.trades["aliexpress"].orders


def create(client: AliExpressClient, *items: Any, **sent: Any) -> list[int]:
    result = client.result(CREATE, **request(*items), **sent)
    assert result["is_success"] is True
    numbers: list[int] = result["order_list"]["number"]
    return numbers


def order(client: AliExpressClient, number: int) -> Any:
    return client.result(GET, single_order_query={"order_id": str(number)})


def test_an_order_is_paid_by_a_person_and_carried_to_the_door(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    product, variant, way = goods(world)[0]
    (number,) = create(aliexpress, item(product, variant, way))

    postage = fee(world.trades["aliexpress"], product, "DE", way, 2)
    total = 2 * variant.price + postage
    unpaid = order(aliexpress, number)
    assert (unpaid["order_status"], unpaid["logistics_status"]) == (
        "PLACE_ORDER_SUCCESS",
        "NO_LOGISTICS",
    )
    assert int(unpaid["pay_timeout_second"]) == 1_036_800
    assert unpaid["order_amount"] == {
        "amount": f"{total // 100}.{total % 100:02d}",
        "currency_code": "USD",
    }

    book.pay(book.orders[number])
    parcel = book.orders[number].parcels[0]
    assert order(aliexpress, number)["order_status"] in ("WAIT_SELLER_SEND_GOODS", "RISK_CONTROL")
    assert aliexpress.result(TRACK, ae_order_id=str(number))["code"] == "1001"

    world.clock.advance(parcel.after)
    assert order(aliexpress, number)["order_status"] == "WAIT_BUYER_ACCEPT_GOODS"
    world.clock.advance(parcel.transit / 2)
    tracked = aliexpress.result(TRACK, ae_order_id=str(number), language="en_US")
    (detail,) = tracked["data"]["tracking_detail_line_list"]["tracking_detail"]
    nodes = detail["detail_node_list"]["detail_node"]
    assert detail["mail_no"] == parcel.tracking
    assert [node["tracking_name"] for node in nodes] == [
        "Departed country of origin",
        "Departed from sorting center",
        "Accepted by carrier",
    ]
    times = [int(node["time_stamp"]) for node in nodes]
    assert times == sorted(times, reverse=True)

    world.clock.advance(parcel.transit / 2)
    arrived = order(aliexpress, number)
    (line,) = arrived["child_order_list"]["aeop_child_order_info"]
    assert (arrived["order_status"], line["end_reason"]) == ("FINISH", "buyer_accept_goods")
    assert arrived["logistics_info_list"]["aeop_order_logistics_info"] == [
        {"logistics_no": parcel.tracking, "logistics_service": way.company}
    ]


def test_an_order_is_paid_through_the_api_by_those_who_may(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    before = book.balances["demo"]

    (number,) = create(aliexpress, item(*goods(world)[0]), **PAY)

    assert book.orders[number].paid_at == world.clock()
    assert book.balances["demo"] == before - book.orders[number].total


@pytest.mark.parametrize("why", ["not allowed", "no money"])
def test_a_payment_that_fails_leaves_the_order_unpaid(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook, why: str
) -> None:
    world.aliexpress.buyer.pays_by_api = why != "not allowed"
    book.balances["demo"] = 0 if why == "no money" else 100_000

    result = aliexpress.result(CREATE, **request(item(*goods(world)[0])), **PAY)

    assert result["is_success"] is True
    assert result["error_msg"] == "OrderCreated, autoPay fail:APIPayFail"
    assert [o.paid_at for o in book.orders.values()] == [None]


def test_goods_of_several_sellers_become_several_orders(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    found = goods(world)
    first = found[0]
    other = next(one for one in found if one[0].seller != first[0].seller)

    numbers = create(aliexpress, item(*first), item(*other))

    assert len(numbers) == 2
    sellers = [book.orders[number].lines[0].product.seller for number in numbers]
    assert sorted(sellers) == sorted([first[0].seller, other[0].seller])


def test_numbers_are_a_bare_list_when_simplified(
    aliexpress: AliExpressClient, world: SandboxWorld
) -> None:
    result = aliexpress.result(CREATE, simplify="true", **request(item(*goods(world)[0])))

    assert [isinstance(number, int) for number in result["order_list"]] == [True]


def test_the_same_request_is_the_same_order_for_a_day(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    product, variant, way = goods(world)[0]
    stock = variant.units
    first = create(aliexpress, item(product, variant, way))
    world.advance(hours=23)

    assert create(aliexpress, item(product, variant, way)) == first
    assert (len(book.orders), variant.units) == (1, stock - 2)

    world.advance(hours=1)
    assert create(aliexpress, item(product, variant, way)) != first


def test_another_request_under_the_same_reference_is_a_repeated_order(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    create(aliexpress, item(*goods(world)[0]))

    result = aliexpress.result(CREATE, **request(item(*goods(world)[1])))

    assert (result["is_success"], result["error_code"]) == (False, "REPEATED_ORDER_ERROR")
    assert len(book.orders) == 1


REFUSALS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "A005_INVALID_COUNTRIES": ({}, {"country": "AQ"}),
    "SKU_NOT_EXIST": ({"sku_attr": "14:1#Purple"}, {}),
    "DELIVERY_METHOD_NOT_EXIST": ({"logistics_service_name": "PIGEON"}, {}),
    "INVENTORY_HOLD_ERROR": ({"product_count": 5_000}, {}),
    "ERROR_WHEN_BUILD_FOR_PLACE_ORDER": ({"product_count": 0}, {}),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_what_cannot_be_ordered_is_refused_with_its_code(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook, code: str
) -> None:
    product, variant, way = goods(world)[0]
    stock = variant.units
    changes, address = REFUSALS[code]

    sent = request(item(product, variant, way, **changes), **address)
    result = aliexpress.result(CREATE, **sent)

    assert (result["is_success"], result["error_code"]) == (False, code)
    assert (book.orders, variant.units) == ({}, stock)
    assert world.log.all()[-1].outcome == code


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ({"mobile_no": ""}, "Please enter mobile phone number"),
        ({"province": "Bavaria"}, "The province is not one of the country's"),
        ({"city": None}, "Please select a city"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook, address: Any, message: str
) -> None:
    result = aliexpress.result(CREATE, **request(item(*goods(world)[0]), **address))

    assert result["error_code"] == "B_DROPSHIPPER_DELIVERY_ADDRESS_VALIDATE_FAIL"
    assert result["error_msg"] == message
    assert book.orders == {}


def test_keys_in_camel_case_are_not_seen(aliexpress: AliExpressClient, world: SandboxWorld) -> None:
    sent = request(item(*goods(world)[0]), mobile_no="", mobileNo="1512345678")

    result = aliexpress.result(CREATE, **sent)

    assert result["error_msg"] == "Please enter mobile phone number"


def test_a_product_is_not_sent_everywhere(
    aliexpress: AliExpressClient, world: SandboxWorld
) -> None:
    trade = world.trades["aliexpress"]
    product = next(
        p for n in range(1, 51) if not ships_to(trade, p := trade.catalogue.products[n], "FR")
    )
    way = Way("CAINIAO_STANDARD", "", 0, 0, (1, 2), True)
    sent = request(item(product, product.variants[0], way), country="FR")

    assert aliexpress.result(CREATE, **sent)["error_code"] == "A002_INVALID_ZONE"


def test_a_buyer_who_is_blocked_orders_nothing(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    world.aliexpress.buyer.rejection = "BLACKLIST_BUYER_IN_LIST"

    result = aliexpress.result(CREATE, **request(item(*goods(world)[0])))

    assert result["error_code"] == "BLACKLIST_BUYER_IN_LIST"
    assert book.orders == {}


def test_only_dollars_are_taken(aliexpress: AliExpressClient, world: SandboxWorld) -> None:
    pay = {"ds_extend_request": {"payment": {"pay_currency": "EUR", "try_to_pay": "true"}}}

    result = aliexpress.result(CREATE, **request(item(*goods(world)[0])), **pay)

    assert result["error_code"] == "PRICE_PAY_CURRENCY_ERROR"


def test_units_of_one_sku_add_up(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    product, variant, way = goods(world)[0]
    most = item(product, variant, way, product_count=variant.units)

    result = aliexpress.result(CREATE, **request(most, item(product, variant, way)))

    assert result["error_code"] == "INVENTORY_HOLD_ERROR"
    assert book.orders == {}


def test_units_come_from_the_next_warehouse_when_the_first_has_no_more(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    product, variant, way = goods(world)[0]
    variant.stock = {"CN": 5, "US": 9}
    items = [item(product, variant, way, product_count=count) for count in (3, 4)]

    (number,) = create(aliexpress, *items)

    assert [(n.warehouse, n.units) for n in book.orders[number].lines] == [
        ("CN", 3),
        ("CN", 2),
        ("US", 2),
    ]
    assert variant.stock == {"CN": 0, "US": 7}


@pytest.mark.parametrize("number", ["1", "x", "8190000000000000001"])
def test_an_order_of_somebody_else_is_a_lack_of_permission(
    aliexpress: AliExpressClient, number: str
) -> None:
    answer = aliexpress.sync(GET, single_order_query={"order_id": number})

    error = answer["error_response"]
    assert (error["code"], error["sub_code"]) == (15, "isv.insufficient-permission")


@pytest.mark.parametrize(
    ("verb", "reason"),
    [("cancel", "cancel_order_close_trade"), ("expire", "pay_timeout_close_trade")],
)
def test_an_order_that_is_closed_looks_finished_and_says_why(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook, verb: str, reason: str
) -> None:
    (number,) = create(aliexpress, item(*goods(world)[0]))
    if verb == "cancel":
        book.cancel(book.orders[number])
    else:
        world.advance(days=12)

    closed = order(aliexpress, number)

    (line,) = closed["child_order_list"]["aeop_child_order_info"]
    assert (closed["order_status"], line["end_reason"]) == ("FINISH", reason)


def test_a_held_order_is_frozen_until_it_is_released(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    (number,) = create(aliexpress, item(*goods(world)[0]), **PAY)
    booked = book.orders[number]
    book.hold(booked)
    world.advance(days=9)
    assert order(aliexpress, number)["order_status"] == "IN_FROZEN"

    book.release(booked)
    world.clock.advance(booked.parcels[0].after)
    assert order(aliexpress, number)["order_status"] == "WAIT_BUYER_ACCEPT_GOODS"


def test_an_order_that_lands_slowly_is_not_found_at_first(
    aliexpress: AliExpressClient, world: SandboxWorld
) -> None:
    world.script.add(Rule("slow_landing", operation=CREATE, seconds=30))
    (number,) = create(aliexpress, item(*goods(world)[0]))

    answer = aliexpress.sync(GET, single_order_query={"order_id": str(number)})
    assert answer["error_response"]["sub_code"] == "isv.insufficient-permission"
    world.advance(seconds=30)
    assert order(aliexpress, number)["order_status"] == "PLACE_ORDER_SUCCESS"


def test_a_lost_reply_leaves_one_order_that_the_same_reference_finds(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    world.script.add(Rule("reset_after", operation=CREATE, times=1))
    with pytest.raises(httpx.ReadError):
        create(aliexpress, item(*goods(world)[0]))

    numbers = create(aliexpress, item(*goods(world)[0]))

    assert numbers == list(book.orders)
    assert len(numbers) == 1


def test_a_reset_before_the_order_books_nothing(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    world.script.add(Rule("reset_before", operation=CREATE, times=1))

    with pytest.raises(httpx.ReadError):
        create(aliexpress, item(*goods(world)[0]))

    assert book.orders == {}


def test_the_vendor_books_twice_when_the_script_says_so(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    world.script.add(Rule("duplicated_order", operation=CREATE))

    numbers = create(aliexpress, item(*goods(world)[0]))

    assert len(numbers) == 1
    assert [o.reference for o in book.orders.values()] == ["zy-42-1"] * 2


def test_provinces_are_told(aliexpress: AliExpressClient) -> None:
    result = aliexpress.result("aliexpress.ds.address.get", countryCode="DE")

    provinces = json.loads(result["data"]["children"])
    assert len(provinces) == 16
    assert provinces[1]["name"] == "Bayern"


def test_pushes_tell_of_every_step_and_are_signed(
    aliexpress: AliExpressClient, world: SandboxWorld, book: OrderBook
) -> None:
    with receiving() as receiver:
        world.aliexpress.app.push_url = f"{receiver.url}/aliexpress"
        (number,) = create(aliexpress, item(*goods(world)[0]), **PAY)
        world.advance(days=40)
        told = list(receiver.told)

    messages = [json.loads(body) for _, _, body in told]
    assert [message["data"]["orderStatus"] for message in messages] == [
        "OrderCreated",
        "PaymentAuthorized",
        "OrderShipped",
        "OrderConfirmed",
    ]
    assert {message["data"]["orderId"] for message in messages} == {number}
    assert {message["message_type"] for message in messages} == {53}
    for path, headers, body in told:
        assert path == "/aliexpress"
        assert headers["authorization"] == push_signature(DEMO_APP_KEY, DEMO_APP_SECRET, body)


def test_the_sandboxs_own_page_of_orders_holds_no_address(
    aliexpress: AliExpressClient, world: SandboxWorld, http: httpx.Client
) -> None:
    (number,) = create(aliexpress, item(*goods(world)[0]))
    url = f"{world.urls['sandbox']}/orders"

    paid = http.post(url, json={"vendor": "aliexpress", "order": number, "do": "pay"}).json()
    listed = http.get(url, params={"vendor": "aliexpress"})

    assert paid["standing"] == "paid"
    assert listed.json() == [{"vendor": "aliexpress", **paid}]
    assert (paid["reference"], paid["country"], paid["units"]) == ("zy-42-1", "DE", 2)
    assert not any(word in listed.text for word in ("Straße", "Groß", "80331", "1512345678"))
