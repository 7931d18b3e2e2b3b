"""Connecting a Printful account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.suppliers.logins import FixedLogin, given_secrets
from zyenta_ops.adapters.suppliers.printful.config import PrintfulConfig
from zyenta_ops.adapters.suppliers.printful.gateway import PrintfulGateway
from zyenta_ops.ports.gateway import RateLimiter, Secrets, Tokens


class PrintfulConnector:
    """Satisfies `zyenta_ops.ports.gateway.Connector`. Private tokens are not renewed."""

    def __init__(
        self,
        config: PrintfulConfig,
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
        """A private token is all there is."""
        return ("token",)

    @property
    def guide(self) -> str:
        """Where tokens are made."""
        return (
            "Printful dashboard, Settings, API: create a token for the store with the scopes to"
            " view store products and to view and manage orders."
        )

    def connect(self, given: Secrets) -> Tokens:
        """Try the token. `webhook_secret` may be given too, see `PrintfulConfig`."""
        secrets = given_secrets(given, self.asks_for, also=("webhook_secret",))
        gateway = PrintfulGateway(
            self._config, FixedLogin(secrets), self._limiter, self._clock, http=self._http
        )
        try:
            gateway.check()
        finally:
            gateway.close()
        return Tokens(secrets)
