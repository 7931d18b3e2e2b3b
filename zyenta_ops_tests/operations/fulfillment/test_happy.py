"""A paid order is bought from two suppliers, paid for, and followed to the door."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from zyenta_ops.domain.entitlements import Feature
from zyenta_ops.domain.fulfillment import Stage, Step
from zyenta_ops.domain.orders import EventKind, FulfillmentStatus
from zyenta_ops.domain.supplier_orders import ParcelState, SupplierOrderState
from zyenta_ops.operations.fulfillment.planning import Planning
from zyenta_ops.persistence.schema import spend, watched_product
from zyenta_ops_tests.builders import THEN
from zyenta_ops_tests.operations.fulfillment.shop import Shop


def arrive(shop: Shop, key: str) -> None:
    """All that a supplier has is delivered."""
    supplier = shop.suppliers[key]
    for external_id, order in list(supplier.orders.items()):
        (parcel,) = order.parcels
        supplier.change(
            external_id,
            state=SupplierOrderState.DELIVERED,
            parcels=(replace(parcel, state=ParcelState.DELIVERED),),
        )


def test_a_paid_order_reaches_the_customer(both: Shop) -> None:
    shop = both
    order = shop.order()
    report = shop.tick()

    assert (report.planned, report.worked_on, report.failed, report.left_due) == (1, 2, 0, 0)
    assert report.steps == {Step.CLEAR: 2, Step.PLACE: 2, Step.PAY: 2}
    assert shop.stages(order) == {"aliexpress": "CONFIRMED", "cj": "CONFIRMED"}
    assert shop.show(order).fulfillment_status is FulfillmentStatus.AWAITING_SHIPMENT
    assert {key: len(each.orders) for key, each in shop.suppliers.items()} == {
        "aliexpress": 1,
        "cj": 1,
    }
    assert all(each.charges == {"F1": 1} for each in shop.suppliers.values())

    shop.suppliers["cj"].ship("F1")
    shop.tick(hours=6)
    assert shop.stages(order) == {"aliexpress": "CONFIRMED", "cj": "SHIPPED"}
    assert shop.show(order).fulfillment_status is FulfillmentStatus.PARTIALLY_SHIPPED

    shop.suppliers["aliexpress"].ship("F1")
    shop.tick(hours=6)
    arrive(shop, "cj")
    shop.tick(hours=24)
    assert shop.stages(order) == {"aliexpress": "SHIPPED", "cj": "DELIVERED"}
    assert shop.show(order).fulfillment_status is FulfillmentStatus.PARTIALLY_DELIVERED

    arrive(shop, "aliexpress")
    shop.tick(hours=24)
    assert shop.stages(order) == {"aliexpress": "DELIVERED", "cj": "DELIVERED"}
    assert shop.show(order).fulfillment_status is FulfillmentStatus.DELIVERED
    assert shop.told == {}
    assert shop.tick(days=30).worked_on == 0


def test_the_timeline_says_what_happened(shop: Shop) -> None:
    order = shop.order(shirt=1)
    shop.tick()
    shop.suppliers["cj"].ship("F1")
    shop.tick(hours=6)

    timeline = shop.orders.show(order.id).timeline
    assert [(each.kind, each.after.get("stage")) for each in timeline[1:]] == [
        (EventKind.PLANNED, None),
        (EventKind.ADVANCED, "READY"),
        (EventKind.ADVANCED, "PLACING"),
        (EventKind.ADVANCED, "PLACED"),
        (EventKind.ADVANCED, "AWAITING_SUPPLIER_PAYMENT"),
        (EventKind.ADVANCED, "CONFIRMED"),
        (EventKind.PARCEL_CHANGED, None),
        (EventKind.ADVANCED, "SHIPPED"),
    ]
    assert timeline[-2].after == {
        "parcel": "TRACKF1",
        "carrier": "Carrier",
        "state": "IN_TRANSIT",
        "supplier_order": 1,
    }
    assert {each.actor for each in timeline[1:]} == {"fulfillment"}


def test_units_are_kept_back_until_the_supplier_has_the_order(shop: Shop) -> None:
    order = shop.order(paid=False)
    shop.tick()
    assert shop.reserved() == {"shirt": 0, "mug": 0}
    source = shop.hold(order)
    shop.pay(order)
    shop.tick()

    assert shop.stages(order) == {"aliexpress": "PLANNED", "cj": "PLANNED"}
    assert shop.reserved() == {"shirt": 2, "mug": 1}

    shop.orders.release(order.id, source, "ann")
    shop.tick(minutes=1)
    assert shop.stages(order) == {"aliexpress": "CONFIRMED", "cj": "CONFIRMED"}
    assert shop.reserved() == {"shirt": 0, "mug": 0}
    with shop.database.read() as records:
        sold = records.connection.execute(select(watched_product.c.sold_at)).scalars().all()
    assert sold == [shop.clock(), shop.clock()]


def test_what_is_spent_is_noted_once_for_each_supplier_order(shop: Shop) -> None:
    order = shop.order()
    shop.tick()

    with shop.database.read() as records:
        rows = records.connection.execute(select(spend)).all()
    mine = {each.id: each.supplier_key for each in shop.every(order)}
    found = {mine[row.supplier_order_id]: (row.amount_minor, row.state) for row in rows}
    assert found == {"cj": (28_00, "SPENT"), "aliexpress": (15_50, "SPENT")}


def test_a_customers_order_is_counted_once_for_the_plan(shop: Shop) -> None:
    shop.order()
    shop.order("1002", shirt=1)
    shop.tick()

    with shop.database.read() as records:
        used = records.entitlements.used_since("account-my-shop", Feature.ORDERS, THEN)
    assert used == 2


def test_a_pass_without_news_writes_nothing(shop: Shop) -> None:
    shop.order()
    held = shop.order("1002")
    shop.hold(held)
    shop.tick()
    before, passed = shop.counts(), len(shop.suppliers["cj"].orders)

    for _ in range(3):
        assert shop.tick(minutes=1).worked_on == 0

    assert shop.counts() == before
    assert len(shop.suppliers["cj"].orders) == passed == 1
    assert shop.fulfillment.count_due() == (0, 0)


def test_an_order_is_planned_once_however_often_it_is_tried(shop: Shop) -> None:
    order = shop.order()
    planning = Planning(shop.desk())

    assert [planning.plan(order.id) for _ in range(3)] == [True, False, False]
    references = sorted(each.client_ref for each in shop.every(order))
    assert references == [f"zy-{order.id}-1", f"zy-{order.id}-2"]


def test_whoever_listens_is_told_of_every_move(shop: Shop) -> None:
    shop.order(shirt=1)
    shop.tick()

    assert shop.moves == [
        (Stage.PLANNED, Stage.READY),
        (Stage.READY, Stage.PLACING),
        (Stage.PLACING, Stage.AWAITING_SUPPLIER_PAYMENT),
        (Stage.AWAITING_SUPPLIER_PAYMENT, Stage.CONFIRMED),
    ]


def test_only_the_owners_own_account_is_used(shop: Shop) -> None:
    shop.order()
    shop.tick()

    assert set(shop.opened) == {"login-cj", "login-aliexpress"}
