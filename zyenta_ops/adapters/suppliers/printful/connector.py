"""Connecting a Printful account."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from zyenta_ops.adapters.suppliers.connections import Connections
from zyenta_ops.adapters.suppliers.logins import FixedLogin, given_secrets
from zyenta_ops.adapters.suppliers.printful.config import PrintfulConfig
from zyenta_ops.adapters.suppliers.printful.gateway import PrintfulGateway
from zyenta_ops.ports.gateway import Secrets, Tokens


@dataclass(frozen=True)
class PrintfulConnector:
    """Satisfies `zyenta_ops.ports.gateway.Connector`. Private tokens are not renewed."""

    config: PrintfulConfig
    connections: Connections

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
        with closing(
            PrintfulGateway(self.config, FixedLogin(secrets), self.connections)
        ) as gateway:
            gateway.check()
        return Tokens(secrets)
