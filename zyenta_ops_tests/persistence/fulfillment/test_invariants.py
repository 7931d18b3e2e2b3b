"""What always holds is found to hold, and every way of breaking it is found and named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from zyenta_ops.domain.fulfillment.invariants import Breach, Invariant
from zyenta_ops.domain.orders import Order, PaymentStatus
from zyenta_ops.operations.fulfillment import Failpoint
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import (
    external_order,
    outbox_message,
    product_variant,
    spend,
    supplier_order,
    supplier_order_line,
)
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.fakes import Killed
from zyenta_ops_tests.operations.fulfillment.shop import Shop


@pytest.fixture
def shop(database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    return Shop(database, clock, new_id)


def breaches(shop: Shop, limit: int = 100) -> list[Breach]:
    with shop.database.read() as records:
        return list(records.fulfillment_invariants.breaches(shop.clock(), limit))


def kinds(shop: Shop) -> list[Invariant]:
    return [each.invariant for each in breaches(shop)]


def meddle(shop: Shop, *statements: Any) -> None:
    with shop.database.write() as records:
        for statement in statements:
            records.connection.execute(statement)


def shirts(shop: Shop) -> Order:
    """An order of two shirts that the supplier has and was paid for."""
    order = shop.order(shirt=2)
    shop.tick()
    return order


def test_everything_holds_of_an_order_at_every_stage(shop: Shop) -> None:
    order = shop.order(paid=False)
    assert breaches(shop) == []
    shop.pay(order)
    assert breaches(shop) == []
    source = shop.hold(order)
    shop.tick()
    shop.clock.advance(days=1)
    assert breaches(shop) == []
    shop.refund(order, shirt=1)
    shop.orders.release(order.id, source, "ann")
    shop.tick()
    assert breaches(shop) == []
    shop.suppliers["cj"].ship("F1")
    shop.tick(hours=6)
    assert breaches(shop) == []
    shop.pay(order, PaymentStatus.REFUNDED)
    shop.tick()
    assert shop.stages(order) == {"cj": "SHIPPED", "aliexpress": "CANCELLED"}
    assert breaches(shop) == []


def test_a_second_supplier_order_for_the_same_units_is_found(shop: Shop) -> None:
    order = shirts(shop)
    it = shop.of(order)["cj"]
    row = {
        "order_id": order.id,
        "store_id": order.store_id,
        "supplier_key": "cj",
        "note": "",
        "reserves": False,
        "created_at": shop.clock(),
        "updated_at": shop.clock(),
    }
    with shop.database.read() as records:
        lines = records.connection.execute(
            select(supplier_order_line).where(supplier_order_line.c.supplier_order_id == it.id)
        ).all()
    again = row | {"id": "again", "seq": 9, "client_ref": "zy-again", "stage": "DELIVERED"}
    meddle(
        shop,
        insert(supplier_order).values(**again),
        *(
            insert(supplier_order_line).values(**line._asdict() | {"supplier_order_id": "again"})
            for line in lines
        ),
    )

    item = order.items[0].id
    assert breaches(shop) == [
        Breach(Invariant.BOUGHT_ONCE, item, order.id, "4"),
        Breach(Invariant.PLACED_UNDER_AN_ID, "again", order.id, "DELIVERED"),
    ]
    sent = update(supplier_order).where(supplier_order.c.id == it.id)
    meddle(shop, sent.values(stage="SHIPPED"))
    assert Breach(Invariant.SENT_ONCE, item, order.id, "4") in breaches(shop)


def test_orders_at_a_supplier_that_two_attempts_made_are_found(shop: Shop) -> None:
    order = shirts(shop)
    it = shop.of(order)["cj"]
    with shop.database.read() as records:
        (first,) = records.connection.execute(select(external_order)).all()
    second = first._asdict() | {"external_id": "F2", "attempt": 7}
    meddle(shop, insert(external_order).values(**second))
    assert breaches(shop) == [Breach(Invariant.ONE_ORDER_EACH, it.id, order.id, "2")]

    gone = update(external_order).where(external_order.c.external_id == "F2")
    meddle(shop, gone.values(state="CANCELLED"))
    assert breaches(shop) == []


def test_a_process_that_died_is_missed_once_its_lease_is_long_over(shop: Shop) -> None:
    order = shop.order(shirt=1)
    shop.die_at[Failpoint.PLACE_CALL] = Killed()
    with pytest.raises(Killed):
        shop.tick()
    shop.clock.advance(minutes=20)
    assert kinds(shop) == []

    shop.clock.advance(minutes=6)
    assert kinds(shop) == [Invariant.PLACING_IS_LEASED, Invariant.DUE_IS_WORKED_ON]
    assert breaches(shop)[0].order_id == order.id

    for _ in range(12):
        shop.tick(minutes=11)
    assert breaches(shop) == []


def test_paid_orders_that_nobody_plans_are_found_after_five_minutes(shop: Shop) -> None:
    order = shop.order()
    shop.clock.advance(minutes=5)
    assert kinds(shop) == []
    shop.clock.advance(seconds=1)
    (found,) = breaches(shop)
    assert (found.invariant, found.order_id) == (Invariant.PAID_IS_PLANNED, order.id)


def test_units_that_are_neither_bought_nor_refunded_are_found(shop: Shop) -> None:
    order = shirts(shop)
    fewer = update(supplier_order_line).values(quantity=1)
    meddle(shop, fewer)
    found = Breach(
        Invariant.PAID_IS_BOUGHT_OR_REFUNDED, order.items[0].id, order.id, "1 of 2 units"
    )
    assert breaches(shop) == [found]

    shop.refund(order, shirt=1)
    assert breaches(shop) == []


def test_an_order_that_was_called_off_and_never_refunded_is_found(shop: Shop) -> None:
    order = shirts(shop)
    meddle(shop, update(supplier_order).values(stage="CANCELLED", next_check_at=None))

    assert kinds(shop) == [
        Invariant.SPENDING_IS_CONSERVED,
        Invariant.PAID_IS_BOUGHT_OR_REFUNDED,
    ]
    meddle(shop, delete(spend))
    shop.pay(order, PaymentStatus.REFUNDED)
    assert breaches(shop) == []


def test_what_nothing_makes_go_on_is_found(shop: Shop) -> None:
    order = shop.order(shirt=1)
    source = shop.hold(order)
    shop.tick()
    assert shop.of(order)["cj"].next_check_at is None
    assert breaches(shop) == []

    shop.orders.release(order.id, source, "ann")
    meddle(shop, update(supplier_order).values(next_check_at=None))
    assert kinds(shop) == [Invariant.WAITING_ENDS]


def test_stock_and_money_that_do_not_add_up_are_found(shop: Shop) -> None:
    order = shirts(shop)
    meddle(
        shop,
        update(product_variant)
        .where(product_variant.c.id == "variant-shirt")
        .values(reserved_units=3),
        update(spend).values(state="RESERVED"),
    )

    assert breaches(shop) == [
        Breach(Invariant.STOCK_IS_CONSERVED, "variant-shirt", None, "3"),
        Breach(Invariant.SPENDING_IS_CONSERVED, shop.of(order)["cj"].id, order.id, "RESERVED"),
    ]


def test_messages_that_nobody_sends_are_found(shop: Shop) -> None:
    now = shop.clock()
    meddle(
        shop,
        *(
            insert(outbox_message).values(
                id=key,
                dedupe_key=key,
                channel="EMAIL",
                recipient="ann@example.com",
                template="t",
                context={},
                status=status,
                next_attempt_at=at,
                created_at=now,
                updated_at=now,
            )
            for key, status, at in (
                ("late", "PENDING", now - timedelta(minutes=16)),
                ("due", "PENDING", now - timedelta(minutes=14)),
                ("done", "SENT", now - timedelta(days=1)),
            )
        ),
    )
    assert breaches(shop) == [Breach(Invariant.MESSAGES_LEAVE, "late", None, "EMAIL")]


def test_no_more_is_told_of_each_than_was_asked_for(shop: Shop) -> None:
    for number in range(3):
        shop.order(str(number), shirt=1)
    shop.clock.advance(minutes=6)
    assert len(breaches(shop)) == 3
    assert len(breaches(shop, limit=2)) == 2
