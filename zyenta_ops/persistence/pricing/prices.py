"""Variants' prices: which are due, writing them, and what they were made with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)

from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.inventory import Availability
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.price_decisions import OPEN, DecisionStatus, PriceBasis
from zyenta_ops.domain.stores import ProductStatus, StoreStatus
from zyenta_ops.persistence.pricing.decisions import status_in
from zyenta_ops.persistence.pricing.marks import read_marks
from zyenta_ops.persistence.pricing.strategies import store_to_price
from zyenta_ops.persistence.schema import price_decision, product, product_variant, store
from zyenta_ops.ports.pricing import (
    DecisionRecord,
    Marks,
    PriceBelowFloor,
    PriceUpdate,
    StoreToPrice,
    UnpricedVariant,
    VariantToPrice,
)

_VARIANT = product_variant.c
# Written out, for SQLite sees only then that a partial index will do.
_AVAILABLE = literal(Availability.AVAILABLE.value, literal_execute=True)

# What puts a price on sale, whoever decided it; `_on_sale` gives the values.
_ON_SALE: dict[str, Any] = {
    "price_minor": bindparam("price"),
    "compare_at_minor": bindparam("compare_at"),
    "updated_at": bindparam("at"),
}


class PriceRecords:
    """Satisfies `zyenta_ops.ports.pricing.PriceRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def lock_store(self, store_id: str) -> StoreToPrice:
        """The store; concurrent callers queue up here on PostgreSQL, and at BEGIN on SQLite."""
        row = self.connection.execute(
            select(store.c.id, store.c.name, store.c.currency, store.c.pricing_strategy)
            .where(store.c.id == store_id)
            # NO KEY UPDATE: rows that refer to the store can still be inserted meanwhile.
            .with_for_update(key_share=True)
        ).one_or_none()
        if row is None:
            raise NotFound(f"there is no store '{store_id}'")
        return store_to_price(row)

    def cost_currencies(self, store_id: str, supplier_key: str) -> Sequence[str]:
        """The currencies that the store's variants of the supplier cost in."""
        return (
            self.connection.execute(
                select(_VARIANT.cost_currency)
                .where(
                    _VARIANT.supplier_key == supplier_key,
                    _VARIANT.store_id == store_id,
                    _VARIANT.cost_currency.is_not(None),
                )
                .distinct()
                .order_by(_VARIANT.cost_currency)
            )
            .scalars()
            .all()
        )

    def due_page(
        self,
        store_id: str,
        supplier_key: str,
        cost_currency: str,
        basis: PriceBasis,
        after: str,
        size: int,
    ) -> Sequence[VariantToPrice]:
        """Variants that are not up to date, by id."""
        agreed = func.coalesce(price_decision.c.previous_minor, _VARIANT.price_minor)
        query = (
            select(
                _VARIANT.id,
                _VARIANT.product_id,
                product.c.title,
                _VARIANT.offer_id,
                _VARIANT.applied_revision,
                _VARIANT.cost_minor,
                _VARIANT.list_price_minor,
                _VARIANT.price_minor,
                _VARIANT.compare_at_minor,
                _VARIANT.floor_minor,
                agreed,
                product.c.price_locked,
                price_decision.c.id.label("open_decision_id"),
            )
            .join(product, product.c.id == _VARIANT.product_id)
            .outerjoin(
                price_decision,
                and_(price_decision.c.variant_id == _VARIANT.id, status_in(OPEN)),
            )
            .where(
                _VARIANT.supplier_key == supplier_key,
                _VARIANT.store_id == store_id,
                _VARIANT.cost_currency == cost_currency,
                _VARIANT.cost_minor.is_not(None),
                _VARIANT.id > after,
                _is_due(basis),
            )
            .order_by(_VARIANT.id)
            .limit(size)
        )
        return [_variant(row) for row in self.connection.execute(query)]

    def apply(self, updates: Sequence[PriceUpdate], now: datetime) -> None:
        """Write prices, floors and what they were made with."""
        if not updates:
            return
        self.connection.execute(
            update(product_variant)
            .where(_VARIANT.id == bindparam("variant"))
            .values(
                **_ON_SALE,
                floor_minor=bindparam("floor"),
                priced_cost_minor=bindparam("cost"),
                priced_list_price_minor=bindparam("list_price"),
                priced_locked=bindparam("locked"),
                priced_with=bindparam("mark"),
            ),
            [
                _on_sale(each.variant_id, each.price_minor, each.compare_at_minor, now)
                | {
                    "floor": each.floor_minor,
                    "cost": each.cost_minor,
                    "list_price": each.list_price_minor,
                    "locked": each.locked,
                    "mark": each.mark,
                }
                for each in updates
            ],
        )

    def publish(self, decisions: Sequence[DecisionRecord], now: datetime) -> None:
        """Put the decided prices on sale, as they are."""
        if not decisions:
            return
        self.connection.execute(
            update(product_variant).where(_VARIANT.id == bindparam("variant")).values(**_ON_SALE),
            [
                _on_sale(each.variant_id, _minor(each.price), _minor(each.compare_at), now)
                # In the order in which others lock them too.
                for each in sorted(decisions, key=lambda each: each.variant_id)
            ],
        )

    def marks(self) -> Iterator[Marks]:
        """Marks of all prices of active stores."""
        return read_marks(self.connection)

    def below_floor(
        self, supplier_key: str | None, limit: int
    ) -> tuple[int, Sequence[PriceBelowFloor]]:
        """Prices below their floor, by store and product, with how many there are in all."""
        below = (
            select(
                store.c.subdomain,
                store.c.currency,
                product.c.title.label("product_title"),
                product.c.price_locked,
                _VARIANT.title,
                _VARIANT.id,
                _VARIANT.price_minor,
                _VARIANT.floor_minor,
                func.count().over().label("total"),
            )
            .select_from(product_variant)
            .join(product, product.c.id == _VARIANT.product_id)
            .join(store, store.c.id == _VARIANT.store_id)
            .where(
                _VARIANT.price_minor < _VARIANT.floor_minor,
                store.c.status == StoreStatus.ACTIVE.value,
                product.c.status != ProductStatus.ARCHIVED.value,
            )
            .order_by(store.c.subdomain, product.c.title, _VARIANT.id)
            .limit(limit)
        )
        if supplier_key is not None:
            below = below.where(_VARIANT.supplier_key == supplier_key)
        rows = self.connection.execute(below).all()
        return (rows[0].total if rows else 0), [
            PriceBelowFloor(
                row.subdomain,
                row.product_title,
                row.title,
                row.id,
                Money(row.price_minor, row.currency),
                Money(row.floor_minor, row.currency),
                row.price_locked,
            )
            for row in rows
        ]

    def unpriced(
        self, supplier_key: str | None, limit: int
    ) -> tuple[int, Sequence[UnpricedVariant]]:
        """Variants on sale without a price, by store and product, with how many there are."""
        rejected = and_(
            price_decision.c.variant_id == _VARIANT.id,
            price_decision.c.status == DecisionStatus.REJECTED.value,
        )
        lacking = (
            select(
                store.c.subdomain,
                product.c.title.label("product_title"),
                _VARIANT.title,
                _VARIANT.id,
                _VARIANT.cost_minor,
                _VARIANT.cost_currency,
                price_decision.c.reason,
                func.count().over().label("total"),
            )
            .select_from(product_variant)
            .join(product, product.c.id == _VARIANT.product_id)
            .join(store, store.c.id == _VARIANT.store_id)
            .outerjoin(price_decision, rejected)
            .where(
                _VARIANT.availability == _AVAILABLE,
                _VARIANT.price_minor.is_(None),
                product.c.status == ProductStatus.ACTIVE.value,
                store.c.status == StoreStatus.ACTIVE.value,
            )
            .order_by(store.c.subdomain, product.c.title, _VARIANT.id)
            .limit(limit)
        )
        if supplier_key is not None:
            lacking = lacking.where(_VARIANT.supplier_key == supplier_key)
        rows = self.connection.execute(lacking).all()
        return (rows[0].total if rows else 0), [
            UnpricedVariant(
                row.subdomain,
                row.product_title,
                row.title,
                row.id,
                None if row.cost_minor is None else Money(row.cost_minor, row.cost_currency),
                row.reason,
            )
            for row in rows
        ]


def _is_due(basis: PriceBasis) -> ColumnElement[bool]:
    return or_(
        _VARIANT.priced_with.is_(None),
        _VARIANT.priced_with < basis.lowest,
        _VARIANT.priced_with > basis.highest,
        _VARIANT.priced_cost_minor.is_distinct_from(_VARIANT.cost_minor),
        _VARIANT.priced_list_price_minor.is_distinct_from(_VARIANT.list_price_minor),
        _VARIANT.priced_locked.is_distinct_from(product.c.price_locked),
    )


def _on_sale(
    variant_id: str, price: int | None, compare_at: int | None, now: datetime
) -> dict[str, Any]:
    return {"variant": variant_id, "price": price, "compare_at": compare_at, "at": now}


def _variant(row: Any) -> VariantToPrice:
    return VariantToPrice(*row)


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor
