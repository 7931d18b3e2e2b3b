"""Feeds in which every row is one offer: Google Merchant Center and generic price lists."""

from __future__ import annotations

from collections.abc import Iterator

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


def flat_offers(rows: Iterator[Row | Rejection], facts: Facts) -> Iterator[Located | Rejection]:
    """One offer for each row.

    The product is the row's parent or group when it names one, else its own reference, else its
    SKU. The variant is its variant reference, else its SKU, else its own reference under a
    parent, else its option values, else "default".
    """
    for row in rows:
        if isinstance(row, Rejection):
            yield named(row, lambda cells: _product(cells, facts))
            continue
        line, cells = row
        try:
            yield line, _offer(cells, facts)
        except Unusable as error:
            yield rejected(line, _name(cells, facts), _product(cells, facts), error)


def _offer(cells: Cells, facts: Facts) -> Offer:
    at = facts.at
    own = text.reference(cells[at[C.PRODUCT_REF]])
    parent = text.reference(cells[at[C.PARENT]])
    sku = text.reference(cells[at[C.SKU]])
    variant = text.reference(cells[at[C.VARIANT_REF]])
    product = _product(cells, facts)
    if not product:
        raise Unusable("the row names no product: reference and SKU are empty")
    title = text.title(cells[at[C.TITLE]])
    if not title:
        raise Unusable("the title is empty")
    attributes = facts.attributes(cells)
    chosen = (
        variant
        or sku
        or (own if parent else "")
        or text.option_reference(tuple(value for _, value in attributes))
    )
    prices = facts.prices(cells)
    units = facts.units(cells)
    return Offer(
        product_ref=product,
        variant_ref=chosen,
        order_ref=text.reference(cells[at[C.ORDER_REF]]) or sku or variant or own or product,
        title=title,
        unit_cost=prices.unit_cost,
        list_price=prices.list_price,
        stock=units.stock,
        in_stock=units.in_stock,
        saleable=units.saleable and facts.listed(cells),
        sku=sku or None,
        attributes=attributes,
        images=facts.images(cells),
        cost_estimated=prices.estimated,
    )


def _product(cells: Cells, facts: Facts) -> str:
    for column in (C.PARENT, C.PRODUCT_REF, C.SKU, C.VARIANT_REF):
        if ref := text.reference(cells[facts.at[column]]):
            return ref
    return ""


def _name(cells: Cells, facts: Facts) -> str:
    for column in (C.VARIANT_REF, C.SKU, C.PRODUCT_REF, C.TITLE):
        if name := facts.says(cells, column):
            return name[:60]
    return ""
