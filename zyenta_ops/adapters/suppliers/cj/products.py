"""CJ's products as items.

`product/query` with `enable_inventory` tells price and stock of every variant at once. Prices are
in US dollars. Stock is told per country of the warehouse; what lies in CJ's own warehouse is firm,
what a factory reports is not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from zyenta_ops.adapters.suppliers.answers import (
    entries,
    entry,
    money,
    name,
    shortened,
    whole,
    words,
)
from zyenta_ops.adapters.suppliers.cj.references import order_ref
from zyenta_ops.adapters.suppliers.text import addresses, images, title
from zyenta_ops.domain.catalog import Offer
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.items import Item, ItemStatus, ItemVariant
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import AnswerInvalid

CURRENCY: Final = "USD"
ON_SALE: Final = "3"  # published; every other status is a product that is not on sale
# A product has one price, or writes the lowest and the highest of its variants. Seen live.
_BETWEEN_PRICES: Final = "--"

# Names of the same counts in `product/query` and `getInventoryByPid`, and with "Num" in
# `queryByVid`; "storageNum" is deprecated.
_TOTAL: Final = ("totalInventory", "totalInventoryNum", "storageNum")
_FIRM: Final = ("cjInventory", "cjInventoryNum")
_SOFT: Final = ("factoryInventory", "factoryInventoryNum")


@dataclass(frozen=True)
class Stock:
    """Units in the warehouse of a country; None = not said."""

    country: str
    total: int | None
    firm: int | None


def item(product_ref: str, document: Any, raw: bytes, from_country: Sequence[str]) -> Item:
    """The data of `product/query`.

    Raises:
        AnswerInvalid: it is no product, or none of its variants can be understood.
    """
    product = entry(document)
    if not name(product.get("pid")):
        raise AnswerInvalid("CJ's answer holds no product")
    on_sale = name(product.get("status")) in (ON_SALE, "")
    variants: list[ItemVariant] = []
    faults: list[str] = []
    for each in entries(product.get("variants")):
        try:
            variants.append(_variant(product_ref, product, each, from_country, on_sale))
        except Refused as error:
            faults.append(f"variant {shortened(each.get('vid'))}: {error}")
    if faults and not variants:
        raise AnswerInvalid(f"no variant of the product can be understood: {faults[0]}")
    return Item(
        product_ref,
        ItemStatus.ON_SALE if on_sale and variants else ItemStatus.OFF_SALE,
        title=title(product.get("productNameEn")),
        variants=tuple(variants),
        images=_images(product.get("productImageSet"), product.get("productImage")),
        faults=tuple(faults),
        raw=raw,
    )


def price_range(value: Any, what: str) -> tuple[Money, Money] | None:
    """A price as the lowest and the highest of the variants; None = not said.

    Raises:
        Refused: it is no price.
    """
    low, between, high = words(value).partition(_BETWEEN_PRICES)
    lowest = money(low.strip(), CURRENCY, what)
    highest = money(high.strip(), CURRENCY, what) if between else lowest
    return (lowest, highest) if lowest and highest else None


def _variant(
    product_ref: str,
    product: Mapping[str, Any],
    variant: Mapping[str, Any],
    from_country: Sequence[str],
    on_sale: bool,
) -> ItemVariant:
    vid = name(variant.get("vid"))
    if not vid:
        raise Refused("it has no vid")
    stock = _stock(_stocks(product, variant), from_country)
    offer = Offer(
        product_ref=product_ref,
        variant_ref=vid,
        order_ref=order_ref(vid, stock.country),
        title=title(variant.get("variantNameEn") or product.get("productNameEn")),
        unit_cost=_cost(product, variant),
        stock=stock.total,
        saleable=on_sale,
        sku=words(variant.get("variantSku")) or None,
        attributes=_attributes(product, variant),
        images=_images(variant.get("variantImage")),
    )
    return ItemVariant(
        offer,
        ships_from=stock.country,
        firm_stock=stock.firm,
        weight_grams=_grams(variant.get("variantWeight")),
    )


def _cost(product: Mapping[str, Any], variant: Mapping[str, Any]) -> Money:
    said = variant.get("variantSellPrice")
    prices = price_range(product.get("sellPrice") if said in (None, "") else said, "price")
    if prices is None or not prices[1].minor:
        raise Refused("CJ says no price")
    if prices[0] != prices[1]:
        raise Refused("CJ says a range of prices instead of the variant's own")
    return prices[1]


def _stocks(product: Mapping[str, Any], variant: Mapping[str, Any]) -> list[Stock] | None:
    """The variant's stock by country; None when nothing at all is said of it."""
    listed = variant.get("inventories") or variant.get("inventory")
    if not listed:
        of_all = entries(product.get("variantInventories"))
        mine = (each for each in of_all if name(each.get("vid")) == name(variant.get("vid")))
        listed = next(mine, {}).get("inventory")
    found = [
        Stock(name(each.get("countryCode")).upper(), _total(each), _count(each, _FIRM))
        for each in entries(listed)
    ]
    return found or None


def _total(inventory: Mapping[str, Any]) -> int | None:
    total = _count(inventory, _TOTAL)
    parts = [_count(inventory, _FIRM), _count(inventory, _SOFT)]
    said = [each for each in parts if each is not None]
    return sum(said) if total is None and said else total


def _count(inventory: Mapping[str, Any], fields: Sequence[str]) -> int | None:
    return next(
        (count for each in fields if (count := whole(inventory.get(each), "stock")) is not None),
        None,
    )


def _stock(stocks: Sequence[Stock] | None, from_country: Sequence[str]) -> Stock:
    """The first favourite warehouse that has some, else the first favourite.

    A warehouse that is left out while others are listed has none; when nothing is listed, nothing
    is known.
    """
    if stocks is None:
        return Stock(from_country[0], None, None)
    by_country = {each.country: each for each in reversed(stocks)}
    mine = [by_country.get(each, Stock(each, 0, 0)) for each in from_country]
    return next((each for each in mine if each.total != 0), mine[0])


def _attributes(
    product: Mapping[str, Any], variant: Mapping[str, Any]
) -> tuple[tuple[str, str], ...]:
    """Option values by their names: "Color-Size" and "Black-XL". Values may hold hyphens, too."""
    value = words(variant.get("variantKey"))
    names = words(product.get("productKeyEn")).split("-")
    values = value.split("-")
    if len(names) == len(values) and all(names) and all(values):
        return tuple(zip(names, values, strict=True))
    return (("Variant", value),) if value else ()


def _images(*values: Any) -> tuple[str, ...]:
    return images(*(addresses(each) for value in values for each in _listed(value)))


def _listed(value: Any) -> list[Any]:
    """Addresses as a list, or as the text of one; seen live both ways."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return value if isinstance(value, list) else [value]


def _grams(value: Any) -> int | None:
    """A weight, which decides nothing, so one that makes no sense is not said."""
    try:
        grams = Decimal(words(value))
    except ArithmeticError:
        return None
    return round(grams) if grams.is_finite() and 0 < grams < 10**9 else None
