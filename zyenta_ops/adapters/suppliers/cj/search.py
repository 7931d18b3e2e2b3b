"""Looking for products in CJ's catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from zyenta_ops.adapters.suppliers.answers import entries, entry, name, whole, words
from zyenta_ops.adapters.suppliers.cj.products import price_range
from zyenta_ops.adapters.suppliers.text import addresses, title
from zyenta_ops.domain.money import Money

PAGE_SIZE: Final = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A product as the list shows it; `product_ref` is what an import asks for.

    Attributes:
        cheapest, dearest: prices of its variants; None = not said.
        stock: units in all warehouses; None = not said.
    """

    product_ref: str
    title: str
    sku: str = ""
    cheapest: Money | None = None
    dearest: Money | None = None
    stock: int | None = None
    image: str = ""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """One page of what was found; pages count from 1."""

    products: tuple[Found, ...]
    page: int
    pages: int
    total: int


def page_of(document: Any, page: int) -> FoundPage:
    """The data of `product/listV2`, whose products lie in groups."""
    found = entry(document)
    groups = entries(found.get("content"))
    listed = [each for group in groups for each in entries(group.get("productList"))]
    return FoundPage(
        tuple(_found(each) for each in listed if name(each.get("id"))),
        page,
        whole(found.get("totalPages"), "number of pages") or 0,
        whole(found.get("totalRecords"), "number of products") or 0,
    )


def _found(product: Mapping[str, Any]) -> Found:
    prices = price_range(product.get("sellPrice"), "price")
    return Found(
        product_ref=name(product.get("id")),
        title=title(product.get("nameEn")),
        sku=words(product.get("sku")),
        cheapest=prices[0] if prices else None,
        dearest=prices[1] if prices else None,
        stock=whole(product.get("warehouseInventoryNum"), "stock"),
        image=next(iter(addresses(product.get("bigImage"))), ""),
    )
