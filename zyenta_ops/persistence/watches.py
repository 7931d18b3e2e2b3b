"""The products that suppliers with an API are asked about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from zyenta_ops.domain.dueness import Watch
from zyenta_ops.domain.inventory import Listing
from zyenta_ops.domain.stores import StoreStatus, SupplierKind
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.schema import (
    product,
    product_variant,
    store,
    supplier,
    supplier_offer,
    watched_product,
)
from zyenta_ops.persistence.stores.cadence import is_high
from zyenta_ops.ports.accounts import Named, Outcome

# Databases take only so many parameters.
_REFS_AT_ONCE = 1_000


class WatchRecords:
    """Satisfies `zyenta_ops.ports.accounts.WatchRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, supplier_key: str, product_refs: Sequence[str], at: datetime) -> int:
        """Insert what is not watched yet."""
        rows = [
            {"supplier_key": supplier_key, "product_ref": ref, "added_at": at}
            for ref in dict.fromkeys(product_refs)
        ]
        if not rows:
            return 0
        inserted = self.connection.execute(
            upsert(self.connection.dialect, watched_product)
            .values(rows)
            .on_conflict_do_nothing()
            .returning(watched_product.c.product_ref)
        )
        return len(inserted.all())

    def every(self, supplier_key: str) -> list[Watch]:
        """All that is watched."""
        watched = watched_product.c
        in_stores = _sold_in_active_stores(supplier_key)
        rows = self.connection.execute(
            select(
                watched.product_ref,
                watched.read_at,
                watched.asked_at,
                watched.changed_at,
                watched.hinted_at,
                watched.sold_at,
                watched.failures,
                func.coalesce(in_stores.c.pending, 0),
                func.coalesce(in_stores.c.high, 0),
                in_stores.c.product_ref.is_not(None),
            )
            .select_from(
                watched_product.outerjoin(in_stores, in_stores.c.product_ref == watched.product_ref)
            )
            .where(watched.supplier_key == supplier_key)
            .order_by(watched.product_ref)
        )
        return [
            Watch(
                product_ref=ref,
                read_at=read_at,
                asked_at=asked_at,
                changed_at=changed_at,
                hinted_at=hinted_at,
                sold_at=sold_at,
                failures=failures,
                pending=pending,
                high=bool(high),
                sold=bool(sold),
            )
            for (
                ref,
                read_at,
                asked_at,
                changed_at,
                hinted_at,
                sold_at,
                failures,
                pending,
                high,
                sold,
            ) in rows
        ]

    def named(self, kind: SupplierKind, refs: Collection[str]) -> Sequence[Named]:
        """Products by their own references and by those of their variants."""
        watched, offer = watched_product.c, supplier_offer.c
        of_kind = select(supplier.c.key).where(supplier.c.kind == kind.value)
        of_variant = and_(
            offer.supplier_key == watched.supplier_key, offer.product_ref == watched.product_ref
        )
        found: set[Named] = set()
        for some in _some_of(sorted(refs)):
            by_product = select(
                watched.product_ref.label("ref"), watched.supplier_key, watched.product_ref
            ).where(watched.supplier_key.in_(of_kind), watched.product_ref.in_(some))
            by_variant = (
                select(offer.variant_ref.label("ref"), watched.supplier_key, watched.product_ref)
                .select_from(watched_product.join(supplier_offer, of_variant))
                .where(watched.supplier_key.in_(of_kind), offer.variant_ref.in_(some))
            )
            for query in (by_product, by_variant):
                found |= {Named(*row) for row in self.connection.execute(query)}
        return sorted(found, key=lambda each: (each.ref, each.supplier_key, each.product_ref))

    def hint(self, supplier_key: str, product_refs: Collection[str], at: datetime) -> None:
        """Move `hinted_at` forward."""
        # Whoever notes answers holds the supplier and then its products; so does this, or both
        # would wait for each other.
        self.connection.execute(
            select(supplier.c.key)
            .where(supplier.c.key == supplier_key)
            .with_for_update(key_share=True)
        )
        watched = watched_product.c
        for some in _some_of(sorted(product_refs)):
            self.connection.execute(
                update(watched_product)
                .where(
                    watched.supplier_key == supplier_key,
                    watched.product_ref.in_(some),
                    or_(watched.hinted_at.is_(None), watched.hinted_at < at),
                )
                .values(hinted_at=at)
            )

    def note(self, supplier_key: str, outcomes: Sequence[Outcome], at: datetime) -> None:
        """Remember what asking came to."""
        if not outcomes:
            return
        failed = bindparam("failed", type_=Boolean)
        watched = watched_product.c
        self.connection.execute(
            update(watched_product)
            .where(watched.supplier_key == bindparam("of"), watched.product_ref == bindparam("ref"))
            .values(
                asked_at=at,
                read_at=case((failed, watched.read_at), else_=at),
                changed_at=case((bindparam("moved", type_=Boolean), at), else_=watched.changed_at),
                failures=case((failed, watched.failures + 1), else_=0),
                error=bindparam("why"),
                raw=func.coalesce(bindparam("answer"), watched.raw),
            ),
            [
                {
                    "of": supplier_key,
                    "ref": each.product_ref,
                    "failed": each.error is not None,
                    "moved": each.changed,
                    "why": each.error,
                    "answer": each.raw,
                }
                for each in outcomes
            ],
        )

    def note_sold(self, supplier_key: str, product_refs: Sequence[str], at: datetime) -> None:
        """Remember a sale, unless a later one is known."""
        watched = watched_product.c
        self.connection.execute(
            update(watched_product)
            .where(
                watched.supplier_key == supplier_key,
                watched.product_ref.in_(product_refs),
                or_(watched.sold_at.is_(None), watched.sold_at < at),
            )
            .values(sold_at=at)
        )

    def forget(self, supplier_key: str, product_refs: Sequence[str]) -> int:
        """Delete watches that no store and no listed offer needs."""
        watched = watched_product.c
        in_store = exists().where(
            product.c.supplier_key == watched.supplier_key,
            product.c.product_ref == watched.product_ref,
        )
        is_listed = exists().where(
            supplier_offer.c.supplier_key == watched.supplier_key,
            supplier_offer.c.product_ref == watched.product_ref,
            supplier_offer.c.listing == Listing.LISTED.value,
        )
        return self.connection.execute(
            delete(watched_product).where(
                watched.supplier_key == supplier_key,
                watched.product_ref.in_(product_refs),
                ~in_store,
                ~is_listed,
            )
        ).rowcount


def _some_of(refs: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(refs), _REFS_AT_ONCE):
        yield refs[start : start + _REFS_AT_ONCE]


def _sold_in_active_stores(supplier_key: str) -> Any:
    high = case((is_high, 1), else_=0)
    return (
        select(
            product.c.product_ref,
            func.sum(product_variant.c.reserved_units).label("pending"),
            func.max(high).label("high"),
        )
        .select_from(
            product.join(product_variant, product_variant.c.product_id == product.c.id).join(
                store, store.c.id == product.c.store_id
            )
        )
        .where(product.c.supplier_key == supplier_key, store.c.status == StoreStatus.ACTIVE.value)
        .group_by(product.c.product_ref)
        .subquery()
    )
