"""CJ's orders: created, looked up by either number, listed, deleted before they are paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from zyenta_ops.sandbox.cj.accounts import Asked
from zyenta_ops.sandbox.cj.envelope import CjError, Code, plain
from zyenta_ops.sandbox.cj.logistics import quotes
from zyenta_ops.sandbox.cj.products import variant_of, variant_sku, vid
from zyenta_ops.sandbox.orders import Line, NotEnough, Order, Parcel, Standing
from zyenta_ops.sandbox.prices import number
from zyenta_ops.sandbox.trade import Trade

_REQUIRED = (
    "orderNumber", "shippingCountryCode", "shippingCountry", "shippingProvince", "shippingCity",
    "shippingCustomerName", "shippingAddress", "logisticName", "fromCountryCode",
)  # fmt: skip
LONGEST_ORDER_NUMBER = 50
_STATUSES = {
    Standing.PAID: "UNSHIPPED",
    Standing.HELD: "UNSHIPPED",
    Standing.PART_SHIPPED: "UNSHIPPED",
    Standing.SHIPPED: "SHIPPED",
    Standing.DELIVERED: "DELIVERED",
    Standing.CANCELLED: "CANCELLED",
}


def create(trade: Trade, asked: Asked) -> dict[str, Any]:
    """POST /shopping/order/createOrderV2: how far it goes depends on `payType`."""
    order = _booked(trade, asked)
    pay_type = asked.body.get("payType", 1)
    if pay_type != 3 and not order.details["intercepts"]:
        confirm_order(trade, order)
    if pay_type == 2 and order.step == "UNPAID":
        # The order stays, although the answer is a refusal.
        pay_order(trade, order)
    return {
        **_amounts(order),
        "orderId": str(order.number),
        "orderNumber": order.reference,
        "shipmentOrderId": f"SH{order.number}",
        "actualPayment": number(order.total) if order.paid_at else 0,
        "iossAmount": 0,
        "cjPayUrl": f"{trade.url}/cj/pay/{order.number}" if pay_type == 1 else None,
        "logisticsMiss": False,
        "orderStatus": status(trade, order),
        "productInfoList": _lines(order, order.parcels),
        "interceptOrderReasons": order.details["intercepts"],
    }


def detail(trade: Trade, asked: Asked) -> dict[str, Any]:
    """GET /shopping/order/getOrderDetail: by CJ's id or by the buyer's own number."""
    return _detailed(trade, asked, asked.parameters.get("orderId", ""))


def details(trade: Trade, asked: Asked) -> list[dict[str, Any]]:
    """POST /shopping/order/getOrderDetailBatch: several at once; unknown ones are left out."""
    wanted = asked.body.get("orderIds")
    if not isinstance(wanted, list):
        raise CjError(Code.PARAMETER, "Param error: orderIds must not be empty")
    found = []
    for name in wanted:
        try:
            found.append(_detailed(trade, asked, str(name)))
        except CjError:
            continue
    return found


def listed(trade: Trade, asked: Asked) -> dict[str, Any]:
    """GET /shopping/order/list: cancelled ones, unless a status is asked for."""
    wanted = asked.parameters.get("status") or "CANCELLED"
    texts = asked.parameters.get("pageNum") or "1", asked.parameters.get("pageSize") or "20"
    if not all(text.isdecimal() and int(text) > 0 for text in texts):
        raise CjError(Code.PARAMETER, "Param error: pageNum or pageSize")
    page, size = int(texts[0]), min(int(texts[1]), 100)
    found = [o for o in trade.orders.of(asked.account.name) if status(trade, o) == wanted]
    shown = found[(page - 1) * size : page * size]
    return {
        "pageNum": page,
        "pageSize": size,
        "total": len(found),
        "list": [_document(trade, order, order.parcels, str(order.number)) for order in shown],
    }


def delete(trade: Trade, asked: Asked) -> str:
    """DELETE /shopping/order/deleteOrder: before it is paid."""
    order = order_of(trade, asked, asked.parameters.get("orderId"))
    if order.paid_at is not None or order.cancelled_at is not None:
        raise CjError(Code.DELETE_FAILED, "Order delete fail: the order is paid or cancelled")
    trade.orders.cancel(order)
    return str(order.number)


def status(trade: Trade, order: Order) -> str:
    """What CJ calls where it stands."""
    return _STATUSES.get(order.standing(trade.clock()), order.step)


def order_of(trade: Trade, asked: Asked, name: object) -> Order:
    """The caller's order with a CJ id.

    Raises:
        CjError: there is none.
    """
    text = str(name)
    found = trade.orders.find(asked.account.name, int(text)) if text.isdecimal() else None
    if found is None:
        raise CjError(Code.ORDER_NOT_FOUND, "Order not found")
    return found


def confirm_order(trade: Trade, order: Order) -> None:
    """Take the stock and ask for the money.

    Raises:
        CjError: too little stock, held for a person, or not waiting to be confirmed.
    """
    if order.cancelled_at is not None or order.step not in ("CREATED", "IN_CART"):
        raise CjError(Code.CONFIRM_FAILED, "Order confirm fail: it is not waiting for it")
    if order.details["intercepts"]:
        raise CjError(Code.CONFIRM_FAILED, "Order confirm fail: the order is intercepted")
    try:
        trade.orders.reserve(order)
    except NotEnough:
        raise CjError(Code.INVENTORY_FAILED, "Inventory deduction fail") from None
    order.step = "UNPAID"


def pay_order(trade: Trade, order: Order) -> None:
    """Pay from the balance.

    Raises:
        CjError: not waiting for money, or the balance is too low.
    """
    if order.cancelled_at is not None or order.paid_at is not None or order.step != "UNPAID":
        raise CjError(Code.PAY_FAILED, "Order pay fail: it is not waiting for payment")
    try:
        trade.orders.pay(order)
    except NotEnough:
        raise CjError(Code.BALANCE_INSUFFICIENT, "Balance is insufficient") from None


def split_code(order: Order, part: int) -> str:
    """The code of one of the orders that CJ has split an order into."""
    return f"{order.number}-{part + 1}"


def _booked(trade: Trade, asked: Asked) -> Order:
    body = asked.body
    for name in _REQUIRED:
        if not str(body.get(name) or "").strip():
            raise CjError(Code.PARAMETER, f"Param error: {name} must not be empty")
    reference = str(body["orderNumber"])
    if len(reference) > LONGEST_ORDER_NUMBER:
        raise CjError(Code.PARAMETER, "Param error: orderNumber is too long")
    if body.get("payType", 1) not in (1, 2, 3):
        raise CjError(Code.PARAMETER, "Param error: payType")
    lines = _wanted(trade, body)
    grams = sum(line.variant.weight_g * line.units for line in lines)
    options = quotes(body["fromCountryCode"], body["shippingCountryCode"], grams)
    if body["logisticName"] not in options:
        raise CjError(Code.LOGISTIC_INVALID, "Logistic is invalid")
    if any(o.cancelled_at is None for o in trade.orders.booked(asked.account.name, reference)):
        raise CjError(Code.ORDER_EXISTS, "Order number already exists")
    address = {name: value for name, value in body.items() if name.startswith("shipping")}
    order = trade.orders.place(
        asked.call, lines, reference=reference, country=body["shippingCountryCode"],
        address=address, service=body["logisticName"], postage=options[body["logisticName"]][1],
        step="CREATED",
    )  # fmt: skip
    for each in trade.orders.booked(asked.account.name, reference):
        each.details |= {"sandbox": body.get("isSandbox") == 1, "intercepts": _intercepts(asked)}
    return order


def _wanted(trade: Trade, body: dict[str, Any]) -> list[Line]:
    items, warehouse = body.get("products"), body["fromCountryCode"]
    if not isinstance(items, list) or not items:
        raise CjError(Code.PARAMETER, "Param error: products must not be empty")
    lines = []
    for item in items:
        units = item.get("quantity") if isinstance(item, dict) else None
        if not isinstance(units, int) or isinstance(units, bool) or units < 1:
            raise CjError(Code.PARAMETER, "Param error: quantity")
        product, variant = variant_of(trade, item.get("vid") or item.get("sku"))
        tag = str(item.get("storeLineItemId") or "")
        lines.append(Line(product, variant, units, variant.price, warehouse, tag))
    return lines


def _intercepts(asked: Asked) -> list[dict[str, Any]]:
    """Why the order is held for a person to look at; empty when it is not."""
    reasons = []
    if not asked.body.get("shippingZip"):
        reasons.append({"code": 10004, "message": "The zip code is missing"})
    if asked.account.intercepted:
        reasons.append({"code": 10009, "message": "The order needs to be reviewed"})
    return reasons


def _detailed(trade: Trade, asked: Asked, name: str) -> dict[str, Any]:
    account = asked.account.name
    code, _, part = name.partition("-")
    order = trade.orders.find(account, int(code)) if code.isdecimal() else None
    if order and part.isdecimal() and 0 < int(part) <= len(order.parcels):
        return _document(trade, order, [order.parcels[int(part) - 1]], name)
    if order is None or part:
        known = trade.orders.by_reference(account, name)
        # A deleted order gives its number free.
        live = [each for each in known if each.cancelled_at is None]
        order = next(iter(live or known), None)
    if order is None:
        raise CjError(Code.PARAMETER, "Param error: order not found")
    return _document(trade, order, order.parcels, str(order.number))


def _document(trade: Trade, order: Order, parcels: list[Parcel], code: str) -> dict[str, Any]:
    now = trade.clock()
    gone = [(parcel, at) for parcel, at in order.shipped(now) if parcel in parcels]
    tracking = gone[0][0].tracking if gone else None
    return {
        **_amounts(order),
        "orderId": code,
        "orderNum": order.reference,
        "cjOrderId": code,
        "cjOrderCode": f"CJ{order.number % 10**12}",
        "orderStatus": _status_of(trade, order, parcels, gone),
        "subStatus": "ON_HOLD" if order.standing(now) is Standing.HELD else None,
        "shippingCountryCode": order.country,
        **{name: order.address[name] for name in sorted(order.address)},
        "logisticName": order.service,
        "fromCountryCode": order.lines[0].warehouse,
        "trackNumber": tracking,
        "trackingUrl": f"https://track.example/{tracking}" if tracking else None,
        "trackingProvider": gone[0][0].carrier if gone else None,
        "createDate": plain(order.created_at),
        "paymentDate": plain(order.paid_at),
        "outWarehouseTime": plain(gone[0][1] if gone else None),
        "storageId": None,
        "isSandbox": int(order.details["sandbox"]),
        "splitOrderList": [split_code(order, n) for n in range(len(order.parcels))]
        if len(order.parcels) > 1
        else [],
        "productList": _lines(order, parcels),
    }


def _status_of(
    trade: Trade, order: Order, parcels: list[Parcel], gone: list[tuple[Parcel, datetime]]
) -> str:
    """The status of an order, or of the one parcel that a split-off order is."""
    if parcels == order.parcels or not gone:
        return status(trade, order) if parcels == order.parcels else "UNSHIPPED"
    parcel, at = gone[0]
    return "DELIVERED" if at + parcel.transit <= trade.clock() else "SHIPPED"


def _amounts(order: Order) -> dict[str, Any]:
    return {
        "orderAmount": number(order.total),
        "productAmount": number(order.goods),
        "postageAmount": number(order.postage),
    }


def _lines(order: Order, parcels: list[Parcel]) -> list[dict[str, Any]]:
    return [
        {
            "lineItemId": f"{order.number}{n:02d}",
            "storeLineItemId": order.lines[n].tag,
            "vid": vid(order.lines[n].variant),
            "sku": variant_sku(order.lines[n].variant),
            "quantity": order.lines[n].units,
            "sellPrice": number(order.lines[n].unit_price),
        }
        for parcel in parcels
        for n in parcel.lines
    ]


Service = Callable[[Trade, Asked], Any]

SERVICES: dict[tuple[str, str], Service] = {
    ("POST", "/shopping/order/createOrderV2"): create,
    ("GET", "/shopping/order/getOrderDetail"): detail,
    ("POST", "/shopping/order/getOrderDetailBatch"): details,
    ("GET", "/shopping/order/list"): listed,
    ("DELETE", "/shopping/order/deleteOrder"): delete,
}
