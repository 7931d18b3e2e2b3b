"""Products and variants as the inventory operation reads and writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from zyenta_ops.domain.alerts import AlertPreferences
from zyenta_ops.domain.inventory import (
    Availability,
    StockState,
    product_status,
)
from zyenta_ops.domain.stores import (
    ProductStatus,
    StoreStatus,
    SupplierStatus,
    SweepScope,
    SyncFrequency,
)
from zyenta_ops.domain.sync import SyncStatus, SyncType
from zyenta_ops.persistence.catalog.statements import upsert
from zyenta_ops.persistence.inventory.findings import read_findings
from zyenta_ops.persistence.schema import (
    product,
    product_change,
    product_variant,
    store,
    supplier,
    supplier_offer,
    sync_log,
)
from zyenta_ops.persistence.stores.cadence import is_high, is_synced_at
from zyenta_ops.ports.catalog import (
    ProductChange,
    StoreToSync,
    SyncOutcome,
    VariantToSync,
    VariantUpdate,
)

_STATUS_CHUNK = 1_000
_DIED = "the process that did it died; what it had done stays, and the next sync does the rest"

_DUE = (
    select(
        product_variant.c.id,
        product_variant.c.product_id,
        product_variant.c.availability,
        product_variant.c.stock,
        product_variant.c.published_stock,
        product_variant.c.cost_minor,
        product_variant.c.cost_currency,
        product_variant.c.reserved_units,
        supplier_offer.c.listing,
        supplier_offer.c.saleable,
        supplier_offer.c.stock.label("supplier_stock"),
        supplier_offer.c.in_stock,
        supplier_offer.c.cost_minor.label("offer_cost_minor"),
        supplier_offer.c.cost_currency.label("offer_currency"),
        supplier_offer.c.list_price_minor,
        supplier_offer.c.revision,
    )
    .join(supplier_offer, supplier_offer.c.id == product_variant.c.offer_id)
    .where(
        or_(
            product_variant.c.applied_revision.is_(None),
            product_variant.c.applied_revision < supplier_offer.c.revision,
            product_variant.c.applied_reserved != product_variant.c.reserved_units,
        )
    )
    .order_by(product_variant.c.id)
    # Two syncs of one store must not both find, and tell of, the same change.
    .with_for_update(of=product_variant, key_share=True)
)


class InventoryRecords:
    """Satisfies `zyenta_ops.ports.catalog.InventoryRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def suppliers_due(self, frequencies: Sequence[SyncFrequency], now: datetime) -> list[str]:
        """Active, unblocked suppliers that an active store of these frequencies sells from."""
        sells = (
            select(product_variant.c.id)
            .join(store, store.c.id == product_variant.c.store_id)
            .where(
                product_variant.c.supplier_key == supplier.c.key,
                store.c.status == StoreStatus.ACTIVE.value,
                is_synced_at(frequencies),
            )
            .exists()
        )
        return list(
            self.connection.execute(
                select(supplier.c.key)
                .where(
                    supplier.c.status == SupplierStatus.ACTIVE.value,
                    or_(supplier.c.blocked_until.is_(None), supplier.c.blocked_until <= now),
                    sells,
                )
                .order_by(supplier.c.key)
            ).scalars()
        )

    def suppliers_unsynced(self) -> list[str]:
        """Suppliers with a variant in an active store that took over no offer yet."""
        unsynced = (
            select(product_variant.c.id)
            .join(store, store.c.id == product_variant.c.store_id)
            .where(
                product_variant.c.supplier_key == supplier.c.key,
                product_variant.c.applied_revision.is_(None),
                store.c.status == StoreStatus.ACTIVE.value,
            )
            .exists()
        )
        return list(
            self.connection.execute(
                select(supplier.c.key).where(unsynced).order_by(supplier.c.key)
            ).scalars()
        )

    def stores_due(self, supplier_key: str, scope: SweepScope) -> list[StoreToSync]:
        """Active stores of the scope that sell from the supplier, most urgent first."""
        last_synced = (
            select(func.max(sync_log.c.started_at))
            .where(
                sync_log.c.store_id == store.c.id,
                sync_log.c.supplier_key == supplier_key,
                sync_log.c.type != SyncType.PRICE.value,
            )
            .scalar_subquery()
        )
        sells = (
            select(product_variant.c.id)
            .where(
                product_variant.c.store_id == store.c.id,
                product_variant.c.supplier_key == supplier_key,
            )
            .exists()
        )
        query = select(
            store.c.id, store.c.name, store.c.alert_preferences, last_synced.label("last_synced")
        ).where(
            store.c.status == StoreStatus.ACTIVE.value,
            is_synced_at(scope.frequencies()),
            sells,
        )
        if scope.store_ids:
            query = query.where(store.c.id.in_(scope.store_ids))
        high_first = case((is_high, 0), else_=1)
        never_first = case((last_synced.is_(None), 0), else_=1)
        rows = self.connection.execute(
            query.order_by(high_first, never_first, last_synced, store.c.id)
        )
        return [
            StoreToSync(
                row.id,
                row.name,
                AlertPreferences.stock_low_threshold_of(row.alert_preferences),
                row.last_synced,
            )
            for row in rows
        ]

    def count_variants(self, store_id: str, supplier_key: str) -> int:
        """Variants of the store that come from the supplier."""
        return self.connection.execute(
            select(func.count())
            .select_from(product_variant)
            .where(
                product_variant.c.supplier_key == supplier_key,
                product_variant.c.store_id == store_id,
            )
        ).scalar_one()

    def due_page(
        self, store_id: str, supplier_key: str, after: str, size: int
    ) -> Sequence[VariantToSync]:
        """Variants whose offer or reserve changed: some by id, then their siblings."""
        due = _DUE.where(
            product_variant.c.supplier_key == supplier_key, product_variant.c.store_id == store_id
        )
        rows = self.connection.execute(due.where(product_variant.c.id > after).limit(size)).all()
        if len(rows) == size:
            products = {row.product_id for row in rows}
            # What comes before `after` was applied, or changed since and waits for the next sync.
            siblings = due.where(
                product_variant.c.id > rows[-1].id, product_variant.c.product_id.in_(products)
            )
            rows = [*rows, *self.connection.execute(siblings)]
        return [_variant(row) for row in rows]

    def apply(self, updates: Sequence[VariantUpdate], now: datetime) -> None:
        """Write new stock and cost; an update older than what is stored is passed over."""
        if not updates:
            return
        # The first cost is the base of the first cost alert.
        told = product_variant.c.alerted_cost_minor
        told_in = product_variant.c.alerted_cost_currency
        self.connection.execute(
            update(product_variant)
            .where(
                product_variant.c.id == bindparam("variant"),
                or_(
                    product_variant.c.applied_revision.is_(None),
                    product_variant.c.applied_revision <= bindparam("new_revision"),
                ),
            )
            .values(
                availability=bindparam("new_availability"),
                stock=bindparam("new_stock"),
                published_stock=bindparam("new_published"),
                cost_minor=bindparam("new_cost"),
                cost_currency=bindparam("new_currency"),
                list_price_minor=bindparam("new_list_price"),
                alerted_cost_minor=func.coalesce(told, bindparam("new_cost")),
                alerted_cost_currency=case(
                    (told.is_(None), bindparam("new_currency")), else_=told_in
                ),
                applied_revision=bindparam("new_revision"),
                applied_reserved=bindparam("new_reserved"),
                updated_at=bindparam("new_time"),
            ),
            [
                {
                    "variant": each.variant_id,
                    "new_availability": each.state.availability.value,
                    "new_stock": each.state.stock,
                    "new_published": each.state.published,
                    "new_cost": each.cost_minor,
                    "new_currency": each.cost_currency,
                    "new_list_price": each.list_price_minor,
                    "new_revision": each.revision,
                    "new_reserved": each.reserved,
                    "new_time": now,
                }
                for each in updates
            ],
        )

    def refresh_statuses(
        self, product_ids: Sequence[str], now: datetime
    ) -> Sequence[tuple[str, ProductStatus, ProductStatus]]:
        """Derive product statuses from their variants; (product, before, after) that moved."""
        moved: list[tuple[str, ProductStatus, ProductStatus]] = []
        for start in range(0, len(product_ids), _STATUS_CHUNK):
            moved += self._moved_statuses(product_ids[start : start + _STATUS_CHUNK])
        if moved:
            self.connection.execute(
                update(product)
                .where(product.c.id == bindparam("of_product"))
                .values(status=bindparam("new_status"), updated_at=bindparam("new_time")),
                [
                    {"of_product": key, "new_status": after.value, "new_time": now}
                    for key, _, after in moved
                ],
            )
        return moved

    def _moved_statuses(
        self, product_ids: Sequence[str]
    ) -> list[tuple[str, ProductStatus, ProductStatus]]:
        rows = self.connection.execute(
            select(product.c.id, product.c.status, product_variant.c.availability)
            .join(product_variant, product_variant.c.product_id == product.c.id)
            .where(product.c.id.in_(product_ids), product_variant.c.availability.is_not(None))
            .order_by(product.c.id)
            # A person who puts a product on hold meanwhile waits, or is seen.
            .with_for_update(of=product, key_share=True)
        )
        current: dict[str, ProductStatus] = {}
        availabilities: dict[str, list[Availability]] = {}
        for key, status, availability in rows:
            current[key] = ProductStatus(status)
            availabilities.setdefault(key, []).append(Availability(availability))
        derived = (
            (key, product_status(current[key], seen)) for key, seen in availabilities.items()
        )
        return [(key, current[key], after) for key, after in derived if after is not current[key]]

    def record_changes(
        self,
        store_id: str,
        supplier_key: str,
        changes: Sequence[tuple[str, ProductChange]],
        now: datetime,
    ) -> None:
        """Append (id, change) pairs to the stores' history."""
        if changes:
            self.connection.execute(
                insert(product_change),
                [
                    {
                        "id": change_id,
                        "store_id": store_id,
                        "supplier_key": supplier_key,
                        "product_id": change.product_id,
                        "variant_id": change.variant_id,
                        "kind": change.kind.value,
                        "before_value": change.before,
                        "after_value": change.after,
                        "currency": change.currency,
                        "occurred_at": now,
                    }
                    for change_id, change in changes
                ],
            )

    def log_sync(self, log_id: str, outcome: SyncOutcome) -> None:
        """Write a row of the sync log, or bring the one of this id up to date."""
        values = {
            "store_id": outcome.store_id,
            "supplier_key": outcome.supplier_key,
            "type": outcome.type.value,
            "status": outcome.status.value,
            "processed": outcome.processed,
            "changed": outcome.changed,
            "failed": outcome.failed,
            "duration_ms": outcome.duration_ms,
            "metadata": dict(outcome.details),
            "error": outcome.error,
            "run_id": outcome.run_id,
            "started_at": outcome.started_at,
        }
        statement = upsert(self.connection.dialect, sync_log).values(id=log_id, **values)
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=[sync_log.c.id], set_=values)
        )

    def close_unfinished(self, supplier_key: str, types: Sequence[SyncType]) -> None:
        """Call those syncs failed that are on record as begun and not as ended."""
        self.connection.execute(
            update(sync_log)
            .where(
                sync_log.c.supplier_key == supplier_key,
                sync_log.c.status == SyncStatus.STARTED.value,
                sync_log.c.type.in_([each.value for each in types]),
            )
            .values(status=SyncStatus.FAILED.value, failed=1, error=_DIED)
        )

    def findings(self, supplier_key: str, store_id: str) -> Mapping[str, int]:
        """Deeper validation: how many listings of the store have which fault, by its name."""
        return read_findings(self.connection, supplier_key, store_id)


def _variant(row: Any) -> VariantToSync:
    before = (
        StockState(Availability(row.availability), row.stock, row.published_stock)
        if row.availability is not None
        else None
    )
    return VariantToSync(
        variant_id=row.id,
        product_id=row.product_id,
        before=before,
        cost_minor=row.cost_minor,
        cost_currency=row.cost_currency,
        reserved=row.reserved_units,
        listing=row.listing,
        saleable=row.saleable,
        supplier_stock=row.supplier_stock,
        in_stock=row.in_stock,
        offer_cost_minor=row.offer_cost_minor,
        offer_currency=row.offer_currency,
        list_price_minor=row.list_price_minor,
        revision=row.revision,
    )
