"""A partner's gateway to Spocket, which has no public API.

The contract is the one a partner is asked to keep: products in pages, orders under an
`Idempotency-Key`, decimal text beside a currency, errors by HTTP status with
`{"error": {"code", "message", "request_id"}}`. The partner bills what it orders.
"""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from typing import Any

from zyenta_ops.sandbox.chance import digest
from zyenta_ops.sandbox.limits import Rate
from zyenta_ops.sandbox.orders import Line, Order, Parcel, Standing, checkpoints
from zyenta_ops.sandbox.prices import knows, quoted
from zyenta_ops.sandbox.products import Product, ProductStatus, Variant
from zyenta_ops.sandbox.pushes import Push
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Answer, Call, Request, Routes

DEMO_TOKEN = "sandbox-spocket-partner-token"  # noqa: S105
RATE = Rate(calls=10, seconds=1, burst=20)
PAGE = 50
POSTAGE = {"standard": 350, "express": 990}
_COUNTRY = re.compile(r"[A-Z]{2}$")
_STATES = {
    "Out for delivery": "out_for_delivery",
    "Customs clearance completed": "customs",
    "Delivered": "delivered",
}


class GatewayError(Exception):
    """The gateway says no; `order` is the order that a key belongs to already."""

    def __init__(
        self, status: int, code: str, message: str, wait: float = 0, order: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.wait, self.order = status, code, wait, order


class Spocket:
    """The counter of the partner.

    Attributes:
        tokens: account names by token; more can be added.
    """

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self.tokens = {DEMO_TOKEN: "demo"}
        self._refused_once: set[str] = set()
        self._routes = Routes()
        self._routes.add("GET", "/products", self.products)
        self._routes.add("POST", "/orders", self.create)
        self._routes.add("GET", "/orders", self.by_reference)
        self._routes.add("GET", "/orders/{name}", self.get)

    def identify(self, request: Request) -> Call:
        """The pattern of the path, and the account whose token it is."""
        pattern, handler, _ = self._routes.find(request.method, request.path)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        operation = pattern if handler else "unknown"
        product = request.parameters().get("ids", "")
        return Call("spocket", request.method, operation, self.tokens.get(token, ""), product)

    def forget_token(self, call: Call) -> None:
        """A token cannot expire here: it is refused during this call only."""
        self._refused_once.add(call.account)

    def revoke(self, account: str) -> bool:
        """End the tokens of an account."""
        known = account in self.tokens.values()
        self.tokens = {token: name for token, name in self.tokens.items() if name != account}
        return known

    def news(self) -> list[Push]:
        """The contract has no webhooks."""
        return []

    def answer(self, request: Request, call: Call) -> Answer:
        """Answer as the contract says."""
        request_id = f"req-{self.trade.next_number():08d}"
        try:
            return self._serve(request, call)
        except GatewayError as error:
            said = {"code": error.code, "message": str(error), "request_id": request_id}
            if error.order:
                said["order_id"] = error.order
            wait = {"Retry_After": str(max(1, math.ceil(error.wait)))}
            headers = wait if error.status == 429 else {}
            return Answer.of({"error": said}, error.status, error.code, **headers)

    def products(self, request: Request, call: Call) -> Answer:
        """GET /products: those of `ids`, or all of them, changed since a time, page by page."""
        asked = request.parameters()
        currency, country = asked.get("currency", "USD"), asked.get("country", "US")
        if not knows(currency) or not _COUNTRY.match(country):
            raise GatewayError(400, "bad_request", "country or currency is not known")
        start = int(asked["cursor"]) if asked.get("cursor", "").isdecimal() else 0
        found = self._wanted(asked)
        shown = found[start : start + PAGE]
        more = start + PAGE < len(found)
        return Answer.of(
            {
                "products": [self._product(product, currency) for product in shown],
                "next_cursor": str(start + PAGE) if more else None,
            }
        )

    def create(self, request: Request, call: Call) -> Answer:
        """POST /orders: the same key and body again are the same order."""
        key = request.headers.get("idempotency-key", "")
        if not key:
            raise GatewayError(400, "bad_request", "Idempotency-Key is missing")
        body = _body(request)
        mark = digest(json.dumps(body, sort_keys=True))
        for known in self.trade.orders.booked(call.account, key):
            if known.details["mark"] != mark:
                raise GatewayError(
                    409, "key_used", "the key was used for another order", order=_id(known)
                )
            return Answer.of(self._order(known))
        lines = self._lines(body.get("lines"))
        if not self.trade.orders.in_stock(lines):
            raise GatewayError(422, "out_of_stock", "there are not enough units")
        address = body.get("address")
        country = address.get("country") if isinstance(address, dict) else None
        if not isinstance(address, dict) or not _COUNTRY.match(str(country)):
            raise GatewayError(422, "address", "the address has no country")
        service = body.get("shipping_method") or "standard"
        if service not in POSTAGE:
            raise GatewayError(422, "shipping_method", "the shipping method is not known")
        order = self.trade.orders.place(
            call, lines, reference=key, country=str(country), address=address,
            service=service, postage=POSTAGE[service],
        )  # fmt: skip
        for each in self.trade.orders.booked(call.account, key):
            each.details["mark"] = mark
            each.paid_at = self.trade.clock()
        self.trade.orders.reserve(order)
        return Answer.of(self._order(order), 201)

    def by_reference(self, request: Request, call: Call) -> Answer:
        """GET /orders?reference=: what was ordered under a key."""
        reference = request.parameters().get("reference", "")
        if not reference:
            raise GatewayError(400, "bad_request", "reference is missing")
        found = self.trade.orders.by_reference(call.account, reference)
        return Answer.of({"orders": [self._order(order) for order in found]})

    def get(self, request: Request, call: Call, name: str) -> Answer:
        """GET /orders/{id}."""
        number = name.removeprefix("S")
        order = self.trade.orders.find(call.account, int(number)) if number.isdecimal() else None
        if order is None:
            raise GatewayError(404, "not_found", "no such order")
        return Answer.of(self._order(order))

    def _serve(self, request: Request, call: Call) -> Answer:
        if call.account in self._refused_once or not call.account:
            self._refused_once.discard(call.account)
            raise GatewayError(401, "unauthorized", "the token is not valid")
        wait = self.trade.limits.wait(call, f"token of {call.account}", RATE)
        if wait or "throttled" in call.effects:
            raise GatewayError(429, "too_many_requests", "slow down", wait)
        if "forbidden" in call.effects:
            raise GatewayError(403, "forbidden", "the token does not cover this")
        _, handler, parts = self._routes.find(request.method, request.path)
        if handler is None:
            raise GatewayError(404, "not_found", "there is nothing here")
        return handler(request, call, **parts)

    def _wanted(self, asked: dict[str, str]) -> list[Product]:
        catalogue = self.trade.catalogue
        if "ids" in asked:
            numbers = [_number(name, "P") for name in asked["ids"].split(",")]
            return [p for n in numbers if (p := catalogue.product(n)) is not None]
        since = _instant(asked.get("updated_since", ""))
        there = [catalogue.product(number) for number in sorted(catalogue.products)]
        return [p for p in there if p and (since is None or p.changed_at >= since)]

    def _lines(self, wanted: object) -> list[Line]:
        if not isinstance(wanted, list) or not wanted:
            raise GatewayError(400, "bad_request", "there are no lines")
        lines = []
        for line in wanted:
            units = line.get("quantity") if isinstance(line, dict) else None
            if isinstance(units, bool) or not isinstance(units, int) or units < 1:
                raise GatewayError(400, "bad_request", "a quantity is a number from 1")
            found = self.trade.catalogue.variant(_number(str(line.get("variant_id")), "V"))
            if found is None:
                raise GatewayError(404, "not_found", "no such variant")
            product, variant = found
            if product.status is not ProductStatus.ON_SALE:
                raise GatewayError(422, "out_of_stock", "the product is not on sale")
            place = next(iter(variant.stock))
            lines.append(Line(product, variant, units, variant.price, place))
        return lines

    def _product(self, product: Product, currency: str) -> dict[str, Any]:
        pictures = self.trade.images(product)
        return {
            "id": product_id(product),
            "title": product.title,
            "status": "active" if product.status is ProductStatus.ON_SALE else "inactive",
            "updated_at": product.changed_at.isoformat(),
            "images": pictures,
            "variants": [
                {
                    "id": variant_id(variant),
                    "sku": f"SPK-{variant.number}",
                    "title": " / ".join((product.title, *variant.attributes.values())),
                    "options": variant.attributes,
                    "price": quoted(variant.price, currency),
                    "list_price": quoted(variant.list_price, currency),
                    "currency": currency,
                    "stock": next(iter(variant.stock.values())),
                    "available": variant.units > 0,
                    "ships_from": next(iter(variant.stock)),
                    "weight_grams": variant.weight_g,
                    "image": pictures[-1],
                }
                for variant in product.offered
            ],
        }

    def _order(self, order: Order) -> dict[str, Any]:
        now = self.trade.clock()
        standing = order.standing(now)
        words = {Standing.HELD: "on_hold", Standing.PART_SHIPPED: "partially_shipped"}
        return {
            "id": _id(order),
            "reference": order.reference,
            "status": words.get(standing, standing.value),
            "total": quoted(order.total, "USD"),
            "currency": "USD",
            "created_at": order.created_at.isoformat(),
            "shipments": [_shipment(parcel, at, now) for parcel, at in order.shipped(now)],
        }


def product_id(product: Product) -> str:
    """The gateway's id of a product."""
    return f"P{product.number}"


def variant_id(variant: Variant) -> str:
    """The gateway's id of a variant."""
    return f"V{variant.number}"


def _id(order: Order) -> str:
    return f"S{order.number}"


def _number(name: str, prefix: str) -> int:
    digits = name.removeprefix(prefix)
    return int(digits) if digits.isdecimal() and name != digits else 0


def _shipment(parcel: Parcel, at: datetime, now: datetime) -> dict[str, Any]:
    scans = checkpoints(parcel, at, now)
    return {
        "tracking_number": parcel.tracking,
        "carrier": parcel.carrier,
        "tracking_url": f"https://track.example/{parcel.tracking}",
        "status": _state(scans[-1][1]),
        "expected_at": (at + parcel.transit).isoformat(),
        "events": [
            {"at": time.isoformat(), "text": text, "status": _state(text)} for time, text in scans
        ],
    }


def _state(text: str) -> str:
    return _STATES.get(text, "in_transit")


def _body(request: Request) -> dict[str, Any]:
    try:
        return request.document()
    except ValueError:
        raise GatewayError(400, "bad_request", "the body is not a JSON object") from None


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise GatewayError(400, "bad_request", "updated_since is a time with an offset")
    return found
