"""Connecting an AliExpress account."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zyenta_ops.adapters.suppliers.aliexpress.config import AliExpressConfig
from zyenta_ops.adapters.suppliers.aliexpress.tokens import CREATE, tokens
from zyenta_ops.adapters.suppliers.aliexpress.wire import token_request
from zyenta_ops.adapters.suppliers.calls import Answer, Ask
from zyenta_ops.adapters.suppliers.connections import Connections
from zyenta_ops.adapters.suppliers.logins import FixedLogin, given_secrets
from zyenta_ops.ports.gateway import Secrets, Tokens

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True)
class AliExpressConnector:
    """Satisfies `zyenta_ops.ports.gateway.Connector`: exchanges a code for tokens."""

    config: AliExpressConfig
    connections: Connections

    @property
    def asks_for(self) -> tuple[str, ...]:
        """The app, and the code that AliExpress gives when its user agrees."""
        return ("app_key", "app_secret", "code")

    @property
    def guide(self) -> str:
        """Where the code comes from."""
        return (
            f"Log in as the buyer at {self.config.base_url}/oauth/authorize?response_type=code"
            "&force_auth=true&client_id=<app_key>&redirect_uri=<callback URL of the app>, agree,"
            " and copy the code from the address you are sent to; it serves once, for minutes."
            " The buyer must also have signed the Dropshipping Program agreement in the DS Center."
        )

    def connect(self, given: Secrets) -> Tokens:
        """Exchange the code, once: what became of a code is not known after a lost reply."""
        secrets = dict(given_secrets(given, self.asks_for))
        code = {"code": secrets.pop("code")}

        def prepare(using: Secrets) -> httpx.Request:
            return token_request(self.config, using, self.connections.clock(), CREATE, code)

        def understand(answer: Answer) -> Tokens:
            return tokens(answer, Tokens(secrets), self.connections.clock())

        ask = Ask(prepare, understand, (self.config.reading(secrets),), urgent=True)
        with closing(self.connections.calls(FixedLogin(secrets))) as calls:
            return calls.read_once(ask, secrets)
