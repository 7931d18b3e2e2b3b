"""Orders from the quote to the door, over the sandbox's CJ, and what faults make of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from zyenta_ops.adapters.suppliers.cj import DisputeRequest, Remedy
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    DuplicateOrder,
    OrderRejected,
    OutcomeUnknown,
    RejectionReason,
    RequestInvalid,
    UnknownReference,
)
from zyenta_ops.domain.supplier_orders import (
    HintKind,
    OrderLine,
    OrderRequest,
    ParcelState,
    SupplierOrderState,
)
from zyenta_ops.sandbox.cj.products import pid, vid
from zyenta_ops.sandbox.orders import Order
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.adapters.suppliers.cj.sandbox_shop import Shop, shop_in
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import IMPATIENT
from zyenta_ops_tests.contracts.supplier_gateway import RECIPIENT, shipping_request

CREATE = "/shopping/order/createOrderV2"
CONFIRM = "/shopping/order/confirmOrder"
PAY = "/shopping/pay/payBalance"
REFERENCE = "zy-42-1"


def request_in(shop: Shop, reference: str = REFERENCE, units: int = 2) -> OrderRequest:
    """Two units of the first product with stock, sent the cheapest way."""
    product = shop.products[0]
    offer = shop.fetch(product)[pid(product)].variants[0].offer
    line = OrderLine(pid(product), offer.variant_ref, offer.order_ref, units)
    service = shop.gateway.quote_shipping(shipping_request(line, None))[0].service_code
    return OrderRequest(reference, (line,), RECIPIENT, service)


def booked(shop: Shop) -> list[Order]:
    return list(shop.world.trades["cj"].orders.orders.values())


def placed(shop: Shop) -> tuple[str, Money]:
    answer = shop.gateway.place_order(request_in(shop))
    assert answer.total is not None
    return answer.external_ids[0], answer.total


def test_an_order_goes_from_the_quote_to_the_door(shop: Shop) -> None:
    request = request_in(shop)
    answer = shop.gateway.place_order(request)
    (external_id,), total = answer.external_ids, answer.total
    assert (answer.state, answer.paid) == (SupplierOrderState.AWAITING_PAYMENT, False)
    found = shop.gateway.find_order(REFERENCE)
    assert found == shop.gateway.get_order(external_id)
    assert (found.state, found.total) == (answer.state, total)

    assert total is not None
    shop.gateway.pay_order(external_id, total)
    assert shop.gateway.get_order(external_id).state is SupplierOrderState.PAID
    assert shop.gateway.get_tracking(external_id) == ()

    shop.world.advance(days=4)
    (parcel,) = shop.gateway.get_tracking(external_id)
    assert parcel.number.startswith("CJPKL")
    assert parcel.state is ParcelState.IN_TRANSIT
    assert shop.gateway.get_order(external_id).state is SupplierOrderState.SHIPPED

    shop.world.advance(days=20)
    (parcel,) = shop.gateway.get_tracking(external_id)
    assert (parcel.state, parcel.raw_state) == (ParcelState.DELIVERED, "Delivered")
    assert shop.gateway.get_order(external_id).state is SupplierOrderState.DELIVERED
    (order,) = booked(shop)
    assert Money(order.total, "USD") == total
    assert shop.violations == {}


def test_an_order_is_cancelled_before_it_is_paid_for_and_not_after(shop: Shop) -> None:
    external_id, total = placed(shop)
    shop.gateway.cancel_order(external_id)
    (order,) = booked(shop)
    assert order.cancelled_at is not None
    with pytest.raises((UnknownReference, OrderRejected)):
        shop.gateway.pay_order(external_id, total)

    second = shop.gateway.place_order(request_in(shop, "zy-42-2")).external_ids[0]
    shop.gateway.pay_order(second, total)
    with pytest.raises(OrderRejected, match="open a dispute"):
        shop.gateway.cancel_order(second)
    assert shop.violations == {}


@pytest.mark.parametrize("fault", ["reset_after", "truncated"])
def test_a_lost_reply_to_an_order_is_reconciled_by_its_reference(shop: Shop, fault: str) -> None:
    request = request_in(shop)
    shop.fail(fault, CREATE, times=1)
    with pytest.raises(OutcomeUnknown):
        shop.gateway.place_order(request)
    found = shop.gateway.find_order(REFERENCE)
    assert found is not None
    with pytest.raises(DuplicateOrder) as caught:
        shop.gateway.place_order(request)
    assert caught.value.external_id == found.external_id
    assert found.total is not None
    shop.gateway.pay_order(found.external_id, found.total)
    (order,) = booked(shop)
    assert order.paid_at is not None


@pytest.mark.parametrize("fault", ["reset_before", "html", "status", "huge"])
def test_an_order_that_was_not_made_can_be_made(shop: Shop, fault: str) -> None:
    request = request_in(shop)
    shop.fail(fault, CREATE, times=1)
    with pytest.raises(OutcomeUnknown):
        shop.gateway.place_order(request)
    assert shop.gateway.find_order(REFERENCE) is None
    shop.gateway.place_order(request)
    assert len(booked(shop)) == 1


def test_an_order_that_hangs_is_left_open(world: SandboxWorld) -> None:
    shop = shop_in(world, IMPATIENT)
    request = request_in(shop)
    shop.fail("hang", CREATE, times=1)
    with pytest.raises(OutcomeUnknown):
        shop.gateway.place_order(request)
    assert booked(shop) == []
    shop.gateway.close()


def test_an_order_that_lands_late_is_found_within_the_settling_time(shop: Shop) -> None:
    request = request_in(shop)
    shop.fail("slow_landing", CREATE, times=1, seconds=120)
    shop.fail("reset_after", CREATE, times=1)
    with pytest.raises(OutcomeUnknown):
        shop.gateway.place_order(request)
    assert shop.gateway.find_order(REFERENCE) is None
    shop.world.advance(seconds=shop.gateway.capabilities.settle.total_seconds())
    assert shop.gateway.find_order(REFERENCE) is not None


def test_a_throttled_order_is_made_once(shop: Shop) -> None:
    request = request_in(shop)
    shop.fail("throttled", CREATE, times=1)
    shop.gateway.place_order(request)
    assert len(booked(shop)) == 1


def test_a_token_that_expires_under_an_order_costs_no_second_one(shop: Shop) -> None:
    request = request_in(shop)
    shop.fail("expired_token", CREATE, times=1)
    shop.gateway.place_order(request)
    assert (len(booked(shop)), shop.login.renewals) == (1, 1)


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "html"])
def test_a_confirmation_that_went_wrong_is_made_good_by_paying(shop: Shop, fault: str) -> None:
    request = request_in(shop)
    shop.fail(fault, CONFIRM, times=1)
    answer = shop.gateway.place_order(request)
    assert answer.state is SupplierOrderState.CREATED
    assert answer.total is not None
    shop.gateway.pay_order(answer.external_ids[0], answer.total)
    (order,) = booked(shop)
    assert order.paid_at is not None


def test_a_lost_reply_to_a_payment_pays_once(shop: Shop) -> None:
    external_id, total = placed(shop)
    balances = shop.world.trades["cj"].orders.balances
    before = balances["demo"]
    shop.fail("reset_after", PAY, times=1)
    with pytest.raises(OutcomeUnknown):
        shop.gateway.pay_order(external_id, total)
    assert shop.gateway.get_order(external_id).state is SupplierOrderState.PAID
    shop.gateway.pay_order(external_id, total)
    assert before - balances["demo"] == total.minor


def test_a_short_balance_pays_nothing(shop: Shop) -> None:
    external_id, total = placed(shop)
    shop.world.trades["cj"].orders.balances["demo"] = total.minor - 1
    with pytest.raises(OrderRejected) as caught:
        shop.gateway.pay_order(external_id, total)
    assert caught.value.reason is RejectionReason.PAYMENT
    assert booked(shop)[0].paid_at is None


def test_too_little_stock_holds_the_order_before_it_costs_anything(shop: Shop) -> None:
    request = request_in(shop, units=2)
    for variant in shop.products[0].variants:
        variant.stock = dict.fromkeys(variant.stock, 1)
    answer = shop.gateway.place_order(request)
    assert answer.state is SupplierOrderState.ON_HOLD
    assert answer.holds == ("CJ does not confirm the order (code 1603102)",)
    assert answer.total is not None
    with pytest.raises(OrderRejected) as caught:
        shop.gateway.pay_order(answer.external_ids[0], answer.total)
    assert caught.value.reason is RejectionReason.OUT_OF_STOCK
    assert booked(shop)[0].paid_at is None


def test_what_cj_holds_back_says_why(shop: Shop) -> None:
    request = request_in(shop)
    address = replace(RECIPIENT, postal_code="")
    answer = shop.gateway.place_order(replace(request, address=address))
    assert answer.state is SupplierOrderState.ON_HOLD
    assert answer.holds == ("10004: The zip code is missing",)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"service_code": "Pigeon"}, RejectionReason.SHIPPING_METHOD),
        ({"address": replace(RECIPIENT, country="AQ")}, RejectionReason.REGION),
    ],
)
def test_a_refused_order_says_why(
    shop: Shop, changes: dict[str, object], reason: RejectionReason
) -> None:
    request = request_in(shop)
    with pytest.raises(OrderRejected) as caught:
        shop.gateway.place_order(replace(request, **changes))  # type: ignore[arg-type]
    assert caught.value.reason is reason
    assert booked(shop) == []


def test_a_variant_that_is_gone_and_lines_of_two_warehouses_are_refused(shop: Shop) -> None:
    request = request_in(shop)
    variant = shop.products[0].variants[0]
    lines = tuple(OrderLine("p", "v", f"{vid(variant)}@{each}", 1) for each in ("US", "CN"))
    with pytest.raises(RequestInvalid, match="one warehouse"):
        shop.gateway.place_order(replace(request, lines=lines))
    variant.offered = False
    with pytest.raises(OrderRejected) as caught:
        shop.gateway.place_order(request)
    assert caught.value.reason is RejectionReason.OUT_OF_STOCK
    assert booked(shop) == []


def test_a_sandbox_order_is_paid_for_with_nothing(world: SandboxWorld) -> None:
    shop = shop_in(world, sandbox=True)
    external_id, total = placed(shop)
    balances = world.trades["cj"].orders.balances
    before = balances["demo"]
    shop.gateway.pay_order(external_id, total)
    assert shop.gateway.get_order(external_id).state is SupplierOrderState.PAID
    assert balances["demo"] == before
    shop.gateway.close()


def test_a_split_order_has_the_parcels_of_its_parts(shop: Shop) -> None:
    request = request_in(shop)
    other = shop.products[0].variants[-1]
    origin = request.lines[0].order_ref.partition("@")[2]
    lines = (
        *request.lines,
        OrderLine(pid(shop.products[0]), vid(other), f"{vid(other)}@{origin}", 1),
    )
    answer = shop.gateway.place_order(replace(request, lines=lines))
    assert answer.total is not None
    shop.gateway.pay_order(answer.external_ids[0], answer.total)
    (order,) = booked(shop)
    shop.world.trades["cj"].orders.split(order)
    parent = shop.gateway.get_order(answer.external_ids[0])
    assert parent.children == (f"{order.number}-1", f"{order.number}-2")
    shop.world.advance(days=30)
    numbers = [each.number for each in shop.gateway.get_tracking(parent.external_id)]
    assert numbers == [each.tracking for each in order.parcels]


def test_a_dispute_is_opened_once_and_found_in_the_list(shop: Shop) -> None:
    external_id, total = placed(shop)
    shop.gateway.pay_order(external_id, total)
    options = shop.gateway.dispute_options(external_id)
    assert options.reasons[3] == "Quality Problem"
    dispute = DisputeRequest("zy-d-1", external_id, 3, Remedy.REFUND, "Arrived broken.")
    shop.fail("reset_after", "/disputes/create", times=1)
    with pytest.raises(OutcomeUnknown):
        shop.gateway.open_dispute(dispute)
    (found,) = shop.gateway.disputes(external_id)
    assert (found.status, found.reason) == ("processing", "Quality Problem")


def test_what_the_webhooks_say_can_be_read_again(shop: Shop) -> None:
    cj = shop.world.cj
    cj.webhooks.subscriptions["demo"] = {
        topic: ["http://127.0.0.1:1/hook"] for topic in ("order", "logistics")
    }
    external_id, total = placed(shop)
    shop.gateway.pay_order(external_id, total)
    shop.world.clock.advance(timedelta(days=30))
    kinds = set()
    for push in cj.news():
        assert shop.gateway.verify_webhook(push.headers, push.body)
        assert not shop.gateway.verify_webhook(push.headers, push.body + b" ")
        (hint,) = shop.gateway.parse_webhook(push.body)
        assert hint.event_id == json.loads(push.body)["messageId"]
        kinds.add(hint.kind)
        assert hint.refs[0] == external_id
        assert shop.gateway.get_order(hint.refs[0]).reference == REFERENCE
    assert kinds == {HintKind.ORDER, HintKind.PARCEL}
