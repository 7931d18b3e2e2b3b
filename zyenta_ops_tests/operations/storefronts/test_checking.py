from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from zyenta_ops.domain.notifications import Channel
from zyenta_ops.domain.orders import FulfillmentStatus, Order
from zyenta_ops.domain.storefronts import OrderTracking, tracking_info
from zyenta_ops.domain.supplier_orders import Parcel, ParcelState
from zyenta_ops.operations.storefronts import CheckReport
from zyenta_ops_tests.operations.storefronts.conftest import READ_URL, URL, Shop

PARCEL = Parcel("1Z999AA10123456784", "UPS", state=ParcelState.IN_TRANSIT)
TOLD: list[dict[str, Any]] = tracking_info([PARCEL])
SOON = timedelta(minutes=30)


def shipped(shop: Shop, *numbers: str, read_url: str = READ_URL) -> list[Order]:
    """Orders whose parcel was told to the storefront, which took the events."""
    shop.hooks.set("my-shop", URL, read_url)
    orders = [shop.order(number) for number in numbers]
    for each in orders:
        shop.tell("parcels", each, [PARCEL])
    shop.notifications.deliver()
    return orders


def tracking(shop: Shop, order: Order) -> OrderTracking:
    with shop.database.read() as records:
        found = records.storefronts.tracking(order.id)
    assert found is not None
    return found


def test_a_storefront_that_shows_what_it_was_told_is_looked_at_again_tomorrow(shop: Shop) -> None:
    (order,) = shipped(shop, "1001")
    shop.system.shows["1001"] = TOLD
    assert (shop.checks.count_due(), shop.checks.check()) == (0, CheckReport())
    shop.clock.now += SOON
    assert shop.checks.count_due() == 1

    assert shop.checks.check() == CheckReport(matching=1)

    assert shop.system.asked == ["1001"]
    assert tracking(shop, order).check_at == shop.clock() + timedelta(days=1)
    assert shop.checks.check() == CheckReport()


def test_an_order_that_has_arrived_is_looked_at_once_more_and_then_left(shop: Shop) -> None:
    (order,) = shipped(shop, "1001")
    shop.moved(order, FulfillmentStatus.DELIVERED)
    shop.system.shows["1001"] = TOLD
    shop.clock.now += SOON

    assert shop.checks.check() == CheckReport(matching=1)

    assert tracking(shop, order).check_at is None


def test_what_a_storefront_lost_is_told_again_and_found_mended(shop: Shop) -> None:
    (order,) = shipped(shop, "1001")
    before = len(shop.outbox(Channel.STOREFRONT))
    shop.clock.now += SOON

    assert shop.checks.check() == CheckReport(repaired=1)

    assert len(shop.outbox(Channel.STOREFRONT)) == before + 1
    assert tracking(shop, order).drifts == 1
    assert shop.issues == {}
    shop.notifications.deliver()
    again = shop.system.taken[-1]
    assert again.template == "order.tracking_updated"
    assert again.context["data"]["trackingInfo"] == TOLD
    shop.system.shows["1001"] = TOLD
    shop.clock.advance(hours=1)
    assert shop.checks.check() == CheckReport(matching=1)
    assert tracking(shop, order).drifts == 0


def test_a_difference_that_stays_is_told_to_the_store_until_it_is_over(shop: Shop) -> None:
    (order,) = shipped(shop, "1001")
    shop.system.shows["1001"] = [TOLD[0] | {"status": "ANNOUNCED"}]
    for wait in (SOON, timedelta(hours=1)):
        shop.clock.now += wait
        assert shop.checks.check() == CheckReport(repaired=1)
        shop.notifications.deliver()

    assert shop.issues == {
        "storefront-shows:store-my-shop": ["Your storefront shows other tracking than we told it"]
    }
    assert tracking(shop, order).check_at == shop.clock() + timedelta(days=1)
    shop.system.shows["1001"] = TOLD
    shop.clock.advance(days=1)
    assert shop.checks.check() == CheckReport(matching=1)
    assert shop.issues == {}


def test_nothing_is_looked_at_while_an_event_is_on_its_way(shop: Shop) -> None:
    (order,) = shipped(shop, "1001")
    shop.tell("parcels", order, [replace(PARCEL, state=ParcelState.OUT_FOR_DELIVERY)])
    shop.clock.now += SOON

    assert (shop.checks.count_due(), shop.checks.check()) == (0, CheckReport())

    assert shop.system.asked == []
    shop.notifications.deliver()
    assert shop.checks.count_due() == 1


def test_a_storefront_that_does_not_answer_is_asked_once_and_nothing_is_told_again(
    shop: Shop,
) -> None:
    orders = shipped(shop, "1001", "1002", "1003")
    before = shop.rows()
    shop.system.silent = True
    shop.clock.now += SOON

    assert shop.checks.check() == CheckReport(unreadable=3)

    assert len(shop.system.asked) == 1
    assert shop.rows() == before
    for order in orders:
        seen = tracking(shop, order)
        assert (seen.drifts, seen.check_at) == (0, shop.clock() + timedelta(hours=6))


def test_the_budget_leaves_the_rest_due(shop: Shop) -> None:
    shipped(shop, "1001", "1002", "1003")
    shop.system.shows = dict.fromkeys(("1001", "1002", "1003"), TOLD)
    shop.clock.now += SOON

    assert shop.checks.check(limit=2) == CheckReport(matching=2, left_due=1)
    assert shop.checks.check(budget_seconds=-1) == CheckReport(left_due=1)


def test_a_storefront_that_cannot_be_asked_is_not(shop: Shop) -> None:
    (order,) = shipped(shop, "1001", read_url="")
    shop.clock.advance(days=2)

    assert shop.checks.check() == CheckReport()
    assert tracking(shop, order).check_at is None

    # Once it can be, everything that it was told is looked at.
    shop.hooks.set("my-shop", read_url=READ_URL)
    assert shop.checks.count_due() == 1
    shop.hooks.turn_off("my-shop")
    assert shop.checks.count_due() == 0


def test_an_order_that_moves_while_it_is_looked_at_is_left_to_the_next_look(shop: Shop) -> None:
    (order,) = shipped(shop, "1001")
    shop.clock.now += SOON
    moved = replace(PARCEL, state=ParcelState.OUT_FOR_DELIVERY)

    def shown(hook: object, number: str) -> object:
        shop.tell("parcels", order, [moved])
        return TOLD

    shop.system.shown = shown  # type: ignore[method-assign,assignment]

    assert shop.checks.check() == CheckReport()

    seen = tracking(shop, order)
    assert (seen.revision, seen.drifts, seen.check_at) == (2, 0, shop.clock() + SOON)
