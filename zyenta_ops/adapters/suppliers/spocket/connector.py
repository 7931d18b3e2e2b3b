"""Connecting an account at a partner's gateway to Spocket."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from zyenta_ops.adapters.suppliers.connections import Connections
from zyenta_ops.adapters.suppliers.logins import FixedLogin, given_secrets
from zyenta_ops.adapters.suppliers.spocket.config import SpocketConfig
from zyenta_ops.adapters.suppliers.spocket.gateway import SpocketGateway
from zyenta_ops.ports.gateway import Secrets, Tokens


@dataclass(frozen=True)
class SpocketConnector:
    """Satisfies `zyenta_ops.ports.gateway.Connector`. Tokens are not renewed."""

    config: SpocketConfig
    connections: Connections

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
        login = FixedLogin(secrets)
        with closing(SpocketGateway(self.config, login, self.connections)) as gateway:
            gateway.check()
        return Tokens(secrets)
