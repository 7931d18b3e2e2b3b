"""Connecting an account at a partner's gateway to Spocket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.suppliers.logins import FixedLogin, given_secrets
from zyenta_ops.adapters.suppliers.spocket.config import SpocketConfig
from zyenta_ops.adapters.suppliers.spocket.gateway import SpocketGateway
from zyenta_ops.ports.gateway import RateLimiter, Secrets, Tokens


class SpocketConnector:
    """Satisfies `zyenta_ops.ports.gateway.Connector`. Tokens are not renewed."""

    def __init__(
        self,
        config: SpocketConfig,
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
        """The partner gives a token."""
        return ("token",)

    @property
    def guide(self) -> str:
        """Where tokens come from."""
        return (
            "Spocket has no public API. The partner who runs a gateway to it gives you the base"
            " address, which is the setting base_url, and a token."
        )

    def connect(self, given: Secrets) -> Tokens:
        """Try the token; raises `Unsupported` while no base address is set."""
        secrets = given_secrets(given, self.asks_for)
        gateway = SpocketGateway(
            self._config, FixedLogin(secrets), self._limiter, self._clock, http=self._http
        )
        try:
            gateway.check()
        finally:
            gateway.close()
        return Tokens(secrets)
