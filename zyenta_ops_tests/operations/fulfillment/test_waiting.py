"""What keeps an order from being bought, and what happens to one that takes too long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

from zyenta_ops.domain.fulfillment import ActionReason, Stage
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import FulfillmentStatus, HoldReason
from zyenta_ops.domain.supplier_errors import OutcomeUnknown
from zyenta_ops.domain.supplier_orders import (
    Ability,
    ParcelState,
    Placement,
    SupplierOrderState,
)
from zyenta_ops.operations.fulfillment import Fulfillment
from zyenta_ops_tests.operations.fulfillment.shop import Shop


def test_a_store_that_wants_to_be_asked_is_asked_once_for_the_whole_order(both: Shop) -> None:
    shop = both
    shop.policy(purchases="PROPOSE")
    order = shop.order()
    shop.tick()

    assert shop.stages(order) == {"cj": "PLANNED", "aliexpress": "PLANNED"}
    assert shop.sources(order) == ["approval"]
    assert shop.placed("cj") == []
    assert list(shop.told.values()) == [["To be approved: order 1001"]]
    assert shop.standings(order)["cj"].outlook.why == (
        "APPROVAL: a person approves purchases in this store"
    )

    shop.orders.release(order.id, "approval", "ann")
    shop.tick()
    assert shop.stages(order) == {"cj": "CONFIRMED", "aliexpress": "CONFIRMED"}
    assert shop.told == {}


def test_the_customer_may_change_an_order_for_a_while(shop: Shop) -> None:
    shop.policy(cooling_off_minutes=10)
    order = shop.order()
    shop.tick()
    assert shop.stages(order) == {"cj": "PLANNED", "aliexpress": "PLANNED"}
    assert shop.tick(minutes=9).worked_on == 0

    shop.tick(minutes=1)
    assert shop.stages(order) == {"cj": "CONFIRMED", "aliexpress": "CONFIRMED"}


def test_what_is_out_of_stock_is_held_alone_and_bought_when_it_is_back(shop: Shop) -> None:
    shop.suppliers["cj"].list_product("shirt", stock=1)
    order = shop.order()
    shop.tick()

    it = shop.of(order)["cj"]
    assert shop.stages(order) == {"cj": "READY", "aliexpress": "CONFIRMED"}
    assert shop.holds(order) == [(HoldReason.STOCK, "1 of 2 shirt-v are in stock")]
    assert shop.reserved() == {"shirt": 2, "mug": 0}
    assert shop.told == {f"supplier_order:{it.id}": ["Out of stock: order 1001"]}
    before = shop.counts()

    # Looked into again, it is the same: nothing is told twice.
    shop.tick(hours=1)
    assert shop.counts()[:3] == before[:3]
    assert shop.of(order)["cj"].next_check_at == shop.clock() + timedelta(hours=1)

    shop.suppliers["cj"].list_product("shirt", stock=2)
    shop.tick(hours=1)
    assert shop.stages(order)["cj"] == "CONFIRMED"
    assert shop.holds(order) == []
    assert shop.told == {}


def test_what_would_lose_money_is_bought_once_a_person_says_so(shop: Shop) -> None:
    shop.suppliers["cj"].list_product("shirt", cost=Money(30_00, "USD"))
    order = shop.order(shirt=2)
    shop.tick()

    (source, dearer) = sorted(shop.sources(order))
    assert source.endswith(":cost:6000")
    assert dearer.endswith(":margin:6300")
    for each in (source, dearer):
        shop.orders.release(order.id, each, "ann")
    shop.tick()
    assert shop.stages(order) == {"cj": "CONFIRMED"}


def test_a_days_money_is_not_spent_twice_by_two_at_once(both: Shop) -> None:
    shop = both
    shop.policy(most_per_day="20")
    first, second = shop.order("1", mug=1), shop.order("2", mug=1)
    start = Barrier(2)

    def run(fulfillment: Fulfillment) -> None:
        start.wait()
        fulfillment.advance()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, [Fulfillment(shop.desk()) for _ in range(2)]))

    stages = sorted(shop.of(each)["aliexpress"].stage for each in (first, second))
    assert stages == [Stage.CONFIRMED, Stage.READY]
    assert len(shop.placed("aliexpress")) == 1
    shop.tick(hours=12)  # midnight
    assert len(shop.placed("aliexpress")) == 2


def test_lines_from_two_warehouses_become_two_supplier_orders(shop: Shop) -> None:
    supplier = shop.suppliers["cj"]
    item = supplier.list_product("shirt")
    supplier.products["shirt"] = item
    other = supplier.list_product("hat")
    far = tuple(replace(each, ships_from="CN") for each in other.variants)
    supplier.products["hat"] = replace(other, variants=far)
    shop.sell("hat", "cj")
    order = shop.order(shirt=1, hat=1)
    shop.tick()

    mine = shop.every(order)
    assert [(each.seq, each.stage, each.units()) for each in mine] == [
        (1, Stage.CONFIRMED, 1),
        (2, Stage.CONFIRMED, 1),
    ]
    assert [each.reference for each in supplier.orders.values()] == [
        f"zy-{order.id}-1",
        f"zy-{order.id}-2",
    ]
    assert shop.show(order).fulfillment_status is FulfillmentStatus.AWAITING_SHIPMENT
    assert shop.reserved()["hat"] == 0


def test_an_order_that_is_not_sent_in_a_week_is_a_persons_business_and_followed(
    shop: Shop,
) -> None:
    order = shop.order(shirt=1)
    shop.tick()
    shop.tick(days=6)
    assert shop.stages(order) == {"cj": "CONFIRMED"}
    shop.tick(days=1)

    it = shop.of(order)["cj"]
    assert (it.stage, it.reason) == (Stage.NEEDS_ACTION, ActionReason.NO_TRACKING)
    assert shop.told == {f"supplier_order:{it.id}": ["Order 1001 needs a decision"]}
    before = shop.counts()[0]
    shop.tick(hours=6)
    assert shop.counts()[0] == before

    shop.suppliers["cj"].ship("F1")
    shop.tick(hours=6)
    assert shop.stages(order) == {"cj": "SHIPPED"}
    assert shop.told == {}


def test_a_parcel_that_is_lost_is_told_once_and_its_delivery_ends_it(shop: Shop) -> None:
    order = shop.order(shirt=1)
    shop.tick()
    supplier = shop.suppliers["cj"]
    supplier.ship("F1")
    shop.tick(hours=6)
    (parcel,) = supplier.orders["F1"].parcels
    supplier.change("F1", parcels=(replace(parcel, state=ParcelState.LOST),))
    shop.tick(hours=24)
    assert shop.of(order)["cj"].reason is ActionReason.PARCEL_LOST
    before = shop.counts()[0]
    shop.tick(hours=24)
    assert shop.counts()[0] == before

    supplier.change("F1", parcels=(replace(parcel, state=ParcelState.DELIVERED),))
    shop.tick(hours=24)
    assert shop.stages(order) == {"cj": "DELIVERED"}


def test_a_supplier_that_cancels_by_itself_is_told_of(shop: Shop) -> None:
    order = shop.order(shirt=1)
    shop.tick()
    shop.suppliers["cj"].change("F1", state=SupplierOrderState.CANCELLED)
    shop.tick(hours=6)

    it = shop.of(order)["cj"]
    assert (it.stage, it.reason) == (Stage.NEEDS_ACTION, ActionReason.SUPPLIER_CANCELLED)
    assert shop.tick(days=3).worked_on == 0


def test_what_is_paid_on_the_suppliers_site_is_told_of_until_it_is_paid(shop: Shop) -> None:
    supplier = shop.suppliers["cj"]
    order = shop.order(shirt=1)
    # Placed unpaid, as by a supplier whose API takes no money.
    shop.meanwhile = lambda: shop.can(abilities=frozenset(Ability) - {Ability.PAY_ORDERS})
    shop.tick()
    it = shop.of(order)["cj"]
    assert it.stage is Stage.AWAITING_SUPPLIER_PAYMENT
    assert shop.told == {f"supplier_order:{it.id}": ["To be paid at cj: order 1001"]}

    shop.tick(hours=25)
    assert shop.of(order)["cj"].reason is ActionReason.UNPAID
    supplier.change("F1", state=SupplierOrderState.PAID)
    shop.tick(hours=6)
    assert shop.stages(order) == {"cj": "CONFIRMED"}
    assert shop.told == {}


def test_an_address_that_cannot_be_delivered_to_is_a_persons_business(shop: Shop) -> None:
    order = shop.order(shirt=1)
    with shop.database.write() as records:
        records.connection.exec_driver_sql(
            "UPDATE \"order\" SET address = json_set(address, '$.postal_code', '1')"
        )
    shop.tick()

    it = shop.of(order)["cj"]
    assert (it.stage, it.reason) == (Stage.NEEDS_ACTION, ActionReason.ADDRESS)
    assert "10115" not in it.note
    assert shop.placed("cj") == []


def test_what_one_supplier_lacks_is_bought_from_the_next(both: Shop) -> None:
    shop = both
    shop.suppliers["cj"].list_product("shirt", stock=0)
    shop.suppliers["aliexpress"].list_product("shirt")
    shop.offer_elsewhere("shirt", "aliexpress")
    order = shop.order(shirt=2)
    shop.tick()

    first, second = shop.every(order)
    assert (first.supplier_key, first.stage) == ("cj", Stage.CANCELLED)
    assert first.note == "bought elsewhere: 0 of 2 shirt-v are in stock"
    assert (second.supplier_key, second.seq, second.stage) == ("aliexpress", 2, Stage.CONFIRMED)
    assert shop.holds(order) == []
    assert shop.reserved()["shirt"] == 0
    assert shop.show(order).fulfillment_status is FulfillmentStatus.AWAITING_SHIPMENT
    assert shop.placed("cj") == []


def test_no_source_is_gone_back_to(shop: Shop) -> None:
    for key in ("cj", "aliexpress"):
        shop.suppliers[key].list_product("shirt", stock=0)
    shop.offer_elsewhere("shirt", "aliexpress")
    order = shop.order(shirt=2)
    for _ in range(3):
        shop.tick(hours=2)

    assert [each.stage for each in shop.every(order)] == [Stage.CANCELLED, Stage.READY]
    assert [reason for reason, _ in shop.holds(order)] == [HoldReason.STOCK]


def test_a_source_that_is_known_to_lack_goods_or_margin_is_no_help(shop: Shop) -> None:
    shop.suppliers["cj"].list_product("shirt", stock=0)
    shop.suppliers["aliexpress"].list_product("shirt")
    shop.offer_elsewhere("shirt", "aliexpress", stock=1)
    order = shop.order(shirt=2)
    shop.tick()
    assert shop.stages(order) == {"cj": "READY"}

    shop.offer_elsewhere("shirt", "aliexpress", "30.01 USD", variant="s2")
    shop.tick(hours=2)
    assert shop.stages(order) == {"cj": "READY"}
    assert shop.placed("aliexpress") == []


def test_an_order_that_lands_late_is_not_given_up_before_it_can_have_landed(shop: Shop) -> None:
    shop.can(placement=Placement.IDEMPOTENT_REF, reference_window=timedelta(hours=24))
    shop.fails("place_order", *[OutcomeUnknown("nobody knows what became of it")] * 2)
    order = shop.order(shirt=1)
    shop.tick()
    shop.tick(minutes=1)
    it = shop.of(order)["cj"]
    assert (it.stage, it.attempts) == (Stage.UNKNOWN, 2)
    assert it.next_check_at == it.settle_until == shop.clock() + timedelta(minutes=15)

    shop.tick(minutes=15)

    assert shop.stages(order) == {"cj": "CONFIRMED"}
    assert shop.placed("cj") == ["F1"]
