"""Products of the partner's gateway as items.

A product is `{"id", "title", "status": "active" | "inactive", "images": [address], "variants":
[variant]}`. A variant is `{"id", "sku", "title", "options": {name: value}, "price", "currency",
"list_price", "stock", "available", "ships_from", "weight_grams", "image"}`; `price` is what we
pay, and what is not known is null or left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from zyenta_ops.adapters.suppliers.answers import (
    entries,
    entry,
    money,
    name,
    shortened,
    whole,
    words,
)
from zyenta_ops.adapters.suppliers.text import addresses, images, title
from zyenta_ops.domain.catalog import Offer
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.items import Item, ItemStatus, ItemVariant
from zyenta_ops.domain.supplier_errors import AnswerInvalid

_STATUSES = {"active": ItemStatus.ON_SALE, "inactive": ItemStatus.OFF_SALE}


def item(product: Mapping[str, Any]) -> Item:
    """A product as it was answered.

    Raises:
        AnswerInvalid: its status is unknown, or none of its variants can be understood.
    """
    product_ref = name(product.get("id"))
    status = _STATUSES.get(words(product.get("status")))
    if status is None:
        raise AnswerInvalid(f"the product is {shortened(product.get('status'))}, which is unknown")
    variants: list[ItemVariant] = []
    faults: list[str] = []
    for each in entries(product.get("variants")):
        try:
            variants.append(_variant(product_ref, product, each))
        except Refused as error:
            faults.append(f"variant {shortened(each.get('id'))}: {error}")
    if faults and not variants:
        raise AnswerInvalid(f"no variant of the product can be understood: {faults[0]}")
    return Item(
        product_ref,
        status,
        title=title(product.get("title")),
        variants=tuple(variants),
        images=_addresses(product.get("images")),
        faults=tuple(faults),
        raw=json.dumps(product, default=str, ensure_ascii=False).encode(errors="replace"),
    )


def _variant(
    product_ref: str, product: Mapping[str, Any], variant: Mapping[str, Any]
) -> ItemVariant:
    variant_ref = name(variant.get("id"))
    cost = money(variant.get("price"), variant.get("currency"), "price")
    if not variant_ref or cost is None or not cost.minor:
        raise Refused("it has no id or no price")
    stock = whole(variant.get("stock"), "stock")
    offer = Offer(
        product_ref=product_ref,
        variant_ref=variant_ref,
        order_ref=variant_ref,
        title=title(variant.get("title") or product.get("title")),
        unit_cost=cost,
        list_price=money(variant.get("list_price"), variant.get("currency"), "list price"),
        stock=stock,
        in_stock=stock is None and variant.get("available") is True,
        saleable=product.get("status") == "active" and variant.get("available") is not False,
        sku=words(variant.get("sku")) or None,
        attributes=tuple(
            (words(key), words(value))
            for key, value in entry(variant.get("options")).items()
            if words(value)
        ),
        images=images(addresses(variant.get("image")), _addresses(product.get("images"))),
    )
    return ItemVariant(
        offer,
        ships_from=words(variant.get("ships_from")).upper() or None,
        weight_grams=whole(variant.get("weight_grams"), "weight"),
    )


def _addresses(value: Any) -> tuple[str, ...]:
    return images(*(addresses(each) for each in value)) if isinstance(value, list) else ()
