"""Orders placed at CJ: what is sent, in which steps, and what is not sent twice."""

from __future__ import annotations

import json
import traceback
from dataclasses import replace
from typing import Any

import pytest

from zyenta_ops.adapters.suppliers.cj.countries import NAMES
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    DuplicateOrder,
    OrderRejected,
    OutcomeUnknown,
    RejectionReason,
    RequestInvalid,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.domain.supplier_orders import (
    OrderLine,
    OrderRequest,
    PlacedOrder,
    ShippingRequest,
    SupplierOrderState,
)
from zyenta_ops_tests.adapters.suppliers.cj.service import (
    CjRig,
    answered,
    cj_rig,
    failure,
    success,
    variant,
)
from zyenta_ops_tests.adapters.web_server import hang_up, reset, truncated
from zyenta_ops_tests.contracts.supplier_gateway import (
    PERSONAL,
    RECIPIENT,
    REFERENCE,
    order_request,
)

TOTAL = Money(15_80, "USD")
CREATE = "POST /shopping/order/createOrderV2"
CONFIRM = "PATCH /shopping/order/confirmOrder"


def line(vid: str = "2502900@CN", quantity: int = 1) -> OrderLine:
    return OrderLine("2502", vid.partition("@")[0], vid, quantity)


class TestPlacing:
    def test_it_is_created_without_payment_and_confirmed(self, rig: CjRig) -> None:
        request = replace(order_request(rig), note="leave at the door")
        rig.web.asked.clear()
        assert rig.gateway.place_order(request) == PlacedOrder(
            ("SD0001",), SupplierOrderState.AWAITING_PAYMENT, total=TOTAL
        )
        found, created, confirmed = rig.web.asked
        assert found.path == "/shopping/order/getOrderDetail?orderId=zy-01HV-1"
        assert json.loads(created.body) == {
            "orderNumber": "zy-01HV-1",
            "payType": 3,
            "orderFlow": 1,
            "shopLogisticsType": 2,
            "logisticName": "CJPacket Ordinary",
            "fromCountryCode": "CN",
            "shippingCountryCode": "US",
            "shippingCountry": "United States",
            "shippingProvince": "OR",
            "shippingCity": "Springfield",
            "shippingZip": "97477",
            "shippingPhone": "+15415550123",
            "shippingCustomerName": "Erika Mustermann",
            "shippingAddress": "742 Evergreen Terrace",
            "email": "erika@example.com",
            "remark": "leave at the door",
            "isSandbox": 0,
            "products": [{"vid": "2502900", "quantity": 1}],
        }
        assert (confirmed.method, confirmed.path) == ("PATCH", "/shopping/order/confirmOrder")
        assert json.loads(confirmed.body) == {"orderId": "SD0001"}
        assert rig.service.paid == []

    def test_an_address_without_province_and_a_country_without_name_are_sent(
        self, rig: CjRig
    ) -> None:
        with cj_rig(settings={"platform": "shopify"}) as rig:
            request = order_request(rig)
            address = replace(RECIPIENT, country="XK", province="", city="Pristina")
            rig.gateway.place_order(replace(request, address=address))
            body = json.loads(rig.asked("shopping/order/createOrderV2")[0].body)
            assert (body["shippingProvince"], body["shippingCountry"]) == ("Pristina", "XK")
            assert body["platform"] == "shopify"

    def test_lines_from_several_warehouses_are_refused(self, rig: CjRig) -> None:
        request = replace(order_request(rig), ships_from=None)
        mixed = replace(request, lines=(line("V1@US"), line("V2@CN")))
        sentence = (
            "an order at CJ comes from one warehouse; split this one, which comes from CN, US"
        )
        rig.web.asked.clear()
        for odd in (mixed, replace(request, ships_from="US")):
            with pytest.raises(RequestInvalid) as caught:
                rig.gateway.place_order(odd)
            assert str(caught.value) == sentence
        with pytest.raises(RequestInvalid):
            rig.gateway.quote_shipping(ShippingRequest(mixed.lines, "US", "USD"))
        assert (rig.web.asked, rig.orders()) == ([], 0)

    @pytest.mark.parametrize(
        "changes",
        [
            {"service_code": ""},
            {"reference": "has a space"},
            {"reference": "z" * 51},
            {"lines": (line("not/a/vid"),)},
            {"lines": (line("V1@Mars"),)},
            {"lines": (line(quantity=-1),)},
        ],
    )
    def test_what_cj_could_not_take_is_not_sent(self, rig: CjRig, changes: dict[str, Any]) -> None:
        request = order_request(rig)
        rig.web.asked.clear()
        with pytest.raises(RequestInvalid):
            rig.gateway.place_order(replace(request, **changes))
        assert rig.web.asked == []

    def test_a_reference_that_cj_would_take_twice_is_not_created_twice(self, rig: CjRig) -> None:
        request = order_request(rig)
        first = rig.gateway.place_order(request).external_ids[0]
        with pytest.raises(DuplicateOrder) as caught:
            rig.gateway.place_order(request)
        assert caught.value.external_id == first
        assert len(rig.asked("shopping/order/createOrderV2")) == 1

    def test_cj_says_that_an_order_exists(self, rig: CjRig) -> None:
        request = order_request(rig)
        rig.web.routes[CREATE] = answered(failure(1603003))
        with pytest.raises(DuplicateOrder) as caught:
            rig.gateway.place_order(request)
        assert (caught.value.external_id, caught.value.code) == (None, "1603003")

    def test_an_order_is_not_created_when_nobody_knows_whether_it_exists(self, rig: CjRig) -> None:
        request = order_request(rig)
        rig.web.routes["/shopping/order/getOrderDetail"] = answered(success(None))
        with pytest.raises(SupplierUnavailable):
            rig.gateway.place_order(request)
        assert (rig.orders(), rig.asked("shopping/order/createOrderV2")) == (0, [])

    def test_what_cj_holds_back_is_not_confirmed_and_says_why(self, rig: CjRig) -> None:
        rig.service.holds = [
            {"code": 1001, "message": "The zip does not belong to the city, see a@b.example"},
            {"code": 1002, "message": "742 Evergreen Terrace is not known"},
            {"code": None, "message": "Ask for a review"},
        ]
        answer = rig.gateway.place_order(order_request(rig))
        assert answer.state is SupplierOrderState.ON_HOLD
        assert answer.holds == (
            "1001: The zip does not belong to the city, see …",
            "1002",
            "Ask for a review",
        )
        assert rig.service.orders["SD0001"]["orderStatus"] == "CREATED"

    def test_holds_of_another_shape_hold_as_well(self, rig: CjRig) -> None:
        request = order_request(rig)
        rig.web.routes[CREATE] = answered(
            success({"orderId": "SD1", "orderStatus": "CREATED", "interceptOrderReasons": "why"})
        )
        answer = rig.gateway.place_order(request)
        assert answer.holds == ("CJ holds the order back and does not say why",)
        assert rig.asked("shopping/order/confirmOrder") == []

    @pytest.mark.parametrize("fault", [hang_up, reset, truncated(b"{"), answered({}, 502)])
    def test_a_confirmation_that_is_lost_leaves_an_order_that_paying_confirms(
        self, rig: CjRig, fault: Any
    ) -> None:
        request = order_request(rig)
        rig.web.routes[CONFIRM] = fault
        answer = rig.gateway.place_order(request)
        assert (answer.external_ids, answer.state) == (("SD0001",), SupplierOrderState.CREATED)
        del rig.web.routes[CONFIRM]
        rig.gateway.pay_order("SD0001", TOTAL)
        assert rig.service.paid == ["SD0001"]

    def test_a_confirmation_that_is_refused_holds_the_order(self, rig: CjRig) -> None:
        request = order_request(rig)
        rig.web.routes[CONFIRM] = answered(failure(1603001))
        answer = rig.gateway.place_order(request)
        assert answer.state is SupplierOrderState.ON_HOLD
        assert answer.holds == ("CJ does not confirm the order (code 1603001)",)
        with pytest.raises(OrderRejected):
            rig.gateway.pay_order("SD0001", TOTAL)
        assert rig.service.paid == []

    @pytest.mark.parametrize("data", [None, {}, {"orderId": None}, [], "x"])
    def test_an_answer_without_an_order_leaves_the_outcome_open(
        self, rig: CjRig, data: Any
    ) -> None:
        request = order_request(rig)
        rig.web.routes[CREATE] = answered(success(data))
        with pytest.raises(OutcomeUnknown):
            rig.gateway.place_order(request)
        assert len(rig.asked("shopping/order/createOrderV2")) == 1

    @pytest.mark.parametrize("code", [1600000, 1600301])
    def test_a_busy_cj_leaves_the_outcome_open(self, rig: CjRig, code: int) -> None:
        request = order_request(rig)
        rig.web.routes[CREATE] = answered(failure(code))
        with pytest.raises(OutcomeUnknown):
            rig.gateway.place_order(request)
        assert len(rig.asked("shopping/order/createOrderV2")) == 1

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            (1603102, RejectionReason.OUT_OF_STOCK),
            (1602002, RejectionReason.OUT_OF_STOCK),
            (1605001, RejectionReason.SHIPPING_METHOD),
            (1605002, RejectionReason.REGION),
            (1603000, RejectionReason.UNKNOWN),
            (4711, RejectionReason.UNKNOWN),
        ],
    )
    def test_a_refusal_says_why_and_quotes_nobody(
        self, rig: CjRig, code: int, reason: RejectionReason
    ) -> None:
        request = order_request(rig)
        rig.web.routes[CREATE] = answered(failure(code, " ".join(PERSONAL)))
        with pytest.raises(OrderRejected) as caught:
            rig.gateway.place_order(request)
        assert (caught.value.reason, caught.value.code) == (reason, str(code))
        told = "".join(traceback.format_exception(caught.value))
        assert not [each for each in PERSONAL if each in told]

    def test_a_missing_platform_is_named_as_a_setting(self, rig: CjRig) -> None:
        request = order_request(rig)
        rig.web.routes[CREATE] = answered(failure(5027, "Platform null not support"))
        with pytest.raises(RequestInvalid, match="set the CJ setting 'platform'"):
            rig.gateway.place_order(request)


def test_no_error_about_an_order_quotes_the_recipient(rig: CjRig) -> None:
    rig.product(variant("V1"))
    request = OrderRequest(REFERENCE, (line("V404"),), RECIPIENT, "DHL")
    with pytest.raises(SupplierError) as caught:
        rig.gateway.place_order(request)
    told = "".join(traceback.format_exception(caught.value))
    assert not [each for each in PERSONAL if each in told]


def test_every_country_has_a_code_and_a_name() -> None:
    assert len(NAMES) == 249  # ISO 3166-1
    assert all(len(code) == 2 and code.isupper() and name for code, name in NAMES.items())
    assert all(name.isascii() for name in NAMES.values())
