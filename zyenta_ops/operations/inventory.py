"""Applying a supplier's offers to the stores that sell them: stock, cost and status.

Works from the difference between what an offer says, less the units that customers have paid for,
and what a variant last took over, so a run that died, was skipped or overlapped another is made
good by the next one. A store is applied in
pages, each a transaction of its own and made of whole products: a big store keeps nobody else
from writing, and no product is ever seen half updated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
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

# On SQLite nobody else can write for the 0.1 s that a page takes.
PAGE = 2_000


@dataclass(frozen=True)
class StoreSync:
    """What one sync did for one store, in variants unless said otherwise.

    `processed` counts those that are in line with their offers now: all of the store's once it is
    COMPLETED, till then those taken over. `changed` counts those whose stock, availability or cost
    moved; `kinds` what of it is news.
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

    def with_page(self, page: _Page) -> StoreSync:
        """The same with one more page that was applied."""
        return replace(
            self,
            processed=self.processed + page.processed,
            changed=self.changed + page.changed,
            hidden=self.hidden + page.hidden,
            republished=self.republished + page.republished,
            kinds=self.kinds + page.kinds,
        )


@dataclass(frozen=True)
class _Page:
    """What one page did; `last` is where the next one begins, None after the last."""

    last: str | None
    processed: int = 0
    changed: int = 0
    hidden: int = 0
    republished: int = 0
    kinds: Counter[ChangeKind] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Visit:
    """One sync of one store, as the sync log names it."""

    log_id: str
    store: StoreToSync
    supplier_key: str
    type: SyncType
    started: datetime
    run_id: str | None


@dataclass(frozen=True)
class InventoryReport:
    """What one run did for all stores it reached; `left` stores stay due, in whole or in part."""

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

        Stores are taken most urgent first until the scope's time budget ends; what is not reached
        then, be it of a store begun, stays due. A store that fails is recorded, keeps what it took
        over before, and does not stop the others.
        """
        deadline = self.clock() + timedelta(seconds=scope.budget_seconds)
        kind = SyncType.FULL if scope.cadence is Cadence.FULL else SyncType.INVENTORY
        with self.database.write() as records:
            records.inventory.close_unfinished(supplier_key, (SyncType.INVENTORY, SyncType.FULL))
        with self.database.read() as records:
            due = records.inventory.stores_due(supplier_key, scope)
        done: list[StoreSync] = []
        for store in due:
            if done and self.clock() >= deadline:
                break
            visit = _Visit(self.new_id(), store, supplier_key, kind, self.clock(), run_id)
            done.append(self._sync(visit, deadline))
            progress(done[-1])
        partial = sum(store.status is SyncStatus.PARTIAL for store in done)
        return InventoryReport(tuple(done), left=len(due) - len(done) + partial)

    def _sync(self, visit: _Visit, deadline: datetime) -> StoreSync:
        store = visit.store
        result = StoreSync(store.id, store.name, SyncStatus.STARTED)
        try:
            page = _Page(last="")
            while page.last is not None and result.status is SyncStatus.STARTED:
                with self.database.write() as records:
                    page = self._apply_page(records, store, visit.supplier_key, page.last)
                    so_far = result.with_page(page)
                    # Whoever finds the page finds it on record, whatever happens to us.
                    self._log(records, so_far, visit)
                result = so_far
                if page.last is not None and self.clock() >= deadline:
                    result = replace(result, status=SyncStatus.PARTIAL)
            if result.status is SyncStatus.STARTED:
                result = self._completed(result, visit)
        # One store's broken row must not keep the others from their stock.
        except Exception as error:
            result = replace(result, status=SyncStatus.FAILED, error=reason_of(error))
        with self.database.write() as records:
            self._log(records, result, visit)
        return result

    def _apply_page(
        self, records: Repositories, store: StoreToSync, supplier_key: str, after: str
    ) -> _Page:
        now = self.clock()
        variants = records.inventory.due_page(store.id, supplier_key, after, self.page)
        updates, changes = _decide(variants, store.low_threshold)
        records.inventory.apply(updates, now)
        records.inventory.record_changes(
            store.id, supplier_key, [(self.new_id(), change) for change in changes], now
        )
        products = sorted({variant.product_id for variant in variants})
        moved = records.inventory.refresh_statuses(products, now)
        return _Page(
            # What follows the first `page` variants belongs to the same products, not to the order.
            last=variants[self.page - 1].variant_id if len(variants) >= self.page else None,
            processed=len(variants),
            changed=sum(map(_has_moved, variants, updates)),
            hidden=sum(before is ProductStatus.ACTIVE for _, before, _ in moved),
            republished=sum(after is ProductStatus.ACTIVE for _, _, after in moved),
            kinds=Counter(change.kind for change in changes),
        )

    def _completed(self, result: StoreSync, visit: _Visit) -> StoreSync:
        with self.database.read() as records:
            found = (
                records.inventory.findings(visit.supplier_key, result.store_id)
                if visit.type is SyncType.FULL
                else {}
            )
            return replace(
                result,
                status=SyncStatus.COMPLETED,
                processed=records.inventory.count_variants(result.store_id, visit.supplier_key),
                findings=dict(found),
            )

    def _log(self, records: Repositories, result: StoreSync, visit: _Visit) -> None:
        records.inventory.log_sync(
            visit.log_id,
            SyncOutcome(
                store_id=result.store_id,
                supplier_key=visit.supplier_key,
                type=visit.type,
                status=result.status,
                processed=result.processed,
                changed=result.changed,
                failed=int(result.status is SyncStatus.FAILED),
                duration_ms=round((self.clock() - visit.started) / timedelta(milliseconds=1)),
                details={
                    "hidden": result.hidden,
                    "republished": result.republished,
                    "kinds": {kind.value: count for kind, count in result.kinds.items()},
                    "findings": result.findings,
                },
                started_at=visit.started,
                run_id=visit.run_id,
                error=result.error,
            ),
        )


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
            in_stock=variant.in_stock,
            before=variant.before,
        )
        updates.append(
            VariantUpdate(
                variant.variant_id,
                state,
                variant.offer_cost_minor,
                variant.offer_currency,
                variant.list_price_minor,
                variant.revision,
                variant.reserved,
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
