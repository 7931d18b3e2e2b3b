"""Which stores and variants alerts have to look at, found without looking at the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from heapq import merge
from itertools import groupby, islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, literal, or_, select

from zyenta_ops.domain.alerts import AlertPreferences, Cause
from zyenta_ops.domain.inventory import Availability
from zyenta_ops.domain.price_decisions import DecisionStatus
from zyenta_ops.domain.stores import ProductStatus, StoreStatus
from zyenta_ops.persistence.schema import (
    alert_subject,
    price_decision,
    product,
    product_change,
    product_variant,
    store,
)

_VARIANT = product_variant.c
# Written out, for SQLite sees only then that a partial index will do.
_AVAILABLE = literal(Availability.AVAILABLE.value, literal_execute=True)


def stores_concerned(
    connection: Connection, supplier_key: str, store_ids: Collection[str] | None
) -> Sequence[str]:
    """Ids of active stores with something of the supplier to tell, or told and not over."""
    # Not `min`, which would read all of them: the first in the index will do.
    lowest = (
        select(_VARIANT.published_stock)
        .join(product, product.c.id == _VARIANT.product_id)
        .where(
            *_on_sale(supplier_key, store.c.id),
            _VARIANT.published_stock.is_not(None),
            ~_told([Cause.STOCK_LOW]),
        )
        .order_by(_VARIANT.published_stock)
        .limit(1)
        .scalar_subquery()
    )
    # SQL alone cannot tell what is low: the threshold is in the document of preferences.
    others = or_(
        *(query.exists() for query in _events(supplier_key, store.c.id)),
        _unpriced(supplier_key, store.c.id).exists(),
    )
    rows = connection.execute(
        select(store.c.id, store.c.alert_preferences, others, lowest)
        .where(store.c.id.in_(active(store_ids)))
        .order_by(store.c.id)
    )
    return [
        store_id
        for store_id, preferences, sure, low in rows
        if sure or (low is not None and low <= AlertPreferences.stock_low_threshold_of(preferences))
    ]


def concerned_pages(
    connection: Connection, store_id: str, supplier_key: str, low_threshold: int, size: int
) -> Iterator[Sequence[str]]:
    """Ids of a store's variants to look at, in pages, each once and in order.

    Every source is read in pages by id of its own and the pages are merged: however many variants
    there are, each source is walked once, and a page of each is in memory. Ids are ULIDs, which
    databases and Python sort alike.
    """
    low = _low(supplier_key, store_id, low_threshold)
    sources = [*_events(supplier_key, store_id), low, _unpriced(supplier_key, store_id)]
    walks = [_walk(connection, query, size) for query in sources]
    ids = (variant_id for variant_id, _ in groupby(merge(*walks)))
    while page := list(islice(ids, size)):
        yield page


def active(store_ids: Collection[str] | None) -> Select[str]:
    """Ids of active stores, of these when given."""
    query = select(store.c.id).where(store.c.status == StoreStatus.ACTIVE.value)
    return query if store_ids is None else query.where(store.c.id.in_(store_ids))


def _walk(connection: Connection, query: Select[str], size: int) -> Iterator[str]:
    variant_id: ColumnElement[str] = query.selected_columns[0]
    last = ""
    ordered = query.distinct().order_by(variant_id).limit(size)
    while found := connection.execute(ordered.where(variant_id > last)).scalars().all():
        yield from found
        last = found[-1]


def _events(supplier_key: str, store_id: Any) -> tuple[Select[str], Select[str]]:
    """Variants with untold changes, and variants of which an alert's word is not over."""
    changes, subjects = product_change.c, alert_subject.c
    return (
        select(changes.variant_id).where(
            changes.supplier_key == supplier_key,
            changes.store_id == store_id,
            changes.told_at.is_(None),
        ),
        select(subjects.variant_id).where(
            subjects.supplier_key == supplier_key,
            subjects.store_id == store_id,
            subjects.cleared_at.is_(None),
        ),
    )


def _low(supplier_key: str, store_id: Any, threshold: int) -> Select[str]:
    """Variants on sale that are low and not told of."""
    return (
        select(_VARIANT.id)
        .join(product, product.c.id == _VARIANT.product_id)
        .where(
            *_on_sale(supplier_key, store_id),
            _VARIANT.published_stock <= threshold,
            ~_told([Cause.STOCK_LOW]),
        )
    )


def _unpriced(supplier_key: str, store_id: Any) -> Select[str]:
    """Variants on sale that got no price and are not told of."""
    rejected = and_(
        price_decision.c.variant_id == _VARIANT.id,
        price_decision.c.status == DecisionStatus.REJECTED.value,
    )
    return (
        select(_VARIANT.id)
        .join(product, product.c.id == _VARIANT.product_id)
        .join(price_decision, rejected)
        .where(
            *_on_sale(supplier_key, store_id),
            _VARIANT.price_minor.is_(None),
            ~_told([Cause.NO_RATE, Cause.NO_PRICE]),
        )
    )


def _on_sale(supplier_key: str, store_id: Any) -> Sequence[ColumnElement[bool]]:
    return (
        _VARIANT.supplier_key == supplier_key,
        _VARIANT.store_id == store_id,
        _VARIANT.availability == _AVAILABLE,
        product.c.status == ProductStatus.ACTIVE.value,
    )


def _told(causes: Sequence[Cause]) -> ColumnElement[bool]:
    """Whether an alert names the variant for one of these causes, and that is not over."""
    return (
        select(alert_subject.c.alert_id)
        .where(
            alert_subject.c.variant_id == _VARIANT.id,
            alert_subject.c.cleared_at.is_(None),
            alert_subject.c.cause.in_([each.value for each in causes]),
        )
        .exists()
    )
