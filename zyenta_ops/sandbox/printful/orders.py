"""Printful's orders: drafts that cost nothing, confirmed ones that are charged and printed.

An external id is good for one order of a store, for ever.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from zyenta_ops.sandbox.chance import chance
from zyenta_ops.sandbox.orders import Line, NotEnough, Order, Standing
from zyenta_ops.sandbox.prices import dollars
from zyenta_ops.sandbox.printful.envelope import (
    PrintfulError,
    bad_request,
    body_of,
    not_found,
    page_of,
)
from zyenta_ops.sandbox.printful.products import (
    RATES,
    catalog_variant_id,
    country_of,
    external_id,
    postage,
    sku,
    stock_status,
    sync_variant_id,
    units_of,
    variant_of,
)
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Call, Request, Routes

# From then on an order is being printed and cannot be cancelled.
PRINTED_AFTER = timedelta(hours=4)
LONGEST_EXTERNAL_ID = 32
_RECIPIENT = {"name": "Name", "address1": "Address", "city": "City", "zip": "ZIP code"}
_STATUSES = {
    Standing.UNPAID: "draft",
    Standing.HELD: "onhold",
    Standing.PART_SHIPPED: "partial",
    Standing.SHIPPED: "fulfilled",
    Standing.DELIVERED: "fulfilled",
    Standing.CANCELLED: "canceled",
}


class Orders:
    """The store's orders."""

    def __init__(self, trade: Trade, store: int) -> None:
        self._trade, self._store = trade, store

    def mount(self, routes: Routes) -> None:
        """Answer for the paths of orders."""
        routes.add("POST", "/orders", self.create)
        routes.add("GET", "/orders", self.listed)
        routes.add("POST", "/orders/estimate-costs", self.estimate)
        routes.add("GET", "/orders/{name}", self.get)
        routes.add("DELETE", "/orders/{name}", self.cancel)
        routes.add("POST", "/orders/{name}/confirm", self.confirm)

    def create(self, request: Request, call: Call) -> Any:
        """POST /orders: a draft, or with `confirm` an order at once."""
        body = body_of(request)
        reference = str(body.get("external_id") or "")
        if len(reference) > LONGEST_EXTERNAL_ID:
            raise bad_request(f"External ID is longer than {LONGEST_EXTERNAL_ID} characters")
        lines, service, country = self._wanted(body)
        if reference and self._trade.orders.booked(call.account, reference):
            # Clients report the sentence always and the code now and then.
            coded = chance(self._trade.seed, "coded", reference) < 0.5
            message = "Order with this External ID already exists"
            raise PrintfulError(400, "BadRequest", message, api_code="OR-13" if coded else "")
        recipient = body["recipient"]
        for name, title in _RECIPIENT.items():
            if not recipient.get(name):
                raise bad_request(f"Recipient: {title} is missing")
        order = self._trade.orders.place(
            call, lines, reference=reference, country=country, address=recipient,
            service=service, postage=postage(service, sum(line.units for line in lines)),
        )  # fmt: skip
        if request.parameters().get("confirm") in ("1", "true"):
            self._submit(order)
        return order_document(self._trade, self._store, order)

    def estimate(self, request: Request, call: Call) -> Any:
        """POST /orders/estimate-costs: what an order would cost."""
        lines, service, _ = self._wanted(body_of(request))
        goods = sum(line.unit_price * line.units for line in lines)
        return {"costs": _costs(goods, postage(service, sum(line.units for line in lines)))}

    def get(self, request: Request, call: Call, name: str) -> Any:
        """GET /orders/{id or @external id}."""
        return order_document(self._trade, self._store, self._order(call, name))

    def listed(self, request: Request, call: Call) -> Any:
        """GET /orders: newest first, of one status when it is asked for."""
        status = request.parameters().get("status", "")
        found = [
            order
            for order in self._trade.orders.of(call.account)
            if status in ("", order_status(self._trade, order))
        ]
        shown, paging = page_of(request, found)
        return [order_document(self._trade, self._store, order) for order in shown], paging

    def confirm(self, request: Request, call: Call, name: str) -> Any:
        """POST /orders/{id}/confirm: submits a draft, or one that failed before, and charges it."""
        order = self._order(call, name)
        if order_status(self._trade, order) not in ("draft", "failed"):
            raise bad_request("This order has already been submitted")
        self._submit(order)
        return order_document(self._trade, self._store, order)

    def cancel(self, request: Request, call: Call, name: str) -> Any:
        """DELETE /orders/{id}: a draft or an order that is not printed yet."""
        order = self._order(call, name)
        if order_status(self._trade, order) not in ("draft", "failed", "pending", "onhold"):
            raise bad_request("This order can no longer be cancelled")
        self._trade.orders.cancel(order)
        return order_document(self._trade, self._store, order)

    def _submit(self, order: Order) -> None:
        """Charge for it; an order that cannot be charged for stays, as failed."""
        gone = [n for n in order.lines if stock_status(n.product, n.variant) != "in_stock"]
        if gone:
            raise bad_request("Item is discontinued or out of stock")
        try:
            self._trade.orders.pay(order)
            order.details.pop("failed", None)
        except NotEnough:
            order.details["failed"] = True

    def _order(self, call: Call, name: str) -> Order:
        book = self._trade.orders
        if name.startswith("@"):
            found = next(iter(book.by_reference(call.account, name[1:])), None)
        else:
            found = book.find(call.account, int(name)) if name.isdecimal() else None
        if found is None:
            raise not_found()
        return found

    def _wanted(self, body: dict[str, Any]) -> tuple[list[Line], str, str]:
        items, service = body.get("items"), body.get("shipping") or "STANDARD"
        country = country_of(body.get("recipient"))
        if not isinstance(items, list) or not items:
            raise bad_request("There are no items in the order")
        if service not in RATES:
            raise bad_request(f"Shipping method {service} is not available")
        return [self._line(item) for item in items], service, country

    def _line(self, item: Any) -> Line:
        product, variant = variant_of(self._trade, item)
        tag = str(item.get("external_id") or "")
        return Line(product, variant, units_of(item), variant.price, "US", tag)


def order_status(trade: Trade, order: Order) -> str:
    """What Printful calls where an order stands."""
    now = trade.clock()
    standing = order.standing(now)
    if standing is Standing.UNPAID and order.details.get("failed"):
        return "failed"
    if standing is Standing.PAID and order.paid_at:
        return "pending" if now - order.paid_at < PRINTED_AFTER else "inprocess"
    return _STATUSES[standing]


def order_document(trade: Trade, store: int, order: Order) -> dict[str, Any]:
    """An order as the API shows it."""
    title, _, _, (low, high) = RATES[order.service]
    happened = order.history(trade.clock())
    return {
        "id": order.number,
        "external_id": order.reference or None,
        "store": store,
        "status": order_status(trade, order),
        "shipping": order.service,
        "shipping_service_name": f"{title} ({low}-{high} business days after fulfillment)",
        "created": int(order.created_at.timestamp()),
        "updated": int(happened[-1][0].timestamp()),
        "recipient": order.address,
        "items": [_item(order, n) for n in range(len(order.lines))],
        "incomplete_items": [],
        "costs": _costs(order.goods, order.postage),
        "retail_costs": {},
        "shipments": shipments(trade, order),
    }


def shipments(trade: Trade, order: Order) -> list[dict[str, Any]]:
    """The parcels that have left. Printful does not say when they arrive."""
    return [
        {
            "id": order.number * 10 + n,
            "carrier": parcel.carrier,
            "service": f"{parcel.carrier} Ground",
            "tracking_number": parcel.tracking,
            "tracking_url": f"https://track.example/{parcel.tracking}",
            "created": int(at.timestamp()),
            "ship_date": at.date().isoformat(),
            "shipped_at": int(at.timestamp()),
            "reshipment": False,
            "items": [
                {"item_id": order.number * 100 + line, "quantity": order.lines[line].units}
                for line in parcel.lines
            ],
        }
        for n, (parcel, at) in enumerate(order.shipped(trade.clock()))
    ]


def _item(order: Order, n: int) -> dict[str, Any]:
    product, variant = order.lines[n].product, order.lines[n].variant
    status = stock_status(product, variant)
    return {
        "id": order.number * 100 + n,
        "external_id": order.lines[n].tag or None,
        "variant_id": catalog_variant_id(variant),
        "sync_variant_id": sync_variant_id(variant),
        "external_variant_id": external_id(variant.number),
        "quantity": order.lines[n].units,
        "price": dollars(order.lines[n].unit_price),
        "name": product.title,
        "sku": sku(variant),
        "discontinued": status == "discontinued",
        "out_of_stock": status == "out_of_stock",
    }


def _costs(goods: int, shipping: int) -> dict[str, Any]:
    none = dollars(0)
    return {
        "currency": "USD",
        "subtotal": dollars(goods),
        "discount": none,
        "shipping": dollars(shipping),
        "digitization": none,
        "additional_fee": none,
        "fulfillment_fee": none,
        "retail_delivery_fee": none,
        "tax": none,
        "vat": none,
        "total": dollars(goods + shipping),
    }
