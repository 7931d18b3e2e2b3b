"""aliexpress.ds.freight.query: how a SKU can travel to a country, and for how much."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from zyenta_ops.sandbox.aliexpress import products
from zyenta_ops.sandbox.aliexpress.apps import Grant
from zyenta_ops.sandbox.aliexpress.envelopes import Listed, Loose, Refused
from zyenta_ops.sandbox.chance import chance
from zyenta_ops.sandbox.prices import knows, quoted
from zyenta_ops.sandbox.products import Product, ProductStatus
from zyenta_ops.sandbox.trade import Trade
from zyenta_ops.sandbox.wire import Call

_SIGNS = {"USD": "US $", "EUR": "€", "GBP": "£", "JPY": "￥"}


@dataclass(frozen=True)
class Way:
    """A way to send: its code is what an order names."""

    code: str
    company: str
    base: int
    per_unit: int
    days: tuple[int, int]
    tracked: bool


WAYS = (
    Way("CAINIAO_STANDARD", "AliExpress Standard Shipping", 180, 45, (10, 16), True),
    Way("CAINIAO_FULFILLMENT_STD", "AliExpress Selection Standard", 120, 30, (8, 14), True),
    Way("CAINIAO_ECONOMY", "Cainiao Super Economy", 60, 20, (20, 40), False),
    Way("EMS_ZX_ZX_US", "AliExpress Premium Shipping", 900, 150, (4, 8), True),
)


def ways(trade: Trade, product: Product, country: str) -> list[Way]:
    """How a product can travel to a country; nothing when it does not."""
    if not products.ships_to(trade, product, country):
        return []
    return [w for w in WAYS if chance(trade.seed, "way", product.number, country, w.code) < 0.85]


def fee(trade: Trade, product: Product, country: str, way: Way, units: int) -> int:
    """What it costs in US cents; some ways are free for some products."""
    if chance(trade.seed, "free", product.number, country, way.code) < 0.2:
        return 0
    return way.base + way.per_unit * units


def query(trade: Trade, call: Call, grant: Grant, sent: dict[str, str]) -> dict[str, Any]:
    """The options for one SKU; its parameter is JSON in a string."""
    asked = _asked(sent)
    product = products.find(trade, asked.get("productId"))
    country = str(asked.get("shipToCountry", "")).upper()
    units = str(asked.get("quantity", ""))
    currency = str(asked.get("currency", "USD")).upper()
    skus = [] if product is None else [products.sku_id(v) for v in product.offered]
    if (
        product is None
        or product.status is not ProductStatus.ON_SALE
        or str(asked.get("selectedSkuId")) not in skus
        or not units.isdecimal()
        or not knows(currency)
    ):
        return _failed("PARAM_ERROR", "The product, SKU, quantity or currency is invalid")
    found = ways(trade, product, country)
    if not found:
        return _failed(505, "DELIVERY_NOT_AVAILABLE_TO_YOUR_ADDRESS")
    options = [_option(trade, product, country, way, int(units), currency) for way in found]
    return {
        "result": {
            "success": Loose(True),
            "code": Loose(200),
            "msg": "Call succeeds",
            "delivery_options": Listed("delivery_option_d_t_o", options),
        }
    }


def _asked(sent: dict[str, str]) -> dict[str, Any]:
    text = sent.get("queryDeliveryReq", "")
    try:
        asked = json.loads(text)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise Refused("MissingParameter", "The input parameter queryDeliveryReq is not valid")
    return asked


def _failed(code: str | int, message: str) -> dict[str, Any]:
    return {"result": {"success": False, "code": code, "msg": message}, "outcome": str(code)}


def _option(
    trade: Trade, product: Product, country: str, way: Way, units: int, currency: str
) -> dict[str, Any]:
    cents = fee(trade, product, country, way, units)
    option: dict[str, Any] = {
        "code": way.code,
        "company": way.company,
        "free_shipping": Loose(cents == 0),
        "tracking": Loose(way.tracked),
        "ship_from_country": "CN",
        "min_delivery_days": Loose(way.days[0]),
        "max_delivery_days": Loose(way.days[1]),
        "shipping_fee_currency": currency,
    }
    if cents:
        amount = quoted(cents, currency)
        # The field is named after cents; some answers hold whole units in it, others do not.
        bare = chance(trade.seed, "cents", product.number) < 0.5
        option["shipping_fee_cent"] = amount.replace(".", "") if bare else amount
        option["shipping_fee_format"] = _SIGNS.get(currency, f"{currency} ") + amount
    return option
