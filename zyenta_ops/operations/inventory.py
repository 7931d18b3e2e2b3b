"""Applying a supplier's offers to the stores that sell them: stock, cost and status.

Works from the difference between what an offer says and what a variant last took over, so a run
that died, was skipped or overlapped another is made good by the next one. Each store is applied
in one transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from zyenta_ops.domain.errors import reason_of
from zyenta_ops.domain.inventory import (
    ChangeKind,
    Listing,
    StockState,
    stock_change,
    stock_state,
)
from zyenta_ops.domain.stores import Cadence, ProductStatus, SweepScope
from zyenta_ops.domain.sync import StoreOutcome, SyncStatus, SyncType
from zyenta_ops.ports import Clock, Database, NewId, Repositories
from zyenta_ops.ports.catalog import (
    ProductChange,
    StoreToSync,
    SyncOutcome,
    VariantToSync,
    VariantUpdate,
)

PAGE = 1_000


@dataclass(frozen=True)
class StoreSync:
    """What one sync did for one store, in variants unless said otherwise.

    `changed` counts those whose stock, availability or cost moved; `kinds` what of it is news.
    """

    store_id: str
    store: str
    status: SyncStatus
    processed: int = 0
    changed: int = 0
    hidden: int = 0  # products
    republished: int = 0  # products
    kinds: Counter[ChangeKind] = field(default_factory=Counter)
    findings: dict[str, int] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True)
class InventoryReport:
    """What one run did for all stores it reached; `left` stores stay due."""

    stores: tuple[StoreSync, ...]
    left: int

    @property
    def processed(self) -> int:
        """Variants looked at."""
        return sum(store.processed for store in self.stores)

    @property
    def changed(self) -> int:
        """Variants that changed."""
        return sum(store.changed for store in self.stores)

    @property
    def failed(self) -> int:
        """Stores whose sync failed."""
        return sum(store.status is SyncStatus.FAILED for store in self.stores)

    @property
    def outcomes(self) -> list[StoreOutcome]:
        """How each store that was reached came out of it."""
        return [StoreOutcome(each.store_id, each.store, each.error) for each in self.stores]


@dataclass(frozen=True)
class Inventory:
    """The store side of the catalogue; takes variants `page` at a time."""

    database: Database
    clock: Clock
    new_id: NewId
    page: int = PAGE

    def suppliers_due(self, cadence: Cadence) -> list[str]:
        """Keys of active, unblocked suppliers that an active store of the cadence sells from."""
        with self.database.read() as records:
            return records.inventory.suppliers_due(
                SweepScope(cadence=cadence).frequencies(), self.clock()
            )

    def suppliers_unsynced(self) -> list[str]:
        """Keys of suppliers whose products were imported into a store and never synced there."""
        with self.database.read() as records:
            return records.inventory.suppliers_unsynced()

    def sync(
        self,
        supplier_key: str,
        scope: SweepScope,
        run_id: str | None = None,
        progress: Callable[[StoreSync], None] = lambda _: None,
    ) -> InventoryReport:
        """Bring the stores of the scope in line with the supplier's offers.

        Stores are taken most urgent first until the scope's time budget ends; those not reached
        stay due. A store that fails is recorded and does not stop the others.
        """
        deadline = self.clock() + timedelta(seconds=scope.budget_seconds)
        with self.database.read() as records:
            due = records.inventory.stores_due(supplier_key, scope)
        done: list[StoreSync] = []
        for store in due:
            if done and self.clock() >= deadline:
                break
            done.append(self._sync_or_fail(store, supplier_key, scope, run_id))
            progress(done[-1])
        return InventoryReport(tuple(done), left=len(due) - len(done))

    def _sync_or_fail(
        self, store: StoreToSync, supplier_key: str, scope: SweepScope, run_id: str | None
    ) -> StoreSync:
        started = self.clock()
        try:
            with self.database.write() as records:
                result = self._sync(records, store, supplier_key, full=_is_full(scope))
                self._log(records, result, supplier_key, scope, started, run_id)
        # One store's broken row must not keep the others from their stock.
        except Exception as error:
            result = StoreSync(store.id, store.name, SyncStatus.FAILED, error=reason_of(error))
            with self.database.write() as records:
                self._log(records, result, supplier_key, scope, started, run_id)
        return result

    def _sync(
        self, records: Repositories, store: StoreToSync, supplier_key: str, *, full: bool
    ) -> StoreSync:
        now = self.clock()
        kinds: Counter[ChangeKind] = Counter()
        products: set[str] = set()
        changed = 0
        for page in records.inventory.due_pages(store.id, supplier_key, self.page):
            updates, changes = _decide(page, store.low_threshold)
            records.inventory.apply(updates, now)
            records.inventory.record_changes(
                store.id, supplier_key, [(self.new_id(), change) for change in changes], now
            )
            products.update(variant.product_id for variant in page)
            kinds.update(change.kind for change in changes)
            changed += sum(map(_has_moved, page, updates))
        moved = records.inventory.refresh_statuses(sorted(products), now)
        return StoreSync(
            store_id=store.id,
            store=store.name,
            status=SyncStatus.COMPLETED,
            processed=records.inventory.count_variants(store.id, supplier_key),
            changed=changed,
            hidden=sum(before is ProductStatus.ACTIVE for _, before, _ in moved),
            republished=sum(after is ProductStatus.ACTIVE for _, _, after in moved),
            kinds=kinds,
            findings=dict(records.inventory.findings(supplier_key, store.id)) if full else {},
        )

    def _log(
        self,
        records: Repositories,
        result: StoreSync,
        supplier_key: str,
        scope: SweepScope,
        started: datetime,
        run_id: str | None,
    ) -> None:
        records.inventory.log_sync(
            self.new_id(),
            SyncOutcome(
                store_id=result.store_id,
                supplier_key=supplier_key,
                type=SyncType.FULL if _is_full(scope) else SyncType.INVENTORY,
                status=result.status,
                processed=result.processed,
                changed=result.changed,
                failed=int(result.status is SyncStatus.FAILED),
                duration_ms=round((self.clock() - started) / timedelta(milliseconds=1)),
                details={
                    "hidden": result.hidden,
                    "republished": result.republished,
                    "kinds": {kind.value: count for kind, count in result.kinds.items()},
                    "findings": result.findings,
                },
                started_at=started,
                run_id=run_id,
                error=result.error,
            ),
        )


def _is_full(scope: SweepScope) -> bool:
    return scope.cadence is Cadence.FULL


def _decide(
    page: Sequence[VariantToSync], low_threshold: int
) -> tuple[list[VariantUpdate], list[ProductChange]]:
    updates: list[VariantUpdate] = []
    changes: list[ProductChange] = []
    for variant in page:
        state = stock_state(
            listing=Listing(variant.listing),
            saleable=variant.saleable,
            supplier_stock=variant.supplier_stock,
            reserved=variant.reserved,
        )
        updates.append(
            VariantUpdate(
                variant.variant_id,
                state,
                variant.offer_cost_minor,
                variant.offer_currency,
                variant.list_price_minor,
                variant.revision,
            )
        )
        changes += _changes(variant, state, low_threshold)
    return updates, changes


def _has_moved(variant: VariantToSync, update: VariantUpdate) -> bool:
    return (variant.before, variant.cost_minor, variant.cost_currency) != (
        update.state,
        update.cost_minor,
        update.cost_currency,
    )


def _changes(variant: VariantToSync, state: StockState, low_threshold: int) -> list[ProductChange]:
    changes: list[ProductChange] = []
    kind = stock_change(variant.before, state, low_threshold)
    if kind is not None:
        before = variant.before.published if variant.before else None
        changes.append(
            ProductChange(variant.variant_id, variant.product_id, kind, before, state.published)
        )
    cost_before = (variant.cost_minor, variant.cost_currency)
    if variant.cost_minor is not None and cost_before != (
        variant.offer_cost_minor,
        variant.offer_currency,
    ):
        same_currency = variant.cost_currency == variant.offer_currency
        changes.append(
            ProductChange(
                variant.variant_id,
                variant.product_id,
                ChangeKind.COST,
                variant.cost_minor if same_currency else None,
                variant.offer_cost_minor,
                variant.offer_currency,
            )
        )
    return changes
