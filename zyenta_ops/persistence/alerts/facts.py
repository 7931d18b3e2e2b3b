"""What alerts are decided from: stores, their untold changes, and how variants stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, select, update

from zyenta_ops.domain.alerts import AlertPreferences, Change, VariantNow
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.inventory import ChangeKind
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.price_decisions import OPEN
from zyenta_ops.domain.stores import ProductStatus
from zyenta_ops.persistence.alerts.columns import STANDING, in_chunks, standing
from zyenta_ops.persistence.alerts.concerned import active, concerned_pages, stores_concerned
from zyenta_ops.persistence.documents import read_document
from zyenta_ops.persistence.schema import (
    account,
    price_decision,
    product,
    product_change,
    product_variant,
    store,
    supplier,
)
from zyenta_ops.ports.alerts import StoreToTell


class AlertFacts:
    """Satisfies `zyenta_ops.ports.alerts.AlertFacts`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def stores_concerned(
        self, supplier_key: str, store_ids: Collection[str] | None
    ) -> Sequence[str]:
        """Active stores with something of the supplier to tell, or told and not over."""
        return stores_concerned(self.connection, supplier_key, store_ids)

    def concerned_pages(
        self, store_id: str, supplier_key: str, low_threshold: int, size: int
    ) -> Iterator[Sequence[str]]:
        """Ids of the store's variants to look at, in pages, each once and in order."""
        return concerned_pages(self.connection, store_id, supplier_key, low_threshold, size)

    def stores_selling(self, supplier_key: str, owner_id: str | None = None) -> Sequence[str]:
        """Active stores with a product of the supplier that is not archived; of an owner's."""
        sells = (
            select(product.c.id)
            .where(
                product.c.store_id == store.c.id,
                product.c.supplier_key == supplier_key,
                product.c.status != ProductStatus.ARCHIVED.value,
            )
            .exists()
        )
        query = active(None).where(sells).order_by(store.c.id)
        if owner_id is not None:
            query = query.where(store.c.account_id == owner_id)
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

    def claim_changes(
        self, store_id: str, supplier_key: str, variant_ids: Sequence[str], now: datetime
    ) -> Sequence[Change]:
        """The untold changes of variants; exactly the rows marked are the rows returned."""
        rows = self.connection.execute(
            update(product_change)
            .where(
                product_change.c.supplier_key == supplier_key,
                product_change.c.store_id == store_id,
                product_change.c.told_at.is_(None),
                product_change.c.variant_id.in_(variant_ids),
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
                product_change.c.store_id.in_(active(store_ids)),
            )
        )
        return self.connection.execute(untold).scalar_one()

    def variants(self, variant_ids: Sequence[str]) -> Sequence[VariantNow]:
        """How variants stand, each with its open price decision, of which there is at most one."""
        query = (
            select(*STANDING)
            .join(product, product.c.id == product_variant.c.product_id)
            .join(store, store.c.id == product_variant.c.store_id)
            .outerjoin(
                price_decision,
                and_(
                    price_decision.c.variant_id == product_variant.c.id,
                    price_decision.c.status.in_([each.value for each in OPEN]),
                ),
            )
            .order_by(product_variant.c.id)
        )
        return [
            standing(row)
            for chunk in in_chunks(variant_ids)
            for row in self.connection.execute(query.where(product_variant.c.id.in_(chunk)))
        ]

    def remember_costs(self, told: Sequence[tuple[str, Money]]) -> None:
        """Store the cost that the next cost change of each variant is compared with."""
        if told:
            self.connection.execute(
                update(product_variant)
                .where(product_variant.c.id == bindparam("variant"))
                .values(
                    alerted_cost_minor=bindparam("told"),
                    alerted_cost_currency=bindparam("currency"),
                ),
                [
                    {"variant": variant_id, "currency": cost.currency, "told": cost.minor}
                    for variant_id, cost in sorted(told)
                ],
            )
