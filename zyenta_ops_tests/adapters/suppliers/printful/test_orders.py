"""Orders at Printful: what is sent, what is charged, what comes back."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import stamina

from zyenta_ops.adapters.http.line import fingerprint
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    DuplicateOrder,
    OrderRejected,
    OutcomeUnknown,
    RejectionReason,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
    UnknownReference,
)
from zyenta_ops.domain.supplier_orders import (
    OrderLine,
    Parcel,
    ParcelEvent,
    ParcelState,
    PlacedOrder,
    ShippingQuote,
    ShippingRequest,
    SupplierOrderState,
)
from zyenta_ops_tests.adapters.suppliers.printful.service import TOKEN, PrintfulRig, printful_rig
from zyenta_ops_tests.adapters.web_server import status
from zyenta_ops_tests.contracts.supplier_gateway import PERSONAL, order_request, placed

TOTAL = Money(16_44, "USD")


@pytest.fixture
def rig() -> Iterator[PrintfulRig]:
    with stamina.set_testing(True, attempts=100, cap=True), printful_rig() as rig:
        yield rig


def refuse(rig: PrintfulRig, route: str, message: str, code: int = 400) -> None:
    body = json.dumps({"code": code, "result": message, "error": {"reason": "BadRequest"}})
    rig.web.routes[route] = status(code, body.encode())


def test_rates_are_quoted_for_catalogue_variants(rig: PrintfulRig) -> None:
    line = OrderLine("300", "3000", "4011", 2)
    assert rig.gateway.quote_shipping(
        ShippingRequest((line,), "US", "USD", "OR", "Springfield", "97477")
    ) == (
        ShippingQuote("STANDARD", "Flat Rate", Money(4_75, "USD"), 4, 7),
        ShippingQuote("EXPRESS", "Express", Money(19_99, "USD"), 1, 7),
    )
    assert json.loads(rig.web.asked[0].body) == {
        "recipient": {
            "country_code": "US",
            "state_code": "OR",
            "city": "Springfield",
            "zip": "97477",
        },
        "items": [{"variant_id": 4011, "quantity": 2}],
        "currency": "USD",
        "locale": "en_US",
    }


def test_a_rate_without_a_price_fails_the_quote(rig: PrintfulRig) -> None:
    body = {"code": 200, "result": [{"id": "STANDARD", "rate": None, "currency": "USD"}]}
    rig.web.routes["/shipping/rates"] = status(200, json.dumps(body).encode())
    with pytest.raises(SupplierUnavailable, match="no id or no price"):
        rig.gateway.quote_shipping(
            ShippingRequest((OrderLine("300", "3000", "4011", 1),), "US", "USD")
        )


def test_an_order_is_sent_as_a_draft(rig: PrintfulRig) -> None:
    request = order_request(rig)
    assert rig.gateway.place_order(request) == PlacedOrder(
        ("9000",), SupplierOrderState.CREATED, paid=False, total=TOTAL
    )
    asked = rig.web.asked[-1]
    assert (asked.method, asked.path) == ("POST", "/orders?confirm=0")
    assert json.loads(asked.body) == {
        "external_id": "zy-01HV-1",
        "shipping": "STANDARD",
        "recipient": {
            "name": "Erika Mustermann",
            "address1": "742 Evergreen Terrace",
            "city": "Springfield",
            "state_code": "OR",
            "country_code": "US",
            "zip": "97477",
            "phone": "+15415550123",
            "email": "erika@example.com",
        },
        "items": [{"sync_variant_id": 3000, "quantity": 1}],
    }
    assert rig.limiter.urgent == [(f"printful:token:{fingerprint(TOKEN)}",)]


def test_a_province_that_is_no_code_is_sent_as_a_name(rig: PrintfulRig) -> None:
    request = order_request(rig)
    rig.gateway.place_order(
        replace(request, address=replace(request.address, province="Bayern", country="DE"))
    )
    recipient = json.loads(rig.web.asked[-1].body)["recipient"]
    assert recipient["state_name"] == "Bayern"
    assert "state_code" not in recipient


@pytest.mark.parametrize(
    ("field", "value"),
    [("variant_ref", "x"), ("variant_ref", ""), ("quantity", 1_001), ("quantity", -1)],
)
def test_a_line_that_cannot_be_ordered_is_not_sent(
    rig: PrintfulRig, field: str, value: Any
) -> None:
    request = order_request(rig)
    sent = len(rig.web.asked)
    line = replace(request.lines[0], **{field: value})
    with pytest.raises(RequestInvalid):
        rig.gateway.place_order(replace(request, lines=(line,)))
    assert len(rig.web.asked) == sent


@pytest.mark.parametrize("reference", ["a b", "a/b", "@a", "ä", "z" * 33, ""])
def test_a_reference_that_printful_does_not_keep_is_not_sent(
    rig: PrintfulRig, reference: str
) -> None:
    request = order_request(rig)
    sent = len(rig.web.asked)
    with pytest.raises(RequestInvalid):
        rig.gateway.place_order(replace(request, reference=reference))
    assert rig.gateway.find_order(reference) is None
    assert len(rig.web.asked) == sent


def test_a_duplicate_is_told_by_its_published_code(rig: PrintfulRig) -> None:
    placed(rig)
    with pytest.raises(DuplicateOrder) as caught:
        placed(rig)
    assert (caught.value.code, caught.value.external_id) == ("OR-13", None)


def test_a_duplicate_is_told_by_its_words_where_there_is_no_code(rig: PrintfulRig) -> None:
    refuse(rig, "POST /orders", "Order with this External ID already exists")
    with pytest.raises(DuplicateOrder):
        placed(rig)


def test_a_cancelled_order_keeps_its_reference(rig: PrintfulRig) -> None:
    rig.gateway.cancel_order(placed(rig))
    with pytest.raises(DuplicateOrder):
        placed(rig)
    found = rig.gateway.find_order("zy-01HV-1")
    assert found is not None
    assert found.state is SupplierOrderState.CANCELLED


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Item 1: this variant is discontinued", RejectionReason.OUT_OF_STOCK),
        ("Some items are out of stock", RejectionReason.OUT_OF_STOCK),
        ("Unknown shipping method", RejectionReason.SHIPPING_METHOD),
        ("Recipient: State code is missing for Erika", RejectionReason.ADDRESS),
        ("We cannot ship to this country", RejectionReason.REGION),
        ("No payment method is set up", RejectionReason.PAYMENT),
        ("Something else", RejectionReason.UNKNOWN),
    ],
)
def test_a_refusal_says_why_and_quotes_nothing(
    rig: PrintfulRig, message: str, reason: RejectionReason
) -> None:
    request = order_request(rig)
    refuse(rig, "POST /orders", message)
    with pytest.raises(OrderRejected) as caught:
        rig.gateway.place_order(request)
    assert (caught.value.reason, caught.value.code) == (reason, "BadRequest")
    assert message not in "".join(traceback.format_exception(caught.value))
    assert rig.orders() == 0


@pytest.mark.parametrize("code", [500, 502, 301])
def test_an_odd_status_leaves_the_outcome_open(rig: PrintfulRig, code: int) -> None:
    request = order_request(rig)
    refuse(rig, "POST /orders", "oops", code)
    with pytest.raises(OutcomeUnknown):
        rig.gateway.place_order(request)


def test_confirming_is_what_charges(rig: PrintfulRig) -> None:
    external_id = placed(rig)
    assert rig.service.charged == []
    rig.gateway.pay_order(external_id, TOTAL)
    assert rig.service.charged == [external_id]
    order = rig.gateway.get_order(external_id)
    assert (order.state, order.raw_state) == (SupplierOrderState.PAID, "pending")


def test_an_order_that_is_paid_is_not_confirmed_again(rig: PrintfulRig) -> None:
    external_id = placed(rig)
    for _ in range(2):
        rig.gateway.pay_order(external_id, TOTAL)
    confirmed = [each for each in rig.web.asked if each.path.endswith("/confirm")]
    assert (len(confirmed), rig.service.charged) == (1, [external_id])


def test_costs_that_are_not_known_yet_are_not_paid(rig: PrintfulRig) -> None:
    external_id = placed(rig)
    rig.service.orders[external_id]["costs"] = {"currency": "USD", "total": None}
    with pytest.raises(SupplierUnavailable, match="not calculated"):
        rig.gateway.pay_order(external_id, TOTAL)
    assert rig.service.charged == []


def test_a_limit_in_another_currency_is_no_limit(rig: PrintfulRig) -> None:
    external_id = placed(rig)
    with pytest.raises(RequestInvalid, match="charges USD, the limit is in EUR"):
        rig.gateway.pay_order(external_id, Money(100_00, "EUR"))
    assert rig.service.charged == []


def test_an_order_that_could_not_be_charged_is_confirmed_again_later(rig: PrintfulRig) -> None:
    external_id = placed(rig)
    rig.service.charging_fails = True
    with pytest.raises(OrderRejected) as caught:
        rig.gateway.pay_order(external_id, TOTAL)
    assert caught.value.code == "failed"
    order = rig.gateway.get_order(external_id)
    assert (order.state, order.holds) == (SupplierOrderState.ON_HOLD, ("failed",))
    rig.service.charging_fails = False
    rig.gateway.pay_order(external_id, TOTAL)
    assert rig.service.charged == [external_id]


def test_a_cancelled_order_is_not_paid(rig: PrintfulRig) -> None:
    external_id = placed(rig)
    rig.gateway.cancel_order(external_id)
    with pytest.raises(OrderRejected):
        rig.gateway.pay_order(external_id, TOTAL)
    assert rig.service.charged == []


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("draft", SupplierOrderState.CREATED),
        ("pending", SupplierOrderState.PAID),
        ("inprocess", SupplierOrderState.PAID),
        ("failed", SupplierOrderState.ON_HOLD),
        ("onhold", SupplierOrderState.ON_HOLD),
        ("partial", SupplierOrderState.PARTIALLY_SHIPPED),
        ("fulfilled", SupplierOrderState.SHIPPED),
        ("canceled", SupplierOrderState.CANCELLED),
        ("archived", SupplierOrderState.UNKNOWN),
        ("teleported", SupplierOrderState.UNKNOWN),
    ],
)
def test_every_word_stands_for_a_state(
    rig: PrintfulRig, word: str, state: SupplierOrderState
) -> None:
    external_id = placed(rig)
    rig.service.orders[external_id]["status"] = word
    order = rig.gateway.get_order(external_id)
    assert (order.state, order.raw_state) == (state, word)


def test_shipments_are_parcels(rig: PrintfulRig) -> None:
    external_id = placed(rig)
    rig.ship(external_id)
    at = datetime(2020, 5, 5, 22, 1, tzinfo=UTC)
    assert rig.gateway.get_tracking(external_id) == (
        Parcel(
            "9400111",
            "USPS",
            "https://track.example/9400111",
            ParcelState.IN_TRANSIT,
            events=(ParcelEvent(at, "Shipped", state=ParcelState.IN_TRANSIT),),
        ),
    )


def test_a_shipment_without_a_number_is_no_parcel_yet(rig: PrintfulRig) -> None:
    external_id = placed(rig)
    rig.ship(external_id)
    rig.service.orders[external_id]["shipments"][0]["tracking_number"] = None
    assert rig.gateway.get_tracking(external_id) == ()


@pytest.mark.parametrize("external_id", ["", "@zy-01HV-1", "../stores", "1/confirm", "٣"])
def test_an_id_that_printful_does_not_give_is_not_asked_about(
    rig: PrintfulRig, external_id: str
) -> None:
    with pytest.raises(UnknownReference):
        rig.gateway.get_order(external_id)
    with pytest.raises(UnknownReference):
        rig.gateway.cancel_order(external_id)
    with pytest.raises(UnknownReference):
        rig.gateway.pay_order(external_id, TOTAL)
    assert rig.web.asked == []


@pytest.mark.parametrize("odd", [{"id": 1}, {"status": "draft"}, [], None, "x"])
def test_an_order_without_id_or_status_is_no_answer(rig: PrintfulRig, odd: Any) -> None:
    request = order_request(rig)
    rig.web.routes["/orders/1"] = status(200, json.dumps({"code": 200, "result": odd}).encode())
    rig.web.routes["POST /orders"] = rig.web.routes["/orders/1"]
    with pytest.raises(SupplierUnavailable):
        rig.gateway.get_order("1")
    with pytest.raises(OutcomeUnknown):
        rig.gateway.place_order(request)


def test_no_error_about_an_order_quotes_the_recipient(rig: PrintfulRig) -> None:
    request = order_request(rig)
    line = replace(request.lines[0], variant_ref="404404")
    with pytest.raises(SupplierError) as caught:
        rig.gateway.place_order(replace(request, lines=(line,)))
    told = "".join(traceback.format_exception(caught.value))
    assert not [each for each in PERSONAL if each in told]
