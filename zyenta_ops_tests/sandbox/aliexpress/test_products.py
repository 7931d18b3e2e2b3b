from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from zyenta_ops.sandbox.aliexpress.products import product_id, sku_attr, sku_id
from zyenta_ops.sandbox.products import Product
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.sandbox.aliexpress.conftest import AliExpressClient

GET = "aliexpress.ds.product.get"
FREIGHT = "aliexpress.ds.freight.query"


@pytest.fixture
def product(world: SandboxWorld) -> Product:
    return world.trades["aliexpress"].catalogue.products[3]


def skus(result: Any) -> Any:
    return result["ae_item_sku_info_dtos"]["ae_item_sku_info_d_t_o"]


def test_a_product_tells_price_and_stock_of_every_sku(
    aliexpress: AliExpressClient, product: Product
) -> None:
    result = aliexpress.result(GET, product_id=str(product_id(product)), ship_to_country="DE")

    assert result["ae_item_base_info_dto"]["subject"] == product.title
    assert result["ae_item_base_info_dto"]["product_status_type"] == "onSelling"
    told = [
        (
            sku["sku_id"],
            sku["sku_attr"],
            int(Decimal(sku["offer_sale_price"]) * 100),
            int(Decimal(sku["sku_price"]) * 100),
            int(sku["sku_available_stock"]),
            sku["currency_code"],
        )
        for sku in skus(result)
    ]
    assert told == [
        (sku_id(v), sku_attr(v), v.price, v.list_price, v.units, "USD") for v in product.variants
    ]


def test_prices_are_quoted_in_the_currency_asked_for(
    aliexpress: AliExpressClient, product: Product
) -> None:
    asked = {"product_id": str(product_id(product)), "ship_to_country": "JP"}

    result = aliexpress.result(GET, target_currency="JPY", **asked)

    first = product.variants[0]
    assert skus(result)[0]["currency_code"] == "JPY"
    assert Decimal(skus(result)[0]["offer_sale_price"]) == round(Decimal(first.price) * 151 / 100)


def test_lists_are_bare_when_simplified(aliexpress: AliExpressClient, product: Product) -> None:
    asked = {"product_id": str(product_id(product)), "ship_to_country": "DE"}

    bare = aliexpress.result(GET, simplify="true", **asked)

    wrapped = aliexpress.result(GET, **asked)
    assert bare["ae_item_sku_info_dtos"][0]["sku_id"] == skus(wrapped)[0]["sku_id"]
    assert isinstance(bare["ae_item_sku_info_dtos"][0]["ae_sku_property_dtos"], list)


def test_numbers_are_text_in_some_places_and_numbers_in_others(
    aliexpress: AliExpressClient, world: SandboxWorld
) -> None:
    kinds = set()
    for number in range(1, 9):
        product = world.trades["aliexpress"].catalogue.products[number]
        asked = {"product_id": str(product_id(product)), "ship_to_country": "DE"}
        found = skus(aliexpress.result(GET, **asked))
        kinds |= {type(sku["sku_available_stock"]) for sku in found}

    assert kinds == {int, str}


def test_the_country_is_required(aliexpress: AliExpressClient, product: Product) -> None:
    answer = aliexpress.sync(GET, product_id=str(product_id(product)))

    assert answer["error_response"]["code"] == "MissingParameter"
    assert "ship_to_country" in answer["error_response"]["msg"]


@pytest.mark.parametrize("wanted", ["1005001000099999", "0", "x"])
def test_a_product_that_is_not_there_is_said_so(aliexpress: AliExpressClient, wanted: str) -> None:
    answer = aliexpress.sync(GET, product_id=wanted, ship_to_country="DE")

    response = answer["aliexpress_ds_product_get_response"]
    assert (response["rsp_code"], "result" in response) == (605, False)


def test_moves_show_at_the_next_look(
    aliexpress: AliExpressClient, world: SandboxWorld, product: Product
) -> None:
    catalogue = world.trades["aliexpress"].catalogue
    asked = {"product_id": str(product_id(product)), "ship_to_country": "DE"}
    before = skus(aliexpress.result(GET, **asked))

    catalogue.price_jump(50, 50)
    product.variants[0].offered = False
    after = skus(aliexpress.result(GET, **asked))

    assert [sku["sku_id"] for sku in after] == [sku["sku_id"] for sku in before[1:]]
    assert [sku["offer_sale_price"] for sku in after] != [
        sku["offer_sale_price"] for sku in before[1:]
    ]
    catalogue.sell_out(50)
    assert {int(s["sku_available_stock"]) for s in skus(aliexpress.result(GET, **asked))} == {0}
    catalogue.delist(50)
    base = aliexpress.result(GET, **asked)["ae_item_base_info_dto"]
    assert (base["product_status_type"], base["ws_display"]) == ("offline", "expire_offline")


def test_a_removed_product_is_as_if_it_had_never_been(
    aliexpress: AliExpressClient, world: SandboxWorld
) -> None:
    (gone,) = world.trades["aliexpress"].catalogue.remove(1)

    answer = aliexpress.sync(GET, product_id=str(product_id(gone)), ship_to_country="DE")

    assert answer["aliexpress_ds_product_get_response"]["rsp_code"] == 605


def test_pictures_are_served_and_stay_the_same(
    aliexpress: AliExpressClient, http: httpx.Client, product: Product
) -> None:
    asked = {"product_id": str(product_id(product)), "ship_to_country": "DE"}
    urls = aliexpress.result(GET, **asked)["ae_multimedia_info_dto"]["image_urls"].split(";")

    pictures = [http.get(url).content for url in urls]

    assert len(urls) == product.images
    assert all(picture.startswith(b"\x89PNG\r\n\x1a\n") for picture in pictures)
    assert http.get(urls[0]).content == pictures[0]
    assert pictures[0] != pictures[1]


def freight_of(product: Product, country: str = "DE", **changes: str) -> dict[str, Any]:
    return {
        "queryDeliveryReq": {
            "productId": str(product_id(product)),
            "selectedSkuId": sku_id(product.variants[0]),
            "shipToCountry": country,
            "quantity": "2",
            "currency": "USD",
            "language": "en_US",
            "locale": "en_US",
            **changes,
        }
    }


def test_freight_is_quoted_in_whole_units_or_in_cents_with_a_text_that_tells_which(
    aliexpress: AliExpressClient, world: SandboxWorld
) -> None:
    forms, free = set(), 0
    for product in list(world.trades["aliexpress"].catalogue.products.values())[:12]:
        result = aliexpress.result(FREIGHT, **freight_of(product))
        for option in result.get("delivery_options", {}).get("delivery_option_d_t_o", []):
            if option["free_shipping"] in (True, "true"):
                assert "shipping_fee_cent" not in option
                free += 1
                continue
            shown = option["shipping_fee_format"].removeprefix("US $")
            forms.add("." in option["shipping_fee_cent"])
            assert option["shipping_fee_cent"].replace(".", "") == shown.replace(".", "")

    assert forms == {True, False}
    assert free > 0


@pytest.mark.parametrize(
    "changes", [{"selectedSkuId": "1"}, {"quantity": "two"}, {"productId": "1"}]
)
def test_freight_for_nothing_fails(
    aliexpress: AliExpressClient, product: Product, changes: dict[str, str]
) -> None:
    result = aliexpress.result(FREIGHT, **freight_of(product, **changes))

    assert (result["success"], result["code"]) == (False, "PARAM_ERROR")
