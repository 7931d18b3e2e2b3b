"""Products as AliExpress answers them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import pytest
import stamina

from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.items import Item, ItemAnswer, ItemFault, ItemStatus
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    Misconfigured,
    RequestInvalid,
    SupplierUnavailable,
)
from zyenta_ops_tests.adapters.suppliers.aliexpress.service import (
    TOKEN,
    AliExpressRig,
    aliexpress_rig,
    error_response,
    platform_error,
    product,
    sku,
    wrapped,
)

GET = "aliexpress.ds.product.get"
MARKET = Market("DE", "EUR")
REF = "1005001234567890"


@pytest.fixture
def rig() -> Iterator[AliExpressRig]:
    with stamina.set_testing(True, attempts=100, cap=True), aliexpress_rig() as rig:
        yield rig


def asked(rig: AliExpressRig, document: dict[str, Any]) -> ItemAnswer:
    rig.service.products[REF] = document
    (answer,) = rig.gateway.fetch_items([REF], MARKET)
    return answer


def item(rig: AliExpressRig, document: dict[str, Any]) -> Item:
    answer = asked(rig, document)
    assert isinstance(answer, Item), answer
    return answer


def test_a_product_is_asked_for_in_its_market(rig: AliExpressRig) -> None:
    item(rig, product())
    (params,) = rig.service.said(GET)
    assert params.pop("sign")
    assert params == {
        "app_key": "12345678",
        "format": "json",
        "method": GET,
        "product_id": REF,
        "remove_personal_benefit": "true",
        "session": TOKEN,
        "ship_to_country": "DE",
        "sign_method": "sha256",
        "simplify": "false",
        "target_currency": "EUR",
        "target_language": "en_US",
        "timestamp": "1793620800000",
    }
    assert rig.limiter.acquired == [
        ("aliexpress:app:" + blake2b(b"12345678", digest_size=8).hexdigest(),)
    ]
    assert rig.limiter.urgent == []


def test_a_product_is_read_whole(rig: AliExpressRig) -> None:
    found = item(rig, product())
    assert (found.product_ref, found.status, found.title) == (REF, ItemStatus.ON_SALE, "Fox lamp")
    assert found.images == ("https://ae.example/1.jpg", "https://ae.example/2.jpg")
    assert found.videos == ("https://ae.example/1.mp4",)
    assert json.loads(found.raw)["aliexpress_ds_product_get_response"]["rsp_code"] == "200"
    (variant,) = found.variants
    offer = variant.offer
    assert (offer.product_ref, offer.variant_ref) == (REF, "12000044382493157")
    assert offer.order_ref == "14:350853#Black  Gold;5:361386"
    assert (offer.unit_cost, offer.list_price) == (Money(1750, "USD"), Money(17501, "USD"))
    assert (offer.stock, offer.saleable, offer.sku) == (57, True, "BG-M")
    assert offer.attributes == (("Color", "Black Gold"), ("Size", "M"))
    assert offer.images[0] == "https://ae.example/black.jpg"
    assert (variant.weight_grams, variant.tax_included, variant.most_per_order) == (245, True, None)


def test_the_same_answer_twice_is_kept_as_the_same_bytes(rig: AliExpressRig) -> None:
    first = item(rig, product()).raw
    assert b'"req-1"' not in first
    assert item(rig, product()).raw == first


def test_a_product_that_is_not_for_us_blocks_no_account(rig: AliExpressRig) -> None:
    rig.service.instead[GET] = error_response("15", "isv.insufficient-permission", type="ISP")
    answers = list(rig.gateway.fetch_items([REF, "1005000000000002"], Market("DE", "EUR")))

    assert [type(each.error) for each in answers if isinstance(each, ItemFault)] == (
        [RequestInvalid] * 2
    )


def test_an_app_without_permission_is_refused_with_its_first_product(rig: AliExpressRig) -> None:
    refusal = error_response("15", "isv.insufficient-permission", type="ISP")
    rig.service.instead = {GET: refusal, "aliexpress.ds.address.get": refusal}
    with pytest.raises(Misconfigured):
        list(rig.gateway.fetch_items([REF], Market("DE", "EUR")))


def test_simplified_arrays_and_typed_values_read_the_same(rig: AliExpressRig) -> None:
    plain = product()
    simple = product()
    only = simple["ae_item_sku_info_dtos"].pop("ae_item_sku_info_d_t_o")[0]
    only["ae_sku_property_dtos"] = only["ae_sku_property_dtos"]["ae_sku_property_d_t_o"]
    only.update(sku_id=12000044382493157, sku_available_stock=57, price_include_tax=True)
    simple["ae_item_sku_info_dtos"] = [only]
    media = simple["ae_multimedia_info_dto"]
    media["ae_video_dtos"] = media["ae_video_dtos"]["ae_video_d_t_o"]
    first, second = item(rig, plain), item(rig, simple)
    assert first.variants == second.variants
    assert first.videos == second.videos


@pytest.mark.parametrize(
    ("said", "stock"),
    [
        ({"sku_available_stock": 0}, 0),
        ({"sku_available_stock": None, "s_k_u_available_stock": "8"}, 8),
        ({"sku_available_stock": None, "ipm_sku_stock": 9}, 9),
        ({"sku_available_stock": None, "sku_stock": "true"}, None),
        ({"sku_available_stock": None, "sku_stock": False}, 0),
        ({"sku_available_stock": None}, None),
    ],
)
def test_stock_is_a_count_and_unknown_is_not_zero(
    rig: AliExpressRig, said: dict[str, Any], stock: int | None
) -> None:
    assert item(rig, product(sku(**said))).variants[0].offer.stock == stock


def test_a_variant_without_options_is_ordered_without_any(rig: AliExpressRig) -> None:
    found = item(rig, product(sku(sku_attr="", id="<none>")))
    assert found.variants[0].offer.order_ref == "<none>"
    found = item(rig, product(sku(sku_attr=None, id=None)))
    assert found.variants[0].offer.order_ref == "<none>"


def test_a_limit_counts_where_orders_beyond_it_fail(rig: AliExpressRig) -> None:
    limited = sku(buy_amount_limit_set_by_promotion="2", limit_strategy="create_order_fail")
    dearer = sku(buy_amount_limit_set_by_promotion="2", limit_strategy="other")
    assert item(rig, product(limited)).variants[0].most_per_order == 2
    assert item(rig, product(dearer)).variants[0].most_per_order is None


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"offer_sale_price": None}, "it has no offer_sale_price"),
        ({"offer_sale_price": "0"}, "it has no offer_sale_price"),
        ({"offer_sale_price": "-1"}, "the offer_sale_price -1.00 USD is negative"),
        ({"offer_sale_price": "1.2 - 3"}, "'1.2 - 3' is not an amount of money"),
        ({"offer_sale_price": "9" * 20}, f"{'9' * 20} USD is too large to be a price"),
        (
            {"currency_code": "XXX"},
            "'XXX' is not an ISO 4217 currency code; write one such as EUR or USD",
        ),
        (
            {"currency_code": None},
            "'' is not an ISO 4217 currency code; write one such as EUR or USD",
        ),
        ({"sku_price": "-3"}, "the sku_price -3.00 USD is negative"),
        ({"sku_available_stock": "-5"}, "the stock '-5' is no count"),
        ({"sku_available_stock": "many"}, "the stock 'many' is no count"),
        ({"sku_available_stock": 9_999_999_999}, "the stock 9999999999 is absurd"),
        ({"sku_attr": "14:1#A\x00B"}, "its sku_attr cannot be repeated in an order"),
        ({"sku_attr": "14:1#\ud800"}, "its sku_attr cannot be repeated in an order"),
        ({"sku_attr": [1]}, "its sku_attr cannot be repeated in an order"),
    ],
)
def test_a_variant_that_makes_no_sense_is_a_fault_and_the_others_are_read(
    rig: AliExpressRig, odd: dict[str, Any], why: str
) -> None:
    found = item(rig, product(sku("7", **odd), sku("8")))
    assert [each.offer.variant_ref for each in found.variants] == ["8"]
    assert found.faults == (f"variant '7': {why}",)


def test_a_product_of_which_nothing_can_be_understood_is_not_answered(rig: AliExpressRig) -> None:
    for document in (
        product(sku(offer_sale_price=None)),
        product(ae_item_sku_info_dtos={}),
        product(ae_item_base_info_dto=None),
        {"has_whole_sale": False},
    ):
        answer = asked(rig, document)
        assert isinstance(answer, ItemFault)
        assert isinstance(answer.error, AnswerInvalid)


def test_what_is_off_sale_is_told_with_what_is_known_of_it(rig: AliExpressRig) -> None:
    off = product()
    off["ae_item_base_info_dto"]["product_status_type"] = "auditing"
    found = item(rig, off)
    assert found.status is ItemStatus.OFF_SALE
    assert [each.offer.saleable for each in found.variants] == [False]
    off["ae_item_sku_info_dtos"] = {}
    assert item(rig, off).variants == ()


@pytest.mark.parametrize(
    "answer",
    [
        wrapped("product_get", {"has_whole_sale": False}, rsp_code=482),
        wrapped("product_get", rsp_code="482", rsp_msg="SHIP_TO_COUNTRY_PROHIBITED"),
        error_response("482", "isv.SHIP_TO_COUNTRY_PROHIBITED"),
    ],
)
def test_what_does_not_go_to_the_country_is_off_sale_there(rig: AliExpressRig, answer: Any) -> None:
    rig.service.instead[GET] = answer
    assert list(rig.gateway.fetch_items([REF], MARKET)) == [Item(REF, ItemStatus.OFF_SALE)]


def test_not_found_is_told_from_failed(rig: AliExpressRig) -> None:
    assert list(rig.gateway.fetch_items([REF], MARKET)) == [Item(REF, ItemStatus.NOT_FOUND)]
    for document in (
        wrapped("product_get", rsp_code=604, rsp_msg="Something"),
        wrapped("product_get", rsp_code=200, rsp_msg="Call succeeds"),
        error_response(15),
    ):
        rig.service.instead[GET] = document
        (answer,) = rig.gateway.fetch_items([REF], MARKET)
        assert isinstance(answer, ItemFault)
        assert isinstance(answer.error, SupplierUnavailable)


def test_a_reference_that_is_no_number_is_not_asked_for(rig: AliExpressRig) -> None:
    refs = ["fox", "", "\u0661\u0662", "1" * 21]
    for answer in rig.gateway.fetch_items(refs, MARKET):
        assert isinstance(answer, ItemFault)
        assert type(answer.error) is RequestInvalid
    assert rig.requests() == 0


def test_a_wrong_key_ends_the_reading(rig: AliExpressRig) -> None:
    rig.service.instead[GET] = platform_error("InvalidAppKey")
    with pytest.raises(Misconfigured) as caught:
        list(rig.gateway.fetch_items([REF, "1", "2"], MARKET))
    assert caught.value.code == "InvalidAppKey"
    assert rig.login.renewals == 0
