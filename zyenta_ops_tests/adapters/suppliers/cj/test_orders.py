"""Orders at CJ: what is sent, in which steps, what is paid, and what cannot happen twice."""

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
    UnknownReference,
)
from zyenta_ops.domain.supplier_orders import (
    OrderLine,
    OrderRequest,
    Parcel,
    ParcelState,
    PlacedOrder,
    ShippingQuote,
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
from zyenta_ops_tests.adapters.web_server import hang_up, in_turn, reset, truncated
from zyenta_ops_tests.contracts.supplier_gateway import (
    PERSONAL,
    RECIPIENT,
    REFERENCE,
    Fault,
    order_request,
    placed,
)

TOTAL = Money(15_80, "USD")
CREATE = "POST /shopping/order/createOrderV2"
CONFIRM = "PATCH /shopping/order/confirmOrder"


def line(vid: str = "2502900@CN", quantity: int = 1) -> OrderLine:
    return OrderLine("2502", vid.partition("@")[0], vid, quantity)


def shipping(*lines: OrderLine, ships_from: str | None = None) -> ShippingRequest:
    return ShippingRequest(lines, "US", "USD", "OR", "Springfield", "97477", ships_from=ships_from)


class TestFreight:
    def test_methods_are_quoted_cheapest_first_with_taxes_apart(self, rig: CjRig) -> None:
        rig.product()
        assert rig.gateway.quote_shipping(shipping(line(quantity=2))) == (
            ShippingQuote(
                "CJPacket Ordinary",
                "CJPacket Ordinary",
                Money(4_96, "USD"),
                7,
                12,
                ships_from="CN",
                taxes=Money(1_50, "USD"),
            ),
            ShippingQuote("DHL", "DHL", Money(19_99, "USD"), 3, 5, ships_from="CN"),
        )
        (asked,) = rig.web.asked
        assert json.loads(asked.body) == {
            "startCountryCode": "CN",
            "endCountryCode": "US",
            "zip": "97477",
            "products": [{"vid": "2502900", "quantity": 2}],
        }

    @pytest.mark.parametrize(
        ("fields", "cost", "days"),
        [
            ({"logisticPrice": "4.71", "logisticAging": "8"}, 4_71, (8, 8)),
            ({"logisticPrice": 4.71, "totalPostageFee": 5.00}, 5_00, (None, None)),
            (
                {"logisticPrice": 4.71, "taxesFee": 1, "totalPostageFee": 6, "logisticAging": "?"},
                5_00,
                (None, None),
            ),
        ],
    )
    def test_fees_that_are_not_listed_are_in_the_cost(
        self, rig: CjRig, fields: dict[str, Any], cost: int, days: tuple[int | None, int | None]
    ) -> None:
        rig.web.routes["/logistic/freightCalculate"] = answered(
            success([{"logisticName": "Y", **fields}])
        )
        (quote,) = rig.gateway.quote_shipping(shipping(line()))
        assert (quote.cost, (quote.min_days, quote.max_days)) == (Money(cost, "USD"), days)

    def test_a_method_that_comes_twice_is_quoted_once_at_its_lowest(self, rig: CjRig) -> None:
        options = [("A", 3), ("B", 2), ("A", 1)]
        rig.web.routes["/logistic/freightCalculate"] = answered(
            success([{"logisticName": name, "logisticPrice": price} for name, price in options])
        )
        quotes = rig.gateway.quote_shipping(shipping(line()))
        assert [(each.service_code, each.cost.minor) for each in quotes] == [("A", 100), ("B", 200)]

    @pytest.mark.parametrize("answer", [success([]), success(None), failure(1605002)])
    def test_where_nothing_goes_nothing_is_quoted(self, rig: CjRig, answer: Any) -> None:
        rig.web.routes["/logistic/freightCalculate"] = answered(answer)
        assert rig.gateway.quote_shipping(shipping(line())) == ()

    def test_a_method_without_a_price_fails_the_quote(self, rig: CjRig) -> None:
        rig.web.routes["/logistic/freightCalculate"] = answered(success([{"logisticName": "Y"}]))
        with pytest.raises(SupplierUnavailable):
            rig.gateway.quote_shipping(shipping(line()))

    def test_a_freight_that_failed_is_asked_again(self, rig: CjRig) -> None:
        rig.web.routes["/logistic/freightCalculate"] = in_turn(
            answered(failure(1607004)),
            answered(success([{"logisticName": "Y", "logisticPrice": 1}])),
        )
        assert len(rig.gateway.quote_shipping(shipping(line()))) == 1


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
            rig.gateway.quote_shipping(shipping(line("V1@US"), line("V2@CN")))
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


class TestFinding:
    @pytest.mark.parametrize("name", ["zy-01HV-1", "SD0001", "2000000"])
    def test_an_order_is_the_same_by_whichever_name(self, rig: CjRig, name: str) -> None:
        external_id = placed(rig)
        detail = answered(success(rig.service.orders[external_id]))
        rig.web.routes["/shopping/order/getOrderDetail"] = detail
        order = rig.gateway.get_order(name)
        assert order.external_id == ("2000000" if name == "2000000" else "SD0001")
        assert (order.reference, order.raw_state) == (REFERENCE, "UNPAID")

    @pytest.mark.parametrize("code", [1600300, 1603100])
    def test_an_order_that_cj_does_not_know_is_none(self, rig: CjRig, code: int) -> None:
        rig.web.routes["/shopping/order/getOrderDetail"] = answered(failure(code))
        assert rig.gateway.find_order("zy-9") is None
        with pytest.raises(UnknownReference):
            rig.gateway.get_order("SD9")

    def test_another_refusal_is_not_an_order_that_does_not_exist(self, rig: CjRig) -> None:
        rig.web.routes["/shopping/order/getOrderDetail"] = answered(failure(16900202))
        with pytest.raises(RequestInvalid):
            rig.gateway.find_order("zy-9")

    @pytest.mark.parametrize("name", ["", "a b", "../x", "é"])
    def test_what_cannot_be_an_order_is_not_asked_about(self, rig: CjRig, name: str) -> None:
        assert rig.gateway.find_order(name) is None
        for act in (rig.gateway.get_order, rig.gateway.cancel_order, rig.gateway.get_tracking):
            with pytest.raises(UnknownReference):
                act(name)
        assert rig.web.asked == []

    @pytest.mark.parametrize(
        ("word", "state"),
        [
            ("CREATED", SupplierOrderState.CREATED),
            ("IN_CART", SupplierOrderState.CREATED),
            ("unpaid", SupplierOrderState.AWAITING_PAYMENT),
            ("UNSHIPPED", SupplierOrderState.PAID),
            ("SHIPPED", SupplierOrderState.SHIPPED),
            ("DELIVERED", SupplierOrderState.DELIVERED),
            ("CANCELLED", SupplierOrderState.CANCELLED),
            ("OTHER", SupplierOrderState.UNKNOWN),
            ("TELEPORTED", SupplierOrderState.UNKNOWN),
        ],
    )
    def test_every_word_stands_for_a_state(
        self, rig: CjRig, word: str, state: SupplierOrderState
    ) -> None:
        external_id = placed(rig)
        rig.service.orders[external_id]["orderStatus"] = word
        order = rig.gateway.get_order(external_id)
        assert (order.state, order.raw_state) == (state, word)

    def test_the_order_tells_of_its_parcels(self, rig: CjRig) -> None:
        external_id = placed(rig)
        rig.service.orders[external_id].update(
            orderStatus="SHIPPED", trackNumber="T1, T2", logisticName="YunExpress"
        )
        assert rig.gateway.get_order(external_id).parcels == tuple(
            Parcel(number, "YunExpress", state=ParcelState.IN_TRANSIT) for number in ("T1", "T2")
        )

    @pytest.mark.parametrize(
        ("amounts", "total"),
        [
            ({"orderAmount": "15.80"}, 15_80),
            ({"orderAmount": None, "iossAmount": 2, "iossTaxHandlingFee": "0.5"}, 18_30),
            ({"orderAmount": None, "postageAmount": None}, None),
        ],
    )
    def test_the_total_is_that_of_the_parts_until_cj_says_one(
        self, rig: CjRig, amounts: dict[str, Any], total: int | None
    ) -> None:
        external_id = placed(rig)
        rig.service.orders[external_id].update(amounts)
        assert rig.gateway.get_order(external_id).total == (
            None if total is None else Money(total, "USD")
        )

    @pytest.mark.parametrize("data", [None, [], {"orderId": "1"}, {"orderStatus": "CREATED"}])
    def test_an_order_without_id_or_status_is_no_answer(self, rig: CjRig, data: Any) -> None:
        rig.web.routes["/shopping/order/getOrderDetail"] = answered(success(data))
        with pytest.raises(SupplierUnavailable):
            rig.gateway.get_order("zy-1")


class TestPaying:
    def test_the_balance_is_looked_at_and_the_order_paid_for(self, rig: CjRig) -> None:
        external_id = placed(rig)
        rig.web.asked.clear()
        rig.gateway.pay_order(external_id, TOTAL)
        assert [each.path.rpartition("/")[2] for each in rig.web.asked] == [
            f"getOrderDetail?orderId={external_id}",
            "getBalance",
            "payBalance",
        ]
        assert json.loads(rig.web.asked[-1].body) == {"orderId": external_id}
        assert rig.service.paid == [external_id]

    def test_an_order_that_is_paid_for_is_not_paid_again(self, rig: CjRig) -> None:
        external_id = placed(rig)
        for _ in range(2):
            rig.gateway.pay_order(external_id, TOTAL)
        assert len(rig.asked("shopping/pay/payBalance")) == 1

    def test_a_short_balance_pays_nothing(self, rig: CjRig) -> None:
        external_id = placed(rig)
        rig.service.balance = "15.79"
        with pytest.raises(OrderRejected) as caught:
            rig.gateway.pay_order(external_id, TOTAL)
        assert caught.value.reason is RejectionReason.PAYMENT
        assert str(caught.value) == (
            "the balance at CJ is 15.79 USD, the order costs 15.80 USD; top it up"
        )
        assert rig.asked("shopping/pay/payBalance") == []

    def test_a_balance_that_is_short_for_cj_is_said_by_cj(self, rig: CjRig) -> None:
        external_id = placed(rig)
        rig.web.routes["/shopping/pay/getBalance"] = answered(success({"amount": None}))
        rig.web.routes["/shopping/pay/payBalance"] = answered(failure(1604000))
        with pytest.raises(OrderRejected) as caught:
            rig.gateway.pay_order(external_id, TOTAL)
        assert (caught.value.reason, caught.value.code) == (RejectionReason.PAYMENT, "1604000")

    def test_an_unconfirmed_order_beyond_the_limit_is_not_even_confirmed(self, rig: CjRig) -> None:
        external_id = placed(rig)
        rig.service.orders[external_id]["orderStatus"] = "IN_CART"
        with pytest.raises(OrderRejected) as caught:
            rig.gateway.pay_order(external_id, Money(15_79, "USD"))
        assert caught.value.reason is RejectionReason.PRICE
        assert rig.service.orders[external_id]["orderStatus"] == "IN_CART"

    def test_a_price_that_rises_with_the_confirmation_is_not_paid(self, rig: CjRig) -> None:
        external_id = placed(rig)
        order = rig.service.orders[external_id]
        dearer = {**order, "orderStatus": "UNPAID", "orderAmount": 15.81}
        rig.web.routes["/shopping/order/getOrderDetail"] = in_turn(
            answered(success({**order, "orderStatus": "CREATED"})), answered(success(dearer))
        )
        order["orderStatus"] = "CREATED"
        with pytest.raises(OrderRejected) as caught:
            rig.gateway.pay_order(external_id, TOTAL)
        assert caught.value.reason is RejectionReason.PRICE
        assert rig.service.paid == []

    @pytest.mark.parametrize("word", ["CANCELLED", "OTHER", "TELEPORTED"])
    def test_an_order_that_cannot_be_paid_for_is_not(self, rig: CjRig, word: str) -> None:
        external_id = placed(rig)
        rig.service.orders[external_id]["orderStatus"] = word
        with pytest.raises(OrderRejected):
            rig.gateway.pay_order(external_id, TOTAL)
        assert rig.asked("shopping/pay/payBalance") == []

    def test_costs_that_are_not_known_or_in_another_currency_are_not_paid(self, rig: CjRig) -> None:
        external_id = placed(rig)
        with pytest.raises(RequestInvalid, match="charges USD, the limit is in EUR"):
            rig.gateway.pay_order(external_id, Money(100_00, "EUR"))
        rig.service.orders[external_id].update(orderAmount=None, postageAmount=None)
        with pytest.raises(SupplierUnavailable, match="not calculated"):
            rig.gateway.pay_order(external_id, TOTAL)
        assert rig.service.paid == []

    def test_a_lost_reply_to_a_payment_is_not_paid_again(self, rig: CjRig) -> None:
        external_id = placed(rig)
        rig.suffer(Fault.LOST_REPLY)
        with pytest.raises(OutcomeUnknown):
            rig.gateway.pay_order(external_id, TOTAL)
        rig.gateway.pay_order(external_id, TOTAL)
        assert rig.service.paid == [external_id]


class TestCancelling:
    @pytest.mark.parametrize("word", ["CREATED", "IN_CART", "UNPAID"])
    def test_before_payment_it_is_deleted(self, rig: CjRig, word: str) -> None:
        external_id = placed(rig)
        rig.service.orders[external_id]["orderStatus"] = word
        rig.gateway.cancel_order(external_id)
        assert rig.web.asked[-1].method == "DELETE"
        assert rig.web.asked[-1].path == f"/shopping/order/deleteOrder?orderId={external_id}"
        assert rig.gateway.find_order(REFERENCE) is None

    @pytest.mark.parametrize("word", ["UNSHIPPED", "SHIPPED", "DELIVERED", "OTHER"])
    def test_afterwards_only_a_dispute_remains(self, rig: CjRig, word: str) -> None:
        external_id = placed(rig)
        rig.service.orders[external_id]["orderStatus"] = word
        with pytest.raises(OrderRejected, match="open a dispute"):
            rig.gateway.cancel_order(external_id)
        assert (rig.orders(), rig.asked("shopping/order/deleteOrder")) == (1, [])

    def test_what_is_cancelled_is_left_alone(self, rig: CjRig) -> None:
        external_id = placed(rig)
        rig.service.orders[external_id]["orderStatus"] = "CANCELLED"
        rig.gateway.cancel_order(external_id)
        assert rig.asked("shopping/order/deleteOrder") == []


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
