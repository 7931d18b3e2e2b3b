"""What sending costs at AliExpress, and when that cannot be told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stamina

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    RequestInvalid,
    SupplierUnavailable,
    UnknownReference,
)
from zyenta_ops.domain.supplier_orders import OrderLine, ShippingQuote, ShippingRequest
from zyenta_ops_tests.adapters.suppliers.aliexpress.service import (
    AliExpressRig,
    aliexpress_rig,
    option,
    wrapped,
)

QUERY = "aliexpress.ds.freight.query"
LINE = OrderLine("1005001234567890", "12000044382493157", "14:1#Black", 2)
OTHER = OrderLine("1005001234567891", "12000044382493158", "14:1#Black", 1)


@pytest.fixture
def rig() -> Iterator[AliExpressRig]:
    with stamina.set_testing(True, attempts=100, cap=True), aliexpress_rig() as rig:
        yield rig


def request(*lines: OrderLine, currency: str = "EUR") -> ShippingRequest:
    return ShippingRequest(lines or (LINE,), "DE", currency, "Bayern", "München")


def quotes(rig: AliExpressRig, *options: dict[str, Any], currency: str = "EUR") -> Any:
    rig.service.options = list(options)
    return rig.gateway.quote_shipping(request(currency=currency))


def test_freight_is_asked_for_as_text_in_camel_case(rig: AliExpressRig) -> None:
    rig.gateway.quote_shipping(request())
    (params,) = rig.service.said(QUERY)
    assert json.loads(params["queryDeliveryReq"]) == {
        "quantity": "2",
        "shipToCountry": "DE",
        "productId": "1005001234567890",
        "selectedSkuId": "12000044382493157",
        "provinceCode": "Bayern",
        "cityCode": "München",
        "language": "en_US",
        "locale": "en_US",
        "currency": "EUR",
    }
    assert len(rig.limiter.urgent) == 1


def test_ways_are_read_whole_and_the_cheapest_comes_first(rig: AliExpressRig) -> None:
    found = quotes(rig, option("EMS", shipping_fee_cent="21.00", tracking="false"), option())
    assert found == (
        ShippingQuote(
            "CAINIAO_STANDARD",
            "AliExpress standard shipping",
            Money(320, "USD"),
            7,
            15,
            tracked=True,
            ships_from="CN",
        ),
        ShippingQuote(
            "EMS", "AliExpress standard shipping", Money(2100, "USD"), 7, 15, False, "CN"
        ),
    )


@pytest.mark.parametrize(
    ("fee", "shown", "currency", "minor"),
    [
        ("172.71", "US $172.71", "USD", 17271),
        ("13.57", "13,57€", "EUR", 1357),
        ("13.5", "", "EUR", 1350),
        ("1450", "US $14.50", "USD", 1450),
        ("1450", "US $1,450.00", "USD", 145000),
        ("1450", "1.450,00 €", "EUR", 145000),
        ("1450", "14,50\u00a0€", "EUR", 1450),
        (1450, "US $14.50", "USD", 1450),
        ("5040", "\u20a95,040", "KRW", 5040),
        ("1234", "1.234 BD", "BHD", 1234),
    ],
)
def test_a_fee_is_told_by_its_point_or_by_how_it_is_shown(
    rig: AliExpressRig, fee: Any, shown: str, currency: str, minor: int
) -> None:
    said = {"shipping_fee_cent": fee, "shipping_fee_format": shown}
    (quote,) = quotes(rig, option(shipping_fee_currency=currency, **said))
    assert quote.cost == Money(minor, currency)


@pytest.mark.parametrize(
    "said",
    [
        {"shipping_fee_cent": "1450", "shipping_fee_format": None},
        {"shipping_fee_cent": "1450", "shipping_fee_format": "US $145.0"},
        {"shipping_fee_cent": "1450", "shipping_fee_format": "US $14.50 to $20.00"},
        {"shipping_fee_cent": None},
        {"shipping_fee_cent": "-1.50"},
        {"shipping_fee_cent": "a lot"},
        {"shipping_fee_cent": "9" * 30 + ".00"},
        {"shipping_fee_cent": "9" * 5_000},
        {"shipping_fee_currency": "XXX"},
        {"code": None},
        {"shipping_fee_cent": "1450", "shipping_fee_format": "US $14,50,00"},
    ],
)
def test_a_fee_that_cannot_be_told_is_no_offer(rig: AliExpressRig, said: dict[str, Any]) -> None:
    (left,) = quotes(rig, {**option("ODD"), **said}, option("GOOD"))
    assert left.service_code == "GOOD"
    with pytest.raises(AnswerInvalid, match="it cannot be told what AliExpress asks"):
        quotes(rig, {**option("ODD"), **said})


def test_what_is_free_costs_nothing_in_the_currency_asked_for(rig: AliExpressRig) -> None:
    free: dict[str, Any] = {
        "free_shipping": "true",
        "shipping_fee_cent": None,
        "shipping_fee_currency": None,
    }
    (quote,) = quotes(rig, option(**free))
    assert quote.cost == Money(0, "EUR")


def test_odd_days_are_not_said(rig: AliExpressRig) -> None:
    (quote,) = quotes(rig, option(min_delivery_days="soon", max_delivery_days=-1))
    assert (quote.min_days, quote.max_days) == (None, None)


def test_lines_share_the_ways_that_serve_all_of_them_and_each_pays(rig: AliExpressRig) -> None:
    ways = {
        "1005001234567890": [option("A"), option("B", max_delivery_days=9)],
        "1005001234567891": [
            option("B", shipping_fee_cent="1.10", ship_from_country="ES", tracking=False),
            option("C"),
        ],
    }

    def answer(params: dict[str, str]) -> Any:
        query = json.loads(params["queryDeliveryReq"])
        return wrapped(
            "freight_query", {"success": True, "delivery_options": ways[query["productId"]]}
        )

    rig.service.instead[QUERY] = answer
    (quote,) = rig.gateway.quote_shipping(request(LINE, OTHER))
    assert (quote.service_code, quote.cost) == ("B", Money(430, "USD"))
    assert (quote.min_days, quote.max_days, quote.tracked) == (7, 15, False)
    assert quote.ships_from is None
    ways["1005001234567891"][0]["shipping_fee_currency"] = "EUR"
    assert rig.gateway.quote_shipping(request(LINE, OTHER)) == ()


@pytest.mark.parametrize("code", [505, "505"])
def test_where_nothing_goes_there_is_no_quote(rig: AliExpressRig, code: Any) -> None:
    refused = {"success": False, "code": code, "msg": "DELIVERY_NOT_AVAILABLE_TO_YOUR_ADDRESS"}
    rig.service.instead[QUERY] = wrapped("freight_query", refused)
    assert rig.gateway.quote_shipping(request()) == ()
    assert rig.gateway.quote_shipping(request(LINE, OTHER)) == ()


@pytest.mark.parametrize(
    ("refused", "kind"),
    [
        ({"success": False, "code": 504, "msg": "DELIVERY_INFO_EMPTY"}, UnknownReference),
        ({"success": False, "code": 506, "msg": "DELIVERY_SERVICE_EXCEPTION"}, SupplierUnavailable),
        ({"success": True, "delivery_options": {}}, AnswerInvalid),
        ({"success": True}, AnswerInvalid),
    ],
)
def test_a_failed_quote_is_not_an_empty_one(rig: AliExpressRig, refused: Any, kind: Any) -> None:
    rig.service.instead[QUERY] = wrapped("freight_query", refused)
    with pytest.raises(kind):
        rig.gateway.quote_shipping(request())


def test_what_makes_no_sense_is_not_asked(rig: AliExpressRig) -> None:
    for odd in (
        OrderLine("fox", "1", "", 1),
        OrderLine("1", "fox", "", 1),
        OrderLine("1", "1", "", 0),
    ):
        with pytest.raises(RequestInvalid):
            rig.gateway.quote_shipping(request(odd))
    with pytest.raises(RequestInvalid):
        rig.gateway.quote_shipping(ShippingRequest((), "DE", "EUR"))
    assert rig.requests() == 0
