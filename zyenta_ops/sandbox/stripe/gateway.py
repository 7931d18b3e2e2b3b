"""The gateway of Stripe: a key, an account, an idempotency key, and the API behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from zyenta_ops.sandbox.chance import digest
from zyenta_ops.sandbox.pushes import Push
from zyenta_ops.sandbox.stripe import (
    accounts,
    charges,
    checkout,
    customers,
    disputes,
    entitlements,
    events,
    fraud,
    invoices,
    payment_intents,
    payment_methods,
    products,
    refunds,
    subscriptions,
    webhooks,
)
from zyenta_ops.sandbox.stripe.endpoints import Endpoint
from zyenta_ops.sandbox.stripe.errors import StripeError, broken, masked
from zyenta_ops.sandbox.stripe.idempotency import Keys, Use
from zyenta_ops.sandbox.stripe.ledger import API_VERSION, Ledger
from zyenta_ops.sandbox.stripe.lists import expanded
from zyenta_ops.sandbox.stripe.params import Params, nested
from zyenta_ops.sandbox.wire import Answer, Call, Request, Routes

DEMO_KEY = "sk_test_sandbox_platform_key"
PLATFORM = "acct_1SandboxPlatform"
_ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    **accounts.ENDPOINTS,
    **charges.ENDPOINTS,
    **checkout.ENDPOINTS,
    **customers.ENDPOINTS,
    **disputes.ENDPOINTS,
    **entitlements.ENDPOINTS,
    **events.ENDPOINTS,
    **fraud.ENDPOINTS,
    **invoices.ENDPOINTS,
    **payment_intents.ENDPOINTS,
    **payment_methods.ENDPOINTS,
    **products.ENDPOINTS,
    **refunds.ENDPOINTS,
    **subscriptions.ENDPOINTS,
    **webhooks.ENDPOINTS,
}


class Stripe:
    """The counter of Stripe.

    Attributes:
        keys: the platform's secret keys; more can be added.
        platform: the ledger of the account that the keys open.
        connected: the ledgers of connected accounts by id, also of those that have withdrawn.
        withdrawn: the accounts that the platform may not use any more.
    """

    def __init__(self, seed: str, clock: Callable[[], datetime]) -> None:
        self.seed, self.clock = seed, clock
        self.keys = {DEMO_KEY}
        self.platform = Ledger(PLATFORM, seed, clock)
        self.platform.add("account", accounts.document(Params({})), PLATFORM)
        self.connected: dict[str, Ledger] = {}
        self.withdrawn: set[str] = set()
        self._idempotency = Keys(clock)
        self._outgoing: list[Push] = []
        self._expired_once = False
        self._requests = 0
        self._routes = Routes()
        for (method, pattern), endpoint in _ENDPOINTS.items():
            self._routes.add(method, pattern, partial(self._execute, endpoint))

    def ledgers(self) -> list[Ledger]:
        """Every account's ledger, caught up with the clock and its webhooks under way.

        The platform's is the first.
        """
        for name in self.platform.objects["account"]:
            if name != PLATFORM and name not in self.connected:
                self.connected[name] = Ledger(name, self.seed, self.clock, self.platform)
        found = [self.platform, *self.connected.values()]
        for ledger in found:
            if ledger.account not in self.withdrawn:
                ledger.catch_up()
            self._outgoing += webhooks.announce(ledger)
        return found

    def identify(self, request: Request) -> Call:
        """The pattern of the path, and the account that is asked for."""
        pattern, handler, _ = self._routes.find(request.method, request.path)
        account = request.headers.get("stripe-account", PLATFORM)
        known = _key(request) in self.keys and account in {PLATFORM, *self.connected}
        return Call(
            "stripe", request.method, pattern if handler else "unknown", account if known else ""
        )

    def forget_token(self, call: Call) -> None:
        """Keys do not expire by themselves: this one is refused during this call only."""
        self._expired_once = True

    def revoke(self, account: str) -> bool:
        """Let a connected account take the platform's access away, without an event of it."""
        if account not in self.connected:
            return False
        self.withdrawn.add(account)
        return True

    def news(self) -> list[Push]:
        """Messages about events that nobody was told of yet."""
        self.ledgers()
        sent, self._outgoing = self._outgoing, []
        return sent

    def answer(self, request: Request, call: Call) -> Answer:
        """Answer as Stripe does, with a request id in any case."""
        self._requests += 1
        request_id = f"req_{digest(self.seed, 'request', self._requests)[:14]}"
        try:
            answer = self._serve(request, call, request_id)
        except StripeError as error:
            answer = error.answer()
        said = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
        if key := request.headers.get("idempotency-key"):
            said["Idempotency-Key"] = key
        return replace(answer, headers={**said, **answer.headers})

    def _serve(self, request: Request, call: Call, request_id: str) -> Answer:
        ledger = self._admit(request, call)
        _, run, parts = self._routes.find(request.method, request.path)
        if run is None:
            raise StripeError(
                404, f"Unrecognized request URL ({request.method}: {request.path}). Please see "
                "https://stripe.com/docs or we can help at https://support.stripe.com/.",
            )  # fmt: skip
        asked = Params(nested(request.pairs()))
        if request.method == "GET":
            return run(ledger, asked, parts, call)
        key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
        ledger.request = {"id": request_id, "idempotency_key": key or None}
        landing = call.effects.get("slow_landing")
        done_at = self.clock() + timedelta(seconds=landing.seconds if landing else 0)
        ledger.lands_at = done_at if landing else None
        try:
            if not key:
                return run(ledger, asked, parts, call)
            use = Use(ledger.account, key, request.path, digest(sorted(request.pairs())))
            return self._once(use, lambda: run(ledger, asked, parts, call), done_at, request_id)
        finally:
            ledger.request = {"id": None, "idempotency_key": None}
            ledger.lands_at = None

    def _once(
        self, use: Use, run: Callable[[], Answer], done_at: datetime, request_id: str
    ) -> Answer:
        """Execute what a key stands for, or say again what was said then."""
        saved = self._idempotency.replay(use)
        if saved is not None:
            return replace(saved, headers={**saved.headers, "Idempotent-Replayed": "true"})
        try:
            answer = run()
        except StripeError as error:
            if not error.executed:
                raise
            answer = error.answer()
        answer = replace(answer, headers={**answer.headers, "Original-Request": request_id})
        self._idempotency.save(use, answer, done_at)
        return answer

    def _execute(
        self, endpoint: Endpoint, ledger: Ledger, asked: Params, parts: dict[str, str], call: Call
    ) -> Answer:
        asked.only(endpoint.accepted | {"expand"})
        wanted = asked.texts("expand")
        with ledger.undoing():
            found = endpoint.run(ledger, asked, **parts)
        made = expanded(ledger, found, wanted)
        if rule := call.effects.get("status_after"):
            raise broken(rule.status, final=call.method == "POST")
        return Answer.of(made)

    def _admit(self, request: Request, call: Call) -> Ledger:
        key = _key(request)
        if not key:
            raise StripeError(
                401, "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                "YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, "
                "or we can help at https://support.stripe.com/.",
            )  # fmt: skip
        if key not in self.keys:
            raise StripeError(401, f"Invalid API Key provided: {masked(key)}")
        if self._expired_once:
            self._expired_once = False
            message = f"Expired API Key provided: {masked(key)}"
            raise StripeError(401, message, code="api_key_expired")
        if "throttled" in call.effects:
            raise StripeError(
                429, "Request rate limit exceeded. You can learn more about rate limits here "
                "https://stripe.com/docs/rate-limits.", code="rate_limit",
            )  # fmt: skip
        self.ledgers()
        account = request.headers.get("stripe-account", PLATFORM)
        if (named := request.path.removeprefix("/v1/accounts/")) in self.withdrawn:
            account = named
        if account == PLATFORM:
            return self.platform
        if account in self.withdrawn or account not in self.connected:
            raise StripeError(
                403, f"The provided key '{masked(key)}' does not have access to account "
                f"'{account}' (or that account does not exist). Application access may have been "
                "revoked.", code="account_invalid",
            )  # fmt: skip
        return self.connected[account]


def _key(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""
