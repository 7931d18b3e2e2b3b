"""An edge on a real database with two tenants, each with a store, a paid order and an alert."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.bootstrap import unguessable
from zyenta_ops.bootstrap.fulfillment import wire_operators
from zyenta_ops.bootstrap.webhooks import scheme_of
from zyenta_ops.domain.alerts import Alert, AlertType
from zyenta_ops.domain.inbox import EventSource, InboxEvent, NewEvent, Via
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.payments import FactKind, FactState
from zyenta_ops.operations.alerts import Alerts, Mailroom
from zyenta_ops.operations.edge.hooks import Hooks
from zyenta_ops.operations.edge.tokens import Tokens
from zyenta_ops.operations.fulfillment import Desk, Queue
from zyenta_ops.operations.inbox import Inbox
from zyenta_ops.operations.orders import Orders
from zyenta_ops.operations.payments import Derivation, Refunds
from zyenta_ops.operations.stores import Stores
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import metadata
from zyenta_ops.web.edge import Edge
from zyenta_ops_tests.builders import THEN
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.payments.world import FakeProvider
from zyenta_ops_tests.orders import a_document, a_shop
from zyenta_ops_tests.web.running import running

KEYRING = "k1:" + "A" * 43 + "="
SECRET = "whsec_for-the-tests"


def signed(body: bytes, clock: FixedClock, secret: str = SECRET) -> dict[str, str]:
    """The headers with which Stripe would deliver a body now."""
    seconds = int(clock.now.timestamp())
    signature = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return {"Stripe-Signature": f"t={seconds},v1={signature.hexdigest()}"}


def order_for(subdomain: str, number: str = "1002", **changes: Any) -> dict[str, Any]:
    """An order as the store's front hands it over."""
    document = a_document(store=subdomain, number=number, **changes)
    document["items"][0]["variant_id"] = f"variant-shirt-{subdomain}"
    return document


def stripe_event(event_id: str = "evt_1") -> bytes:
    return json.dumps({"id": event_id, "type": "charge.refunded"}).encode()


@dataclass
class House:
    """The edge, what is behind it, and somebody who calls it."""

    database: Database
    clock: FixedClock
    edge: Edge
    client: httpx.Client
    seconds: list[float]
    orders: dict[str, Order]
    tokens: dict[str, str] = field(default_factory=dict)

    def hook(self, secret: str | None = SECRET, source: EventSource = EventSource.STRIPE) -> str:
        """The path of a new endpoint."""
        opened = self.edge.hooks.add(source, secret=secret)
        return f"/hooks/{source.value}/{opened.token}"

    def deliver(self, path: str, body: bytes, secret: str = SECRET) -> httpx.Response:
        return self.client.post(path, content=body, headers=signed(body, self.clock, secret))

    def kept(self) -> list[InboxEvent]:
        return self.edge.inbox.listed(limit=1_000)

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that is stored, but for when tokens were last used."""
        with self.database.read() as records:
            return {
                table.name: [tuple(row) for row in records.connection.execute(select(table))]
                for table in metadata.sorted_tables
                if table.name != "api_token"
            }

    def ask(self, token: str, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[token]}"} | request.pop("headers", {})
        return self.client.request(method, path, headers=headers, **request)


def an_edge(database: Database, clock: FixedClock, new_id: CountingIds) -> Edge:
    wired = (database, clock, new_id)

    def tell_nobody(*_: object) -> None:
        return None

    def tell_no_issue(*_: object) -> None:
        return None

    def nobody_sells(*_: object) -> Any:
        raise AssertionError("nothing is bought here")

    alerts = Alerts(*wired, Mailroom(new_id, "", "ops@example.com", False))
    derivation = Derivation(new_id, alerts.settle_issues, tell_nobody)
    refunds = Refunds(database, FakeProvider(clock), derivation, clock, new_id)
    desk = Desk(*wired, nobody_sells, lambda supplier: None, nobody_sells, lambda: 0, tell_no_issue)
    return Edge(
        hooks=Hooks(*wired, unguessable, Vault(KEYRING), scheme_of),
        inbox=Inbox(database, {}, tell_nobody, clock, new_id),
        tokens=Tokens(*wired, unguessable),
        stores=Stores(*wired, lambda document: document, lambda document: document),
        alerts=alerts,
        orders=Orders(
            *wired,
            on_received=derivation.receive,
            refunds_of=lambda records, order_id: records.refunds.of_order(order_id),
        ),
        refunds=refunds,
        operators=wire_operators(desk, refunds),
        queue=Queue(desk),
        clock=clock,
        monotonic=lambda: SECONDS[0],
    )


SECONDS = [0.0]


@pytest.fixture
def house(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Iterator[House]:
    SECONDS[0] = 0.0
    edge = an_edge(sqlite_database, clock, new_id)
    with sqlite_database.write() as records:
        for name in ("ours", "theirs"):
            a_shop(records.connection, name)
            alert = Alert(
                f"alert-{name}", AlertType.PRICE_MISSING, "No price", "…", {}, THEN, f"store-{name}"
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
    orders = {name: paid_order(edge, name) for name in ("ours", "theirs")}
    with running(edge) as client:
        yield House(sqlite_database, clock, edge, client, SECONDS, orders, tokens)


def paid_order(edge: Edge, subdomain: str) -> Order:
    """An order of 49.38 EUR that was handed over and paid."""
    assert edge.refunds is not None
    provider = edge.refunds.provider
    assert isinstance(provider, FakeProvider)
    order = edge.orders.receive(None, order_for(subdomain, "1001"), "test").order
    intent = f"pi_{subdomain}"
    provider.put(FactKind.INTENT, intent, FactState.SUCCEEDED, order=order.id)
    with edge.orders.database.write() as records:
        edge.refunds.derivation.take(records, [provider.objects[intent]], edge.clock())
    return edge.orders.show(order.id).order
