"""A partner's gateway: the contract that it is asked to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.orders import OrderBook
from zyenta_ops.sandbox.products import Product
from zyenta_ops.sandbox.spocket import DEMO_TOKEN, product_id, variant_id
from zyenta_ops.sandbox.world import SandboxWorld

ADDRESS = {"name": "Jürgen Groß", "city": "München", "country": "DE"}


@dataclass
class SpocketClient:
    world: SandboxWorld
    http: httpx.Client
    token: str = DEMO_TOKEN

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        if key:
            headers["Idempotency-Key"] = key
        url = f"{self.world.urls['spocket']}{path}"
        return self.http.request(method, url, json=body, headers=headers)

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, str]:
        answer = self.call(method, path, body, key)
        return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def spocket(world: SandboxWorld, http: httpx.Client) -> SpocketClient:
    return SpocketClient(world, http)


@pytest.fixture
def product(world: SandboxWorld) -> Product:
    products = world.trades["spocket"].catalogue.on_sale()
    return next(p for p in products if p.variants[0].stock["CN"] > 20)


@pytest.fixture
def book(world: SandboxWorld) -> OrderBook:
    return world.trades["spocket"].orders


def order_of(product: Product, **changes: Any) -> dict[str, Any]:
    return {
        "reference": "zy-42-1",
        "lines": [
            {
                "product_id": product_id(product),
                "variant_id": variant_id(product.variants[0]),
                "quantity": 2,
            }
        ],
        "address": ADDRESS,
        "shipping_method": "standard",
        **changes,
    }


def test_products_are_asked_for_by_id(spocket: SpocketClient, product: Product) -> None:
    asked = f"/products?ids={product_id(product)},P9999&country=DE&currency=USD"

    answer = spocket.get(asked)

    (shown,) = answer["products"]
    first = product.variants[0]
    assert (shown["title"], shown["status"], answer["next_cursor"]) == (
        product.title,
        "active",
        None,
    )
    assert (shown["variants"][0]["price"], shown["variants"][0]["stock"]) == (
        f"{first.price // 100}.{first.price % 100:02d}",
        first.stock["CN"],
    )


def test_all_products_come_in_pages() -> None:
    with SandboxWorld(products=120).serving() as world, httpx.Client() as http:
        spocket, cursor, pages = SpocketClient(world, http), "", []
        while cursor is not None:
            answer = spocket.get(f"/products?cursor={cursor}")
            pages.append([product["id"] for product in answer["products"]])
            cursor = answer["next_cursor"]

    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({name for page in pages for name in page}) == 120


def test_only_what_has_changed_since_is_listed(spocket: SpocketClient, world: SandboxWorld) -> None:
    world.advance(hours=1)
    (gone,) = world.trades["spocket"].catalogue.delist(1)

    changed = spocket.get("/products?updated_since=2026-11-02T13:00:00%2B00:00")["products"]

    assert [(p["id"], p["status"]) for p in changed] == [(product_id(gone), "inactive")]
    assert spocket.refused("GET", "/products?updated_since=monday") == (400, "bad_request")


def test_an_order_goes_to_the_door(
    spocket: SpocketClient, world: SandboxWorld, book: OrderBook, product: Product
) -> None:
    stock = product.variants[0].stock["CN"]
    answer = spocket.call("POST", "/orders", order_of(product), "zy-42-1")
    order = answer.json()
    cents = 2 * product.variants[0].price + 350
    assert (answer.status_code, order["status"], order["reference"]) == (201, "paid", "zy-42-1")
    assert order["total"] == f"{cents // 100}.{cents % 100:02d}"
    assert product.variants[0].stock["CN"] == stock - 2

    parcel = book.orders[int(order["id"][1:])].parcels[0]
    world.clock.advance(parcel.after)
    (shipment,) = spocket.get(f"/orders/{order['id']}")["shipments"]
    assert (shipment["tracking_number"], shipment["status"]) == (parcel.tracking, "in_transit")
    world.clock.advance(parcel.transit)
    (found,) = spocket.get("/orders?reference=zy-42-1")["orders"]
    assert (found["status"], found["shipments"][0]["status"]) == ("delivered", "delivered")
    assert len(found["shipments"][0]["events"]) == 7


def test_the_same_key_is_the_same_order_and_another_order_is_a_conflict(
    spocket: SpocketClient, book: OrderBook, product: Product
) -> None:
    first = spocket.call("POST", "/orders", order_of(product), "zy-42-1").json()

    again = spocket.call("POST", "/orders", order_of(product), "zy-42-1")
    other = spocket.call("POST", "/orders", order_of(product, note="!"), "zy-42-1")

    assert (again.status_code, again.json()) == (200, first)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_used")
    assert other.json()["error"]["order_id"] == first["id"]
    assert len(book.orders) == 1


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"lines": [{"variant_id": "V1", "quantity": 1}]}, (404, "not_found")),
        ({"lines": []}, (400, "bad_request")),
        ({"address": {}}, (422, "address")),
        ({"shipping_method": "pigeon"}, (422, "shipping_method")),
    ],
)
def test_what_cannot_be_ordered_is_refused(
    spocket: SpocketClient,
    book: OrderBook,
    product: Product,
    changes: Any,
    refusal: tuple[int, str],
) -> None:
    assert spocket.refused("POST", "/orders", order_of(product, **changes), "k") == refusal
    assert book.orders == {}


def test_too_few_units_are_refused_and_nothing_is_taken(
    spocket: SpocketClient, book: OrderBook, product: Product
) -> None:
    product.variants[0].stock["CN"] = 3
    twice = order_of(product)["lines"] * 2

    refusal = spocket.refused("POST", "/orders", order_of(product, lines=twice), "k")

    assert refusal == (422, "out_of_stock")
    assert (book.orders, product.variants[0].stock["CN"]) == ({}, 3)


def test_what_nobody_may_ask_is_refused(
    spocket: SpocketClient, world: SandboxWorld, product: Product
) -> None:
    assert spocket.refused("POST", "/orders", order_of(product)) == (400, "bad_request")
    assert spocket.refused("GET", "/orders/S1") == (404, "not_found")
    assert spocket.refused("GET", "/orders") == (400, "bad_request")
    assert spocket.refused("GET", "/products?currency=XXX") == (400, "bad_request")
    spocket.token = "another"
    assert spocket.refused("GET", "/products") == (401, "unauthorized")


def test_too_many_calls_are_told_how_long_to_wait(
    spocket: SpocketClient, world: SandboxWorld
) -> None:
    answers = [spocket.call("GET", "/products?ids=P1") for _ in range(21)]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[-1].headers["Retry-After"] == "1"
    assert [entry.violation for entry in world.log.violations()] == ["rate:token of demo"]


def test_an_index_that_lags_hides_an_order_from_its_reference(
    spocket: SpocketClient, world: SandboxWorld, product: Product
) -> None:
    world.script.add(Rule("index_lag", vendor="spocket", method="POST", seconds=15))
    order = spocket.call("POST", "/orders", order_of(product), "zy-42-1").json()

    assert spocket.get("/orders?reference=zy-42-1")["orders"] == []
    assert spocket.get(f"/orders/{order['id']}") == order
    world.advance(seconds=15)
    assert spocket.get("/orders?reference=zy-42-1")["orders"] == [order]
