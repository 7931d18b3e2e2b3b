"""Printful's webhooks of v1: one address per store, nothing is signed."""

from __future__ import annotations

import json
from typing import Any

from zyenta_ops.sandbox.printful.envelope import bad_request, body_of
from zyenta_ops.sandbox.printful.orders import order_document, shipments
from zyenta_ops.sandbox.pushes import News, Push
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Call, Request, Routes

_TYPES = {
    "created": "order_created",
    "paid": "order_updated",
    "shipped": "package_shipped",
    "cancelled": "order_canceled",
}


class Webhooks:
    """Where each account's news go, and what has been told."""

    def __init__(self, trade: Trade, store: int) -> None:
        self._trade, self._store, self._news = trade, store, News()
        self._settings: dict[str, dict[str, Any]] = {}

    def mount(self, routes: Routes) -> None:
        """Answer for the path of webhooks."""
        routes.add("GET", "/webhooks", self.get)
        routes.add("POST", "/webhooks", self.set)
        routes.add("DELETE", "/webhooks", self.remove)

    def get(self, request: Request, call: Call) -> Any:
        """GET /webhooks."""
        return self._settings.get(call.account, {"url": None, "types": [], "params": {}})

    def set(self, request: Request, call: Call) -> Any:
        """POST /webhooks: replaces what was set before."""
        body = body_of(request)
        url, types = body.get("url"), body.get("types")
        if not isinstance(url, str) or not isinstance(types, list):
            raise bad_request("url and types are required")
        self._settings[call.account] = {"url": url, "types": types, "params": {}}
        return self._settings[call.account]

    def remove(self, request: Request, call: Call) -> Any:
        """DELETE /webhooks."""
        self._settings.pop(call.account, None)
        return self.get(request, call)

    def messages(self) -> list[Push]:
        """What has happened since the last time, for those who want to know."""
        now, found = self._trade.clock(), []
        for order, at, event in self._news.fresh(self._trade.orders.orders.values(), now):
            name, _, tracking = event.partition(":")
            wanted, kind = self._settings.get(order.account), _TYPES.get(name)
            if wanted is None or kind not in wanted["types"]:
                continue
            data: dict[str, Any] = {"order": order_document(self._trade, self._store, order)}
            if name == "shipped":
                gone = shipments(self._trade, order)
                data["shipment"] = next(s for s in gone if s["tracking_number"] == tracking)
            document = {
                "type": kind,
                "created": int(at.timestamp()),
                "retries": 0,
                "store": self._store,
                "data": data,
            }
            body = json.dumps(document, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json"}
            found.append(Push("printful", wanted["url"], headers, body, now))
        return found
