"""Printful v1: a store's products, drafts, confirmed orders, shipments."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.orders import OrderBook
from zyenta_ops.sandbox.printful.gateway import DEMO_TOKEN
from zyenta_ops.sandbox.printful.products import (
    catalog_variant_id,
    external_id,
    sync_product_id,
    sync_variant_id,
)
from zyenta_ops.sandbox.products import Product
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.receiver import receiving

RECIPIENT = {
    "name": "Jürgen Groß",
    "address1": "Straße 1",
    "city": "München",
    "country_code": "DE",
    "zip": "80331",
}


@dataclass
class PrintfulClient:
    world: SandboxWorld
    http: httpx.Client
    token: str = DEMO_TOKEN

    def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.world.urls['printful']}{path}"
        return self.http.request(method, url, json=body, headers=headers)

    def result(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (200, 200), answer.text
        return answer.json()["result"]

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and message."""
        answer = self.call(method, path, body)
        said = answer.json()
        assert said["code"] == answer.status_code
        assert said["result"] == said["error"]["message"]
        return answer.status_code, said["result"]


@pytest.fixture
def printful(world: SandboxWorld, http: httpx.Client) -> PrintfulClient:
    return PrintfulClient(world, http)


@pytest.fixture
def product(world: SandboxWorld) -> Product:
    products = world.trades["printful"].catalogue.on_sale()
    return next(p for p in products if len(p.variants) > 1 and all(v.units for v in p.variants))


@pytest.fixture
def book(world: SandboxWorld) -> OrderBook:
    return world.trades["printful"].orders


def order_of(product: Product, **changes: Any) -> dict[str, Any]:
    items = [{"sync_variant_id": sync_variant_id(product.variants[0]), "quantity": 2}]
    return {"external_id": "zy-42-1", "recipient": RECIPIENT, "items": items, **changes}


def test_a_token_serves_a_store(printful: PrintfulClient) -> None:
    (store,) = printful.result("GET", "/stores")

    assert printful.result("GET", f"/stores/{store['id']}") == store
    assert printful.refused("GET", "/stores/1") == (404, "Not Found")


def test_products_are_listed_page_by_page(printful: PrintfulClient) -> None:
    answer = printful.call("GET", "/store/products?offset=40&limit=20").json()

    assert answer["paging"] == {"total": 50, "offset": 40, "limit": 20}
    assert len(answer["result"]) == 10
    assert printful.refused("GET", "/store/products?limit=500")[0] == 400


def test_a_store_product_has_variants_that_name_what_they_are_printed_on(
    printful: PrintfulClient, product: Product
) -> None:
    by_id = printful.result("GET", f"/store/products/{sync_product_id(product)}")
    by_external_id = printful.result("GET", f"/store/products/@{external_id(product.number)}")

    assert by_id == by_external_id
    assert by_id["sync_product"]["name"] == product.title
    assert [(v["id"], v["variant_id"]) for v in by_id["sync_variants"]] == [
        (sync_variant_id(v), catalog_variant_id(v)) for v in product.variants
    ]
    one = printful.result("GET", f"/store/variants/{sync_variant_id(product.variants[0])}")
    assert one["sync_variant"] == by_id["sync_variants"][0]


def test_cost_and_stock_are_those_of_the_catalogue(
    printful: PrintfulClient, product: Product
) -> None:
    first, second = product.variants[:2]
    first.stock, second.offered = {"CN": 0}, False

    shown = [
        printful.result("GET", f"/products/variant/{catalog_variant_id(v)}")["variant"]
        for v in (first, second)
    ]

    assert shown[0]["price"] == f"{first.price // 100}.{first.price % 100:02d}"
    assert [v["in_stock"] for v in shown] == [False, False]
    assert [{place["status"] for place in v["availability_status"]} for v in shown] == [
        {"out_of_stock"},
        {"discontinued"},
    ]
    product_id = shown[0]["product_id"]
    assert printful.result("GET", f"/products/{product_id}")["variants"][:2] == shown


def test_rates_are_for_all_items_together(printful: PrintfulClient, product: Product) -> None:
    rates = printful.result("POST", "/shipping/rates", order_of(product))

    assert [(r["id"], r["rate"], r["currency"]) for r in rates] == [
        ("STANDARD", "6.65", "USD"),
        ("PRINTFUL_FAST", "16.00", "USD"),
    ]
    assert (rates[0]["minDeliveryDays"], rates[0]["maxDeliveryDays"]) == (4, 8)


def test_a_draft_is_confirmed_printed_and_shipped(
    printful: PrintfulClient, world: SandboxWorld, book: OrderBook, product: Product
) -> None:
    before = book.balances["demo"]
    draft = printful.result("POST", "/orders", order_of(product))
    cents = 2 * product.variants[0].price + 665
    assert (draft["status"], draft["external_id"]) == ("draft", "zy-42-1")
    assert draft["costs"]["total"] == f"{cents // 100}.{cents % 100:02d}"
    assert book.balances["demo"] == before
    estimate = printful.result("POST", "/orders/estimate-costs", order_of(product))
    assert estimate["costs"] == draft["costs"]

    assert printful.result("POST", f"/orders/{draft['id']}/confirm")["status"] == "pending"
    assert book.balances["demo"] == before - cents
    world.advance(hours=4)
    assert printful.result("GET", f"/orders/{draft['id']}")["status"] == "inprocess"

    world.advance(days=5)
    shipped = printful.result("GET", "/orders/@zy-42-1")
    (shipment,) = shipped["shipments"]
    assert shipped["status"] == "fulfilled"
    assert shipment["tracking_number"] == book.orders[draft["id"]].parcels[0].tracking
    assert shipment["items"] == [{"item_id": shipped["items"][0]["id"], "quantity": 2}]
    assert printful.result("GET", "/orders?status=fulfilled") == [shipped]
    assert printful.result("GET", "/orders?status=draft") == []


def test_an_order_can_be_confirmed_when_it_is_created(
    printful: PrintfulClient, product: Product
) -> None:
    assert printful.result("POST", "/orders?confirm=1", order_of(product))["status"] == "pending"


def test_an_external_id_is_good_once(
    printful: PrintfulClient, book: OrderBook, product: Product
) -> None:
    codes = set()
    for number in range(8):
        order = order_of(product, external_id=f"zy-{number}")
        printful.result("POST", "/orders", order)
        refused = printful.call("POST", "/orders", order).json()
        assert (refused["code"], refused["result"]) == (
            400,
            "Order with this External ID already exists",
        )
        codes.add(refused["error"].get("api_error_code"))

    assert codes == {"OR-13", None}
    assert len(book.orders) == 8


def test_an_order_that_cannot_be_charged_fails_and_can_be_confirmed_later(
    printful: PrintfulClient, book: OrderBook, product: Product
) -> None:
    book.balances["demo"] = 0
    order = printful.result("POST", "/orders?confirm=true", order_of(product))
    assert order["status"] == "failed"

    book.balances["demo"] = 1_000_000
    assert printful.result("POST", f"/orders/{order['id']}/confirm")["status"] == "pending"
    assert printful.refused("POST", f"/orders/{order['id']}/confirm")[0] == 400


def test_an_order_is_cancelled_until_it_is_printed(
    printful: PrintfulClient, world: SandboxWorld, book: OrderBook, product: Product
) -> None:
    before = book.balances["demo"]
    first = printful.result("POST", "/orders?confirm=1", order_of(product))["id"]
    second = order_of(product, external_id="zy-43-1")
    printed = printful.result("POST", "/orders?confirm=1", second)["id"]

    assert printful.result("DELETE", f"/orders/{first}")["status"] == "canceled"
    world.advance(hours=4)
    assert printful.refused("DELETE", f"/orders/{printed}")[0] == 400
    assert book.balances["demo"] == before - book.orders[printed].total


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"items": []}, "There are no items in the order"),
        ({"items": [{"sync_variant_id": "x", "quantity": 1}]}, "Item: no such variant"),
        ({"recipient": {**RECIPIENT, "country_code": "US"}}, "Recipient: State code is missing"),
        ({"recipient": {**RECIPIENT, "city": ""}}, "Recipient: City is missing"),
        ({"shipping": "PIGEON"}, "Shipping method PIGEON is not available"),
        ({"external_id": "z" * 33}, "External ID is longer than 32 characters"),
    ],
)
def test_what_cannot_be_ordered_is_refused(
    printful: PrintfulClient, book: OrderBook, product: Product, changes: Any, message: str
) -> None:
    assert printful.refused("POST", "/orders", order_of(product, **changes)) == (400, message)
    assert book.orders == {}


def test_what_is_out_of_stock_can_be_drafted_and_not_confirmed(
    printful: PrintfulClient, book: OrderBook, product: Product
) -> None:
    product.variants[0].stock = {"CN": 0}
    draft = printful.result("POST", "/orders", order_of(product))

    assert draft["items"][0]["out_of_stock"] is True
    assert printful.refused("POST", f"/orders/{draft['id']}/confirm")[0] == 400
    assert book.orders[draft["id"]].paid_at is None


@pytest.mark.parametrize("path", ["/orders/1", "/orders/@zy-1", "/store/products/1", "/nothing"])
def test_what_is_not_there_is_not_found(printful: PrintfulClient, path: str) -> None:
    assert printful.refused("GET", path) == (404, "Not Found")


def test_a_wrong_token_is_refused(printful: PrintfulClient) -> None:
    printful.token = "another"

    assert printful.refused("GET", "/orders")[0] == 401


def test_an_expired_token_is_refused_once(printful: PrintfulClient, world: SandboxWorld) -> None:
    world.script.add(Rule("expired_token", vendor="printful", times=1))

    assert [printful.call("GET", "/stores").status_code for _ in range(2)] == [401, 200]


def test_a_hundred_and_twenty_calls_a_minute_are_served(
    printful: PrintfulClient, world: SandboxWorld
) -> None:
    statuses = [printful.call("GET", "/stores").status_code for _ in range(122)]

    assert statuses == [200] * 120 + [429] * 2
    refused = printful.call("GET", "/stores")
    assert refused.headers["Retry-After"] == "1"
    assert refused.json()["error"]["reason"] == "TooManyRequests"
    world.advance(seconds=1)
    assert printful.call("GET", "/stores").status_code == 200
    assert world.trades["printful"].limits.violations == {"rate:token of demo": 3}


def test_an_order_that_lands_slowly_is_not_found_at_first(
    printful: PrintfulClient, world: SandboxWorld, product: Product
) -> None:
    world.script.add(Rule("slow_landing", vendor="printful", method="POST", seconds=30))
    printful.result("POST", "/orders", order_of(product))

    assert printful.refused("GET", "/orders/@zy-42-1")[0] == 404
    world.advance(seconds=30)
    assert printful.result("GET", "/orders/@zy-42-1")["status"] == "draft"


def test_webhooks_tell_of_what_was_asked_for_and_are_not_signed(
    printful: PrintfulClient, world: SandboxWorld, product: Product
) -> None:
    with receiving() as receiver:
        asked = {"url": f"{receiver.url}/pf", "types": ["order_created", "package_shipped"]}
        assert printful.result("POST", "/webhooks", asked)["types"] == asked["types"]
        printful.result("POST", "/orders?confirm=1", order_of(product))
        world.advance(days=9)
        told = [(headers, json.loads(body)) for _, headers, body in receiver.told]

    assert [message["type"] for _, message in told] == ["order_created", "package_shipped"]
    assert told[1][1]["data"]["order"]["external_id"] == "zy-42-1"
    assert told[1][1]["data"]["shipment"]["carrier"] == "FEDEX"
    assert not {"sign", "authorization"} & set(told[0][0])
    printful.result("DELETE", "/webhooks")
    assert printful.result("GET", "/webhooks")["url"] is None
