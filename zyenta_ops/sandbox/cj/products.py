"""CJ's products, variants and their stock. Field names differ between interfaces, as at CJ."""

from __future__ import annotations

import re
from typing import Any

from zyenta_ops.sandbox.chance import chance
from zyenta_ops.sandbox.cj.accounts import Asked
from zyenta_ops.sandbox.cj.envelope import CjError, Code, plain
from zyenta_ops.sandbox.prices import dollars, number
from zyenta_ops.sandbox.products import Product, ProductStatus, Variant
from zyenta_ops.sandbox.trade import Trade

_FIRST_PRODUCT = 1_400_000_000_000_000_000
_FIRST_VARIANT = 1_500_000_000_000_000_000
_SKU = re.compile(r"CJSB(\d{6})(?:(\d{2})AZ)?$")
AREAS = {"CN": (1, "China Warehouse"), "US": (2, "US Warehouse"), "DE": (3, "Germany Warehouse")}
_LARGEST_PAGE = 100


def pid(product: Product) -> str:
    """CJ's id of a product."""
    return str(_FIRST_PRODUCT + product.number)


def vid(variant: Variant) -> str:
    """CJ's id of a variant."""
    return str(_FIRST_VARIANT + variant.number)


def product_sku(product: Product) -> str:
    """CJ's SKU of a product."""
    return f"CJSB{product.number:06d}"


def variant_sku(variant: Variant) -> str:
    """CJ's SKU of a variant."""
    return f"CJSB{variant.number // 100:06d}{variant.number % 100:02d}AZ"


def variant_of(trade: Trade, text: object) -> tuple[Product, Variant]:
    """The variant of a vid or a SKU, and its product.

    Raises:
        CjError: there is none, or it or its product is off the shelves.
    """
    number = _number(text, _FIRST_VARIANT)
    if found := _SKU.match(str(text)):
        number = int(found[1]) * 100 + int(found[2] or 1)
    product = trade.catalogue.product(number // 100)
    if product is None:
        raise CjError(Code.VARIANT_NOT_FOUND, "Variant not found")
    variant = next((v for v in product.variants if v.number == number), None)
    if variant is None:
        raise CjError(Code.VARIANT_NOT_FOUND, "Variant not found")
    if product.status is not ProductStatus.ON_SALE:
        raise CjError(Code.PRODUCT_OFF_SHELVES, "Product removed from shelves")
    if not variant.offered:
        raise CjError(Code.VARIANT_OFF_SHELVES, "Variant removed from shelves")
    return product, variant


def query(trade: Trade, asked: Asked) -> dict[str, Any]:
    """GET /product/query: a product by pid or SKU, with stock when `enable_inventory` is asked."""
    product = _product_of(trade, asked.parameters)
    # Some products that are off the shelves are still described, with their status.
    described = chance(trade.seed, "off the shelves", product.number) < 0.5
    if product.status is ProductStatus.OFF_SALE and not described:
        raise CjError(Code.PRODUCT_OFF_SHELVES, "Product removed from shelves")
    features = asked.parameters.get("features", "").split(",")
    country = asked.parameters.get("countryCode", "")
    variants = [
        _variant(trade, product, variant)
        | (
            {"inventories": _inventories(variant, country)}
            if "enable_inventory" in features
            else {}
        )
        for variant in product.offered
    ]
    return {**_summary(trade, product), "description": f"<p>{product.title}</p>",
            "productImageSet": trade.images(product), "variants": variants}  # fmt: skip


def variants(trade: Trade, asked: Asked) -> list[dict[str, Any]]:
    """GET /product/variant/query: the variants of a product."""
    product = _product_of(trade, asked.parameters)
    return [_variant(trade, product, variant) for variant in product.offered]


def variant_by_vid(trade: Trade, asked: Asked) -> dict[str, Any]:
    """GET /product/variant/queryByVid: one variant."""
    return _variant(trade, *variant_of(trade, asked.parameters.get("vid")))


def listed(trade: Trade, asked: Asked) -> dict[str, Any]:
    """GET /product/list: products on sale, a page of them."""
    page, size = _page(asked.parameters, "pageNum", "pageSize")
    found = _search(trade, asked.parameters.get("productNameEn", ""))
    shown = found[(page - 1) * size : page * size]
    return {
        "pageNum": page,
        "pageSize": size,
        "total": len(found),
        "list": [_summary(trade, product) for product in shown],
    }


def listed_v2(trade: Trade, asked: Asked) -> dict[str, Any]:
    """GET /product/listV2: a search; its products are thin, and some have no price."""
    page, size = _page(asked.parameters, "page", "size")
    words = asked.parameters.get("keyWord", "")
    found = _search(trade, words)
    shown = found[(page - 1) * size : page * size]
    thin = [_thin(trade, product) for product in shown]
    return {
        "pageSize": size,
        "pageNumber": page,
        "totalRecords": len(found),
        "totalPages": -(-len(found) // size),
        "content": [{"productList": thin, "relatedCategoryList": [], "keyWord": words}],
    }


def stock_by_vid(trade: Trade, asked: Asked) -> list[dict[str, Any]]:
    """GET /product/stock/queryByVid: stock per warehouse, fields with Num."""
    _, variant = variant_of(trade, asked.parameters.get("vid"))
    return _stock(variant)


def stock_by_sku(trade: Trade, asked: Asked) -> list[dict[str, Any]]:
    """GET /product/stock/queryBySku: the same by SKU."""
    _, variant = variant_of(trade, asked.parameters.get("sku"))
    return _stock(variant)


def stock_by_pid(trade: Trade, asked: Asked) -> dict[str, Any]:
    """GET /product/stock/getInventoryByPid: totals with Num, variants without."""
    product = _product_of(trade, asked.parameters)
    totals: dict[str, int] = {}
    for variant in product.offered:
        for country, units in variant.stock.items():
            totals[country] = totals.get(country, 0) + units
    return {
        "inventories": [_stocked(country, units) for country, units in totals.items()],
        "variantInventories": [
            {"vid": vid(variant), "inventory": _inventories(variant, "")}
            for variant in product.offered
        ],
    }


SERVICES = {
    ("GET", "/product/query"): query,
    ("GET", "/product/list"): listed,
    ("GET", "/product/listV2"): listed_v2,
    ("GET", "/product/variant/query"): variants,
    ("GET", "/product/variant/queryByVid"): variant_by_vid,
    ("GET", "/product/stock/queryByVid"): stock_by_vid,
    ("GET", "/product/stock/queryBySku"): stock_by_sku,
    ("GET", "/product/stock/getInventoryByPid"): stock_by_pid,
}


def own_units(country: str, units: int) -> int:
    """How many units CJ itself has: abroad all of them, in China a factory has a third."""
    return units - units // 3 if country == "CN" else units


def _product_of(trade: Trade, parameters: dict[str, str]) -> Product:
    number = _number(parameters.get("pid", ""), _FIRST_PRODUCT)
    sku = parameters.get("productSku") or parameters.get("variantSku") or ""
    if not parameters.get("pid") and (found := _SKU.match(sku)):
        number = int(found[1])
    if not parameters.get("pid") and not sku:
        raise CjError(Code.PARAMETER, "Param error: pid must not be empty")
    product = trade.catalogue.product(number)
    if product is None:
        raise CjError(Code.PRODUCT_NOT_FOUND, "Product not found")
    return product


def _number(text: object, first: int) -> int:
    digits = str(text)
    return int(digits) - first if digits.isdecimal() else -1


def _page(parameters: dict[str, str], page: str, size: str) -> tuple[int, int]:
    texts = parameters.get(page) or "1", parameters.get(size) or "20"
    if not all(text.isdecimal() and int(text) > 0 for text in texts):
        raise CjError(Code.PARAMETER, f"Param error: {page} or {size}")
    return int(texts[0]), min(int(texts[1]), _LARGEST_PAGE)


def _search(trade: Trade, words: str) -> list[Product]:
    wanted = words.lower().split()
    found = trade.catalogue.on_sale()
    return [product for product in found if all(w in product.title.lower() for w in wanted)]


def _prices(product: Product) -> tuple[int, int]:
    prices = [variant.price for variant in product.offered or product.variants]
    return min(prices), max(prices)


def _summary(trade: Trade, product: Product) -> dict[str, Any]:
    low, high = _prices(product)
    return {
        "pid": pid(product),
        "productName": f'["{product.title}"]',
        "productNameEn": product.title,
        "productSku": product_sku(product),
        "productImage": trade.images(product)[0],
        "productWeight": product.variants[0].weight_g,
        "productType": "ORDINARY_PRODUCT",
        "categoryId": product.category.upper(),
        "categoryName": product.category,
        "sellPrice": number(low) if low == high else f"{dollars(low)} -- {dollars(high)}",
        "status": "3" if product.status is ProductStatus.ON_SALE else "2",
        "supplierName": f"Sandbox Factory {product.seller}",
        "createrTime": plain(product.changed_at),
    }


def _thin(trade: Trade, product: Product) -> dict[str, Any]:
    low, high = _prices(product)
    price = dollars(low) if low == high else f"{dollars(low)} -- {dollars(high)}"
    unpriced = chance(trade.seed, "thin", product.number) < 0.15
    return {
        "id": pid(product),
        "nameEn": product.title,
        "sku": product_sku(product),
        "bigImage": trade.images(product)[0],
        "sellPrice": None if unpriced else price,
        "nowPrice": None if unpriced else price,
        "listedNum": product.seller * 11,
        "categoryId": product.category.upper(),
        "warehouseInventoryNum": sum(variant.units for variant in product.offered),
    }


def _variant(trade: Trade, product: Product, variant: Variant) -> dict[str, Any]:
    key = "-".join(variant.attributes.values())
    return {
        "vid": vid(variant),
        "pid": pid(product),
        "variantSku": variant_sku(variant),
        "variantNameEn": f"{product.title} {key}",
        "variantKey": key,
        "variantSellPrice": number(variant.price),
        "variantSugSellPrice": number(variant.list_price),
        "variantWeight": variant.weight_g,
        "variantLength": 200,
        "variantWidth": 150,
        "variantHeight": 100,
        "variantStandard": "long=200,width=150,height=100",
        "variantImage": trade.images(product)[-1],
    }


def _inventories(variant: Variant, country: str) -> list[dict[str, Any]]:
    return [
        {
            "countryCode": place,
            "totalInventory": units,
            "cjInventory": own_units(place, units),
            "factoryInventory": units - own_units(place, units),
            "verifiedWarehouse": 1,
        }
        for place, units in variant.stock.items()
        if country in ("", place)
    ]


def _stocked(country: str, units: int) -> dict[str, Any]:
    area, name = AREAS[country]
    return {
        "areaId": area,
        "areaEn": name,
        "countryCode": country,
        "totalInventoryNum": units,
        "cjInventoryNum": own_units(country, units),
        "factoryInventoryNum": units - own_units(country, units),
    }


def _stock(variant: Variant) -> list[dict[str, Any]]:
    return [
        {"vid": vid(variant), **_stocked(country, units), "storageNum": units}
        for country, units in variant.stock.items()
    ]
