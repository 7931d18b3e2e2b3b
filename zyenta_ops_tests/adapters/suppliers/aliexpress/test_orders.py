"""Orders at AliExpress as they stand, their parcels, and what is pushed about them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import stamina

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    Misconfigured,
    RequestInvalid,
    UnknownReference,
    Unsupported,
)
from zyenta_ops.domain.supplier_orders import (
    Ability,
    ExternalOrder,
    Hint,
    HintKind,
    Parcel,
    ParcelEvent,
    ParcelState,
    Placement,
    SupplierOrderState,
)
from zyenta_ops_tests.adapters.suppliers.aliexpress.service import (
    AliExpressRig,
    aliexpress_rig,
    platform_error,
    wrapped,
)
from zyenta_ops_tests.adapters.suppliers.aliexpress.test_signing import PUSH

GET = "aliexpress.trade.ds.order.get"
TRACK = "aliexpress.ds.order.tracking.get"
NUMBER = "8190439416163295"
STATE = SupplierOrderState


@pytest.fixture
def rig() -> Iterator[AliExpressRig]:
    with stamina.set_testing(True, attempts=100, cap=True), aliexpress_rig() as rig:
        yield rig


def order(rig: AliExpressRig, **result: Any) -> ExternalOrder:
    rig.service.orders[NUMBER] = {"order_status": "WAIT_SELLER_SEND_GOODS", **result}
    return rig.gateway.get_order(NUMBER)


def test_an_order_is_read_whole(rig: AliExpressRig) -> None:
    found = order(
        rig,
        order_status="WAIT_BUYER_ACCEPT_GOODS",
        user_order_amount={"amount": "8.34", "currency_code": "USD"},
        order_amount={"amount": "60.10", "currency_code": "CNY"},
        logistics_info_list={
            "aeop_order_logistics_info": [
                {"logistics_no": "LP00675700340000", "logistics_service": "CAINIAO_STANDARD"},
                {"logistics_no": "AP00675700340001"},
                {"logistics_no": ""},
            ]
        },
    )
    assert found == ExternalOrder(
        NUMBER,
        STATE.SHIPPED,
        "WAIT_BUYER_ACCEPT_GOODS",
        total=Money(834, "USD"),
        parcels=(
            Parcel("LP00675700340000", "CAINIAO_STANDARD"),
            Parcel("AP00675700340001", internal_number=True),
        ),
    )
    (params,) = rig.service.said(GET)
    assert json.loads(params["single_order_query"]) == {"order_id": NUMBER}
    assert len(rig.limiter.urgent) == 1


@pytest.mark.parametrize(
    ("word", "state", "held"),
    [
        ("PLACE_ORDER_SUCCESS", STATE.AWAITING_PAYMENT, False),
        ("PAYMENT_PROCESSING", STATE.ON_HOLD, True),
        ("RISK_CONTROL", STATE.ON_HOLD, True),
        ("RISK_CONTROL_HOLD", STATE.ON_HOLD, True),
        ("WAIT_SELLER_EXAMINE_MONEY", STATE.PAID, False),
        ("FUND_PROCESSING", STATE.ON_HOLD, True),
        ("IN_FROZEN", STATE.ON_HOLD, True),
        ("WAIT_SELLER_SEND_GOODS", STATE.PAID, False),
        ("SELLER_PART_SEND_GOODS", STATE.PARTIALLY_SHIPPED, False),
        ("SELLER_SEND_PART_GOODS", STATE.PARTIALLY_SHIPPED, False),
        ("WAIT_BUYER_ACCEPT_GOODS", STATE.SHIPPED, False),
        ("IN_ISSUE", STATE.DISPUTED, False),
        ("IN_CANCEL", STATE.ON_HOLD, True),
        ("WAIT_GROUP", STATE.ON_HOLD, True),
        ("WAIT_COMPLETE_ADDRESS", STATE.ON_HOLD, True),
        ("SOMETHING_NEW", STATE.UNKNOWN, False),
    ],
)
def test_every_word_has_its_state_and_a_new_one_is_unknown(
    rig: AliExpressRig, word: str, state: SupplierOrderState, held: bool
) -> None:
    found = order(rig, order_status=word)
    assert (found.state, found.raw_state, bool(found.holds)) == (state, word, held)


@pytest.mark.parametrize(
    ("logistics", "reasons", "state"),
    [
        ("BUYER_ACCEPT_GOODS", [], STATE.DELIVERED),
        ("BUYER_ACCEPT_GOODS", [None, ""], STATE.DELIVERED),
        ("BUYER_ACCEPT_GOODS", ["buyer_accept_goods"], STATE.DELIVERED),
        ("BUYER_ACCEPT_GOODS", ["CANCELED", ""], STATE.DELIVERED),
        ("NO_LOGISTICS", ["CANCELED"], STATE.CANCELLED),
        ("NO_LOGISTICS", ["cancel_order_close_trade", "pay_timeout"], STATE.CANCELLED),
        ("BUYER_ACCEPT_GOODS", ["CANCELED"], STATE.CANCELLED),
        ("NO_LOGISTICS", [], STATE.UNKNOWN),
        ("SELLER_SEND_GOODS", ["something new"], STATE.UNKNOWN),
        ("", [], STATE.UNKNOWN),
    ],
)
def test_finished_is_received_or_given_up_or_not_known(
    rig: AliExpressRig, logistics: str, reasons: list[str | None], state: SupplierOrderState
) -> None:
    children = {"aeop_child_order_info": [{"end_reason": reason} for reason in reasons]}
    found = order(rig, order_status="FINISH", logistics_status=logistics, child_order_list=children)
    assert (found.state, found.raw_state) == (state, "FINISH")


@pytest.mark.parametrize(
    ("created", "seconds", "until"),
    [
        ("2026-11-02 04:00:00", "1036800", datetime(2026, 11, 14, 4, tzinfo=UTC)),
        ("2026-11-02T04:00:00+08:00", 3600, datetime(2026, 11, 1, 21, tzinfo=UTC)),
        ("", "1036800", None),
        ("2026-11-02 04:00:00", None, None),
        ("2026-11-02 04:00:00", "-5", None),
    ],
)
def test_an_unpaid_order_has_a_deadline(
    rig: AliExpressRig, created: str, seconds: Any, until: datetime | None
) -> None:
    said = {"gmt_create": created, "pay_timeout_second": seconds}
    assert order(rig, order_status="PLACE_ORDER_SUCCESS", **said).pay_until == until
    assert order(rig, order_status="RISK_CONTROL", **said).pay_until is None


@pytest.mark.parametrize(
    "amount", [{}, {"amount": "1.00", "currency_code": "XXX"}, {"amount": "-1"}, None]
)
def test_a_total_that_makes_no_sense_is_not_said(rig: AliExpressRig, amount: Any) -> None:
    assert order(rig, user_order_amount=amount).total is None
    fallback = {"amount": "1.00", "currency_code": "USD"}
    assert order(rig, user_order_amount=amount, order_amount=fallback).total == Money(100, "USD")


def test_an_order_of_somebody_else_is_unknown_and_a_missing_permission_is_not(
    rig: AliExpressRig,
) -> None:
    with pytest.raises(UnknownReference) as caught:
        rig.gateway.get_order("1")
    assert (caught.value.code, caught.value.request_id) == ("isv.insufficient-permission", "req-1")
    rig.service.instead[GET] = platform_error("InsufficientPermission")
    with pytest.raises(Misconfigured):
        rig.gateway.get_order("1")


def test_what_is_no_order_is_no_answer(rig: AliExpressRig) -> None:
    rig.service.instead[GET] = {"aliexpress_trade_ds_order_get_response": {"result": {"a": 1}}}
    with pytest.raises(AnswerInvalid):
        rig.gateway.get_order(NUMBER)


@pytest.mark.parametrize("odd", ["fox", "", "1 2", "\u0661"])
def test_an_order_that_cannot_be_is_not_asked_for(rig: AliExpressRig, odd: str) -> None:
    with pytest.raises(UnknownReference):
        rig.gateway.get_order(odd)
    with pytest.raises(UnknownReference):
        rig.gateway.get_tracking(odd)
    assert rig.requests() == 0


class TestTracking:
    def test_parcels_come_with_their_events_newest_first(self, rig: AliExpressRig) -> None:
        rig.service.orders[NUMBER] = {}
        rig.service.parcels[NUMBER] = [
            {
                "mail_no": "AP00675700340001",
                "carrier_name": "Cainiao",
                "eta_time_stamps": 1762430400000,
                "detail_node_list": {
                    "detail_node": [
                        {
                            "time_stamp": "1762084800000",
                            "tracking_name": "Delivered",
                            "tracking_detail_desc": "Package delivered to the door",
                        },
                        {"time_stamp": None, "tracking_name": "Some time"},
                        {"time_stamp": 1761998400000, "tracking_name": "Left the hub"},
                    ]
                },
            },
            {"mail_no": "LP1", "detail_node_list": []},
            {"mail_no": ""},
        ]
        first = datetime(2025, 11, 2, 12, tzinfo=UTC)
        assert rig.gateway.get_tracking(NUMBER) == (
            Parcel(
                "AP00675700340001",
                "Cainiao",
                state=ParcelState.DELIVERED,
                raw_state="Delivered",
                events=(
                    ParcelEvent(
                        first, "Package delivered to the door", state=ParcelState.DELIVERED
                    ),
                    ParcelEvent(first.replace(day=1), "Left the hub"),
                ),
                expected_at=datetime(2025, 11, 6, 12, tzinfo=UTC),
                internal_number=True,
            ),
            Parcel("LP1", state=ParcelState.ANNOUNCED),
        )
        assert rig.service.said(TRACK)[0]["ae_order_id"] == NUMBER

    def test_nothing_yet_is_no_error_where_there_is_an_order(self, rig: AliExpressRig) -> None:
        rig.service.orders[NUMBER] = {"order_status": "WAIT_SELLER_SEND_GOODS"}
        assert rig.gateway.get_tracking(NUMBER) == ()
        with pytest.raises(UnknownReference):
            rig.gateway.get_tracking("1")

    def test_an_event_that_only_sounds_like_the_end_is_not(self, rig: AliExpressRig) -> None:
        node = {"time_stamp": 1762084800000, "tracking_name": "Delivered to local carrier"}
        rig.service.parcels[NUMBER] = [{"mail_no": "LP1", "detail_node_list": [node]}]
        (parcel,) = rig.gateway.get_tracking(NUMBER)
        assert (parcel.state, parcel.raw_state) == (
            ParcelState.UNKNOWN,
            "Delivered to local carrier",
        )

    @pytest.mark.parametrize("stamp", ["soon", -1, "9" * 16, True, 10**14 * 9])
    def test_a_time_that_makes_no_sense_is_no_event(self, rig: AliExpressRig, stamp: Any) -> None:
        node = {"time_stamp": stamp, "tracking_name": "In transit"}
        line = {"mail_no": "LP1", "detail_node_list": [node], "eta_time_stamps": stamp}
        rig.service.parcels[NUMBER] = [line]
        (parcel,) = rig.gateway.get_tracking(NUMBER)
        assert (parcel.events, parcel.expected_at) == ((), None)

    def test_what_is_no_tracking_is_not_nothing_yet(self, rig: AliExpressRig) -> None:
        rig.service.instead[TRACK] = wrapped("order_tracking_get", {"ret": True})
        with pytest.raises(AnswerInvalid):
            rig.gateway.get_tracking(NUMBER)


class TestPushes:
    def test_a_push_names_the_order_to_read_again(self, rig: AliExpressRig) -> None:
        (hint,) = rig.gateway.parse_webhook(PUSH)
        assert (hint.kind, hint.refs) == (HintKind.ORDER, ("1105933950463697",))
        again = json.dumps(json.loads(PUSH), indent=1).encode()
        assert rig.gateway.parse_webhook(again) == (hint,)
        later = PUSH.replace(b"1719389200", b"1719389201")
        assert rig.gateway.parse_webhook(later)[0].event_id != hint.event_id

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            (51, HintKind.ORDER),
            ("53", HintKind.ORDER),
            (18, HintKind.PARCEL),
            (65, HintKind.ACCOUNT),
            (99, HintKind.OTHER),
        ],
    )
    def test_its_type_says_what_it_speaks_of(
        self, rig: AliExpressRig, kind: Any, expected: HintKind
    ) -> None:
        (hint,) = rig.gateway.parse_webhook(json.dumps({"message_type": kind}).encode())
        assert hint == Hint(expected, hint.event_id)

    @pytest.mark.parametrize("body", [b"", b"[]", b"1", b"{}", b'{"data": {}}', b"\xff"])
    def test_what_is_no_message_says_nothing(self, rig: AliExpressRig, body: bytes) -> None:
        with pytest.raises(RequestInvalid):
            rig.gateway.parse_webhook(body)


def test_what_only_the_site_can_do_is_said(rig: AliExpressRig) -> None:
    capabilities = rig.gateway.capabilities
    assert not capabilities.can(Ability.PAY_ORDERS)
    assert not capabilities.can(Ability.CANCEL_ORDERS)
    assert capabilities.placement is Placement.IDEMPOTENT_REF
    assert capabilities.reference_window is not None
    assert capabilities.reference_window.total_seconds() == 24 * 3600
    with pytest.raises(Unsupported, match="pay on its site"):
        rig.gateway.pay_order(NUMBER, Money(1, "USD"))
    with pytest.raises(Unsupported, match="cancel on its site"):
        rig.gateway.cancel_order(NUMBER)
    with pytest.raises(Unsupported, match="the same reference placed again within 24 hours"):
        rig.gateway.find_order("zy-42-1")
    assert rig.requests() == 0
