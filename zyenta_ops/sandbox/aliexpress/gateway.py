"""The gateway of AliExpress: /sync and /rest, signatures, sessions and limits.

Which of the two shapes a refusal takes on /sync is not documented; here it follows `simplify`, so
that a client meets both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from zyenta_ops.sandbox.aliexpress import addresses, following, freight, orders, products, pushes
from zyenta_ops.sandbox.aliexpress.apps import (
    DEMO_ACCESS_TOKEN,
    DEMO_APP_KEY,
    DEMO_APP_SECRET,
    DEMO_CODE,
    DEMO_REFRESH_TOKEN,
    App,
    Buyer,
    Grant,
    Tokens,
)
from zyenta_ops.sandbox.aliexpress.envelopes import (
    Refused,
    ServiceError,
    refusal,
    render,
    service_error,
)
from zyenta_ops.sandbox.aliexpress.signing import signature
from zyenta_ops.sandbox.limits import Rate
from zyenta_ops.sandbox.pushes import News, Push
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Answer, Call, Request

MAX_SKEW = timedelta(seconds=7_200)
# The console shows an app's own limits; these are the sandbox's.
APP_RATE = Rate(calls=20, seconds=1, burst=20)
TOKEN_METHODS = ("/auth/token/create", "/auth/token/refresh",
                 "/auth/token/security/create", "/auth/token/security/refresh")  # fmt: skip

Service = Callable[[Trade, Call, Grant, dict[str, str]], dict[str, Any]]


class AliExpress:
    """The counter of AliExpress.

    Attributes:
        tokens: apps, buyers and what was granted; more can be added.
        app, buyer: those of the demo credentials.
    """

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self.tokens = Tokens(trade.seed, trade.clock)
        self._news = News()
        self.services: dict[str, Service] = {
            "aliexpress.ds.product.get": products.get,
            "aliexpress.ds.freight.query": freight.query,
            "aliexpress.ds.address.get": addresses.get,
            "aliexpress.ds.order.create": orders.create,
            "aliexpress.trade.ds.order.get": following.get,
            "aliexpress.ds.order.tracking.get": following.track,
        }
        self.app = self.add_app(App(DEMO_APP_KEY, DEMO_APP_SECRET))
        self.buyer = self.add_buyer(Buyer("demo", pays_by_api=True))
        demo = DEMO_ACCESS_TOKEN, DEMO_REFRESH_TOKEN
        self.tokens.authorise(self.app, self.buyer, DEMO_CODE, *demo)
        self.tokens.grant(self.app, self.buyer, *demo)

    def add_app(self, app: App) -> App:
        """Register an app."""
        self.tokens.apps[app.key] = app
        return app

    def add_buyer(self, buyer: Buyer) -> Buyer:
        """Register a buyer account."""
        self.tokens.buyers[buyer.name] = buyer
        return buyer

    def identify(self, request: Request) -> Call:
        """The API method or the path, and the buyer whose session it is, else the app."""
        sent = request.parameters()
        operation = request.path.removeprefix("/rest")
        if request.path == "/sync":
            operation = sent.get("method", "")
        session = _session(sent)
        holders = (g for g in self.tokens.grants if session and g.access_token == session)
        grant = next(holders, None)
        app = self.tokens.apps.get(sent.get("app_key", ""))
        account = grant.buyer.name if grant else f"app {app.key}" if app else ""
        product = sent.get("product_id", "")
        return Call("aliexpress", request.method, operation, account, product)

    def forget_token(self, call: Call) -> None:
        """Let the tokens of the calling buyer expire."""
        self.tokens.expire(call.account)

    def revoke(self, account: str) -> bool:
        """The buyer withdraws what was granted to every app."""
        self.tokens.revoke(account)
        return account in self.tokens.buyers

    def news(self) -> list[Push]:
        """Pushes of what has happened since the last time."""
        return pushes.messages(self.trade, self.tokens, self._news)

    def answer(self, request: Request, call: Call) -> Answer:
        """Answer a call to /sync, /rest or the authorisation page."""
        if request.path == "/oauth/authorize" and request.method == "GET":
            return self._authorise(request.parameters())
        sent = request.parameters()
        request_id = f"2141{self.trade.next_number():020d}"
        on_rest = request.path.startswith("/rest/")
        if not on_rest and request.path != "/sync":
            return Answer.of({"message": "not found"}, 404, "not found")
        simplify = sent.get("simplify", "false").lower() == "true"
        try:
            app = self._verify(sent, call.operation)
            self._meter(call, app)
            if call.operation in TOKEN_METHODS:
                return self._token_answer(app, call.operation, sent, request_id, on_rest)
            result = self._serve(app, call, sent)
        except Refused as refused:
            return refusal(refused, request_id, bare=on_rest or simplify)
        except ServiceError as error:
            return service_error(error, request_id)
        name = call.operation.replace(".", "_") + "_response"
        outcome = result.pop("outcome", "ok")
        document = render(result, simplify, self.trade.seed, call.operation, _about(sent))
        return Answer.of({name: {**document, "request_id": request_id}}, outcome=outcome)

    def _verify(self, sent: dict[str, str], operation: str) -> App:
        for name in ("app_key", "timestamp", "sign_method", "sign"):
            if not sent.get(name):
                raise Refused("MissingParameter", f"The input parameter {name} is not supplied")
        app = self.tokens.apps.get(sent["app_key"])
        if app is None:
            raise Refused("InvalidAppKey", "Invalid app key")
        at = _timestamp(sent["timestamp"])
        if at is None or abs(self.trade.clock() - at) > MAX_SKEW:
            raise Refused("IllegalTimestamp", "The timestamp is invalid or malformed")
        path = operation if operation.startswith("/") else ""
        try:
            expected = signature(app.secret, sent, sent["sign_method"], path)
        except ValueError:
            expected = ""
        if sent["sign"] != expected:
            message = "The request signature does not conform to platform standards"
            raise Refused("IncompleteSignature", message)
        return app

    def _meter(self, call: Call, app: App) -> None:
        wait = self.trade.limits.wait(call, f"app {app.key}", APP_RATE)
        if wait or "throttled" in call.effects:
            seconds = max(1, round(wait))
            message = f"App call limit exceeded, this ban will last {seconds} more seconds"
            raise Refused("ApiCallLimit", message, "ISP")
        if not self.trade.limits.spend(call, f"app {app.key}", app.calls_per_day):
            raise Refused("AppCallLimit", "The app has used up its calls of the day", "ISP")

    def _serve(self, app: App, call: Call, sent: dict[str, str]) -> dict[str, Any]:
        service = self.services.get(call.operation)
        if service is None:
            raise Refused("InvalidApiPath", "Invalid API path")
        session = _session(sent)
        if not session:
            raise Refused("MissingParameter", "The input parameter session is not supplied")
        if "forbidden" in call.effects:
            raise ServiceError("isv.insufficient-permission", "Insufficient isv permissions")
        return service(self.trade, call, self.tokens.holder(app, session), sent)

    def _token_answer(
        self, app: App, operation: str, sent: dict[str, str], request_id: str, on_rest: bool
    ) -> Answer:
        if operation.endswith("/create"):
            grant = self.tokens.exchange(app, sent.get("code", ""))
        else:
            grant = self.tokens.refresh(app, sent.get("refresh_token", ""))
        document = {**self.tokens.document(grant), "request_id": request_id}
        return Answer.of(document if on_rest else {f"{operation}_response": document})

    def _authorise(self, sent: dict[str, str]) -> Answer:
        """The page where a buyer agrees; the sandbox's buyer always does.

        The well-known code comes first: its tokens outlive a restart of the sandbox.
        """
        app = self.tokens.apps.get(sent.get("client_id", ""))
        if app is None or not sent.get("redirect_uri"):
            return Answer(400, b"unknown client_id or no redirect_uri\n", {}, "refused")
        first = app is self.app and self.tokens.is_open(DEMO_CODE)
        query = {"code": DEMO_CODE if first else self.tokens.authorise(app, self.buyer)}
        if "state" in sent:
            query["state"] = sent["state"]
        target = sent["redirect_uri"]
        joint = "&" if "?" in target else "?"
        return Answer(302, b"", {"Location": f"{target}{joint}{urlencode(query)}"})


def _session(sent: dict[str, str]) -> str:
    return sent.get("session") or sent.get("access_token") or ""


def _about(sent: dict[str, str]) -> str:
    """What a call is about, for draws that stay the same when it is repeated."""
    return sent.get("product_id") or sent.get("ae_order_id") or ""


def _timestamp(text: str) -> datetime | None:
    """Epoch milliseconds, or UTC to the second as `2017-11-11T12:00:00Z`."""
    if re.fullmatch(r"\d{13}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
