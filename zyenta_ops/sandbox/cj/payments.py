"""CJ's steps from a created order to a paid one, and the shortcuts of its sandbox orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from zyenta_ops.sandbox.cj.accounts import Asked
from zyenta_ops.sandbox.cj.envelope import CjError, Code
from zyenta_ops.sandbox.cj.orders import confirm_order, order_of, pay_order, status
from zyenta_ops.sandbox.orders import Order
from zyenta_ops.sandbox.prices import number
from zyenta_ops.sandbox.trade import Trade

_TARGETS = {400: "UNSHIPPED", 500: "SHIPPED", 600: "DELIVERED", 700: "DELIVERED"}


def confirm(trade: Trade, asked: Asked) -> str:
    """PATCH /shopping/order/confirmOrder: from CREATED to UNPAID."""
    order = order_of(trade, asked, asked.body.get("orderId"))
    confirm_order(trade, order)
    return str(order.number)


def balance(trade: Trade, asked: Asked) -> dict[str, Any]:
    """GET /shopping/pay/getBalance: what the account has with CJ, in US dollars."""
    cents = trade.orders.balances[asked.account.name]
    return {"amount": number(cents), "noWithdrawalAmount": 0, "freezeAmount": 0}


def pay(trade: Trade, asked: Asked) -> None:
    """POST /shopping/pay/payBalance: from UNPAID to UNSHIPPED. Its data is null."""
    pay_order(trade, order_of(trade, asked, asked.body.get("orderId")))


def add_to_cart(trade: Trade, asked: Asked) -> dict[str, Any]:
    """POST /shopping/order/addCart: from CREATED to IN_CART."""
    orders = _orders(trade, asked)
    for order in orders:
        if order.step == "CREATED" and order.cancelled_at is None:
            order.step = "IN_CART"
    return {"successCount": len(orders), "addSuccessOrders": [str(o.number) for o in orders]}


def confirm_cart(trade: Trade, asked: Asked) -> dict[str, Any]:
    """POST /shopping/order/addCartConfirm: from IN_CART to UNPAID."""
    orders = _orders(trade, asked)
    for order in orders:
        confirm_order(trade, order)
    return {"submitSuccess": True, "shipmentsId": f"SH{orders[0].number}"}


def open_payment(trade: Trade, asked: Asked) -> dict[str, Any]:
    """POST /shopping/order/saveGenerateParentOrder: a payment for a shipment order."""
    order = _shipment(trade, asked)
    order.details["payment"] = f"PAY{order.number}"
    return {"payId": order.details["payment"], "orderAmount": number(order.total)}


def pay_v2(trade: Trade, asked: Asked) -> None:
    """POST /shopping/pay/payBalanceV2: pays what was opened. Its data is null."""
    order = _shipment(trade, asked)
    if asked.body.get("payId") != order.details.get("payment"):
        raise CjError(Code.PAY_FAILED, "Order pay fail: payId is unknown")
    pay_order(trade, order)


def simulate_payment(trade: Trade, asked: Asked) -> bool:
    """POST /shopping/sandbox/simulatePay: a sandbox order counts as paid; no money moves."""
    order = _sandbox_order(trade, asked)
    if order.paid_at is not None or order.cancelled_at is not None:
        raise CjError(Code.PAY_FAILED, "Order pay fail: it is not waiting for payment")
    order.paid_at = trade.clock()
    return True


def update_status(trade: Trade, asked: Asked) -> bool:
    """POST /shopping/sandbox/updateStatus: a sandbox order goes on, one step at a time."""
    order, now = _sandbox_order(trade, asked), trade.clock()
    target = asked.body.get("targetStatus")
    reached = order.details.get("target", 300)
    if target not in _TARGETS or target != reached + 100 or order.paid_at is None:
        raise CjError(Code.PARAMETER, "Param error: targetStatus goes up in order")
    for parcel in order.parcels:
        if target == 500:
            parcel.after = now - order.paid_at
        elif target == 600:
            parcel.transit = now - (order.paid_at + parcel.after)
        elif target == 400:
            parcel.after = parcel.transit = timedelta(days=365)
    order.details["target"] = target
    return status(trade, order) == _TARGETS[target]


def _sandbox_order(trade: Trade, asked: Asked) -> Order:
    order = order_of(trade, asked, asked.body.get("orderId"))
    if not order.details["sandbox"]:
        raise CjError(Code.PARAMETER, "Param error: not a sandbox order")
    return order


def _orders(trade: Trade, asked: Asked) -> list[Order]:
    names = asked.body.get("cjOrderIdList")
    if not isinstance(names, list) or not names:
        raise CjError(Code.PARAMETER, "Param error: cjOrderIdList must not be empty")
    return [order_of(trade, asked, name) for name in names]


def _shipment(trade: Trade, asked: Asked) -> Order:
    return order_of(trade, asked, str(asked.body.get("shipmentOrderId")).removeprefix("SH"))


Service = Callable[[Trade, Asked], Any]

SERVICES: dict[tuple[str, str], Service] = {
    ("PATCH", "/shopping/order/confirmOrder"): confirm,
    ("GET", "/shopping/pay/getBalance"): balance,
    ("POST", "/shopping/pay/payBalance"): pay,
    ("POST", "/shopping/order/addCart"): add_to_cart,
    ("POST", "/shopping/order/addCartConfirm"): confirm_cart,
    ("POST", "/shopping/order/saveGenerateParentOrder"): open_payment,
    ("POST", "/shopping/pay/payBalanceV2"): pay_v2,
    ("POST", "/shopping/sandbox/simulatePay"): simulate_payment,
    ("POST", "/shopping/sandbox/updateStatus"): update_status,
}
