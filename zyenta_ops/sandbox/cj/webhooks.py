"""CJ's webhooks: what accounts have subscribed to, and messages signed with their openId."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zyenta_ops.sandbox.chance import digest
from zyenta_ops.sandbox.cj import products
from zyenta_ops.sandbox.cj.accounts import Account, Asked, Logins
from zyenta_ops.sandbox.cj.envelope import CjError, Code, plain
from zyenta_ops.sandbox.cj.orders import split_code, status
from zyenta_ops.sandbox.orders import Order, checkpoints
from zyenta_ops.sandbox.prices import dollars
from zyenta_ops.sandbox.products import Product, ProductStatus, Variant
from zyenta_ops.sandbox.pushes import News, Push
from zyenta_ops.sandbox.trade import Trade

TOPICS = ("product", "stock", "order", "logistics", "makeup", "privateOrder")
_TOPIC_OF = {
    "PRODUCT": "product",
    "VARIANT": "product",
    "STOCK": "stock",
    "ORDER": "order",
    "ORDERSPLIT": "order",
    "LOGISTIC": "logistics",
}


def webhook_signature(open_id: int, body: bytes) -> str:
    """The `sign` header of a message."""
    made = hmac.new(str(open_id).encode(), body, hashlib.sha256).digest()
    return base64.b64encode(made).decode()


@dataclass(frozen=True)
class _Message:
    """What is told, before it is addressed to anyone; `account` is empty when it is for all."""

    account: str
    kind: str
    change: str
    params: dict[str, Any]


@dataclass
class Webhooks:
    """Who is told what, and what has been told."""

    subscriptions: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    _news: News = field(default_factory=News)
    _split: set[int] = field(default_factory=set)
    _moved: int = 0

    @property
    def services(self) -> dict[tuple[str, str], Callable[[Trade, Asked], Any]]:
        """The interface that subscribes."""
        return {("POST", "/webhook/set"): self.subscribe}

    def subscribe(self, trade: Trade, asked: Asked) -> bool:
        """POST /webhook/set: each topic is enabled with its addresses, or cancelled."""
        wanted = self.subscriptions.setdefault(asked.account.name, {})
        for topic, setting in asked.body.items():
            urls = setting.get("callbackUrls") if isinstance(setting, dict) else None
            if topic not in TOPICS or not isinstance(urls, list):
                raise CjError(Code.WEBHOOK_INVALID, f"Webhook param error: {topic}")
            wanted[topic] = urls if setting.get("type") in ("ENABLE", "ALL") else []
        return True

    def messages(self, trade: Trade, logins: Logins) -> list[Push]:
        """What has happened since the last time, for everyone who is to be told."""
        told = [*self._of_orders(trade), *self._of_products(trade)]
        return [
            push
            for message in told
            for account in logins.accounts.values()
            if message.account in ("", account.name)
            for push in self._addressed(trade, account, message)
        ]

    def _addressed(self, trade: Trade, account: Account, message: _Message) -> Iterator[Push]:
        topics = self.subscriptions.get(account.name, {})
        for url in topics.get(_TOPIC_OF[message.kind], []):
            document = {
                "messageId": digest(trade.seed, "message", trade.next_number())[:32],
                "type": message.kind,
                "messageType": message.change,
                "openId": account.open_id,
                "params": message.params,
            }
            body = json.dumps(document, separators=(",", ":")).encode()
            headers = {
                "Content-Type": "application/json",
                "sign": webhook_signature(account.open_id, body),
            }
            yield Push("cj", url, headers, body, trade.clock())

    def _of_orders(self, trade: Trade) -> Iterator[_Message]:
        for order, at, event in self._news.fresh(trade.orders.orders.values(), trade.clock()):
            if len(order.parcels) > 1 and order.number not in self._split:
                self._split.add(order.number)
                yield _Message(order.account, "ORDERSPLIT", "INSERT", _split(order))
            # Spelt as CJ spells it.
            change = "ORDER_CONNNECTED" if event == "created" else "UPDATE"
            yield _Message(order.account, "ORDER", change, _order(trade, order))
            if event.startswith(("shipped", "delivered")):
                params = _parcel(trade, order, event.partition(":")[2], at)
                yield _Message(order.account, "LOGISTIC", "UPDATE", params)

    def _of_products(self, trade: Trade) -> Iterator[_Message]:
        changed = trade.catalogue.changed
        fresh, self._moved = changed[self._moved :], len(changed)
        for product, variant, what in fresh:
            if variant is None:
                yield _Message("", "PRODUCT", "UPDATE", _product(product))
            elif what == "stock":
                yield _Message("", "STOCK", "UPDATE", _stock(variant))
            else:
                yield _Message("", "VARIANT", "UPDATE", _variant(product, variant))


def _order(trade: Trade, order: Order) -> dict[str, Any]:
    now = trade.clock()
    gone = order.shipped(now)
    tracking = gone[0][0].tracking if gone else None
    return {
        "orderNumber": order.reference,
        "cjOrderId": order.number,
        "orderStatus": status(trade, order),
        "logisticName": order.service,
        "trackNumber": tracking,
        "trackingUrl": f"https://track.example/{tracking}" if tracking else None,
        "createDate": plain(order.created_at),
        "updateDate": plain(now),
        "payDate": plain(order.paid_at),
    }


def _split(order: Order) -> dict[str, Any]:
    parts = [
        {
            "orderCode": split_code(order, n),
            "productList": [
                {
                    "vid": products.vid(order.lines[line].variant),
                    "sku": products.variant_sku(order.lines[line].variant),
                    "quantity": order.lines[line].units,
                }
                for line in parcel.lines
            ],
        }
        for n, parcel in enumerate(order.parcels)
    ]
    return {"originalOrderId": str(order.number), "splitOrderList": parts}


def _parcel(trade: Trade, order: Order, tracking: str, at: datetime) -> dict[str, Any]:
    gone = order.shipped(trade.clock())
    parcel, shipped_at = next(one for one in gone if one[0].tracking == tracking)
    scans = checkpoints(parcel, shipped_at, at)
    events = [{"time": plain(time), "status": text} for time, text in scans]
    return {
        "orderId": order.number,
        "logisticName": order.service,
        "trackingNumber": tracking,
        "trackingStatus": 12 if scans[-1][1] == "Delivered" else 1,
        "logisticsTrackEvents": json.dumps(events),
    }


def _product(product: Product) -> dict[str, Any]:
    """Only what is among the fields has changed; the rest is null and says nothing."""
    return {
        "pid": products.pid(product),
        "fields": ["productStatus"],
        "productStatus": 3 if product.status is ProductStatus.ON_SALE else 2,
        "productNameEn": None,
        "productSellPrice": None,
        "productImage": None,
    }


def _variant(product: Product, variant: Variant) -> dict[str, Any]:
    priced = variant.offered
    return {
        "vid": products.vid(variant),
        "pid": products.pid(product),
        "fields": ["variantSellPrice"] if priced else ["variantStatus"],
        "variantSellPrice": dollars(variant.price) if priced else None,
        "variantStatus": None if priced else 0,
        "variantNameEn": None,
    }


def _stock(variant: Variant) -> dict[str, Any]:
    places = [
        {
            "vid": products.vid(variant),
            "areaId": products.AREAS[country][0],
            "areaEn": products.AREAS[country][1],
            "countryCode": country,
            "storageNum": units,
        }
        for country, units in variant.stock.items()
    ]
    return {products.vid(variant): places}
