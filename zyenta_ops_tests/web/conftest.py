"""An edge on a real database with two tenants, each with a store, an order and an alert."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.bootstrap import unguessable
from zyenta_ops.bootstrap.webhooks import scheme_of
from zyenta_ops.domain.alerts import Alert, AlertType
from zyenta_ops.domain.inbox import EventSource, InboxEvent, NewEvent, Via
from zyenta_ops.operations.alerts import Alerts, Mailroom
from zyenta_ops.operations.edge.hooks import Hooks
from zyenta_ops.operations.edge.tokens import Tokens
from zyenta_ops.operations.inbox import Inbox
from zyenta_ops.operations.stores import Stores
from zyenta_ops.persistence.engine import Database
from zyenta_ops.web.edge import Edge
from zyenta_ops_tests.builders import THEN, a_store
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.web.desk import FakeOrders, an_order
from zyenta_ops_tests.web.running import running

KEYRING = "k1:" + "A" * 43 + "="
SECRET = "whsec_for-the-tests"


def signed(body: bytes, clock: FixedClock, secret: str = SECRET) -> dict[str, str]:
    """The headers with which Stripe would deliver a body now."""
    seconds = int(clock.now.timestamp())
    signature = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return {"Stripe-Signature": f"t={seconds},v1={signature.hexdigest()}"}


def stripe_event(event_id: str = "evt_1") -> bytes:
    return json.dumps({"id": event_id, "type": "charge.refunded"}).encode()


@dataclass
class House:
    """The edge, what is behind it, and somebody who calls it."""

    database: Database
    clock: FixedClock
    edge: Edge
    orders: FakeOrders
    client: httpx.Client
    seconds: list[float]
    tokens: dict[str, str] = field(default_factory=dict)

    def hook(self, secret: str | None = SECRET, source: EventSource = EventSource.STRIPE) -> str:
        """The path of a new endpoint."""
        opened = self.edge.hooks.add(source, secret=secret)
        return f"/hooks/{source.value}/{opened.token}"

    def deliver(self, path: str, body: bytes, secret: str = SECRET) -> httpx.Response:
        return self.client.post(path, content=body, headers=signed(body, self.clock, secret))

    def kept(self) -> list[InboxEvent]:
        return self.edge.inbox.listed(limit=1_000)

    def ask(self, token: str, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[token]}"} | request.pop("headers", {})
        return self.client.request(method, path, headers=headers, **request)


def an_edge(database: Database, clock: FixedClock, new_id: CountingIds, orders: FakeOrders) -> Edge:
    wired = (database, clock, new_id)

    def tell_nobody(*_: object) -> None:
        return None

    return Edge(
        hooks=Hooks(*wired, unguessable, Vault(KEYRING), scheme_of),
        inbox=Inbox(database, {}, tell_nobody, clock, new_id),
        tokens=Tokens(*wired, unguessable),
        stores=Stores(*wired, lambda document: document, lambda document: document),
        alerts=Alerts(*wired, Mailroom(new_id, "", "ops@example.com", False)),
        orders=orders,
        refund=orders.refund,
        clock=clock,
        monotonic=lambda: SECONDS[0],
    )


SECONDS = [0.0]


@pytest.fixture
def house(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Iterator[House]:
    SECONDS[0] = 0.0
    orders = FakeOrders()
    edge = an_edge(sqlite_database, clock, new_id, orders)
    with sqlite_database.write() as records:
        for name in ("ours", "theirs"):
            store_id = a_store(records.connection, name)
            orders.orders[f"order-{name}"] = an_order(f"order-{name}", store_id)
            alert = Alert(
                f"alert-{name}", AlertType.PRICE_MISSING, "No price", "…", {}, THEN, store_id
            )
            records.alerts.open(alert, f"key-{name}")
        internal = Alert("alert-internal", AlertType.SYNC_FAILURE, "It fails", "…", {}, THEN)
        records.alerts.open(internal, "key-internal")
        event = NewEvent("event-1", EventSource.CJ, "m-1", "ORDER", b"{}", Via.HOOK, True, THEN)
        records.inbox.record([event])
    tokens = {
        "operator": edge.tokens.add("ops").text,
        "ours": edge.tokens.add("shop", store_refs=["ours"], whole_account=True).text,
        "theirs": edge.tokens.add("rival", store_refs=["theirs"]).text,
    }
    with running(edge) as client:
        yield House(sqlite_database, clock, edge, orders, client, SECONDS, tokens)
