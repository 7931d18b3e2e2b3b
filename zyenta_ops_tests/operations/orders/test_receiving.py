"""Orders handed over: taken whole, known again, or refused without a trace."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from zyenta_ops.domain.documents import Fault
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.order_intake import OrderConflict, OrderRefused
from zyenta_ops.domain.orders import EventKind, OrderEvent, PaymentStatus
from zyenta_ops.operations.orders import Orders, Received
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import customer, order, order_event, order_item, store
from zyenta_ops.ports import Repositories
from zyenta_ops_tests.conftest import FixedClock
from zyenta_ops_tests.orders import PERSONAL, SHOP, a_document, a_shop, an_address


def counts(database: Database) -> list[int]:
    """Orders, items, customers and events."""
    with database.read() as records:
        return [
            records.connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (order, order_item, customer, order_event)
        ]


def test_an_order_is_taken_over_and_its_timeline_says_by_whom(
    orders: Orders, clock: FixedClock
) -> None:
    received = orders.receive("my-shop", a_document(), "api:shop")

    assert received.created
    assert (received.order.store_id, received.order.number) == (SHOP, "1001")
    assert received.order.payment_status is PaymentStatus.PENDING
    details = orders.show(received.order.id)
    assert details.order == received.order
    assert (details.store, details.refunds) == ("my-shop", ())
    (event,) = details.timeline
    assert event == OrderEvent(
        id=event.id,
        order_id=received.order.id,
        at=clock.now,
        kind=EventKind.RECEIVED,
        actor="api:shop",
        reason="handed over",
        after={"total_minor": 4938, "currency": "EUR", "units": 3},
    )
    assert not [word for word in PERSONAL if word in repr(details)]


def test_the_same_order_told_again_changes_nothing(
    orders: Orders, sqlite_database: Database, clock: FixedClock
) -> None:
    first = orders.receive("my-shop", a_document(), "api:shop").order
    clock.advance(hours=1)

    again = orders.receive(SHOP, a_document(placed_at="2026-11-02T10:58:00Z"), "cli")

    assert again == Received(first, created=False)
    assert counts(sqlite_database) == [1, 2, 1, 1]


def test_an_order_that_was_taken_is_known_even_when_the_store_has_closed_since(
    orders: Orders, sqlite_database: Database
) -> None:
    first = orders.receive("my-shop", a_document(), "cli").order
    with sqlite_database.write() as records:
        records.connection.execute(update(store).values(status="CLOSED"))

    assert orders.receive("my-shop", a_document(), "cli") == Received(first, created=False)
    with pytest.raises(Refused, match="the store 'my-shop' is closed; it takes no more orders"):
        orders.receive("my-shop", a_document(number="1002"), "cli")
    assert counts(sqlite_database) == [1, 2, 1, 1]


def test_the_same_number_with_other_content_is_a_conflict(
    orders: Orders, sqlite_database: Database
) -> None:
    first = orders.receive("my-shop", a_document(), "cli").order

    with pytest.raises(OrderConflict) as caught:
        orders.receive("my-shop", a_document(address=an_address(city="Bonn")), "cli")

    assert caught.value.order_id == first.id
    assert str(caught.value) == (
        f"order '1001' was handed over before with other content, as {first.id};"
        " give a new order a new number"
    )
    assert orders.show(first.id).order == first
    assert counts(sqlite_database) == [1, 2, 1, 1]


def test_a_faulty_order_leaves_no_trace_and_its_refusal_nothing_personal(
    orders: Orders, sqlite_database: Database
) -> None:
    with pytest.raises(OrderRefused) as caught:
        orders.receive("my-shop", a_document(total_minor=1, number="7"), "cli")

    assert caught.value.faults == (
        Fault("total_minor", "must be 4938: subtotal - discount + shipping + tax"),
    )
    assert caught.value.__cause__ is None
    assert not [word for word in PERSONAL if word in str(caught.value)]
    assert counts(sqlite_database) == [0, 0, 0, 0]


def test_a_variant_of_another_store_is_never_found(
    orders: Orders, sqlite_database: Database
) -> None:
    with pytest.raises(OrderRefused) as caught:
        orders.receive("other", a_document(), "cli")

    assert caught.value.faults == (Fault("items[0].variant_id", "names no variant of the store"),)
    assert counts(sqlite_database) == [0, 0, 0, 0]


def test_the_document_may_name_the_store(orders: Orders) -> None:
    assert orders.receive(None, a_document(store="my-shop"), "cli").order.store_id == SHOP
    assert not orders.receive(SHOP, a_document(store="my-shop"), "cli").created


@pytest.mark.parametrize(
    ("store_ref", "named", "problem"),
    [
        (None, None, "must be the id or subdomain of a store"),
        (None, 7, "must be the id or subdomain of a store"),
        ("my-shop", "other", "is not the store that the order is given to"),
    ],
)
def test_an_order_for_no_certain_store_is_refused(
    orders: Orders, sqlite_database: Database, store_ref: str | None, named: object, problem: str
) -> None:
    with pytest.raises(OrderRefused) as caught:
        orders.receive(store_ref, a_document(store=named), "cli")
    assert caught.value.faults == (Fault("store", problem),)
    assert counts(sqlite_database) == [0, 0, 0, 0]


def test_who_may_not_see_a_store_is_told_that_there_is_none(
    orders: Orders, sqlite_database: Database
) -> None:
    with pytest.raises(NotFound, match=r"^there is no store 'my-shop'$"):
        orders.receive("my-shop", a_document(), "api:other", within=["store-other"])
    assert counts(sqlite_database) == [0, 0, 0, 0]
    with pytest.raises(NotFound, match="did you mean my-shop"):
        orders.receive("my-shp", a_document(), "cli")
    for ref in ("", "a\0b", "\ud800", "x" * 999):
        for within in (None, [SHOP]):
            with pytest.raises(NotFound, match=r"there is no (such )?store"):
                orders.receive(None, a_document(store=ref), "cli", within=within)


def test_what_a_new_order_brings_about_is_part_of_taking_it_over(
    orders: Orders, sqlite_database: Database, clock: FixedClock
) -> None:
    seen: list[tuple[str, datetime]] = []

    def look(records: Repositories, order_id: str, now: datetime) -> None:
        found = records.orders.hold(order_id)
        assert found is not None
        seen.append((found.number, now))

    watched = replace(orders, on_received=look)
    watched.receive("my-shop", a_document(), "cli")
    watched.receive("my-shop", a_document(), "cli")
    assert seen == [("1001", clock.now)]

    def fail(records: Repositories, order_id: str, now: datetime) -> None:
        raise Refused("no")

    with pytest.raises(Refused, match="no"):
        replace(orders, on_received=fail).receive("my-shop", a_document(number="2"), "cli")
    assert counts(sqlite_database) == [1, 2, 1, 1]


def at_once(*acts: Callable[[], Received]) -> list[Received | Refused]:
    barrier = Barrier(len(acts))

    def one(act: Callable[[], Received]) -> Received | Refused:
        barrier.wait()
        try:
            return act()
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(one, acts))


def a_receiver(database: Database, clock: FixedClock, **changes: Any) -> Callable[[], Received]:
    orders = Orders(database, clock, lambda: uuid4().hex)
    return lambda: orders.receive("my-shop", a_document(**changes), "cli")


def test_of_the_same_order_told_at_once_one_is_created(
    database: Database, clock: FixedClock
) -> None:
    with database.write() as records:
        a_shop(records.connection)

    outcomes = at_once(*[a_receiver(database, clock)] * 4)

    received = [each for each in outcomes if isinstance(each, Received)]
    assert sorted(each.created for each in received) == [False, False, False, True]
    assert len({each.order.id for each in received}) == 1
    assert counts(database) == [1, 2, 1, 1]


def test_of_two_orders_with_one_number_told_at_once_one_is_refused_whole(
    database: Database, clock: FixedClock
) -> None:
    with database.write() as records:
        a_shop(records.connection)
    bob = {"email": "bob@example.com"}

    outcomes = at_once(a_receiver(database, clock), a_receiver(database, clock, customer=bob))

    assert sorted(type(each).__name__ for each in outcomes) == ["OrderConflict", "Received"]
    assert counts(database) == [1, 2, 1, 1]
