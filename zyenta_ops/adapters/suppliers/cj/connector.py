"""Connecting a CJ account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.adapters.suppliers.cj.api import Api
from zyenta_ops.adapters.suppliers.cj.config import CjConfig
from zyenta_ops.adapters.suppliers.logins import FixedLogin, given_secrets
from zyenta_ops.ports.gateway import RateLimiter, Secrets, Tokens


class CjConnector:
    """Satisfies `zyenta_ops.ports.gateway.Connector`."""

    def __init__(
        self,
        config: CjConfig,
        limiter: RateLimiter,
        clock: Callable[[], datetime],
        *,
        http: HttpPolicy,
    ) -> None:
        self._config = config
        self._limiter = limiter
        self._http = http

    @property
    def asks_for(self) -> tuple[str, ...]:
        """An API key is all there is."""
        return ("api_key",)

    @property
    def guide(self) -> str:
        """Where the key is made."""
        return (
            "CJ dashboard, Apps, install the app 'API' and add an API of the type API key; the key"
            " looks like CJ1234567@api@…"
        )

    def connect(self, given: Secrets) -> Tokens:
        """Get the first tokens. CJ may be asked for them once in five minutes."""
        secrets = given_secrets(given, self.asks_for)
        api = Api(self._config, FixedLogin(secrets), self._limiter, self._http)
        try:
            return api.log_in()
        finally:
            api.close()
