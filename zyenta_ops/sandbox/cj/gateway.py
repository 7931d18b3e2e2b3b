"""The gateway of CJ: tokens in a header, one envelope, and strict limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from zyenta_ops.sandbox.cj import logistics, orders, payments, products
from zyenta_ops.sandbox.cj.accounts import (
    DEMO_ACCESS_TOKEN,
    DEMO_API_KEY,
    DEMO_REFRESH_TOKEN,
    Account,
    Asked,
    Logins,
)
from zyenta_ops.sandbox.cj.disputes import Disputes
from zyenta_ops.sandbox.cj.envelope import CjError, Code, failure, success
from zyenta_ops.sandbox.cj.webhooks import Webhooks
from zyenta_ops.sandbox.limits import Rate
from zyenta_ops.sandbox.pushes import Push
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Answer, Call, Request

PREFIX = "/api2.0/v1"
PER_ADDRESS = Rate(calls=10, seconds=1, burst=10)
LOGIN_RATE = Rate(calls=1, seconds=300)
REFRESH_RATE = Rate(calls=5, seconds=60, burst=5)
CALLS_PER_DAY = 1_000


Service = Callable[[Trade, Asked], Any]


class Cj:
    """The counter of CJ.

    Attributes:
        logins: users and their tokens; more can be added.
        account: the one of the demo credentials.
        disputes, webhooks: what accounts have opened and subscribed to.
    """

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self.logins = Logins(trade.seed, trade.clock)
        self.disputes = Disputes()
        self.webhooks = Webhooks()
        self.services: dict[tuple[str, str], Service] = {
            **products.SERVICES,
            **logistics.SERVICES,
            **orders.SERVICES,
            **payments.SERVICES,
            **self.disputes.services,
            **self.webhooks.services,
        }
        self.account = self.logins.add(Account("demo", DEMO_API_KEY, open_id=12312))
        self.logins.log_in(self.account, DEMO_ACCESS_TOKEN, DEMO_REFRESH_TOKEN)
        # The demo tokens are not those that a login repeats within the day.
        self.logins.logins["demo"].created_at -= timedelta(days=1)

    def identify(self, request: Request) -> Call:
        """The path below the version, and the user whose token it is."""
        token = request.headers.get("cj-access-token", "")
        holders = (n for n, login in self.logins.logins.items() if login.access_token == token)
        path = request.path.removeprefix(PREFIX)
        known = path if any(path == known for _, known in self._interfaces()) else "unknown"
        account = next(holders, "") if token else ""
        product = request.parameters().get("pid", "")
        return Call("cj", request.method, known, account, product)

    def forget_token(self, call: Call) -> None:
        """Let the token of the calling user expire."""
        self.logins.expire(call.account)

    def revoke(self, account: str) -> bool:
        """End a user's API keys and tokens."""
        return self.logins.remove(account)

    def news(self) -> list[Push]:
        """Messages about what has happened since the last time."""
        return self.webhooks.messages(self.trade, self.logins)

    def answer(self, request: Request, call: Call) -> Answer:
        """Answer in CJ's envelope."""
        request_id = f"{self.trade.next_number():032x}"
        try:
            return success(self._serve(request, call), request_id)
        except CjError as error:
            return failure(error, request_id)

    def _interfaces(self) -> list[tuple[str, str]]:
        tokens = ("getAccessToken", "refreshAccessToken", "logout")
        return [*self.services, *(("POST", f"/authentication/{name}") for name in tokens)]

    def _serve(self, request: Request, call: Call) -> Any:
        self._meter_rate(call, f"address {request.client}", PER_ADDRESS)
        if "throttled" in call.effects:
            raise CjError(Code.TOO_MANY_REQUESTS, "Too Many Requests")
        try:
            body = request.document()
        except ValueError:
            raise CjError(Code.PARAMETER, "Param error: the body is not JSON") from None
        interface = request.path.removeprefix(PREFIX)
        if (request.method, interface) not in self._interfaces():
            raise CjError(Code.NO_SUCH_INTERFACE, "Interface not found")
        if interface == "/authentication/getAccessToken":
            return self._log_in(call, body)
        if interface == "/authentication/refreshAccessToken":
            self._meter_rate(call, "refresh", REFRESH_RATE)
            return self.logins.document(self.logins.refresh(body.get("refreshToken")))
        account = self.logins.by_token(request.headers.get("cj-access-token", ""))
        self._meter_rate(call, f"user {account.name}", account.rate)
        self._meter_day(call, account, interface)
        if "forbidden" in call.effects:
            raise CjError(Code.API_KEY_WRONG, "The API key may not use this")
        if interface == "/authentication/logout":
            self.logins.log_out(account)
            return True
        asked = Asked(call, account, request.parameters(), request.pairs(), body)
        return self.services[request.method, interface](self.trade, asked)

    def _log_in(self, call: Call, body: dict[str, Any]) -> Any:
        account = self.logins.by_api_key(body.get("apiKey"))
        call.account = account.name
        self._meter_rate(call, f"login {account.name}", LOGIN_RATE)
        return self.logins.document(self.logins.log_in(account))

    def _meter_rate(self, call: Call, key: str, rate: Rate) -> None:
        if self.trade.limits.wait(call, key, rate):
            message = f"Too Many Requests, QPS limit is {rate.calls} time/{rate.seconds:g}second"
            raise CjError(Code.TOO_MANY_REQUESTS, message)

    def _meter_day(self, call: Call, account: Account, interface: str) -> None:
        key = f"{account.name} {interface}"
        if not account.verified and not self.trade.limits.spend(call, key, CALLS_PER_DAY):
            raise CjError(Code.QUOTA_USED_UP, "The daily quota of this interface has been used up")
