"""Pushes of AliExpress: message 53, an order's status has changed."""

from __future__ import annotations

import json

from zyenta_ops.sandbox.aliexpress.apps import App, Tokens
from zyenta_ops.sandbox.aliexpress.signing import push_signature
from zyenta_ops.sandbox.chance import between
from zyenta_ops.sandbox.pushes import News, Push
from zyenta_ops.sandbox.trade import Trade

_STATUSES = {
    "created": "OrderCreated",
    "paid": "PaymentAuthorized",
    "shipped": "OrderShipped",
    "delivered": "OrderConfirmed",
    "cancelled": "OrderClosed",
    "expired": "OrderClosed",
}


def messages(trade: Trade, tokens: Tokens, news: News) -> list[Push]:
    """What has happened since the last time, for every app that wants to know."""
    now = trade.clock()
    found = []
    for order, at, event in news.fresh(trade.orders.orders.values(), now):
        status = _STATUSES[event.partition(":")[0]]
        for app in _listeners(tokens, order.account):
            body = _body(trade, order.account, order.number, status, int(at.timestamp()))
            headers = {
                "Content-Type": "application/json",
                "Authorization": push_signature(app.key, app.secret, body),
            }
            found.append(Push("aliexpress", app.push_url, headers, body, now))
    return found


def _listeners(tokens: Tokens, buyer: str) -> list[App]:
    granted = {g.app.key for g in tokens.grants if g.buyer.name == buyer and not g.revoked}
    return [app for key, app in tokens.apps.items() if app.push_url and key in granted]


def _body(trade: Trade, buyer: str, order: int, status: str, at: int) -> bytes:
    user = between(10**9, 10**10 - 1, trade.seed, buyer)
    message = {
        "data": {"buyerId": user, "orderId": order, "orderStatus": status},
        "message_type": 53,
        "seller_id": str(user),
        "site": "ae_global",
        "timestamp": at,
    }
    return json.dumps(message, separators=(",", ":")).encode()
