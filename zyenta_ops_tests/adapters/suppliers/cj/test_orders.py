"""Orders at CJ once they are placed: found, paid for, cancelled."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    OrderRejected,
    OutcomeUnknown,
    RejectionReason,
    RequestInvalid,
    SupplierUnavailable,
    UnknownReference,
)
from zyenta_ops.domain.supplier_orders import (
    Parcel,
    ParcelState,
    SupplierOrderState,
)
from zyenta_ops_tests.adapters.suppliers.cj.service import (
    CjRig,
    answered,
    failure,
    success,
)
from zyenta_ops_tests.adapters.web_server import in_turn
from zyenta_ops_tests.contracts.supplier_gateway import (
    REFERENCE,
    Fault,
    placed,
)

TOTAL = Money(15_80, "USD")


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
