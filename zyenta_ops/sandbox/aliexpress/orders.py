"""aliexpress.ds.order.create: one request, as many orders as there are sellers in it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from zyenta_ops.sandbox.aliexpress import addresses, freight, products
from zyenta_ops.sandbox.aliexpress.apps import Buyer, Grant
from zyenta_ops.sandbox.aliexpress.envelopes import Listed, Refused
from zyenta_ops.sandbox.aliexpress.freight import Way
from zyenta_ops.sandbox.chance import digest
from zyenta_ops.sandbox.orders import Line, NotEnough, Order
from zyenta_ops.sandbox.products import Product, ProductStatus, Variant
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Call

REQUEST = "param_place_order_request4_open_api_d_t_o"
SAME_ORDER_FOR = timedelta(hours=24)
PAY_WITHIN = timedelta(seconds=1_036_800)


class Rejected(Exception):
    """The order is refused with an error code in the result."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


@dataclass(frozen=True)
class _Wanted:
    """An item that can be had."""

    product: Product
    variant: Variant
    units: int
    way: Way


def create(trade: Trade, call: Call, grant: Grant, sent: dict[str, str]) -> dict[str, Any]:
    """Book an order, and pay for it when that is asked and allowed."""
    request = _json(sent, REQUEST)
    if request is None:
        raise Refused("MissingParameter", f"The input parameter {REQUEST} is not valid")
    payment = ((_json(sent, "ds_extend_request") or {}).get("payment")) or {}
    try:
        orders, repeated = _book(trade, call, grant.buyer, request, payment)
    except Rejected as rejected:
        result = {"is_success": False, "error_code": rejected.code, "error_msg": str(rejected)}
        return {"result": result, "outcome": rejected.code}
    numbers = Listed("number", [order.number for order in orders])
    result = {"is_success": True, "order_list": numbers}
    to_pay = str(payment.get("try_to_pay", "false")).lower() == "true" and not repeated
    if to_pay and not _pay(trade, grant.buyer, orders):
        result["error_msg"] = "OrderCreated, autoPay fail:APIPayFail"
    return {"result": result}


def _book(
    trade: Trade, call: Call, buyer: Buyer, request: dict[str, Any], payment: dict[str, Any]
) -> tuple[list[Order], bool]:
    """The orders of a request, and whether they had been booked before.

    Raises:
        Rejected: there is something wrong with it; nothing is booked.
    """
    if buyer.rejection:
        raise Rejected(buyer.rejection)
    if payment.get("pay_currency", "USD") != "USD":
        raise Rejected("PRICE_PAY_CURRENCY_ERROR", "The currency of the payment is not supported")
    reference = str(request.get("out_order_id") or "")
    mark = digest(json.dumps(request, sort_keys=True))
    if reference and (known := _known(trade, buyer, reference, mark)):
        return known, True
    address = request.get("logistics_address")
    if not isinstance(address, dict):
        raise Rejected("B_DROPSHIPPER_DELIVERY_ADDRESS_VALIDATE_FAIL", "There is no address")
    if complaint := addresses.complaint(address):
        raise Rejected(*complaint)
    wanted = _wanted(trade, request.get("product_items"), address["country"])
    by_seller: dict[int, list[tuple[_Wanted, Line]]] = defaultdict(list)
    for item, line in _allocated(wanted):
        by_seller[item.product.seller].append((item, line))
    orders = [
        _place(trade, call, reference, address, by_seller[seller]) for seller in sorted(by_seller)
    ]
    orders[0].details |= {"mark": mark, "numbers": [order.number for order in orders]}
    return orders, False


def _known(trade: Trade, buyer: Buyer, reference: str, mark: str) -> list[Order]:
    """What was booked under a reference within a day.

    Raises:
        Rejected: it was booked with other contents.
    """
    for order in trade.orders.booked(buyer.name, reference):
        recent = trade.clock() - order.created_at < SAME_ORDER_FOR
        if recent and "numbers" in order.details:
            if order.details["mark"] != mark:
                raise Rejected("REPEATED_ORDER_ERROR", "Repeated order")
            return [trade.orders.orders[number] for number in order.details["numbers"]]
    return []


def _wanted(trade: Trade, items: object, country: str) -> list[_Wanted]:
    if not isinstance(items, list) or not items:
        raise Rejected("ERROR_WHEN_BUILD_FOR_PLACE_ORDER", "There are no products in the order")
    return [_item(trade, item, country) for item in items]


def _item(trade: Trade, item: Any, country: str) -> _Wanted:
    count = item.get("product_count") if isinstance(item, dict) else None
    if not str(count).isdecimal() or int(str(count)) < 1:
        raise Rejected("ERROR_WHEN_BUILD_FOR_PLACE_ORDER", "The quantity is not valid")
    product = products.find(trade, item.get("product_id"))
    if product is None or product.status is not ProductStatus.ON_SALE:
        raise Rejected("SKU_NOT_EXIST", "The product is not on sale")
    named = item.get("sku_attr")
    variant = next((v for v in product.offered if products.sku_attr(v) == named), None)
    if variant is None:
        raise Rejected("SKU_NOT_EXIST", "The SKU does not exist")
    if not products.ships_to(trade, product, country):
        raise Rejected("A002_INVALID_ZONE", "The product cannot be shipped there")
    service = item.get("logistics_service_name")
    offered = freight.ways(trade, product, country)
    way = next((way for way in offered if way.code == service), None)
    if way is None:
        raise Rejected("DELIVERY_METHOD_NOT_EXIST", "The delivery method does not exist")
    return _Wanted(product, variant, int(str(count)), way)


def _allocated(wanted: list[_Wanted]) -> list[tuple[_Wanted, Line]]:
    """Where the units of every item come from: the first warehouse as far as it lasts.

    Raises:
        Rejected: there are too few of one of them.
    """
    taken: Counter[tuple[int, str]] = Counter()
    lines = []
    for item in wanted:
        missing = item.units
        for place, there in item.variant.stock.items():
            units = min(there - taken[item.variant.number, place], missing)
            if units > 0:
                taken[item.variant.number, place] += units
                missing -= units
                price = item.variant.price
                lines.append((item, Line(item.product, item.variant, units, price, place)))
        if missing:
            raise Rejected("INVENTORY_HOLD_ERROR", "The stock is not enough")
    return lines


def _place(
    trade: Trade,
    call: Call,
    reference: str,
    address: dict[str, Any],
    items: list[tuple[_Wanted, Line]],
) -> Order:
    country = address["country"]
    whole = {id(item): item for item, _ in items}.values()
    postage = sum(freight.fee(trade, i.product, country, i.way, i.units) for i in whole)
    order = trade.orders.place(
        call, [line for _, line in items], reference=reference, country=country, address=address,
        service=items[0][0].way.company, postage=postage, pay_within=PAY_WITHIN,
    )  # fmt: skip
    trade.orders.reserve(order)
    return order


def _pay(trade: Trade, buyer: Buyer, orders: list[Order]) -> bool:
    if not buyer.pays_by_api:
        return False
    try:
        for order in orders:
            trade.orders.pay(order)
    except NotEnough:
        return False
    return True


def _json(sent: dict[str, str], name: str) -> dict[str, Any] | None:
    try:
        found = json.loads(sent.get(name, ""))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
