"""Workers are killed between an effect and its commit, and run into each other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from zyenta_ops.domain.inbox import InboxStatus
from zyenta_ops.domain.orders import EventKind, PaymentStatus
from zyenta_ops.domain.refunds import RefundStatus
from zyenta_ops.operations.payments import RefundRequest
from zyenta_ops_tests.journeys.drainer import go, kill_once_stopped, start
from zyenta_ops_tests.journeys.till import Till, a_till

PATIENCE = 60
ORDERS = 30


@pytest.fixture(params=["sqlite", "postgresql"])
def till(
    request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Till]:
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    with a_till(home, monkeypatch, request.getfixturevalue(kind)) as till:
        yield till


def kinds(till: Till, order_id: str) -> list[EventKind]:
    """What happened to an order, but for what is bought for it."""
    buying = (EventKind.PLANNED, EventKind.ADVANCED)
    timeline = till.operations.orders.show(order_id).timeline
    return [each.kind for each in timeline if each.kind not in buying]


def test_a_worker_killed_before_its_commit_leaves_nothing_and_the_next_one_converges(
    till: Till,
) -> None:
    order = till.order()
    till.pay(order)
    till.poll()

    kill_once_stopped(start(till.settings, till.world.clock(), "effects"))

    assert till.show(order).payment_status is PaymentStatus.PENDING
    assert kinds(till, order.id) == [EventKind.RECEIVED]
    # Nobody else is given the events while the claim of the dead may be alive.
    till.hear()
    assert till.show(order).payment_status is PaymentStatus.PENDING
    till.world.advance(minutes=11)
    till.hear()
    assert till.show(order).payment_status is PaymentStatus.PAID
    assert kinds(till, order.id) == [EventKind.RECEIVED, EventKind.PAYMENT_CHANGED]


def test_a_refund_made_by_a_worker_that_was_killed_is_found_and_not_made_again(
    till: Till,
) -> None:
    order = till.order()
    till.pay(order)
    till.hear()
    assert till.operations.refunds is not None
    till.operations.refunds.request(order.id, RefundRequest("k1", "broken", 1000), "test")

    kill_once_stopped(start(till.settings, till.world.clock(), "refund"))

    (refund,) = till.operations.orders.show(order.id).refunds
    assert refund.status is RefundStatus.REQUESTED
    till.world.advance(minutes=11)
    till.hear()
    (refund,) = till.operations.orders.show(order.id).refunds
    assert refund.status is RefundStatus.SUCCEEDED
    assert till.show(order).refunded_minor == 1000
    assert [each["amount"] for each in till.world.stripe.platform.all("refund")] == [1000]


def test_two_workers_at_once_give_each_event_its_effect_once(till: Till) -> None:
    orders = [till.order(str(number)) for number in range(ORDERS)]
    for order in orders:
        till.pay(order)
    till.poll()
    assert till.operations.refunds is not None
    events = till.operations.inbox.count_due()
    assert events == 2 * ORDERS

    workers = [start(till.settings, till.world.clock()) for _ in range(2)]
    for worker in workers:
        go(worker)
    reports = [json.loads(worker.communicate(timeout=PATIENCE)[0]) for worker in workers]

    assert sum(each["processed"] for each in reports) == events
    assert sum(each["deferred"] + each["parked"] for each in reports) == 0
    statuses = Counter(each.status for each in till.operations.inbox.listed(limit=1_000))
    assert statuses == {InboxStatus.PROCESSED: events}
    for order in orders:
        assert till.show(order).payment_status is PaymentStatus.PAID
        assert kinds(till, order.id).count(EventKind.PAYMENT_CHANGED) == 1
