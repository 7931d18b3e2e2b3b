"""Connecting an AliExpress account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from zyenta_ops.adapters.http import HttpPolicy, build_client
from zyenta_ops.adapters.suppliers.aliexpress.config import AliExpressConfig
from zyenta_ops.adapters.suppliers.aliexpress.tokens import CREATE, tokens
from zyenta_ops.adapters.suppliers.aliexpress.wire import token_request
from zyenta_ops.adapters.suppliers.calls import Answer, Ask, Calls
from zyenta_ops.adapters.suppliers.logins import FixedLogin, given_secrets, not_renewed
from zyenta_ops.ports.gateway import RateLimiter, Secrets, Tokens

if TYPE_CHECKING:
    import httpx


class AliExpressConnector:
    """Satisfies `zyenta_ops.ports.gateway.Connector`: exchanges a code for tokens."""

    def __init__(
        self,
        config: AliExpressConfig,
        limiter: RateLimiter,
        clock: Callable[[], datetime],
        *,
        http: HttpPolicy,
    ) -> None:
        self._config = config
        self._limiter = limiter
        self._clock = clock
        self._http = http

    @property
    def asks_for(self) -> tuple[str, ...]:
        """The app, and the code that AliExpress gives when its user agrees."""
        return ("app_key", "app_secret", "code")

    @property
    def guide(self) -> str:
        """Where the code comes from."""
        return (
            f"Log in as the buyer at {self._config.base_url}/oauth/authorize?response_type=code"
            "&force_auth=true&client_id=<app_key>&redirect_uri=<callback URL of the app>, agree,"
            " and copy the code from the address you are sent to; it serves once, for minutes."
            " The buyer must also have signed the Dropshipping Program agreement in the DS Center."
        )

    def connect(self, given: Secrets) -> Tokens:
        """Exchange the code, once: what became of a code is not known after a lost reply."""
        secrets = dict(given_secrets(given, self.asks_for))
        code = {"code": secrets.pop("code")}

        def prepare(using: Secrets) -> httpx.Request:
            return token_request(self._config, using, self._clock(), CREATE, code)

        def understand(answer: Answer) -> Tokens:
            return tokens(answer, Tokens(secrets), self._clock())

        calls = Calls(
            lambda: build_client(self._http), self._limiter, FixedLogin(secrets), not_renewed
        )
        try:
            ask = Ask(prepare, understand, (self._config.reading(secrets),), urgent=True)
            return calls.read_once(ask, secrets)
        finally:
            calls.close()
