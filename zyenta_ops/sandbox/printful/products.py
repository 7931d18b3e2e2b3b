"""Printful's store products, its catalogue behind them, and shipping rates.

What is printed on demand has no number of units: a variant is in stock or it is not. A store's
variant costs what its catalogue variant costs; `retail_price` is what the store asks for it.
"""

from __future__ import annotations

from typing import Any

from zyenta_ops.sandbox.chance import digest
from zyenta_ops.sandbox.prices import dollars, knows, quoted
from zyenta_ops.sandbox.printful.envelope import bad_request, body_of, not_found, page_of
from zyenta_ops.sandbox.products import Product, ProductStatus, Variant
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Call, Request, Routes

_FIRST_SYNC_PRODUCT = 380_000_000
_FIRST_SYNC_VARIANT = 4_900_000_000
_FIRST_PRODUCT = 10_000
_FIRST_VARIANT = 2_000_000
_REGIONS = {"US": "USA", "EU": "Europe"}
_WITH_STATES = ("US", "CA", "AU")
# Base price, price per further unit, days.
RATES = {
    "STANDARD": ("Flat Rate", 475, 190, (4, 8)),
    "PRINTFUL_FAST": ("Express", 1_350, 250, (2, 4)),
}


def sync_product_id(product: Product) -> int:
    """The store's id of a product."""
    return _FIRST_SYNC_PRODUCT + product.number


def sync_variant_id(variant: Variant) -> int:
    """The store's id of a variant."""
    return _FIRST_SYNC_VARIANT + variant.number


def catalog_variant_id(variant: Variant) -> int:
    """The catalogue's id of what a variant is printed on."""
    return _FIRST_VARIANT + variant.number


def external_id(number: int) -> str:
    """The id that the store's own platform gave, made from the catalogue's number."""
    return digest("printful", number)[:14]


def sku(variant: Variant) -> str:
    """The store's SKU of a variant."""
    return f"PF-{variant.number}"


def stock_status(product: Product, variant: Variant) -> str:
    """In the catalogue's words."""
    if product.status is not ProductStatus.ON_SALE or not variant.offered:
        return "discontinued"
    return "in_stock" if variant.units else "out_of_stock"


def variant_of(trade: Trade, item: Any) -> tuple[Product, Variant]:
    """The variant that an item names in one of three ways, and its product.

    Raises:
        PrintfulError: in none of them, or there is no such variant.
    """
    for name, first in (("sync_variant_id", _FIRST_SYNC_VARIANT), ("variant_id", _FIRST_VARIANT)):
        if isinstance(item, dict) and str(item.get(name, "")).isdecimal():
            return _variant(trade, int(item[name]) - first)
    named = item.get("external_variant_id") if isinstance(item, dict) else None
    for product in trade.catalogue.products.values():
        for variant in product.variants:
            if named == external_id(variant.number):
                return _variant(trade, variant.number)
    raise bad_request("Item: no such variant")


def postage(service: str, units: int) -> int:
    """What a shipping method costs for so many units, in US cents."""
    _, base, further, _ = RATES[service]
    return base + further * (units - 1)


def country_of(recipient: Any) -> str:
    """Where a recipient lives.

    Raises:
        PrintfulError: it is not said, or a state is missing where there are states.
    """
    country = recipient.get("country_code") if isinstance(recipient, dict) else None
    if not isinstance(country, str) or len(country) != 2:
        raise bad_request("Recipient: Country code is missing or not valid")
    if country in _WITH_STATES and not recipient.get("state_code"):
        raise bad_request("Recipient: State code is missing")
    return country


class Store:
    """The store's products and what they are made of."""

    def __init__(self, trade: Trade) -> None:
        self._trade = trade

    def mount(self, routes: Routes) -> None:
        """Answer for the paths of products and rates."""
        routes.add("GET", "/store/products", self.listed)
        routes.add("GET", "/store/products/{name}", self.product)
        routes.add("GET", "/store/variants/{name}", self.variant)
        routes.add("GET", "/products/variant/{name}", self.catalog_variant)
        routes.add("GET", "/products/{name}", self.catalog_product)
        routes.add("POST", "/shipping/rates", self.rates)

    def listed(self, request: Request, call: Call) -> Any:
        """GET /store/products."""
        there = [p for n in sorted(self._trade.catalogue.products) if (p := self._there(n))]
        shown, paging = page_of(request, there)
        return [self._sync_product(product) for product in shown], paging

    def product(self, request: Request, call: Call, name: str) -> Any:
        """GET /store/products/{id or @external id}."""
        product = self._named(name, _FIRST_SYNC_PRODUCT)
        return {
            "sync_product": self._sync_product(product),
            "sync_variants": [self._sync_variant(product, v) for v in product.variants],
        }

    def variant(self, request: Request, call: Call, name: str) -> Any:
        """GET /store/variants/{id or @external id}."""
        item = {"external_variant_id": name[1:]} if name[0] == "@" else {"sync_variant_id": name}
        product, variant = variant_of(self._trade, item)
        return {
            "sync_variant": self._sync_variant(product, variant),
            "sync_product": self._sync_product(product),
        }

    def catalog_variant(self, request: Request, call: Call, name: str) -> Any:
        """GET /products/variant/{id}: price and stock of what is printed on."""
        product, variant = variant_of(self._trade, {"variant_id": name})
        return {
            "variant": self._catalog_variant(product, variant),
            "product": self._catalog_product(product),
        }

    def catalog_product(self, request: Request, call: Call, name: str) -> Any:
        """GET /products/{id}."""
        product = self._named(name, _FIRST_PRODUCT)
        return {
            "product": self._catalog_product(product),
            "variants": [self._catalog_variant(product, v) for v in product.variants],
        }

    def rates(self, request: Request, call: Call) -> Any:
        """POST /shipping/rates: for all items together."""
        body = body_of(request)
        items = body.get("items")
        country_of(body.get("recipient"))
        if not isinstance(items, list) or not items:
            raise bad_request("There are no items")
        currency = body.get("currency") or "USD"
        if not isinstance(currency, str) or not knows(currency):
            raise bad_request("The currency is not supported")
        units = 0
        for item in items:
            variant_of(self._trade, item)
            units += units_of(item)
        return [
            {
                "id": service,
                "name": f"{title} (Estimated delivery: {low}-{high} business days)",
                "rate": quoted(postage(service, units), currency),
                "currency": currency,
                "minDeliveryDays": low,
                "maxDeliveryDays": high,
            }
            for service, (title, _, _, (low, high)) in RATES.items()
        ]

    def _there(self, number: int) -> Product | None:
        return self._trade.catalogue.product(number)

    def _named(self, name: str, first: int) -> Product:
        number = int(name) - first if name.isdecimal() else 0
        if name.startswith("@"):
            numbers = self._trade.catalogue.products
            number = next((n for n in numbers if external_id(n) == name[1:]), 0)
        product = self._there(number)
        if product is None:
            raise not_found()
        return product

    def _sync_product(self, product: Product) -> dict[str, Any]:
        return {
            "id": sync_product_id(product),
            "external_id": external_id(product.number),
            "name": product.title,
            "variants": len(product.variants),
            "synced": len(product.variants),
            "thumbnail_url": self._trade.images(product)[0],
            "is_ignored": False,
        }

    def _sync_variant(self, product: Product, variant: Variant) -> dict[str, Any]:
        # Seen in answers, though not in the documentation.
        availability = {"in_stock": "active"}.get(status := stock_status(product, variant), status)
        name = " / ".join((product.title, *variant.attributes.values()))
        return {
            "id": sync_variant_id(variant),
            "external_id": external_id(variant.number),
            "sync_product_id": sync_product_id(product),
            "name": name,
            "synced": True,
            "variant_id": catalog_variant_id(variant),
            "retail_price": dollars(variant.list_price * 2),
            "currency": "USD",
            "is_ignored": False,
            "sku": sku(variant),
            "size": variant.attributes.get("Size"),
            "color": variant.attributes.get("Color"),
            "availability_status": availability,
            "product": {
                "variant_id": catalog_variant_id(variant),
                "product_id": _FIRST_PRODUCT + product.number,
                "image": self._trade.images(product)[-1],
                "name": name,
            },
            "files": [{"id": 1, "type": "preview", "preview_url": self._trade.images(product)[0]}],
            "options": [],
            "main_category_id": 24,
            "warehouse_product_variant_id": None,
        }

    def _catalog_product(self, product: Product) -> dict[str, Any]:
        return {
            "id": _FIRST_PRODUCT + product.number,
            "type": "SANDBOX",
            "title": product.title,
            "brand": "Sandbox",
            "image": self._trade.images(product)[0],
            "variant_count": len(product.variants),
            "currency": "USD",
            "is_discontinued": product.status is not ProductStatus.ON_SALE,
        }

    def _catalog_variant(self, product: Product, variant: Variant) -> dict[str, Any]:
        status = stock_status(product, variant)
        return {
            "id": catalog_variant_id(variant),
            "product_id": _FIRST_PRODUCT + product.number,
            "name": " / ".join((product.title, *variant.attributes.values())),
            "size": variant.attributes.get("Size"),
            "color": variant.attributes.get("Color"),
            "image": self._trade.images(product)[-1],
            "price": dollars(variant.price),
            "in_stock": status == "in_stock",
            "availability_regions": _REGIONS,
            "availability_status": [{"region": code, "status": status} for code in _REGIONS],
        }


def units_of(item: Any) -> int:
    """How many of an item.

    Raises:
        PrintfulError: none, or more than a thousand.
    """
    units = item.get("quantity")
    if isinstance(units, bool) or not isinstance(units, int) or not 1 <= units <= 1_000:
        raise bad_request("Item: quantity is a number from 1 to 1000")
    return units


def _variant(trade: Trade, number: int) -> tuple[Product, Variant]:
    product = trade.catalogue.product(number // 100)
    variant = next((v for v in product.variants if v.number == number), None) if product else None
    if product is None or variant is None:
        raise not_found()
    return product, variant
