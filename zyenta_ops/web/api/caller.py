"""Who calls the API, and the only way for an action to come by anything: what the caller reaches.

What a token does not reach does not exist for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from zyenta_ops.domain.alerts import Alert
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.stores import Store
from zyenta_ops.ports.web import ApiToken
from zyenta_ops.web.edge import Edge
from zyenta_ops.web.problems import nothing_here


@dataclass(frozen=True)
class Caller:
    """A token and what it opens. Every method raises a 404 problem for all the rest."""

    token: ApiToken
    edge: Edge

    @property
    def actor(self) -> str:
        """How timelines name whoever calls."""
        return f"api:{self.token.label}"[:200]

    @property
    def within(self) -> list[str] | None:
        """The ids of the stores that the token reaches; None = all there are."""
        return None if self.token.is_operators else [store.id for store in self.stores()]

    def stores(self) -> list[Store]:
        """The stores that the token reaches."""
        owned = self.edge.stores.list(self.token.account_id)
        return [store for store in owned if self.token.reaches(store)]

    def store(self, ref: str) -> Store:
        """A store by id or subdomain."""
        try:
            store = self.edge.stores.show(ref)
        # Its text names what is similar, of whoever's.
        except NotFound:
            raise nothing_here() from None
        if not self.token.reaches(store):
            raise nothing_here()
        return store

    def alert(self, alert_id: str) -> Alert:
        """An alert by id; internal ones are the operators'."""
        try:
            alert = self.edge.alerts.show(alert_id)
        except NotFound:
            raise nothing_here() from None
        if alert.store_id is not None:
            self.store(alert.store_id)
        elif not self.token.is_operators:
            raise nothing_here()
        return alert
