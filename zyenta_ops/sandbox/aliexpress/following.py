"""aliexpress.trade.ds.order.get and aliexpress.ds.order.tracking.get: how an order is doing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from zyenta_ops.sandbox.aliexpress import products
from zyenta_ops.sandbox.aliexpress.apps import Grant
from zyenta_ops.sandbox.aliexpress.envelopes import Listed, Loose, Refused, ServiceError
from zyenta_ops.sandbox.chance import chance
from zyenta_ops.sandbox.orders import Order, Parcel, Standing, checkpoints
from zyenta_ops.sandbox.prices import dollars
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Call

# Some paid orders are looked at for a day before anything happens.
RISK_CONTROL = timedelta(hours=24)
_STATUSES = {
    Standing.UNPAID: "PLACE_ORDER_SUCCESS",
    Standing.PAID: "WAIT_SELLER_SEND_GOODS",
    Standing.HELD: "IN_FROZEN",
    Standing.PART_SHIPPED: "SELLER_PART_SEND_GOODS",
    Standing.SHIPPED: "WAIT_BUYER_ACCEPT_GOODS",
    Standing.DELIVERED: "FINISH",
    Standing.CANCELLED: "FINISH",
    Standing.EXPIRED: "FINISH",
}
_LOGISTICS = {
    Standing.PART_SHIPPED: "SELLER_SEND_PART_GOODS",
    Standing.SHIPPED: "SELLER_SEND_GOODS",
    Standing.DELIVERED: "BUYER_ACCEPT_GOODS",
    Standing.PAID: "WAIT_SELLER_SEND_GOODS",
    Standing.HELD: "WAIT_SELLER_SEND_GOODS",
}
_END_REASONS = {
    Standing.DELIVERED: "buyer_accept_goods",
    Standing.CANCELLED: "cancel_order_close_trade",
    Standing.EXPIRED: "pay_timeout_close_trade",
}


def get(trade: Trade, call: Call, grant: Grant, sent: dict[str, str]) -> dict[str, Any]:
    """An order of the buyer."""
    number = sent.get("order_id", "")
    if "single_order_query" in sent:
        try:
            number = str(json.loads(sent["single_order_query"])["order_id"])
        except (ValueError, TypeError, KeyError):
            raise Refused(
                "MissingParameter", "The input parameter single_order_query is not valid"
            ) from None
    order = _order(trade, grant, number)
    if order is None:
        raise ServiceError("isv.insufficient-permission", "Insufficient isv permissions")
    return {"result": _document(trade, order)}


def track(trade: Trade, call: Call, grant: Grant, sent: dict[str, str]) -> dict[str, Any]:
    """Where the parcels of an order are; nothing is found before they leave."""
    order = _order(trade, grant, sent.get("ae_order_id", ""))
    shipped = order.shipped(trade.clock()) if order else []
    if not shipped:
        result = {"ret": Loose(False), "code": "1001", "msg": "TRACKING DATA NOT FOUND"}
        return {"result": result, "outcome": "1001"}
    details = [_tracked(trade, parcel, at) for parcel, at in shipped]
    data = {"tracking_detail_line_list": Listed("tracking_detail", details)}
    return {"result": {"ret": Loose(True), "code": "0", "msg": "success", "data": data}}


def _order(trade: Trade, grant: Grant, number: str) -> Order | None:
    return trade.orders.find(grant.buyer.name, int(number)) if number.isdecimal() else None


def _status(trade: Trade, order: Order) -> str:
    now = trade.clock()
    standing = order.standing(now)
    watched = chance(trade.seed, "risk", order.number) < 0.2
    recent = order.paid_at is not None and now - order.paid_at < RISK_CONTROL
    if standing is Standing.PAID and watched and recent:
        return "RISK_CONTROL"
    return _STATUSES[standing]


def _document(trade: Trade, order: Order) -> dict[str, Any]:
    now = trade.clock()
    standing = order.standing(now)
    left = (order.pay_by - now).total_seconds() if order.pay_by else 0
    amount = {"amount": dollars(order.total), "currency_code": "USD"}
    return {
        "order_status": _status(trade, order),
        "logistics_status": _LOGISTICS.get(standing, "NO_LOGISTICS"),
        "gmt_create": order.created_at.strftime("%Y-%m-%d %H:%M:%S"),
        "order_paidtime_string": (
            order.paid_at.strftime("%Y-%m-%d %H:%M:%S") if order.paid_at else ""
        ),
        "pay_timeout_second": Loose(max(0, int(left)) if standing is Standing.UNPAID else 0),
        "order_amount": amount,
        "user_order_amount": amount,
        "logistics_info_list": Listed(
            "aeop_order_logistics_info",
            [
                {"logistics_no": parcel.tracking, "logistics_service": order.service}
                for parcel, _ in order.shipped(now)
            ],
        ),
        "child_order_list": Listed(
            "aeop_child_order_info",
            [
                {
                    "product_id": products.product_id(line.product),
                    "sku_id": products.sku_id(line.variant),
                    "product_name": line.product.title,
                    "product_count": Loose(line.units),
                    "product_price": {"amount": dollars(line.unit_price), "currency_code": "USD"},
                    "end_reason": _END_REASONS.get(standing, ""),
                }
                for line in order.lines
            ],
        ),
        "store_info": {"store_id": 1_100_000 + order.lines[0].product.seller},
    }


def _tracked(trade: Trade, parcel: Parcel, shipped_at: Any) -> dict[str, Any]:
    now = trade.clock()
    nodes = [
        {
            "time_stamp": Loose(int(at.timestamp() * 1000)),
            "tracking_name": text,
            "tracking_detail_desc": f"{text}.",
        }
        for at, text in reversed(checkpoints(parcel, shipped_at, now))
    ]
    # A number is sometimes given only when the carrier has the parcel in hand.
    nameless = len(nodes) == 1 and chance(trade.seed, "nameless", parcel.tracking) < 0.3
    return {
        "mail_no": "" if nameless else parcel.tracking,
        "carrier_name": parcel.carrier,
        "eta_time_stamps": Loose(int((shipped_at + parcel.transit).timestamp() * 1000)),
        "detail_node_list": Listed("detail_node", nodes),
        "package_item_list": Listed("package_item", []),
    }
