"""Shopify product exports: a product is several rows that share a handle.

The first row of a handle carries title, option names and status; rows without any variant data
carry one more picture each. Rows of a handle stand together in every export; one that stands
apart still joins its product's title and option names if the product was among the last
`_REMEMBERED`.

Stock: a quantity is used as given, whether or not the inventory tracker column is filled (stores
that do not track still export the last count); an empty quantity is unknown. Under the policy
"continue" a count of zero is no limit, so it is unknown too.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from zyenta_ops.adapters.suppliers import text
from zyenta_ops.adapters.suppliers.feed.amounts import Unusable
from zyenta_ops.adapters.suppliers.feed.assembly.facts import (
    Cells,
    Facts,
    Located,
    named,
    rejected,
)
from zyenta_ops.adapters.suppliers.feed.columns import C
from zyenta_ops.adapters.suppliers.feed.formats import Row
from zyenta_ops.domain.catalog import Offer, Rejection

_REMEMBERED: Final = 5_000
# Shopify's own bound is 2,048 variants a product and 250 pictures; more is not an export.
_MOST_ROWS: Final = 5_000
_VARIANT_COLUMNS: Final = (C.PRICE, C.COST, C.SKU, C.STOCK, C.OPTION_1, C.OPTION_2, C.OPTION_3)


@dataclass(slots=True)
class _Product:
    handle: str
    first: Cells
    title: str
    option_names: tuple[str, ...]
    variants: list[tuple[int, Cells]] = field(default_factory=list)
    images: list[str] = field(default_factory=list)


def shopify_offers(rows: Iterator[Row | Rejection], facts: Facts) -> Iterator[Located | Rejection]:
    """One offer for each variant row, with the pictures of all rows of its handle."""
    known: OrderedDict[str, _Product] = OrderedDict()
    product: _Product | None = None
    for row in rows:
        if isinstance(row, Rejection):
            yield named(row, lambda cells: text.reference(cells[facts.at[C.PRODUCT_REF]]))
            continue
        line, cells = row
        handle = text.reference(cells[facts.at[C.PRODUCT_REF]])
        if not handle:
            yield Rejection(line, None, "the handle is empty")
            continue
        if product is None or product.handle != handle or len(product.variants) >= _MOST_ROWS:
            if product is not None:
                yield from _offers(product, facts)
            product = _remembered(known, handle, cells, facts)
        problem = _join(product, line, cells, facts)
        if problem:
            yield Rejection(line, handle[:60], problem, handle)
    if product is not None:
        yield from _offers(product, facts)


def _remembered(
    known: OrderedDict[str, _Product], handle: str, cells: Cells, facts: Facts
) -> _Product:
    earlier = known.get(handle)
    if earlier is not None:
        earlier.variants = []
        return earlier
    product = _Product(
        handle, cells, text.title(cells[facts.at[C.TITLE]]), facts.option_names(cells)
    )
    known[handle] = product
    if len(known) > _REMEMBERED:
        known.popitem(last=False)
    return product


def _join(product: _Product, line: int, cells: Cells, facts: Facts) -> str:
    """Add a row to its product; the text says why it adds nothing."""
    pictures = text.addresses(cells[facts.at[C.IMAGE]])
    if len(product.images) < text.MOST_IMAGES:
        product.images.extend(each for each in pictures if each not in product.images)
    if any(cells[facts.at[column]] for column in _VARIANT_COLUMNS):
        product.variants.append((line, cells))
    elif not pictures:
        return "the row holds neither a variant nor a picture"
    return ""


def _offers(product: _Product, facts: Facts) -> Iterator[Located | Rejection]:
    at = facts.at
    # A SKU given to several variants of a product names none of them.
    skus = Counter(text.reference(cells[at[C.SKU]]) for _, cells in product.variants)
    for line, cells in product.variants:
        sku = text.reference(cells[at[C.SKU]])
        try:
            yield line, _offer(product, cells, sku, skus[sku] == 1, facts)
        except Unusable as error:
            yield rejected(line, (sku or product.handle)[:60], product.handle, error)
    product.variants = []


def _offer(product: _Product, cells: Cells, sku: str, sku_is_unique: bool, facts: Facts) -> Offer:
    attributes = facts.attributes(cells, product.option_names)
    options = text.option_reference(tuple(value for _, value in attributes))
    variant = sku if sku and sku_is_unique else options
    prices = facts.prices(cells)
    units = facts.units(cells)
    by_options = product.handle if options == "default" else f"{product.handle} / {options}"
    own_image = text.addresses(cells[facts.at[C.VARIANT_IMAGE]])
    return Offer(
        product_ref=product.handle,
        variant_ref=variant,
        order_ref=sku or by_options,
        title=product.title or product.handle.replace("-", " "),
        unit_cost=prices.unit_cost,
        list_price=prices.list_price,
        stock=units.stock,
        in_stock=units.in_stock,
        saleable=units.saleable and facts.listed(product.first),
        sku=sku or None,
        attributes=attributes,
        images=text.images(own_image, tuple(product.images)),
        cost_estimated=prices.estimated,
    )
