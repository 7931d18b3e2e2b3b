"""Where webhooks arrive: proves and records them, as an HTTP edge does.

The journeys ask for no more than this, so that any edge can stand here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import stripe

from zyenta_ops.bootstrap import sortable_id
from zyenta_ops.domain.inbox import EventSource, NewEvent, Via
from zyenta_ops_tests.adapters.web_server import Asked, Respond, status, web_server


@dataclass
class Edge:
    """An address that takes deliveries; `secret` is that of the endpoint registered for it."""

    url: str
    record: Callable[[Sequence[NewEvent]], int]
    secret: str = ""
    taken: list[str] = field(default_factory=list)

    def take(self, asked: Asked) -> Respond:
        """200 once the event is kept, 400 when it cannot be proven."""
        try:
            stripe.WebhookSignature.verify_header(
                asked.body.decode(), asked.headers.get("stripe-signature", ""), self.secret, None
            )
        except stripe.SignatureVerificationError:
            return status(400)
        said = json.loads(asked.body)
        event = NewEvent(
            id=sortable_id(),
            source=EventSource.STRIPE,
            event_id=said["id"],
            type=said["type"],
            body=asked.body,
            via=Via.HOOK,
            verified=True,
            received_at=datetime.fromtimestamp(said["created"], UTC),
            occurred_at=datetime.fromtimestamp(said["created"], UTC),
            account=said.get("account") or "",
        )
        self.record([event])
        self.taken.append(said["id"])
        return status(200)


@contextmanager
def an_edge(record: Callable[[Sequence[NewEvent]], int]) -> Iterator[Edge]:
    """An edge on loopback until the block ends."""
    with web_server() as server:
        edge = Edge(server.url("/hooks/stripe"), record)
        server.api = edge.take
        yield edge
