"""Who may speak to the edge, and which scheme proves the deliveries of which source."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from zyenta_ops.bootstrap import unguessable
from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.operations.edge.hooks import Hooks
from zyenta_ops.operations.edge.tokens import Tokens
from zyenta_ops.ports import Clock, Database, NewId, Vault

if TYPE_CHECKING:
    from zyenta_ops.ports.web import Scheme


def wire_hooks(database: Database, clock: Clock, new_id: NewId, vault: Vault) -> Hooks:
    """Wire the endpoints for webhooks."""
    return Hooks(database, clock, new_id, unguessable, vault, scheme_of)


def wire_tokens(database: Database, clock: Clock, new_id: NewId) -> Tokens:
    """Wire the tokens for the API."""
    return Tokens(database, clock, new_id, unguessable)


def scheme_of(source: EventSource) -> Scheme:
    """A source's scheme; adapters are imported when the first is asked for."""
    return _schemes()[source]


@cache
def _schemes() -> dict[EventSource, Scheme]:
    from zyenta_ops.adapters.webhooks import stripe, suppliers, trackers

    return {
        EventSource.STRIPE: stripe.SCHEME,
        EventSource.ALIEXPRESS: suppliers.ALIEXPRESS,
        EventSource.CJ: suppliers.CJ,
        EventSource.PRINTFUL: suppliers.PRINTFUL,
        EventSource.SEVENTEEN_TRACK: trackers.SEVENTEEN_TRACK,
        EventSource.AFTERSHIP: trackers.AFTERSHIP,
        EventSource.SHIP24: trackers.SHIP24,
    }
