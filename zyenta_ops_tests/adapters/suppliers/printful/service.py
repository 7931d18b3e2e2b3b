"""A Printful of a test's own, as its published v1 reference describes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from zyenta_ops.adapters.suppliers.printful import PrintfulConfig, PrintfulGateway
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import (
    FakeLogin,
    FreeLimiter,
    connections,
)
from zyenta_ops_tests.adapters.suppliers.service import Service
from zyenta_ops_tests.adapters.web_server import Asked, WebServer, web_server
from zyenta_ops_tests.contracts.supplier_gateway import Fault

TOKEN = "pf-s3cret-token"
WEBHOOK_SECRET = "pf-webhook-s3cret"
SHIRT = 71  # the catalogue product that everything is made of
REASONS = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 429: "TooManyRequests"}


def failure(code: int, message: str, **extra: str) -> tuple[int, Any]:
    reason = REASONS.get(code, "BadRequest")
    error = {"reason": reason, "message": message, **extra}
    return code, {"code": code, "result": message, "error": error}


def success(result: Any) -> tuple[int, Any]:
    return 200, {"code": 200, "result": result}


def sync_variant(number: int, catalogue_id: int = 4011, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "external_id": f"ext-{number}",
        "name": "Fox shirt / White / S",
        "synced": True,
        "variant_id": catalogue_id,
        "retail_price": "29.00",
        "sku": f"FOX-{number}",
        "currency": "USD",
        "product": {
            "variant_id": catalogue_id,
            "product_id": SHIRT,
            "image": "https://files.example/shirt.jpg",
            "name": "Shirt (White / S)",
        },
        "files": [
            {"id": 1, "type": "default", "preview_url": "https://files.example/print.png"},
            {"id": 2, "type": "preview", "preview_url": "https://files.example/mockup.png"},
        ],
        "is_ignored": False,
        "size": "S",
        "color": "White",
        "availability_status": "active",
        **changes,
    }


def catalogue_variant(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "product_id": SHIRT,
        "name": "Shirt (White / S)",
        "size": "S",
        "color": "White",
        "image": "https://files.example/shirt.jpg",
        "price": "11.69",
        "in_stock": True,
        "availability_status": [
            {"region": "US", "status": "in_stock"},
            {"region": "EU", "status": "stocked_on_demand"},
        ],
        **changes,
    }


def catalogue_product() -> dict[str, Any]:
    return {
        "product": {
            "id": SHIRT,
            "title": "Shirt",
            "currency": "USD",
            "is_discontinued": False,
            "files": [
                {"id": "default", "type": "default", "additional_price": None},
                {"id": "back", "type": "back", "additional_price": "5.95"},
            ],
        },
        "variants": [catalogue_variant(4011), catalogue_variant(4012, size="M", price="12.00")],
    }


@dataclass
class PrintfulService(Service):
    """Stores, store products, the catalogue, rates and orders."""

    reads: frozenset[str] = frozenset({"/shipping/rates"})
    stores: list[dict[str, Any]] = field(
        default_factory=lambda: [{"id": 10, "type": "native", "name": "Fox & Friends"}]
    )
    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    catalogue: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {str(SHIRT): catalogue_product()}
    )
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    charged: list[str] = field(default_factory=list)
    charging_fails: bool = False

    def refusal(self, code: int) -> Any:
        return failure(code, f"refused with {code}")[1]

    def answer(self, asked: Asked, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        match [asked.method, *(unquote(part) for part in path.strip("/").split("/"))]:
            case ["GET", "stores"]:
                return success(self.stores)
            case ["GET", "store", "products", ref]:
                return self._found(self.products, ref)
            case ["GET", "products", ref]:
                return self._found(self.catalogue, ref)
            case ["POST", "shipping", "rates"]:
                return self._rates(body)
            case ["POST", "orders"]:
                return self._create(body, query)
            case ["GET", "orders", ref]:
                order = self.order(ref)
                return success(order) if order else failure(404, "Not found")
            case ["POST", "orders", ref, "confirm"]:
                return self._confirm(ref)
            case ["DELETE", "orders", ref]:
                return self._cancel(ref)
        return failure(404, "No such page")

    def order(self, ref: str) -> dict[str, Any] | None:
        by_reference = {f"@{each['external_id']}": each for each in self.orders.values()}
        return self.orders.get(ref) or by_reference.get(ref)

    def ship(self, ref: str) -> None:
        self.orders[ref]["status"] = "fulfilled"
        self.orders[ref]["shipments"] = [
            {
                "id": 1,
                "carrier": "USPS",
                "service": "USPS First-Class",
                "tracking_number": "9400111",
                "tracking_url": "https://track.example/9400111",
                "created": 1588716060,
                "ship_date": "2020-05-05",
                "shipped_at": 1588716060,
                "reshipment": False,
            }
        ]

    def _found(self, table: Mapping[str, Any], ref: str) -> tuple[int, Any]:
        return success(table[ref]) if ref in table else failure(404, "Not found")

    def _rates(self, body: Any) -> tuple[int, Any]:
        known = {str(each["id"]) for each in self.catalogue[str(SHIRT)]["variants"]}
        if not all(str(each["variant_id"]) in known for each in body["items"]):
            return failure(400, "Variant does not exist")
        rate = {"currency": body["currency"], "minDeliveryDays": 4, "maxDeliveryDays": 7}
        return success(
            [
                {**rate, "id": "EXPRESS", "name": "Express", "rate": "19.99", "minDeliveryDays": 1},
                {**rate, "id": "STANDARD", "name": "Flat Rate", "rate": "4.75"},
            ]
        )

    def _create(self, body: Any, query: Mapping[str, str]) -> tuple[int, Any]:
        if self.order(f"@{body['external_id']}"):
            return failure(
                400, "Order with this External ID already exists", api_error_code="OR-13"
            )
        sold = {each["id"]: each for p in self.products.values() for each in p["sync_variants"]}
        if not all(each["sync_variant_id"] in sold for each in body["items"]):
            return failure(400, f"Sync variant does not exist, {body['recipient']['name']}")
        number = str(9000 + len(self.orders))
        self.orders[number] = {
            "id": int(number),
            "external_id": body["external_id"],
            "status": "draft",
            "shipping": body["shipping"],
            "recipient": body["recipient"],
            "costs": {"currency": "USD", "shipping": "4.75", "total": "16.44"},
            "shipments": [],
        }
        return (
            self._confirm(number) if query.get("confirm") == "1" else success(self.orders[number])
        )

    def _confirm(self, ref: str) -> tuple[int, Any]:
        order = self.order(ref)
        if order is None:
            return failure(404, "Not found")
        if order["status"] not in ("draft", "failed"):
            return failure(400, "This order is confirmed already")
        order["status"] = "failed" if self.charging_fails else "pending"
        if not self.charging_fails:
            self.charged.append(str(order["id"]))
        return success(order)

    def _cancel(self, ref: str) -> tuple[int, Any]:
        order = self.order(ref)
        if order is None:
            return failure(404, "Not found")
        if order["status"] not in ("draft", "pending", "failed"):
            return failure(400, "This order cannot be cancelled any more")
        order["status"] = "canceled"
        return success(order)


@dataclass
class PrintfulRig:
    """A gateway to a `PrintfulService`."""

    web: WebServer
    settings: Mapping[str, Any] = field(default_factory=lambda: {"webhook_header": "X-Edge-Secret"})
    secrets: tuple[str, ...] = (TOKEN, WEBHOOK_SECRET)
    workers: int = 4
    limiter: FreeLimiter = field(default_factory=FreeLimiter)
    login: FakeLogin = field(
        default_factory=lambda: FakeLogin({"token": TOKEN, "webhook_secret": WEBHOOK_SECRET})
    )
    service: PrintfulService = field(init=False)
    gateway: PrintfulGateway = field(init=False)
    config: PrintfulConfig = field(init=False)

    def __post_init__(self) -> None:
        self.service = PrintfulService(TOKEN)
        self.web.api = self.service
        self.config = PrintfulConfig.of({**self.settings, "base_url": self.web.url("")})
        self.gateway = PrintfulGateway(
            self.config,
            self.login,
            connections(self.limiter, workers=self.workers),
        )

    def product(self, *variants: dict[str, Any], **changes: Any) -> str:
        ref = str(300 + len(self.service.products))
        product = {
            "id": int(ref),
            "external_id": f"ext-{ref}",
            "name": "Fox shirt",
            "thumbnail_url": "https://files.example/thumb.png",
            "is_ignored": False,
            **changes,
        }
        sold = list(variants) or [sync_variant(int(ref) * 10)]
        self.service.products[ref] = {"sync_product": product, "sync_variants": sold}
        return ref

    def withdrawn_product(self) -> str:
        return self.product(sync_variant(5, availability_status="discontinued"))

    def unknown_product(self) -> str:
        return "999999"

    def unknown_order(self) -> str:
        return "8999"

    def suffer(self, fault: Fault) -> None:
        self.service.faults.append(fault)

    def orders(self) -> int:
        return sum(each["status"] != "canceled" for each in self.service.orders.values())

    def charges(self, external_id: str) -> int:
        return self.service.charged.count(external_id)

    def ship(self, external_id: str) -> None:
        self.service.ship(external_id)

    def requests(self) -> int:
        return len(self.web.asked)

    def webhook(self) -> tuple[Mapping[str, str], bytes] | None:
        event = {"type": "package_shipped", "created": 1588716060, "retries": 0, "store": 10}
        body = json.dumps({**event, "data": {"order": {"id": 9000}}}).encode()
        return {"X-Edge-Secret": WEBHOOK_SECRET}, body


@contextmanager
def printful_rig(**settings: Any) -> Iterator[PrintfulRig]:
    with web_server() as web:
        rig = PrintfulRig(web, **settings)
        yield rig
        rig.gateway.close()
