"""Placing orders at AliExpress: what is sent, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import stamina

from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.supplier_errors import (
    DuplicateOrder,
    LoginRevoked,
    Misconfigured,
    OrderRejected,
    OutcomeUnknown,
    RateLimited,
    RejectionReason,
    RequestInvalid,
)
from zyenta_ops.domain.supplier_orders import (
    OrderLine,
    OrderRequest,
    PlacedOrder,
    SupplierOrderState,
)
from zyenta_ops_tests.adapters.suppliers.aliexpress.service import (
    PLACE,
    AliExpressRig,
    aliexpress_rig,
    error_response,
    order_refused,
    platform_error,
    product,
    wrapped,
)

LIST = "aliexpress.ds.address.get"
GERMAN = Address(
    country="DE",
    name="Jürgen Groß",
    line1="Straße 1",
    line2="Hinterhaus",
    city="München",
    province="Bayern",
    postal_code="80331",
    phone="+491512345678",
    email="juergen@example.com",
)
LINE = OrderLine("1005001234567890", "12000044382493157", "14:350853#Black  Gold;5:361386", 2)
ORDER = OrderRequest("zy-42-1", (LINE,), GERMAN, "CAINIAO_STANDARD", note="Please no invoice")
IDS = {"is_success": True, "order_list": {"number": [8190439416163295]}}


@pytest.fixture
def rig() -> Iterator[AliExpressRig]:
    with stamina.set_testing(True, attempts=100, cap=True), aliexpress_rig() as rig:
        rig.service.products[LINE.product_ref] = product()
        rig.service.instead[LIST] = wrapped("address_get", {"ret": True, "data": {}})
        yield rig


def sent(rig: AliExpressRig) -> tuple[dict[str, Any], dict[str, Any]]:
    (params,) = rig.service.said(PLACE)
    return (
        json.loads(params["param_place_order_request4_open_api_d_t_o"]),
        json.loads(params["ds_extend_request"]),
    )


def recipient(rig: AliExpressRig, address: Address) -> dict[str, Any]:
    rig.gateway.place_order(replace(ORDER, address=address))
    found: dict[str, Any] = sent(rig)[0]["logistics_address"]
    return found


def answering(rig: AliExpressRig, document: Any) -> None:
    rig.service.instead[PLACE] = document


def test_an_order_is_sent_in_snake_case_with_the_reference_beside_the_address(
    rig: AliExpressRig,
) -> None:
    rig.gateway.place_order(ORDER)
    order, extended = sent(rig)
    assert order == {
        "out_order_id": "zy-42-1",
        "logistics_address": {
            "contact_person": "Jürgen Groß",
            "full_name": "Jürgen Groß",
            "address": "Straße 1",
            "address2": "Hinterhaus",
            "city": "München",
            "province": "Bayern",
            "country": "DE",
            "zip": "80331",
            "phone_country": "+49",
            "mobile_no": "1512345678",
            "locale": "en_US",
        },
        "product_items": [
            {
                "product_id": 1005001234567890,
                "product_count": 2,
                "sku_attr": "14:350853#Black  Gold;5:361386",
                "logistics_service_name": "CAINIAO_STANDARD",
                "order_memo": "Please no invoice",
            }
        ],
    }
    assert extended == {
        "payment": {"pay_currency": "USD", "try_to_pay": "false"},
        "trade_extra_param": {"business_model": "retail"},
    }


def test_an_order_is_urgent_and_counts_as_an_order_too(rig: AliExpressRig) -> None:
    rig.gateway.place_order(ORDER)
    app = rig.gateway.reading.key
    assert rig.limiter.acquired == rig.limiter.urgent == [(app,), (app, f"{app}:order")]


def test_a_variant_without_options_is_not_named(rig: AliExpressRig) -> None:
    rig.gateway.place_order(replace(ORDER, lines=(replace(LINE, order_ref="<none>"),)))
    assert "sku_attr" not in sent(rig)[0]["product_items"][0]


@pytest.mark.parametrize(
    ("phone", "code", "number"),
    [
        ("+15415550123", "+1", "5415550123"),
        ("+79161234567", "+7", "9161234567"),
        ("+491512345678", "+49", "1512345678"),
        ("+351912345678", "+351", "912345678"),
        ("+971501234567", "+971", "501234567"),
    ],
)
def test_a_phone_number_is_split_after_its_calling_code(
    rig: AliExpressRig, phone: str, code: str, number: str
) -> None:
    found = recipient(rig, replace(GERMAN, phone=phone))
    assert (found["phone_country"], found["mobile_no"]) == (code, number)


@pytest.mark.parametrize(
    ("country", "key"),
    [("BR", "cpf"), ("CL", "rut_no"), ("DE", "tax_number"), ("KR", "tax_number")],
)
def test_a_tax_id_goes_into_the_field_of_its_country(
    rig: AliExpressRig, country: str, key: str
) -> None:
    found = recipient(rig, replace(GERMAN, country=country, tax_id="12345678909"))
    assert {name for name, value in found.items() if value == "12345678909"} == {key}


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("name", "name"),
        ("line1", "street"),
        ("city", "city"),
        ("province", "province"),
        ("phone", "phone number"),
    ],
)
def test_a_recipient_that_lacks_something_is_refused_before_anything_is_ordered(
    rig: AliExpressRig, field: str, what: str
) -> None:
    with pytest.raises(OrderRejected, match=f"needs the recipient's {what}$") as caught:
        rig.gateway.place_order(replace(ORDER, address=replace(GERMAN, **{field: ""})))
    assert caught.value.reason is RejectionReason.ADDRESS
    assert rig.service.said(PLACE) == []


@pytest.mark.parametrize("phone", ["0151 2345678", "01512345678", "+49 151", "+", "+49\u0661"])
def test_a_phone_number_that_is_not_e164_is_none(rig: AliExpressRig, phone: str) -> None:
    with pytest.raises(OrderRejected, match="phone number"):
        rig.gateway.place_order(replace(ORDER, address=replace(GERMAN, phone=phone)))
    assert rig.service.said(PLACE) == []


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (replace(ORDER, reference=""), "1 to 40 plain characters"),
        (replace(ORDER, reference="z" * 41), "1 to 40 plain characters"),
        (replace(ORDER, reference="zy-é"), "1 to 40 plain characters"),
        (replace(ORDER, lines=()), "has no lines"),
        (replace(ORDER, service_code=""), "ask for a quote first"),
        (replace(ORDER, lines=(replace(LINE, quantity=0),)), "at least one unit"),
        (replace(ORDER, lines=(replace(LINE, product_ref="fox"),)), "is a number"),
    ],
)
def test_what_makes_no_sense_is_not_ordered(
    rig: AliExpressRig, odd: OrderRequest, why: str
) -> None:
    with pytest.raises(RequestInvalid, match=why):
        rig.gateway.place_order(odd)
    assert rig.service.said(PLACE) == []


@pytest.mark.parametrize(
    "order_list",
    [{"number": [8190439416163295, 8190439416163296]}, [8190439416163295, "8190439416163296"]],
)
def test_an_order_may_become_several(rig: AliExpressRig, order_list: Any) -> None:
    answering(rig, wrapped("order_create", {"is_success": "true", "order_list": order_list}))
    assert rig.gateway.place_order(ORDER) == PlacedOrder(
        ("8190439416163295", "8190439416163296"), SupplierOrderState.AWAITING_PAYMENT
    )


def test_the_retired_name_of_the_method_is_understood(rig: AliExpressRig) -> None:
    answering(rig, {"aliexpress_trade_buy_placeorder_response": {"result": IDS}})
    assert rig.gateway.place_order(ORDER).external_ids == ("8190439416163295",)


@pytest.mark.parametrize("success", [True, False, "false"])
def test_a_failed_automatic_payment_leaves_an_unpaid_order(success: Any) -> None:
    said = {**IDS, "is_success": success, "error_msg": "OrderCreated, autoPay fail:APIPayFail"}
    with aliexpress_rig({"try_to_pay": True}) as rig:
        answering(rig, wrapped("order_create", said))
        placed = rig.gateway.place_order(ORDER)
    assert placed == PlacedOrder(
        ("8190439416163295",),
        SupplierOrderState.AWAITING_PAYMENT,
        holds=("the automatic payment failed; pay on the site",),
    )


def test_whether_an_automatic_payment_was_made_is_left_to_the_order() -> None:
    with aliexpress_rig({"try_to_pay": True}) as rig:
        answering(rig, wrapped("order_create", IDS))
        placed = rig.gateway.place_order(ORDER)
        assert sent(rig)[1]["payment"] == {"pay_currency": "USD", "try_to_pay": "true"}
    assert placed == PlacedOrder(("8190439416163295",), SupplierOrderState.CREATED)


def test_orders_are_not_lost_to_a_fault_that_is_told_with_them(rig: AliExpressRig) -> None:
    answering(rig, wrapped("order_create", {**IDS, "is_success": False, "error_code": "ODD"}))
    placed = rig.gateway.place_order(ORDER)
    assert placed.external_ids == ("8190439416163295",)
    assert (placed.state, placed.paid) == (SupplierOrderState.AWAITING_PAYMENT, False)
    assert len(placed.holds) == 1


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (order_refused("INVENTORY_HOLD_ERROR"), OrderRejected),
        (order_refused("SOMETHING_NEW", error_msg="juergen@example.com"), RequestInvalid),
        (order_refused("REPEATED_ORDER_ERROR"), DuplicateOrder),
        (platform_error("MissingParameter"), RequestInvalid),
        (platform_error("IncompleteSignature"), Misconfigured),
        (error_response(7, msg="this ban will last 3600 more seconds"), RateLimited),
        (error_response(15, "isp.remote-service-timeout"), OutcomeUnknown),
        (platform_error("SomethingNew", kind=""), OutcomeUnknown),
        (wrapped("order_create", rsp_code="500"), OutcomeUnknown),
        (wrapped("order_create", {"is_success": True}), OutcomeUnknown),
        (
            wrapped("order_create", {"is_success": True, "order_list": {"number": []}}),
            OutcomeUnknown,
        ),
        (wrapped("order_create", {"error_msg": "OrderCreated, autoPay fail:X"}), OutcomeUnknown),
        (order_refused("X", error_msg="OrderCreated, autoPay fail:X"), OutcomeUnknown),
        ({}, OutcomeUnknown),
        ([], OutcomeUnknown),
    ],
)
def test_an_answer_without_an_order_says_whether_there_is_one(
    rig: AliExpressRig, document: Any, kind: type[Exception]
) -> None:
    answering(rig, document)
    with pytest.raises(kind) as caught:
        rig.gateway.place_order(ORDER)
    assert type(caught.value) is kind
    assert "juergen" not in str(caught.value)
    assert len(rig.service.said(PLACE)) == 1


def test_a_repeated_reference_names_the_order_where_it_is_told(rig: AliExpressRig) -> None:
    answering(rig, order_refused("REPEATED_ORDER_ERROR", order_list=[8190439416163295]))
    with pytest.raises(DuplicateOrder) as caught:
        rig.gateway.place_order(ORDER)
    assert caught.value.external_id == "8190439416163295"


def test_an_expired_token_is_renewed_once_and_the_order_placed_once(rig: AliExpressRig) -> None:
    rig.service.token = "renewed elsewhere"
    rig.gateway.place_order(ORDER)
    assert (rig.login.renewals, rig.orders()) == (1, 1)


def test_a_token_that_cannot_be_renewed_orders_nothing(rig: AliExpressRig) -> None:
    rig.service.token = rig.service.refresh_token = "gone"
    with pytest.raises(LoginRevoked):
        rig.gateway.place_order(ORDER)
    assert rig.orders() == 0


class TestNames:
    def known(self, rig: AliExpressRig, data: Any) -> None:
        rig.service.instead[LIST] = wrapped("address_get", {"ret": "true", "data": data})

    @staticmethod
    def children(**provinces: list[str]) -> list[dict[str, Any]]:
        return [
            {"name": name, "type": "PROVINCE", "children": [{"name": each} for each in cities]}
            for name, cities in provinces.items()
        ]

    @pytest.mark.parametrize("wrapping", ["text", "array", "bare", "several"])
    def test_names_are_spelled_as_in_aliexpresss_list(
        self, rig: AliExpressRig, wrapping: str
    ) -> None:
        children: Any = self.children(**{"Cote-d'Or": ["Dijon", "Saint Apollinaire"]})
        country = {"country": "FR", "type": "country"}
        data: Any = {**country, "children": json.dumps(children)}
        if wrapping == "array":
            data = [data]
        elif wrapping == "bare":
            data = {**country, "children": children}
        elif wrapping == "several":
            data = {"address": [data]}
        self.known(rig, data)
        french = replace(GERMAN, country="FR", province="côte d\u2019or", city="SAINT-APOLLINAIRE")
        found = recipient(rig, french)
        assert (found["province"], found["city"]) == ("Cote-d'Or", "Saint Apollinaire")

    def test_a_state_is_told_by_its_code(self, rig: AliExpressRig) -> None:
        self.known(rig, {"children": self.children(Oregon=["Springfield"])})
        found = recipient(rig, replace(GERMAN, country="US", province="or", city="springfield"))
        assert (found["province"], found["city"]) == ("Oregon", "Springfield")

    def test_a_missing_province_is_told_by_a_city_that_only_one_has(
        self, rig: AliExpressRig
    ) -> None:
        self.known(rig, {"children": self.children(Bayern=["Muenchen", "Ulm"], Hessen=["Ulm"])})
        plain = replace(GERMAN, province="", city="Muenchen")
        assert recipient(rig, plain)["province"] == "Bayern"
        with pytest.raises(OrderRejected, match="province"):
            rig.gateway.place_order(replace(ORDER, address=replace(plain, city="Ulm")))

    def test_names_that_are_not_in_the_list_stay_as_they_are(self, rig: AliExpressRig) -> None:
        self.known(rig, {"children": self.children(Hessen=["Kassel"])})
        found = recipient(rig, GERMAN)
        assert (found["province"], found["city"]) == ("Bayern", "München")

    @pytest.mark.parametrize(
        "data",
        [None, [], "text", {"children": None}, {"children": "{"}, {"children": [1, {"name": 2}]}],
    )
    def test_a_list_of_another_shape_changes_nothing(self, rig: AliExpressRig, data: Any) -> None:
        self.known(rig, data)
        assert recipient(rig, GERMAN)["province"] == "Bayern"

    def test_without_the_list_the_order_is_placed_all_the_same(self, rig: AliExpressRig) -> None:
        rig.service.instead[LIST] = platform_error("InvalidApiPath")
        found = recipient(rig, replace(GERMAN, country="US", province="OR"))
        assert (found["province"], rig.orders()) == ("Oregon", 1)

    def test_the_list_of_a_country_is_asked_for_once(self, rig: AliExpressRig) -> None:
        self.known(rig, {"children": self.children(Bayern=[])})
        rig.gateway.place_order(ORDER)
        rig.gateway.place_order(replace(ORDER, reference="zy-42-2"))
        assert [each["countryCode"] for each in rig.service.said(LIST)] == ["DE"]
