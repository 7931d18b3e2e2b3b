"""One store's prices of one supplier's goods, brought up to date page by page.

Whole pages are decided at once; what is worth remembering is then written down step by step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import numpy as np

from zyenta_ops.domain.fx import Conversion, FxUnavailable
from zyenta_ops.domain.inventory import ChangeKind
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.price_decisions import OnSale, PriceBasis, first_status, on_sale
from zyenta_ops.domain.pricing import (
    OUTCOMES,
    PriceColumns,
    PriceDecision,
    PriceOutcome,
    PriceRows,
    Step,
    decide_prices,
    explain_prices,
)
from zyenta_ops.domain.pricing.rows import Mask
from zyenta_ops.domain.pricing.staircase import Column
from zyenta_ops.domain.stores import Document
from zyenta_ops.domain.sync import SyncStatus
from zyenta_ops.operations.pricing.report import PriceMove, StorePrices
from zyenta_ops.ports import NewId, Repositories
from zyenta_ops.ports.catalog import ProductChange, StoreToSync
from zyenta_ops.ports.pricing import DecisionRecord, PriceUpdate, StoreToPrice, VariantToPrice

# On SQLite nobody else can write for the 0.3 s that a page takes.
PAGE: Final = 2_000

_HELD: Final = (PriceOutcome.NEEDS_APPROVAL, PriceOutcome.BLOCKED)
_COUNTED: Final = {
    PriceOutcome.APPLIED: "applied",
    PriceOutcome.NEEDS_APPROVAL: "waiting",
    PriceOutcome.BLOCKED: "blocked",
    PriceOutcome.REJECTED: "rejected",
    PriceOutcome.LOCKED: "locked",
    PriceOutcome.UNCHANGED: "unchanged",
}


@dataclass
class StoreRepricing:
    """Pricing one store: which, and what the pages that were committed did so far.

    `log_id` and `started` are those of its row in the sync log.
    """

    log_id: str
    store: StoreToSync
    supplier_key: str
    started: datetime
    run_id: str | None
    moves_wanted: int
    counts: Counter[str] = field(default_factory=Counter)
    moves: list[PriceMove] = field(default_factory=list)

    def add(self, page: PricedPage) -> None:
        """Take note of a page that was committed."""
        self.counts += page.counts
        self.moves += page.moves

    def with_page(self, page: PricedPage) -> StoreRepricing:
        """The same once a page is committed."""
        return replace(self, counts=self.counts + page.counts, moves=[*self.moves, *page.moves])

    def result(self, status: SyncStatus, error: str | None = None) -> StorePrices:
        """What was done to the store."""
        counts: dict[str, Any] = dict(self.counts)
        return StorePrices(self.store.id, self.store.name, status, **counts, error=error)


@dataclass(frozen=True)
class PricedPage:
    """What one page did; `last` is where the next one begins, None after the last."""

    last: str | None
    counts: Counter[str]
    moves: list[PriceMove]


@dataclass(frozen=True)
class Terms:
    """What all variants of a store that cost the same currency are priced with."""

    cost_currency: str
    fx: Conversion | FxUnavailable
    basis: PriceBasis
    inputs: Document

    @classmethod
    def of(cls, store: StoreToPrice, fx: Conversion | FxUnavailable) -> Terms:
        """The terms at today's conversion."""
        inputs = {"strategy": store.strategy.fingerprint(), "rate": _rate(fx)}
        return cls(fx.base, fx, PriceBasis.of(store.strategy, fx), inputs)


@dataclass(frozen=True)
class _Page:
    """Variants with what they were on sale at, what was decided, and what they sell at now."""

    variants: Sequence[VariantToPrice]
    rows: PriceRows
    before: OnSale
    decided: PriceColumns
    after: OnSale


@dataclass(frozen=True)
class PagePricing:
    """Pricing one page; the caller holds the store and its transaction."""

    records: Repositories
    store: StoreToPrice
    repricing: StoreRepricing
    terms: Terms
    now: datetime
    new_id: NewId

    def price(self, after: str) -> PricedPage:
        """Price the variants, from an id on, that cost this currency and are not up to date."""
        variants = self.records.prices.due_page(
            self.store.id,
            self.repricing.supplier_key,
            self.terms.cost_currency,
            self.terms.basis,
            after,
            PAGE,
        )
        page = self._decide(variants)
        moved = page.after.price_minor != page.before.price_minor
        self._save(page, moved)
        return PricedPage(
            last=variants[-1].id if len(variants) == PAGE else None,
            counts=self._counts(page, int(moved.sum())),
            moves=self._tell(page, np.flatnonzero(moved).tolist()),
        )

    def _decide(self, variants: Sequence[VariantToPrice]) -> _Page:
        before = OnSale(
            _column([each.price_minor for each in variants]),
            _column([each.compare_at_minor for each in variants]),
            _column([each.floor_minor for each in variants]),
        )
        rows = PriceRows(
            cost=_column([each.cost_minor for each in variants]),
            current=_column([each.agreed_minor for each in variants]),
            listed=_column([each.list_price_minor for each in variants]),
            locked=np.array([each.locked for each in variants], np.bool_),
        )
        decided = decide_prices(
            self.store.strategy,
            rows.cost,
            self.store.currency,
            self.terms.fx,
            rows.current,
            rows.listed,
            rows.locked,
        )
        return _Page(variants, rows, before, decided, on_sale(decided, rows.current, before))

    def _save(self, page: _Page, moved: Mask) -> None:
        worth_recording = moved | ~(
            page.decided.where(PriceOutcome.UNCHANGED) | page.decided.where(PriceOutcome.LOCKED)
        )
        superseded = [each.open_decision_id for each in page.variants if each.open_decision_id]
        self.records.price_decisions.supersede(superseded, self.now)
        self.records.price_decisions.add(self._to_record(page, np.flatnonzero(worth_recording)))
        self.records.prices.apply(_updates(page, self.terms.basis.mark), self.now)

    def _to_record(self, page: _Page, rows: Column) -> list[DecisionRecord]:
        decisions = explain_prices(
            self.store.strategy, self.terms.fx, page.rows, page.decided, rows
        )
        return [
            self._record(page.variants[row], decision, agreed, published)
            for row, decision, agreed, published in zip(
                rows.tolist(),
                decisions,
                map(self._money, page.rows.current[rows].tolist()),
                map(self._money, page.after.price_minor[rows].tolist()),
                strict=True,
            )
        ]

    def _record(
        self,
        variant: VariantToPrice,
        decision: PriceDecision,
        agreed: Money | None,
        published: Money | None,
    ) -> DecisionRecord:
        step = _published(decision.outcome, agreed, published)
        return DecisionRecord(
            id=self.new_id(),
            variant_id=variant.id,
            store_id=self.store.id,
            outcome=decision.outcome,
            status=first_status(decision.outcome),
            previous=agreed,
            price=decision.price,
            published=published,
            compare_at=decision.compare_at,
            floor=decision.floor,
            currency=self.store.currency,
            reason=decision.reason,
            inputs={
                "cost_minor": variant.cost_minor,
                "cost_currency": self.terms.cost_currency,
                "list_price_minor": variant.list_price_minor,
                **self.terms.inputs,
            },
            steps=(*decision.steps, step) if step else decision.steps,
            priced_with=self.terms.basis.mark,
            offer_id=variant.offer_id,
            offer_revision=variant.offer_revision,
            run_id=self.repricing.run_id,
            decided_at=self.now,
        )

    def _tell(self, page: _Page, rows: Sequence[int]) -> list[PriceMove]:
        changes: list[tuple[str, ProductChange]] = []
        moves: list[PriceMove] = []
        wanted = self.repricing.moves_wanted - len(self.repricing.moves)
        for row in rows:
            variant = page.variants[row]
            before = self._money(int(page.before.price_minor[row]))
            after = Money(int(page.after.price_minor[row]), self.store.currency)
            change = ProductChange(
                variant.id,
                variant.product_id,
                ChangeKind.PRICE,
                before.minor if before else None,
                after.minor,
                self.store.currency,
            )
            changes.append((self.new_id(), change))
            if len(moves) < wanted:
                moves.append(PriceMove(self.store.name, variant.title, before, after))
        self.records.inventory.record_changes(
            self.store.id, self.repricing.supplier_key, changes, self.now
        )
        return moves

    def _counts(self, page: _Page, moved: int) -> Counter[str]:
        per_outcome = np.bincount(page.decided.outcome, minlength=len(OUTCOMES)).tolist()
        held = page.decided.where(_HELD[0]) | page.decided.where(_HELD[1])
        losing = (page.after.price_minor > 0) & (page.after.price_minor < page.after.floor_minor)
        counts = Counter(
            priced=len(page.variants),
            moved=moved,
            raised=int((held & (page.after.price_minor > page.rows.current)).sum()),
            below_floor=int(losing.sum()),
        )
        for outcome, number in zip(OUTCOMES, per_outcome, strict=True):
            counts[_COUNTED[outcome]] = number
        return counts

    def _money(self, minor: int) -> Money | None:
        return Money(minor, self.store.currency) if minor > 0 else None


def _column(values: Sequence[int | None]) -> Column:
    return np.array([value or 0 for value in values], np.int64)


def _updates(page: _Page, mark: str) -> list[PriceUpdate]:
    columns = zip(
        page.variants,
        page.after.price_minor.tolist(),
        page.after.compare_at_minor.tolist(),
        page.after.floor_minor.tolist(),
        strict=True,
    )
    return [
        PriceUpdate(
            variant_id=variant.id,
            price_minor=price or None,
            compare_at_minor=compare_at or None,
            floor_minor=floor or None,
            cost_minor=variant.cost_minor,
            list_price_minor=variant.list_price_minor,
            locked=variant.locked,
            mark=mark,
        )
        for variant, price, compare_at, floor in columns
    ]


def _published(outcome: PriceOutcome, agreed: Money | None, published: Money | None) -> Step | None:
    """What is on sale where that is not the decided price."""
    if (
        published is None
        or agreed is None
        or outcome
        in (
            PriceOutcome.APPLIED,
            PriceOutcome.REJECTED,
        )
    ):
        return None
    if outcome is PriceOutcome.UNCHANGED:
        detail = f"the agreed {agreed} is back"
    elif published == agreed:
        detail = f"{agreed} stays until a person decides"
    else:
        detail = f"the floor, until a person decides: {agreed} is below it"
    return Step("on sale", detail, published.amount)


def _rate(fx: Conversion | FxUnavailable) -> Document | None:
    """The exchange rates of a conversion as they are remembered; None where none was needed."""
    if isinstance(fx, FxUnavailable) or not fx.legs:
        return None
    return {
        "factor": str(fx.factor),
        "legs": [
            {
                "base": leg.base,
                "quote": leg.quote,
                "rate": str(leg.rate),
                "as_of": leg.as_of.isoformat(),
                "source": leg.source,
            }
            for leg in fx.legs
        ],
    }
