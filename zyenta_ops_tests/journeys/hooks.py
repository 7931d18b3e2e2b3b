"""The HTTP edge of an installation whose customers pay at the sandbox, and who delivers to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from zyenta_ops.cli.web import edge_on
from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.sandbox.stripe.webhooks import signature
from zyenta_ops_tests.journeys.till import Till
from zyenta_ops_tests.web.running import running


@dataclass
class Post:
    """Stripe's endpoint at the edge; `secret` is what Stripe signs with."""

    till: Till
    client: httpx.Client
    path: str
    secret: str

    @property
    def taken(self) -> list[str]:
        """The id of every event the edge acknowledged to Stripe, once for each delivery."""
        return [
            json.loads(push.body)["id"]
            for push in self.till.world.pushes.all
            if push.attempts and push.status in push.accepted
        ]

    def deliver(self, body: bytes, secret: str | None) -> int:
        """Somebody posts a body, signed or not; the status of the answer."""
        now = self.till.world.clock()
        headers = {} if secret is None else {"Stripe-Signature": signature([secret], now, body)}
        return self.client.post(self.path, content=body, headers=headers).status_code


@contextmanager
def an_edge(till: Till) -> Iterator[Post]:
    """The edge on loopback, registered at the sandbox's Stripe, until the block ends."""
    hooks = till.operations.hooks
    opened = hooks.add(EventSource.STRIPE)
    path = f"/hooks/stripe/{opened.token}"
    with running(edge_on(till.operations)) as client:
        secret = till.world.payers.listen(str(client.base_url.join(path)))["secret"]
        hooks.add_secret(opened.endpoint.id, secret)
        yield Post(till, client, path, secret)
