"""Orders looked at, held and released by people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.orders import EventKind, Hold, HoldReason, Order
from zyenta_ops.operations.orders import Orders
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.conftest import FixedClock
from zyenta_ops_tests.orders import SHOP, a_document


@pytest.fixture
def order(orders: Orders) -> Order:
    return orders.receive("my-shop", a_document(number="A:1"), "cli").order


def test_an_order_goes_by_its_id_and_by_store_and_number(orders: Orders, order: Order) -> None:
    for ref in (order.id, "my-shop:A:1", f"{SHOP}:A:1"):
        assert orders.show(ref).order == order
    assert orders.show(order.id, within=[SHOP]).order == order


@pytest.mark.parametrize(
    "ref",
    ["no-order", "my-shop:A:2", "other:A:1", "none:A:1", ":", "", "a\0b", "\ud800", "x" * 999],
)  # fmt: skip
def test_an_order_that_is_not_there_is_not_found(orders: Orders, order: Order, ref: str) -> None:
    with pytest.raises(NotFound, match="name it by its id or as STORE:NUMBER"):
        orders.show(ref)


def test_nobody_finds_the_orders_of_stores_that_are_not_theirs(
    orders: Orders, order: Order
) -> None:
    outside = ["store-other"]
    for ref in (order.id, "my-shop:A:1"):
        with pytest.raises(NotFound):
            orders.show(ref, within=outside)
        with pytest.raises(NotFound):
            orders.hold(ref, "why", "api:other", within=outside)
        with pytest.raises(NotFound):
            orders.release(ref, "dispute:1", "api:other", within=outside)
    with pytest.raises(NotFound):
        orders.list("my-shop", within=outside)
    with pytest.raises(NotFound):
        orders.list(before=order.id, within=outside)
    assert orders.list(within=outside) == ()
    assert orders.list(within=[SHOP]) == orders.list("my-shop") == orders.list() == (order,)
    assert orders.show(order.id).order == order


def test_a_person_holds_an_order_and_releases_it(
    orders: Orders, order: Order, clock: FixedClock
) -> None:
    until = clock.now + timedelta(days=2)
    (hold,) = orders.hold("my-shop:A:1", " address looks odd ", "cli", until).order.holds
    assert hold == Hold(
        id=hold.id,
        order_id=order.id,
        reason=HoldReason.MANUAL,
        source=f"manual:{hold.id}",
        note="address looks odd",
        opened_at=clock.now,
        opened_by="cli",
        expires_at=until,
    )
    assert [hold.holds_at(at) for at in (clock.now, until)] == [True, False]

    clock.advance(hours=1)
    details = orders.release(order.id, hold.source, "api:ann")

    assert [(each.released_at, each.released_by) for each in details.order.holds] == [
        (clock.now, "api:ann")
    ]
    assert [
        (each.kind, each.actor, each.reason, each.before, each.after)
        for each in details.timeline[1:]
    ] == [
        (
            EventKind.HELD,
            "cli",
            "address looks odd",
            {},
            {"hold": "MANUAL", "source": hold.source},
        ),
        (
            EventKind.RELEASED,
            "api:ann",
            f"released: {hold.note}",
            {"hold": "MANUAL", "source": hold.source},
            {},
        ),
    ]


def test_each_hold_by_a_person_is_one_of_its_own(orders: Orders, order: Order) -> None:
    orders.hold(order.id, "first", "cli")
    details = orders.hold(order.id, "second", "cli")

    assert [each.note for each in details.order.holds] == ["first", "second"]


@pytest.mark.parametrize(
    ("note", "hours", "told"),
    [
        ("  ", 1, "the note of the hold is missing; say in one line why the order waits"),
        ("a\nb", 1, "the note of the hold holds control characters; say in one line"),
        ("x" * 1001, 1, "the note of the hold is longer than 1000 characters"),
        ("why", 0, "the hold would have ended at 2026-11-02 12:00 UTC already"),
    ],
)
def test_a_hold_that_says_nothing_or_holds_nothing_is_refused(
    orders: Orders, order: Order, clock: FixedClock, note: str, hours: int, told: str
) -> None:
    with pytest.raises(Refused, match=told):
        orders.hold(order.id, note, "cli", clock.now + timedelta(hours=hours))
    assert orders.show(order.id).order == order
    assert len(orders.show(order.id).timeline) == 1


def test_only_an_open_hold_can_be_released(orders: Orders, order: Order) -> None:
    with pytest.raises(Refused, match="no such hold is open; order 'A:1' is held by nothing"):
        orders.release(order.id, "dispute:1", "cli")

    (hold,) = orders.hold(order.id, "why", "cli").order.holds
    with pytest.raises(Refused, match=f"order 'A:1' is held by '{hold.source}'"):
        orders.release(order.id, "dispute:1", "cli")
    orders.release(order.id, hold.source, "cli")
    with pytest.raises(Refused, match="is held by nothing"):
        orders.release(order.id, hold.source, "cli")
    assert len(orders.show(order.id).timeline) == 3


def test_a_person_can_release_what_a_fact_holds(
    orders: Orders, order: Order, sqlite_database: Database, clock: FixedClock
) -> None:
    with sqlite_database.write() as records:
        fact = Hold("h-1", order.id, HoldReason.FRAUD, "dispute:1", "disputed", clock.now, "stripe")
        records.orders.add_holds([fact], clock.now)

    (hold,) = orders.release(order.id, "dispute:1", "cli").order.holds

    assert hold.released_by == "cli"
    with sqlite_database.write() as records:
        assert records.orders.add_holds([fact], clock.now) == []
