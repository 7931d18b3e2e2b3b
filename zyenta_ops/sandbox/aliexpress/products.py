"""aliexpress.ds.product.get: a product with the price and stock of each of its SKUs."""

from __future__ import annotations

from typing import Any

from zyenta_ops.sandbox.aliexpress.apps import Grant
from zyenta_ops.sandbox.aliexpress.envelopes import Listed, Loose, Refused
from zyenta_ops.sandbox.chance import between, chance
from zyenta_ops.sandbox.prices import knows, quoted
from zyenta_ops.sandbox.products import COLOURS, SIZES, Product, ProductStatus, Variant
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Call

_FIRST_PRODUCT = 1_005_001_000_000_000
_FIRST_SKU = 12_000_040_000_000_000
# Property and value ids; made up but for the two properties, which are AliExpress's own.
_PROPERTIES = {"Color": 14, "Size": 5}
_VALUES = {name: 200_000_000 + n for n, name in enumerate((*COLOURS, *SIZES), 1)}


def product_id(product: Product) -> int:
    """AliExpress's id of a product."""
    return _FIRST_PRODUCT + product.number


def product_number(text: object) -> int:
    """The catalogue's number of a product id; 0 when it cannot be one."""
    digits = str(text)
    return int(digits) - _FIRST_PRODUCT if digits.isdecimal() else 0


def sku_id(variant: Variant) -> str:
    """AliExpress's id of a SKU."""
    return str(_FIRST_SKU + variant.number)


def sku_attr(variant: Variant) -> str:
    """How an order names a SKU: its property values, some with the seller's own name for them."""
    parts = []
    for name, value in variant.attributes.items():
        own = f"#{value}" if name == "Color" else ""
        parts.append(f"{_PROPERTIES[name]}:{_VALUES[value]}{own}")
    return ";".join(parts)


def find(trade: Trade, text: object) -> Product | None:
    """The product of an id."""
    return trade.catalogue.product(product_number(text))


def ships_to(trade: Trade, product: Product, country: str) -> bool:
    """Whether a product can be had in a country; a few cannot."""
    return chance(trade.seed, "ships", product.number, country) >= 0.03


def get(trade: Trade, call: Call, grant: Grant, sent: dict[str, str]) -> dict[str, Any]:
    """A product as it is sold in a country and quoted in a currency."""
    for name in ("product_id", "ship_to_country"):
        if not sent.get(name):
            raise Refused("MissingParameter", f"The input parameter {name} is not supplied")
    product = find(trade, sent["product_id"])
    country = sent["ship_to_country"].upper()
    if product is None:
        return {"rsp_code": 605, "rsp_msg": "ITEM_ID_NOT_FOUND", "outcome": "605"}
    currency = sent.get("target_currency", "USD").upper()
    if not knows(currency):
        currency = "USD"
    on_sale = product.status is ProductStatus.ON_SALE and ships_to(trade, product, country)
    skus = [_sku(trade, product, variant, currency) for variant in product.offered]
    return {
        "rsp_code": "200",
        "rsp_msg": "Call succeeds",
        "result": {
            "ae_item_base_info_dto": _base(trade, product, on_sale),
            "ae_item_sku_info_dtos": Listed("ae_item_sku_info_d_t_o", skus),
            "ae_multimedia_info_dto": {
                "image_urls": ";".join(trade.images(product)),
                "ae_video_dtos": Listed("ae_video_d_t_o", []),
            },
            "package_info_dto": _package(product),
            "logistics_info_dto": {"delivery_time": Loose(12), "ship_to_country": country},
            "ae_store_info": _store(product),
            "ae_item_properties": Listed(
                "ae_item_property",
                [{"attr_name": "Brand Name", "attr_value": "NoEnName_Null", "attr_name_id": 2}],
            ),
            "has_whole_sale": Loose(False),
            "product_id_converter_result": {"main_product_id": product_id(product)},
        },
    }


def _base(trade: Trade, product: Product, on_sale: bool) -> dict[str, Any]:
    described = f"<p>{product.title}, from the {product.category.lower()} collection.</p>"
    return {
        "product_id": product_id(product),
        "subject": product.title,
        "category_id": Loose(200_000_000 + len(product.category)),
        "currency_code": "CNY",
        "product_status_type": "onSelling" if on_sale else "offline",
        "ws_display": "" if product.status is ProductStatus.ON_SALE else "expire_offline",
        "gmt_modified": product.changed_at.strftime("%Y-%m-%d %H:%M:%S"),
        "avg_evaluation_rating": f"4.{between(1, 9, trade.seed, 'rating', product.number)}",
        "evaluation_count": Loose(between(0, 900, trade.seed, "count", product.number)),
        "sales_count": str(between(0, 9_000, trade.seed, "sales", product.number)),
        "detail": described,
        "mobile_detail": "",
    }


def _sku(trade: Trade, product: Product, variant: Variant, currency: str) -> dict[str, Any]:
    attributes = sku_attr(variant)
    picture = trade.images(product)[0]
    return {
        "sku_id": sku_id(variant),
        "id": attributes,
        "sku_attr": attributes,
        "sku_code": f"S{variant.number}",
        "sku_price": quoted(variant.list_price, currency),
        "offer_sale_price": quoted(variant.price, currency),
        "offer_bulk_sale_price": quoted(variant.price * 95 // 100, currency),
        "sku_bulk_order": Loose(10),
        "currency_code": currency,
        "sku_available_stock": Loose(variant.units),
        "sku_stock": Loose(variant.units > 0),
        "price_include_tax": Loose(False),
        "limit_strategy": "create_order_fail",
        "ae_sku_property_dtos": Listed(
            "ae_sku_property_d_t_o",
            [_property(name, value, picture) for name, value in variant.attributes.items()],
        ),
    }


def _property(name: str, value: str, picture: str) -> dict[str, Any]:
    shown = {"sku_image": picture} if name == "Color" else {}
    return {
        "sku_property_id": Loose(_PROPERTIES[name]),
        "sku_property_name": name,
        "property_value_id": Loose(_VALUES[value]),
        "sku_property_value": value,
        "property_value_definition_name": value,
        **shown,
    }


def _package(product: Product) -> dict[str, Any]:
    grams = max(variant.weight_g for variant in product.variants)
    return {
        "package_length": Loose(20),
        "package_width": Loose(15),
        "package_height": Loose(10),
        "gross_weight": f"{grams // 1000}.{grams % 1000:03d}",
        "package_type": Loose(True),
        "product_unit": 100_000_015,
    }


def _store(product: Product) -> dict[str, Any]:
    return {
        "store_id": 1_100_000 + product.seller,
        "store_name": f"Sandbox Store {product.seller}",
        "store_country_code": "CN",
        "item_as_described_rating": "4.8",
        "communication_rating": "4.7",
        "shipping_speed_rating": "4.6",
    }
