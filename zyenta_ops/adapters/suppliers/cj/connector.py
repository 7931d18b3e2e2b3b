"""Connecting a CJ account."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from zyenta_ops.adapters.suppliers.cj.api import Api
from zyenta_ops.adapters.suppliers.cj.config import CjConfig
from zyenta_ops.adapters.suppliers.connections import Connections
from zyenta_ops.adapters.suppliers.logins import FixedLogin, given_secrets
from zyenta_ops.ports.gateway import Secrets, Tokens


@dataclass(frozen=True)
class CjConnector:
    """Satisfies `zyenta_ops.ports.gateway.Connector`."""

    config: CjConfig
    connections: Connections

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
        with closing(Api(self.config, FixedLogin(secrets), self.connections)) as api:
            return api.log_in()
