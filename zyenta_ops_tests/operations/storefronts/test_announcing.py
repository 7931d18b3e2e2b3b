from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import update

from zyenta_ops.domain.interventions import Intervention, Verb
from zyenta_ops.domain.notifications import Channel
from zyenta_ops.domain.orders import FulfillmentStatus, Order
from zyenta_ops.domain.supplier_orders import Parcel, ParcelState
from zyenta_ops.persistence.schema import store
from zyenta_ops_tests.operations.storefronts.conftest import READ_URL, URL, Shop

FIRST = Parcel("1Z999AA10123456784", "UPS", state=ParcelState.IN_TRANSIT)
SECOND = Parcel("00340434161094042557", "DHL", state=ParcelState.ANNOUNCED)


def events(shop: Shop, order: Order) -> list[str]:
    """The storefront's events, without what all of them have in common."""
    begin, middle = "storefront:order.", f":{order.id}"
    return [key.removeprefix(begin).replace(middle, "") for key in shop.outbox(Channel.STOREFRONT)]


def test_a_paid_order_is_told_once_to_its_customer_and_its_storefront(shop: Shop) -> None:
    shop.hooks.set("my-shop", URL)
    order = shop.order()

    shop.tell("paid", order)
    shop.tell("paid", order)

    assert shop.outbox() == [f"order-confirmed:{order.id}"]
    assert events(shop, order) == ["confirmed"]
    (mail, event) = shop.rows()
    assert (mail["recipient"], mail["expires_at"]) == (
        "ann@example.com",
        shop.clock() + timedelta(days=1),
    )
    assert (event["recipient"], event["template"]) == ("store-my-shop", "order.confirmed")
    assert event["context"]["data"]["trackingInfo"] == []


def test_a_store_without_a_webhook_has_its_customers_told_all_the_same(shop: Shop) -> None:
    order = shop.order()

    shop.tell("paid", order)
    shop.tell("parcels", order, [FIRST])

    assert shop.outbox(Channel.STOREFRONT) == []
    assert shop.outbox() == [
        f"order-confirmed:{order.id}",
        f"order-shipped:{order.id}:{FIRST.number}",
    ]
    with shop.database.read() as records:
        tracking = records.storefronts.tracking(order.id)
    assert tracking is not None
    assert [each["number"] for each in tracking.info] == [FIRST.number]
    assert (tracking.revision, tracking.check_at) == (1, None)


def test_every_parcel_is_told_once_and_every_change_to_the_storefront(shop: Shop) -> None:
    shop.hooks.set("my-shop", URL, READ_URL)
    order = shop.order()

    shop.tell("parcels", order, [FIRST])
    shop.tell("parcels", order, [FIRST])
    shop.tell("parcels", order, [FIRST, SECOND])
    moved = replace(SECOND, state=ParcelState.IN_TRANSIT)
    shop.tell("parcels", order, [FIRST, moved])
    shop.tell("parcels", order, [FIRST, SECOND])

    assert shop.outbox() == [
        f"order-shipped:{order.id}:{FIRST.number}",
        f"order-shipped:{order.id}:{SECOND.number}",
    ]
    assert events(shop, order) == [
        f"shipped:{FIRST.number}",
        "tracking_updated:1",
        f"shipped:{SECOND.number}",
        "tracking_updated:2",
        "tracking_updated:3",
        "tracking_updated:4",
    ]
    with shop.database.read() as records:
        tracking = records.storefronts.tracking(order.id)
    assert tracking is not None
    assert (tracking.revision, tracking.check_at) == (4, shop.clock() + timedelta(minutes=30))


def test_an_order_that_has_arrived_is_told_once(shop: Shop) -> None:
    shop.hooks.set("my-shop", URL)
    order = shop.order()
    there = replace(FIRST, state=ParcelState.DELIVERED)
    partly = shop.moved(order, FulfillmentStatus.PARTIALLY_DELIVERED)

    shop.tell("parcels", partly, [there, replace(SECOND, state=ParcelState.IN_TRANSIT)])
    assert f"order-delivered:{order.id}" not in shop.outbox()
    whole = shop.moved(order, FulfillmentStatus.DELIVERED)
    for _ in range(2):
        shop.tell("parcels", whole, [there, replace(SECOND, state=ParcelState.DELIVERED)])

    assert shop.outbox() == [
        f"order-shipped:{order.id}:{SECOND.number}",
        f"order-delivered:{order.id}",
    ]
    assert events(shop, order).count("delivered") == 1


def test_a_later_day_is_told_once_and_remembered(shop: Shop) -> None:
    order = shop.order()

    def expected(day: int) -> Parcel:
        return replace(FIRST, expected_at=datetime(2026, 11, day, 12, tzinfo=UTC))

    for day in (9, 10, 12, 12, 13):
        shop.tell("parcels", order, [expected(day)])

    assert shop.outbox() == [
        f"order-shipped:{order.id}:{FIRST.number}",
        f"order-delayed:{order.id}:{FIRST.number}:2026-11-12",
    ]


def test_orders_are_cancelled_refunded_and_late_without_parcels(shop: Shop) -> None:
    shop.hooks.set("my-shop", URL)
    order = shop.order()

    shop.tell("delayed", order, date(2026, 11, 20))
    shop.tell("cancelled", order)
    shop.tell("refunded", order, 500, 500)

    assert shop.outbox() == [
        f"order-delayed:{order.id}::2026-11-20",
        f"order-cancelled:{order.id}",
        f"order-refunded:{order.id}:500",
    ]
    assert events(shop, order) == ["cancelled"]


def test_a_voice_that_cannot_be_read_does_not_keep_customers_from_being_told(shop: Shop) -> None:
    order = shop.order()
    with shop.database.write() as records:
        records.connection.execute(update(store).values(voice={"colour": "red"}))

    shop.tell("paid", order)

    (mail,) = shop.rows()
    assert (mail["context"]["sender_name"], mail["context"]["locale"]) == ("My Shop", "en")


def test_the_team_is_told_what_to_do_until_the_order_goes_on(shop: Shop) -> None:
    order = shop.order()
    needed = Intervention(
        order_id=order.id,
        order_ref="my-shop:1001",
        store_name="My Shop",
        supplier_order="zy-1-1",
        supplier_name="AliExpress",
        reason="AliExpress does not say whether it took the order",
        verbs=(Verb("place it again", "zyenta-ops orders retry my-shop:1001"),),
        episode="7",
        since=shop.clock(),
    )

    shop.tell("needs_a_person", needed)
    shop.tell("needs_a_person", needed)

    mail, chat = shop.rows()
    assert (mail["recipient"], chat["recipient"]) == ("ops@example.com", "internal")
    assert mail["dedupe_key"] == f"intervention:{order.id}:zy-1-1:7:EMAIL"
    assert mail["context"]["verbs"] == [
        {"does": "see all there is to know", "line": "zyenta-ops orders show my-shop:1001"},
        {"does": "place it again", "line": "zyenta-ops orders retry my-shop:1001"},
    ]
    assert "ann@example.com" not in str(mail["context"])

    shop.tell("goes_on", order.id)
    assert [row["status"] for row in shop.rows()] == ["WITHDRAWN", "WITHDRAWN"]
    shop.tell("needs_a_person", replace(needed, episode="8"))
    assert [row["status"] for row in shop.rows()][2:] == ["PENDING", "PENDING"]
