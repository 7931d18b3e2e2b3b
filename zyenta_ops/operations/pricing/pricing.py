"""Keeping the prices of stores true to costs, strategies and exchange rates.

Level-triggered: a variant is priced when its cost, list price or lock, its store's strategy or the
exchange rate is not what it was last priced with, whatever happened in between, and at no other
time. A store is priced in pages, each a transaction of its own, so that a big store keeps nobody
else from writing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from zyenta_ops.domain.errors import NotFound, Refused, reason_of
from zyenta_ops.domain.fx import DEFAULT_MAX_AGE, DEFAULT_PIVOT, FxTable
from zyenta_ops.domain.names import not_found
from zyenta_ops.domain.price_decisions import PriceBasis
from zyenta_ops.domain.stores import SweepScope
from zyenta_ops.domain.sync import SyncStatus, SyncType
from zyenta_ops.operations.pricing.approval import Approval
from zyenta_ops.operations.pricing.report import (
    MOVES_SHOWN,
    Approvals,
    PriceMove,
    PricingReport,
    StorePrices,
)
from zyenta_ops.operations.pricing.repricing import (
    PagePricing,
    PricedPage,
    StoreRepricing,
    Terms,
)
from zyenta_ops.ports import Clock, Database, NewId, Repositories
from zyenta_ops.ports.catalog import SyncOutcome
from zyenta_ops.ports.pricing import ListedDecision, NamedVariant, PriceBelowFloor, UnpricedVariant

_DECISIONS_SHOWN: Final = 10
_MOST_NAMED: Final = 10


@dataclass(frozen=True)
class Pricing:
    """Prices of stores. A `store_ref` is a store's id or subdomain.

    Attributes:
        max_rate_age: an exchange rate older than this prices nothing; what it priced stays.
    """

    database: Database
    clock: Clock
    new_id: NewId
    max_rate_age: timedelta = DEFAULT_MAX_AGE

    def reprice(
        self,
        supplier_key: str,
        scope: SweepScope,
        run_id: str | None = None,
        progress: Callable[[StorePrices], None] = lambda _: None,
    ) -> PricingReport:
        """Price what is not up to date in the stores of the scope.

        Stores are taken most urgent first until the scope's time budget ends; what is not reached
        then, be it of a store begun, stays due. A store that fails is recorded, keeps the prices
        made before, and does not stop the others.
        """
        deadline = self.clock() + timedelta(seconds=scope.budget_seconds)
        with self.database.write() as records:
            records.inventory.close_unfinished(supplier_key, (SyncType.PRICE,))
        with self.database.read() as records:
            due = records.inventory.stores_due(supplier_key, scope)
        done: list[StorePrices] = []
        moves: list[PriceMove] = []
        for store in due:
            if done and self.clock() >= deadline:
                break
            repricing = StoreRepricing(
                self.new_id(), store, supplier_key, self.clock(), run_id, MOVES_SHOWN - len(moves)
            )
            done.append(self._price(repricing, deadline))
            moves += repricing.moves
            progress(done[-1])
        partial = sum(store.status is SyncStatus.PARTIAL for store in done)
        return PricingReport(tuple(done), left=len(due) - len(done) + partial, moves=tuple(moves))

    def suppliers_to_reprice(self) -> list[str]:
        """Keys of suppliers with a price in an active store that is not up to date.

        Sees a changed strategy, a changed exchange rate and variants never priced, at the cost of a
        few index probes for each store and supplier. A changed cost or lock is left to the next
        sweep.
        """
        due: set[str] = set()
        now = self.clock()
        with self.database.read() as records:
            rates = FxTable(records.rates.newest(now))
            for marks in records.prices.marks():
                if marks.supplier_key in due:
                    continue
                store = marks.store
                fx = rates.conversion(marks.cost_currency, store.currency, now, self.max_rate_age)
                basis = PriceBasis.of(store.strategy, fx)
                known = [mark for mark in (marks.lowest, marks.highest) if mark is not None]
                if marks.unpriced or not all(basis.covers(mark) for mark in known):
                    due.add(marks.supplier_key)
        return sorted(due)

    def pending(self, store_ref: str | None = None, limit: int = 100) -> Sequence[ListedDecision]:
        """Decisions that a person may approve or decline, oldest first; of one store or of all.

        Raises:
            NotFound: there is no such store.
        """
        with self.database.read() as records:
            store_id = None if store_ref is None else _store_id(records, store_ref)
            return records.price_decisions.asking(store_id, limit)

    def approve(self, decision_id: str) -> ListedDecision:
        """Put a waiting or blocked price on sale; approving it again changes nothing.

        Raises:
            NotFound: there is no such decision.
            Refused: it was settled otherwise, or what it was made with has changed since.
        """
        with self.database.write() as records:
            return self._approval(records).approve(decision_id)

    def approve_all(self, store_ref: str) -> Approvals:
        """Put all waiting prices of a store on sale; blocked ones want approving one by one.

        Raises:
            NotFound: there is no such store.
        """
        with self.database.write() as records:
            return self._approval(records).approve_all(_store_id(records, store_ref))

    def decline(self, decision_id: str, note: str = "") -> ListedDecision:
        """Keep the price that is on sale instead of a waiting or blocked one.

        The variant is priced again when something it is priced with changes.

        Args:
            decision_id: the decision.
            note: why, for whoever asks later.

        Raises:
            NotFound: there is no such decision.
            Refused: it was settled otherwise.
        """
        with self.database.write() as records:
            return self._approval(records).decline(decision_id, note.strip() or None)

    def below_floor(
        self, supplier_key: str | None = None, limit: int = 50
    ) -> tuple[int, Sequence[PriceBelowFloor]]:
        """How many prices of active stores are below their floor, and the first of them."""
        with self.database.read() as records:
            return records.prices.below_floor(supplier_key, limit)

    def unpriced(
        self, supplier_key: str | None = None, limit: int = 50
    ) -> tuple[int, Sequence[UnpricedVariant]]:
        """How many variants on sale in active stores have no price, and the first of them."""
        with self.database.read() as records:
            return records.prices.unpriced(supplier_key, limit)

    def explain_variant(
        self, ref: str, store_ref: str | None = None, limit: int = _DECISIONS_SHOWN
    ) -> Sequence[ListedDecision]:
        """The newest decisions about a variant, with every step.

        Args:
            ref: the variant's id, a decision's id, an SKU, or a product's id or reference.
            store_ref: where several stores have it.
            limit: the most decisions to give.

        Raises:
            NotFound: there is no such variant or store.
            Refused: several variants are called so.
        """
        with self.database.read() as records:
            store_id = None if store_ref is None else _store_id(records, store_ref)
            found = records.price_decisions.variants_called(ref, store_id, _MOST_NAMED + 1)
            return records.price_decisions.history(_the_one(ref, found).id, limit)

    def _approval(self, records: Repositories) -> Approval:
        return Approval(records, self.clock(), self.new_id, self.max_rate_age)

    def _price(self, repricing: StoreRepricing, deadline: datetime) -> StorePrices:
        error = None
        try:
            finished = self._price_pages(repricing, deadline)
            status = SyncStatus.COMPLETED if finished else SyncStatus.PARTIAL
        # One store's broken row must not keep the others from their prices.
        except Exception as fault:
            status, error = SyncStatus.FAILED, reason_of(fault)
        result = repricing.result(status, error)
        with self.database.write() as records:
            self._log(records, result, repricing)
        return result

    def _price_pages(self, repricing: StoreRepricing, deadline: datetime) -> bool:
        """Price page after page; False when the time was up before the last."""
        with self.database.read() as records:
            currencies = records.prices.cost_currencies(repricing.store.id, repricing.supplier_key)
        begun = False
        for currency in currencies:
            after: str | None = ""
            while after is not None:
                if begun and self.clock() >= deadline:
                    return False
                with self.database.write() as records:
                    page = self._price_page(records, repricing, currency, after)
                    # Whoever finds the page finds it on record, whatever happens to us.
                    so_far = repricing.with_page(page).result(SyncStatus.STARTED)
                    self._log(records, so_far, repricing)
                repricing.add(page)
                begun, after = True, page.last
        return True

    def _price_page(
        self, records: Repositories, repricing: StoreRepricing, currency: str, after: str
    ) -> PricedPage:
        store = records.prices.lock_store(repricing.store.id)
        now = self.clock()
        # Read while the store is held: an older rate could otherwise overwrite a newer one's price.
        concerned = {currency, store.currency, DEFAULT_PIVOT}
        rates = FxTable([] if currency == store.currency else records.rates.newest(now, concerned))
        fx = rates.conversion(currency, store.currency, now, self.max_rate_age)
        terms = Terms.of(store, fx)
        return PagePricing(records, store, repricing, terms, now, self.new_id).price(after)

    def _log(self, records: Repositories, result: StorePrices, repricing: StoreRepricing) -> None:
        records.inventory.log_sync(
            repricing.log_id,
            SyncOutcome(
                store_id=result.store_id,
                supplier_key=repricing.supplier_key,
                type=SyncType.PRICE,
                status=result.status,
                processed=result.priced,
                changed=result.moved,
                failed=int(result.status is SyncStatus.FAILED),
                duration_ms=round((self.clock() - repricing.started) / timedelta(milliseconds=1)),
                details={
                    "applied": result.applied,
                    "waiting": result.waiting,
                    "blocked": result.blocked,
                    "rejected": result.rejected,
                    "locked": result.locked,
                    "unchanged": result.unchanged,
                    "raised": result.raised,
                    "below_floor": result.below_floor,
                },
                started_at=repricing.started,
                run_id=repricing.run_id,
                error=result.error,
            ),
        )


def _store_id(records: Repositories, ref: str) -> str:
    store = records.stores.find(ref)
    if store is None:
        raise not_found("store", ref, records.stores.refs())
    return store.id


def _the_one(ref: str, found: Sequence[NamedVariant]) -> NamedVariant:
    if not found:
        raise NotFound(
            f"there is no variant '{ref}'; `zyenta-ops products list --variants` gives the ids of"
            " variants"
        )
    if len(found) > 1:
        named = ", ".join(
            f"{each.id} ({each.variant} in {each.store})" for each in found[:_MOST_NAMED]
        )
        more = ", …" if len(found) > _MOST_NAMED else ""
        raise Refused(f"several variants are called '{ref}'; name one by its id: {named}{more}")
    return found[0]
