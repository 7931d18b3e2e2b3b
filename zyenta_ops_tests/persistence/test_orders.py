"""Orders on both engines: stored once, held, told of, and never another store's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, func, select

from zyenta_ops.domain.order_intake import read_order
from zyenta_ops.domain.orders import (
    EventKind,
    Hold,
    HoldReason,
    NewOrder,
    Order,
    OrderEvent,
    PayableVariant,
    PaymentStatus,
)
from zyenta_ops.domain.payments import Assessment
from zyenta_ops.operations.orders import Orders
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import customer, order, order_item
from zyenta_ops_tests.builders import a_variant, an_offer
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.orders import MUG, SHIRT, SHOP, a_document, a_shop, an_address

VARIANTS = (PayableVariant(SHIRT, "Shirt (M)", None), PayableVariant(MUG, "Mug (M)", "MUG-1"))


@pytest.fixture(autouse=True)
def shop(database: Database) -> None:
    with database.write() as records:
        a_shop(records.connection)
        a_shop(records.connection, "other")


def an_order(new_id: Callable[[], str], **changes: Any) -> NewOrder:
    return read_order(a_document(**changes), "EUR", FixedClock().now).order(VARIANTS, new_id)


def add(
    database: Database, clock: FixedClock, new_id: Callable[[], str], new: NewOrder, store: str
) -> str:
    with database.write() as records:
        return records.orders.add(new_id(), store, new, new_id(), clock.now)


def stored(database: Database, order_id: str) -> Order:
    with database.read() as records:
        found = records.orders.find(order_id)
    assert found is not None
    return found


def counts(database: Database, *tables: Table) -> list[int]:
    with database.read() as records:
        return [
            records.connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        ]


def test_an_order_is_read_as_it_was_stored(
    database: Database, clock: FixedClock, new_id: CountingIds
) -> None:
    new = an_order(new_id)
    order_id = add(database, clock, new_id, new, SHOP)

    expected = Order(
        id=order_id,
        store_id=SHOP,
        number="1001",
        currency="EUR",
        amounts=new.amounts,
        customer=new.customer,
        address=new.address,
        items=new.items,
        placed_at=new.placed_at,
    )
    assert stored(database, order_id) == expected
    with database.read() as records:
        assert records.orders.find_by_number(SHOP, "1001") == expected
        assert records.orders.find_by_number("store-other", "1001") is None
        assert records.orders.fingerprint(order_id) == new.fingerprint
    with database.write() as records:
        assert records.orders.hold(order_id) == expected
        assert records.orders.hold("no-order") is None


words = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30)


@given(
    name=words.filter(str.strip),
    number=words.filter(str.strip),
    line2=words,
    price=st.integers(0, 10**11),
    minutes=st.integers(0, 10_000_000),
    offset=st.integers(-12, 14),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_that_is_accepted_is_read_as_it_was_handed_over(
    database: Database, name: str, number: str, line2: str, price: int, minutes: int, offset: int
) -> None:
    zone = timezone(timedelta(hours=offset))
    placed_at = (datetime(2000, 1, 2, tzinfo=UTC) + timedelta(minutes=minutes)).astimezone(zone)
    # Examples share a database.
    number = f"{uuid4().hex} {number.strip()}"
    document = a_document(
        number=number,
        placed_at=placed_at.isoformat(),
        address=an_address(name=name, line2=line2),
        items=[{"sku": "MUG-1", "quantity": 7, "unit_price_minor": price}],
        subtotal_minor=7 * price,
        discount_minor=0,
        total_minor=7 * price + 490,
    )
    orders = Orders(database, FixedClock(), lambda: uuid4().hex)

    received = orders.receive("my-shop", document, "cli")

    read = stored(database, received.order.id)
    assert read == received.order
    assert (read.number, read.placed_at) == (number, placed_at)
    assert read.amounts.total_minor == 7 * price + 490
    assert read.address.name == " ".join(name.split())
    assert not orders.receive("my-shop", document, "cli").created


def test_a_number_is_stored_once_for_each_store(
    database: Database, clock: FixedClock, new_id: CountingIds
) -> None:
    first = add(database, clock, new_id, an_order(new_id), SHOP)
    before = stored(database, first)

    again = an_order(new_id, shipping_minor=0, total_minor=4448)
    assert add(database, clock, new_id, again, SHOP) == first
    assert stored(database, first) == before

    assert add(database, clock, new_id, an_order(new_id), "store-other") != first
    assert counts(database, order, order_item, customer) == [2, 4, 2]


def test_a_customer_is_known_by_the_address_within_a_store(
    database: Database, clock: FixedClock, new_id: CountingIds
) -> None:
    add(database, clock, new_id, an_order(new_id), SHOP)
    add(database, clock, new_id, an_order(new_id, number="1002"), SHOP)
    add(
        database,
        clock,
        new_id,
        an_order(new_id, number="1003", customer={"email": "bob@example.com"}),
        SHOP,
    )

    assert counts(database, order, customer) == [3, 2]


def test_processes_that_add_the_same_order_at_once_store_it_once(
    database: Database, clock: FixedClock, new_id: CountingIds
) -> None:
    new = an_order(new_id)
    barrier = Barrier(4)

    def one(name: str) -> str:
        barrier.wait()
        with database.write() as records:
            return records.orders.add(f"order-{name}", SHOP, new, f"customer-{name}", clock.now)

    with ThreadPoolExecutor(4) as threads:
        added = list(threads.map(one, "abcd"))

    assert len(set(added)) == 1
    assert counts(database, order, order_item, customer) == [1, 2, 1]


def test_variants_are_found_by_id_and_sku_in_their_own_store_only(database: Database) -> None:
    with database.write() as records:
        twin = an_offer(records.connection, "cup", "m", supplier_key="feed-my-shop", title="Cup")
        a_variant(
            records.connection, f"product-mug-{SHOP}"[:32], twin, id="variant-twin", sku="MUG-1"
        )
    with database.read() as records:
        found = records.orders.variants_named(SHOP, [SHIRT, f"{MUG}-other"], ["MUG-1", "NONE"])
        assert found == [
            PayableVariant(MUG, "Mug (M)", "MUG-1"),
            PayableVariant(SHIRT, "Shirt (M)", None),
            PayableVariant("variant-twin", "Mug (M)", "MUG-1"),
        ]
        assert records.orders.variants_named(SHOP, [], []) == []


def test_orders_are_listed_newest_first_a_page_at_a_time(
    database: Database, clock: FixedClock, new_id: CountingIds
) -> None:
    ids = [
        add(database, clock, new_id, an_order(new_id, number=str(number)), SHOP)
        for number in range(3)
    ]
    other = add(database, clock, new_id, an_order(new_id), "store-other")
    with database.write() as records:
        records.orders.save_payment(ids[1], Assessment(PaymentStatus.PAID), clock.now, clock.now)

    with database.read() as records:
        listed = records.orders.listed
        assert [each.id for each in listed(None, None, 9)] == [other, *reversed(ids)]
        assert [each.id for each in listed([SHOP], None, 2)] == [ids[2], ids[1]]
        assert [each.id for each in listed([SHOP], None, 2, ids[1])] == [ids[0]]
        assert [each.id for each in listed(None, PaymentStatus.PAID, 9)] == [ids[1]]
        assert listed([], None, 9) == []
        assert [len(each.items) for each in listed(None, None, 9)] == [2, 2, 2, 2]


def test_what_the_facts_came_to_is_stored_and_raises_the_version(
    database: Database, clock: FixedClock, new_id: CountingIds
) -> None:
    order_id = add(database, clock, new_id, an_order(new_id), SHOP)
    before = stored(database, order_id)

    with database.write() as records:
        found = Assessment(PaymentStatus.PARTIALLY_REFUNDED, paid_minor=4938, refunded_minor=38)
        records.orders.save_payment(order_id, found, clock.now, clock.now)

    assert stored(database, order_id) == replace(
        before,
        payment_status=PaymentStatus.PARTIALLY_REFUNDED,
        paid_minor=4938,
        refunded_minor=38,
        paid_at=clock.now,
        version=1,
    )


def test_a_source_holds_once_and_again_only_when_its_own_actor_had_released_it(
    database: Database, clock: FixedClock, new_id: CountingIds
) -> None:
    order_id = add(database, clock, new_id, an_order(new_id), SHOP)
    opened_at = clock.now

    def a_hold(source: str, note: str = "why") -> Hold:
        return Hold(
            new_id(), order_id, HoldReason.FRAUD, source, note, clock.now, "stripe",
            expires_at=clock.now + timedelta(days=1),
        )  # fmt: skip

    first, second = a_hold("dispute:1"), a_hold("dispute:2")
    with database.write() as records:
        assert records.orders.add_holds([], clock.now) == ()
        assert records.orders.add_holds([first, second], clock.now) == [first, second]
        assert records.orders.add_holds([a_hold("dispute:1")], clock.now) == []
    assert stored(database, order_id).holds == (first, second)

    clock.advance(hours=1)
    with database.write() as records:
        release = records.orders.release
        assert release(order_id, ["dispute:1", "none"], "cli", clock.now) == ["dispute:1"]
        assert release(order_id, ["dispute:1"], "cli", clock.now) == []
        assert release(order_id, ["dispute:2"], "stripe", clock.now) == ["dispute:2"]
        assert release(order_id, [], "stripe", clock.now) == []
    assert stored(database, order_id).holds == (
        replace(first, released_at=clock.now, released_by="cli"),
        replace(second, released_at=clock.now, released_by="stripe"),
    )

    clock.advance(hours=1)
    again = [a_hold("dispute:1", "lost"), a_hold("dispute:2", "appealed")]
    with database.write() as records:
        (reopened,) = records.orders.add_holds(again, clock.now)
    assert reopened == replace(again[1], id=second.id)
    assert reopened.opened_at == opened_at + timedelta(hours=2)
    assert stored(database, order_id).holds[1] == reopened
    assert stored(database, order_id).holds[0].released_by == "cli"


def test_a_timeline_begins_with_the_order_and_goes_by_time(
    database: Database, clock: FixedClock, new_id: CountingIds
) -> None:
    order_id = add(database, clock, new_id, an_order(new_id), SHOP)

    def an_event(event_id: str, kind: EventKind, **fields: Any) -> OrderEvent:
        return OrderEvent(
            event_id, order_id, clock.now, kind, "stripe", "why", {"a": 1}, {"a": 2}, **fields
        )

    paid = an_event("e-1", EventKind.PAYMENT_CHANGED, run_id="run-1")
    received = an_event("e-2", EventKind.RECEIVED)
    clock.advance(minutes=1)
    held = an_event("e-0", EventKind.HELD)
    with database.write() as records:
        records.orders.add_events([])
        records.orders.add_events([held, paid, received])

    with database.read() as records:
        assert records.orders.timeline(order_id) == [received, paid, held]
        assert records.orders.timeline("no-order") == []
