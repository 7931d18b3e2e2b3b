"""What alerts are decided from: stores, their untold changes, and how variants stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select, update

from zyenta_ops.domain.alerts import (
    AlertPreferences,
    AlertStatus,
    Change,
    PendingPrice,
    Selling,
    VariantNow,
)
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.inventory import Availability, ChangeKind
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.price_decisions import OPEN, DecisionStatus
from zyenta_ops.domain.stores import ProductStatus, StoreStatus
from zyenta_ops.persistence.documents import read_document
from zyenta_ops.persistence.schema import (
    account,
    alert,
    alert_subject,
    price_decision,
    product,
    product_change,
    product_variant,
    store,
    supplier,
)
from zyenta_ops.ports.alerts import StoreToTell

# SQLite takes 32,766 variables in a statement, PostgreSQL 65,535.
_CHUNK = 1_000

_PENDING = {
    DecisionStatus.WAITING: Selling.AWAITS_APPROVAL,
    DecisionStatus.BLOCKED: Selling.BLOCKED,
    DecisionStatus.REJECTED: Selling.UNPRICED,
}


class AlertFacts:
    """Satisfies `zyenta_ops.ports.alerts.AlertFacts`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def stores_concerned(
        self, supplier_key: str, store_ids: Collection[str] | None
    ) -> Sequence[str]:
        """Active stores with untold changes or unresolved product alerts of the supplier."""
        named = (
            select(alert.c.id)
            .join(alert_subject, alert_subject.c.alert_id == alert.c.id)
            .where(
                alert.c.supplier_key == supplier_key,
                alert.c.store_id == store.c.id,
                alert.c.status != AlertStatus.RESOLVED.value,
            )
            .exists()
        )
        query = _active(store_ids).where(or_(_untold(supplier_key).exists(), named))
        return self.connection.execute(query.order_by(store.c.id)).scalars().all()

    def stores_selling(self, supplier_key: str) -> Sequence[str]:
        """Active stores with a product of the supplier that is not archived."""
        sells = (
            select(product.c.id)
            .where(
                product.c.store_id == store.c.id,
                product.c.supplier_key == supplier_key,
                product.c.status != ProductStatus.ARCHIVED.value,
            )
            .exists()
        )
        query = _active(None).where(sells).order_by(store.c.id)
        return self.connection.execute(query).scalars().all()

    def supplier_name(self, supplier_key: str) -> str:
        """The supplier's name."""
        name: str | None = self.connection.execute(
            select(supplier.c.name).where(supplier.c.key == supplier_key)
        ).scalar_one_or_none()
        if name is None:
            raise NotFound(f"there is no supplier '{supplier_key}'")
        return name

    def lock_store(self, store_id: str) -> StoreToTell:
        """The store; concurrent callers queue up here on PostgreSQL, and at BEGIN on SQLite."""
        row = self.connection.execute(
            select(store.c.name, store.c.alert_preferences, account.c.name, account.c.email)
            .join(account, account.c.id == store.c.account_id)
            .where(store.c.id == store_id)
            # NO KEY UPDATE: rows that refer to the store can still be inserted meanwhile.
            .with_for_update(of=store, key_share=True)
        ).one_or_none()
        if row is None:
            raise NotFound(f"there is no store '{store_id}'")
        where = f"the document of alert preferences of store {store_id}"
        preferences = read_document(AlertPreferences, row[1], where)
        return StoreToTell(store_id, row[0], row[2], row[3], preferences)

    def claim_changes(self, store_id: str, supplier_key: str, now: datetime) -> Sequence[Change]:
        """The untold changes; exactly the rows marked are the rows returned."""
        rows = self.connection.execute(
            update(product_change)
            .where(
                product_change.c.supplier_key == supplier_key,
                product_change.c.store_id == store_id,
                product_change.c.told_at.is_(None),
            )
            .values(told_at=now)
            .returning(
                product_change.c.occurred_at,
                product_change.c.id,
                product_change.c.variant_id,
                product_change.c.kind,
                product_change.c.before_value,
                product_change.c.after_value,
                product_change.c.currency,
            )
        ).all()
        return [
            Change(row[2], ChangeKind(row[3]), *row[4:])
            for row in sorted(rows, key=lambda row: row[:2])
        ]

    def count_untold(self, supplier_key: str, store_ids: Collection[str] | None) -> int:
        """Untold changes of active stores."""
        untold = (
            select(func.count())
            .select_from(product_change)
            .where(
                product_change.c.supplier_key == supplier_key,
                product_change.c.told_at.is_(None),
                product_change.c.store_id.in_(_active(store_ids)),
            )
        )
        return self.connection.execute(untold).scalar_one()

    def variants(self, variant_ids: Collection[str]) -> Mapping[str, VariantNow]:
        """How variants stand, each with its open price decision, of which there is at most one."""
        if not variant_ids:
            return {}
        query = (
            select(
                *STANDING,
                price_decision.c.status.label("decision_status"),
                price_decision.c.price_minor.label("decision_price_minor"),
                price_decision.c.currency.label("decision_currency"),
            )
            .join(product, product.c.id == product_variant.c.product_id)
            .join(store, store.c.id == product_variant.c.store_id)
            .outerjoin(
                price_decision,
                and_(
                    price_decision.c.variant_id == product_variant.c.id,
                    price_decision.c.status.in_([each.value for each in OPEN]),
                ),
            )
        )
        ids = sorted(variant_ids)
        found: dict[str, VariantNow] = {}
        for start in range(0, len(ids), _CHUNK):
            chunk = query.where(product_variant.c.id.in_(ids[start : start + _CHUNK]))
            for row in self.connection.execute(chunk):
                found[row.variant_id] = standing(row, _pending(row))
        return found

    def remember_costs(self, told: Sequence[tuple[str, Money]]) -> None:
        """Store the cost that the next cost change of each variant is compared with."""
        if told:
            self.connection.execute(
                update(product_variant)
                .where(
                    product_variant.c.id == bindparam("variant"),
                    product_variant.c.cost_currency == bindparam("currency"),
                )
                .values(alerted_cost_minor=bindparam("told")),
                [
                    {"variant": variant_id, "currency": cost.currency, "told": cost.minor}
                    for variant_id, cost in sorted(told)
                ],
            )


# A variant as `standing` reads it; needs product and store joined.
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
    product_variant.c.price_minor,
    store.c.currency.label("store_currency"),
)


def standing(row: Any, pending: PendingPrice | None = None) -> VariantNow:
    """A row of `STANDING` as a domain value."""
    return VariantNow(
        variant_id=row.variant_id,
        product_id=row.product_id,
        product_title=row.product_title,
        variant_title=row.variant_title,
        product_status=ProductStatus(row.product_status),
        availability=Availability(row.availability) if row.availability else None,
        published_stock=row.published_stock,
        cost=money(row.cost_minor, row.cost_currency),
        told_cost=money(row.alerted_cost_minor, row.cost_currency),
        price=money(row.price_minor, row.store_currency),
        pending=pending,
    )


def money(minor: int | None, currency: str | None) -> Money | None:
    """An amount from its two columns; None when either is NULL."""
    return None if minor is None or currency is None else Money(minor, currency)


def _pending(row: Any) -> PendingPrice | None:
    if row.decision_status is None:
        return None
    price = money(row.decision_price_minor, row.decision_currency)
    return PendingPrice(_PENDING[DecisionStatus(row.decision_status)], price)


def _active(store_ids: Collection[str] | None) -> Select[str]:
    query = select(store.c.id).where(store.c.status == StoreStatus.ACTIVE.value)
    return query if store_ids is None else query.where(store.c.id.in_(store_ids))


def _untold(supplier_key: str) -> Select[str]:
    return select(product_change.c.id).where(
        product_change.c.supplier_key == supplier_key,
        product_change.c.store_id == store.c.id,
        product_change.c.told_at.is_(None),
    )
