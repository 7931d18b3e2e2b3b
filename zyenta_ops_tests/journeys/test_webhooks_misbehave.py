"""Webhooks that get lost, come twice, late, or after everything else: orders end the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from zyenta_ops.defs.payments import write_cursor
from zyenta_ops.domain.inbox import InboxStatus, Via
from zyenta_ops.domain.orders import EventKind, Order, PaymentStatus
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops_tests.journeys.hooks import Post, an_edge
from zyenta_ops_tests.journeys.till import Till, a_till

HOSTILE = (
    Rule("push_lost", vendor="stripe", probability=0.25),
    Rule("push_twice", vendor="stripe", probability=0.5),
    Rule("push_late", vendor="stripe", probability=0.5, seconds=3_600),
    Rule("push_last", vendor="stripe", probability=0.5),
)
ENDS = {
    "paid": PaymentStatus.PAID,
    "refunded": PaymentStatus.REFUNDED,
    "in part": PaymentStatus.PARTIALLY_REFUNDED,
    "disputed": PaymentStatus.PAID,
    "lost": PaymentStatus.REFUNDED,
    "declined": PaymentStatus.PENDING,
    "expired": PaymentStatus.ABANDONED,
    "authorized": PaymentStatus.AUTHORIZED,
}


@pytest.fixture
def till(home: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    with a_till(home, monkeypatch, sqlite_url) as till:
        yield till


@pytest.fixture
def edge(till: Till) -> Iterator[Post]:
    with an_edge(till) as edge:
        yield edge


def live(till: Till, order: Order, end: str) -> None:
    """Let an order have a life that ends so."""
    payers = till.world.payers
    if end == "expired":
        till.pay(order, through="session", how="leave")
        payers.expire(order.id)
        return
    how = {"declined": "decline", "authorized": "authorize"}.get(end, "pay")
    till.pay(order, how=how, through="session" if how == "pay" else "payment_intent")
    if end == "refunded":
        payers.refund(order.id)
    elif end == "in part":
        payers.refund(order.id, 1000)
    elif end in ("disputed", "lost"):
        dispute = payers.dispute(order.id)
        payers.close_dispute(dispute["id"], "lost" if end == "lost" else "won")


def act(till: Till) -> None:
    for request in till.due():
        till.run_orders(request)


def states(till: Till, orders: dict[str, Order]) -> dict[str, PaymentStatus]:
    return {end: till.show(order).payment_status for end, order in orders.items()}


def test_webhooks_alone_bring_every_order_to_its_end(till: Till, edge: Post) -> None:
    orders = {end: till.order(str(1000 + number)) for number, end in enumerate(ENDS)}
    for end, order in orders.items():
        live(till, order, end)
    till.world.settle()
    act(till)

    assert states(till, orders) == ENDS
    assert {each.via for each in till.operations.inbox.listed()} == {Via.HOOK}
    # Polling finds nothing that is new.
    seen = len(till.operations.inbox.listed(limit=1_000))
    till.poll()
    assert len(till.operations.inbox.listed(limit=1_000)) == seen


def test_hostile_webhooks_and_a_poll_bring_every_order_to_its_end(till: Till, edge: Post) -> None:
    for rule in HOSTILE:
        till.world.script.add(rule)
    orders = {end: till.order(str(1000 + number)) for number, end in enumerate(ENDS)}
    for end, order in orders.items():
        live(till, order, end)
        till.world.settle()
        act(till)
    till.world.advance(hours=2)
    act(till)
    sent = till.world.stripe.platform.events
    assert {each["id"] for each in sent} - set(edge.taken), "nothing was lost"
    assert len(edge.taken) > len(set(edge.taken)), "nothing came twice"

    till.cursor = write_cursor({"": till.world.clock() - timedelta(hours=3)})
    till.poll()
    act(till)

    assert states(till, orders) == ENDS
    for end, order in orders.items():
        holds = till.show(order).holds
        assert [each for each in holds if each.holds_at(till.world.clock())] == [], end
        kinds = [each.kind for each in till.operations.orders.show(order.id).timeline]
        assert kinds.count(EventKind.RECEIVED) == 1


def test_what_cannot_be_proven_is_refused_and_what_is_claimed_is_looked_at(
    till: Till, edge: Post
) -> None:
    order = till.order()
    intent = till.pay(order, how="leave")
    till.world.settle()
    act(till)
    before = len(till.operations.inbox.listed())
    claim = {"id": intent, "status": "succeeded", "amount_received": 4938}
    body = json.dumps(
        {
            "id": "evt_forged",
            "type": "payment_intent.succeeded",
            "created": int(till.world.clock().timestamp()),
            "data": {"object": claim},
        }
    ).encode()

    assert edge.deliver(body, secret=None) == 400
    assert edge.deliver(body, secret="whsec_of_somebody") == 400
    assert len(till.operations.inbox.listed()) == before

    # Even whoever knows the secret can only make us look.
    assert edge.deliver(body, edge.secret) == 200
    act(till)
    assert till.operations.inbox.listed()[0].status is InboxStatus.PROCESSED
    assert till.show(order).payment_status is PaymentStatus.PENDING
    assert till.show(order).paid_minor == 0
