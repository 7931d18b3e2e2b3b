"""The gateway of Printful: a Bearer token, 120 calls a minute, errors with a reason."""

from __future__ import annotations

import math
from typing import Any

from zyenta_ops.sandbox.limits import Rate
from zyenta_ops.sandbox.printful.envelope import PrintfulError, failure, not_found, success
from zyenta_ops.sandbox.printful.orders import Orders
from zyenta_ops.sandbox.printful.products import Store
from zyenta_ops.sandbox.printful.webhooks import Webhooks
from zyenta_ops.sandbox.pushes import Push
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Answer, Call, Request, Routes

DEMO_TOKEN = "sandbox-printful-private-token"  # noqa: S105
STORE_ID = 16_650_001
RATE = Rate(calls=120, seconds=60, burst=120)


class Printful:
    """The counter of Printful.

    Attributes:
        tokens: account names by token; more can be added. Tokens do not expire by themselves.
    """

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self.tokens = {DEMO_TOKEN: "demo"}
        self.webhooks = Webhooks(trade, STORE_ID)
        self._refused_once: set[str] = set()
        self._routes = Routes()
        self._routes.add("GET", "/stores", self._stores)
        self._routes.add("GET", "/stores/{name}", self._store)
        for part in (Store(trade), Orders(trade, STORE_ID), self.webhooks):
            part.mount(self._routes)

    def identify(self, request: Request) -> Call:
        """The pattern of the path, and the account whose token it is."""
        pattern, handler, parts = self._routes.find(request.method, request.path)
        account = self.tokens.get(_token(request), "")
        product = parts.get("name", "") if pattern.startswith("/store/products/") else ""
        operation = pattern if handler else "unknown"
        return Call("printful", request.method, operation, account, product)

    def forget_token(self, call: Call) -> None:
        """A token cannot expire here: it is refused during this call only."""
        self._refused_once.add(call.account)

    def revoke(self, account: str) -> bool:
        """End the tokens of an account."""
        known = account in self.tokens.values()
        self.tokens = {token: name for token, name in self.tokens.items() if name != account}
        return known

    def news(self) -> list[Push]:
        """Messages about what has happened since the last time."""
        return self.webhooks.messages()

    def answer(self, request: Request, call: Call) -> Answer:
        """Answer in Printful's envelope."""
        try:
            return success(*self._serve(request, call))
        except PrintfulError as error:
            return failure(error)

    def _serve(self, request: Request, call: Call) -> tuple[Any, Any]:
        if call.account in self._refused_once or not call.account:
            self._refused_once.discard(call.account)
            raise PrintfulError(401, "Unauthorized", "The access token provided is invalid.")
        wait = self.trade.limits.wait(call, f"token of {call.account}", RATE)
        if wait or "throttled" in call.effects:
            seconds = max(1, math.ceil(wait))
            message = f"Too many requests. Please try again after {seconds} seconds."
            raise PrintfulError(429, "TooManyRequests", message, retry_after=seconds)
        if "forbidden" in call.effects:
            raise PrintfulError(403, "Forbidden", "The access token lacks the scope for this.")
        _, handler, parts = self._routes.find(request.method, request.path)
        if handler is None:
            raise not_found()
        found = handler(request, call, **parts)
        return found if isinstance(found, tuple) else (found, None)

    def _stores(self, request: Request, call: Call) -> Any:
        return [{"id": STORE_ID, "type": "native", "name": "Sandbox Store"}]

    def _store(self, request: Request, call: Call, name: str) -> Any:
        found = [store for store in self._stores(request, call) if str(store["id"]) == name]
        if not found:
            raise not_found()
        return found[0]


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""
