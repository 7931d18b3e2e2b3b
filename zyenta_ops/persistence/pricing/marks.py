"""What the prices of all stores were made with, found without reading them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, ScalarSelect, and_, select, true

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import StoreStatus
from zyenta_ops.persistence.pricing.strategies import store_to_price
from zyenta_ops.persistence.schema import product_variant, store, supplier
from zyenta_ops.ports.pricing import Marks

_VARIANT = product_variant.c


def read_marks(connection: Connection) -> Iterator[Marks]:
    """Marks of all prices of active stores; a store with an unreadable strategy is left out.

    Each mark is the end of a range of `ix_product_variant_priced`: a few index probes for every
    store and supplier, however many variants there are.
    """
    pairs = _pairs()
    of_pair = and_(
        _VARIANT.supplier_key == pairs.c.supplier_key,
        _VARIANT.store_id == pairs.c.store_id,
        _VARIANT.cost_currency == pairs.c.cost_currency,
    )
    marked = select(_VARIANT.priced_with).where(of_pair, _VARIANT.priced_with.is_not(None)).limit(1)
    unpriced = select(_VARIANT.id).where(of_pair, _VARIANT.priced_with.is_(None)).exists()
    rows = connection.execute(
        select(
            store.c.id,
            store.c.name,
            store.c.currency,
            store.c.pricing_strategy,
            pairs.c.supplier_key,
            pairs.c.cost_currency,
            marked.order_by(_VARIANT.priced_with).scalar_subquery().label("lowest"),
            marked.order_by(_VARIANT.priced_with.desc()).scalar_subquery().label("highest"),
            unpriced.label("unpriced"),
        )
        .select_from(pairs.join(store, store.c.id == pairs.c.store_id))
        .where(pairs.c.cost_currency.is_not(None))
    )
    for row in rows:
        try:
            priced = store_to_price(row)
        except Refused:
            continue
        yield Marks(
            priced, row.supplier_key, row.cost_currency, row.lowest, row.highest, bool(row.unpriced)
        )


def _pairs() -> CTE:
    """Active stores with each supplier and currency they have costs of.

    The recursion steps from one currency of a store and supplier to the next; a currency of NULL
    ends it.
    """
    pairs = (
        select(
            store.c.id.label("store_id"),
            supplier.c.key.label("supplier_key"),
            _next_currency(store.c.id, supplier.c.key).label("cost_currency"),
        )
        .select_from(store.join(supplier, true()))
        .where(store.c.status == StoreStatus.ACTIVE.value)
        .cte("priced", recursive=True)
    )
    return pairs.union_all(
        select(
            pairs.c.store_id,
            pairs.c.supplier_key,
            _next_currency(pairs.c.store_id, pairs.c.supplier_key, pairs.c.cost_currency),
        ).where(pairs.c.cost_currency.is_not(None))
    )


def _next_currency(
    store_id: ColumnElement[str], supplier_key: ColumnElement[str], after: Any = ""
) -> ScalarSelect[str | None]:
    return (
        select(_VARIANT.cost_currency)
        .where(
            _VARIANT.supplier_key == supplier_key,
            _VARIANT.store_id == store_id,
            _VARIANT.cost_currency > after,
        )
        .order_by(_VARIANT.cost_currency)
        .limit(1)
        .scalar_subquery()
    )
