"""Rows as the domain values that alerts are decided from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from zyenta_ops.domain.alerts import PendingPrice, Selling, VariantNow
from zyenta_ops.domain.inventory import Availability
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.price_decisions import DecisionStatus
from zyenta_ops.domain.stores import ProductStatus
from zyenta_ops.persistence.schema import price_decision, product, product_variant, store

# SQLite takes 32,766 variables in a statement, PostgreSQL 65,535.
_CHUNK: Final = 1_000

_PENDING: Final = {
    DecisionStatus.WAITING: Selling.AWAITS_APPROVAL,
    DecisionStatus.BLOCKED: Selling.BLOCKED,
    DecisionStatus.REJECTED: Selling.UNPRICED,
}

# A variant as `standing` reads it; needs product, store and the open price decision joined.
STANDING = (
    product_variant.c.id.label("variant_id"),
    product_variant.c.product_id,
    product.c.title.label("product_title"),
    product_variant.c.title.label("variant_title"),
    product.c.status.label("product_status"),
    product_variant.c.availability,
    product_variant.c.published_stock,
    product_variant.c.cost_minor,
    product_variant.c.cost_currency,
    product_variant.c.alerted_cost_minor,
    product_variant.c.alerted_cost_currency,
    product_variant.c.price_minor,
    store.c.currency.label("store_currency"),
    price_decision.c.status.label("decision_status"),
    price_decision.c.price_minor.label("decision_price_minor"),
    price_decision.c.currency.label("decision_currency"),
    price_decision.c.reason.label("decision_reason"),
)


def standing(row: Any) -> VariantNow:
    """A row of `STANDING` as a domain value."""
    return VariantNow(
        variant_id=row.variant_id,
        product_id=row.product_id,
        product_title=row.product_title,
        variant_title=row.variant_title,
        product_status=ProductStatus(row.product_status),
        currency=row.store_currency,
        availability=Availability(row.availability) if row.availability else None,
        published_stock=row.published_stock,
        cost=money(row.cost_minor, row.cost_currency),
        told_cost=money(row.alerted_cost_minor, row.alerted_cost_currency),
        price=money(row.price_minor, row.store_currency),
        pending=_pending(row),
    )


def money(minor: int | None, currency: str | None) -> Money | None:
    """An amount from its two columns; None when either is NULL."""
    return None if minor is None or currency is None else Money(minor, currency)


def in_chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Ids in pieces that fit into one statement."""
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def _pending(row: Any) -> PendingPrice | None:
    if row.decision_status is None:
        return None
    price = money(row.decision_price_minor, row.decision_currency)
    return PendingPrice(_PENDING[DecisionStatus(row.decision_status)], price, row.decision_reason)
