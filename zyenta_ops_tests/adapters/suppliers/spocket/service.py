"""A partner's gateway to Spocket of a test's own, as the contract in the adapter describes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from zyenta_ops.adapters.suppliers.spocket import SpocketConfig, SpocketGateway
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import (
    FakeLogin,
    FreeLimiter,
    connections,
)
from zyenta_ops_tests.adapters.suppliers.service import Service
from zyenta_ops_tests.adapters.web_server import Asked, WebServer, web_server
from zyenta_ops_tests.contracts.supplier_gateway import Fault

TOKEN = "sp-s3cret-token"


def failure(code: int, word: str, **extra: Any) -> tuple[int, Any]:
    error = {"code": word, "message": f"no: {word}", "request_id": "req-7", **extra}
    return code, {"error": error}


def variant(ref: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": ref,
        "sku": f"SKU-{ref}",
        "title": "Lamp / Oak",
        "options": {"Wood": "Oak"},
        "price": "12.50",
        "currency": "USD",
        "list_price": "20.00",
        "stock": 7,
        "available": True,
        "ships_from": "US",
        "weight_grams": 300,
        "image": "https://img.example/oak.jpg",
        **changes,
    }


@dataclass
class SpocketService(Service):
    """Products in pages of `page`, and orders by key."""

    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: dict[str, Any] = field(default_factory=dict)  # bodies by key
    page: int = 20
    endless: bool = False

    def refusal(self, code: int) -> Any:
        return failure(code, "refused")[1]

    def answer(self, asked: Asked, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        match [asked.method, *(unquote(part) for part in path.strip("/").split("/"))]:
            case ["GET", "products"]:
                return self._listed(query)
            case ["POST", "orders"]:
                return self._create(asked.headers["idempotency-key"], body)
            case ["GET", "orders"]:
                under = [
                    each
                    for each in self.orders.values()
                    if each["reference"] == query.get("reference")
                ]
                return 200, {"orders": under}
            case ["GET", "orders", ref] if ref in self.orders:
                return 200, self.orders[ref]
        return failure(404, "not_found")

    def ship(self, ref: str) -> None:
        self.orders[ref]["status"] = "shipped"
        self.orders[ref]["shipments"] = [
            {
                "tracking_number": "1Z999",
                "carrier": "UPS",
                "tracking_url": "https://track.example/1Z999",
                "status": "in_transit",
                "expected_at": "2026-11-09T00:00:00+00:00",
                "events": [
                    {"at": "2026-11-03T08:00:00-05:00", "text": "Picked up", "status": "announced"},
                    {"at": "2026-11-04T08:00:00Z", "text": "On its way", "status": "in_transit"},
                    {"at": "yesterday", "text": "?"},
                ],
            }
        ]

    def _listed(self, query: Mapping[str, str]) -> tuple[int, Any]:
        start = int(query.get("cursor", 0))
        wanted = [ref for ref in query["ids"].split(",") if ref in self.products]
        part = wanted[start : start + self.page]
        more = self.endless or start + self.page < len(wanted)
        return 200, {
            "products": [self.products[ref] for ref in part],
            "next_cursor": str(start + self.page) if more else None,
        }

    def _create(self, key: str, body: Any) -> tuple[int, Any]:
        known = next((each for each in self.orders.values() if each["reference"] == key), None)
        if known is not None:
            if self.sent[key] != body:
                return failure(409, "key_used", order_id=known["id"])
            return 200, known
        variants = {each["id"]: each for p in self.products.values() for each in p["variants"]}
        for line in body["lines"]:
            found = variants.get(line["variant_id"])
            if found is None:
                return failure(404, "not_found")
            if found["stock"] is not None and found["stock"] < line["quantity"]:
                return failure(422, "out_of_stock")
        ref = f"S{len(self.orders) + 1}"
        self.sent[key] = body
        self.orders[ref] = {
            "id": ref,
            "reference": key,
            "status": "created",
            "total": "15.50",
            "currency": "USD",
            "shipments": [],
        }
        return 201, self.orders[ref]


@dataclass
class SpocketRig:
    """A gateway to a `SpocketService`."""

    web: WebServer
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: tuple[str, ...] = (TOKEN,)
    limiter: FreeLimiter = field(default_factory=FreeLimiter)
    service: SpocketService = field(init=False)
    gateway: SpocketGateway = field(init=False)

    def __post_init__(self) -> None:
        self.service = SpocketService(TOKEN)
        self.web.api = self.service
        self.gateway = SpocketGateway(
            SpocketConfig.of({"base_url": self.web.url(""), **self.settings}),
            FakeLogin({"token": TOKEN}),
            connections(self.limiter),
        )

    def product(self, *variants: dict[str, Any], **changes: Any) -> str:
        ref = f"lamp-{len(self.service.products) + 1}"
        self.service.products[ref] = {
            "id": ref,
            "title": "Lamp",
            "status": "active",
            "images": ["https://img.example/lamp.jpg"],
            "variants": list(variants) or [variant(f"{ref}-oak")],
            **changes,
        }
        return ref

    def withdrawn_product(self) -> str:
        return self.product(status="inactive")

    def unknown_product(self) -> str:
        return "lamp-9999"

    def unknown_order(self) -> str:
        return "S9999"

    def suffer(self, fault: Fault) -> None:
        self.service.faults.append(fault)

    def orders(self) -> int:
        return sum(each["status"] != "cancelled" for each in self.service.orders.values())

    def charges(self, external_id: str) -> int:
        return 0

    def ship(self, external_id: str) -> None:
        self.service.ship(external_id)

    def requests(self) -> int:
        return len(self.web.asked)

    def webhook(self) -> tuple[Mapping[str, str], bytes] | None:
        return None


@contextmanager
def spocket_rig(**settings: Any) -> Iterator[SpocketRig]:
    with web_server() as web:
        rig = SpocketRig(web, settings)
        yield rig
        rig.gateway.close()
