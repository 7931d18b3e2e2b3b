"""One store's prices of one supplier's goods, brought up to date within one transaction.

Whole pages are decided at once; what is worth remembering is then written down step by step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

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
from zyenta_ops.domain.pricing.staircase import Column
from zyenta_ops.domain.stores import Document
from zyenta_ops.operations.pricing.report import PriceMove
from zyenta_ops.ports import NewId, Repositories
from zyenta_ops.ports.catalog import ProductChange
from zyenta_ops.ports.pricing import DecisionRecord, PriceUpdate, StoreToPrice, VariantToPrice

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


@dataclass(frozen=True)
class _Terms:
    """What all variants of a store that cost the same currency are priced with."""

    cost_currency: str
    fx: Conversion | FxUnavailable
    basis: PriceBasis
    inputs: Document


@dataclass(frozen=True)
class _Page:
    """Variants with what they were on sale at, what was decided, and what they sell at now."""

    terms: _Terms
    variants: Sequence[VariantToPrice]
    rows: PriceRows
    before: OnSale
    decided: PriceColumns
    after: OnSale


@dataclass
class StoreRepricing:
    """The running state of pricing one store; the caller holds the store and its transaction."""

    records: Repositories
    store: StoreToPrice
    supplier_key: str
    now: datetime
    new_id: NewId
    run_id: str | None
    moves_wanted: int
    counts: Counter[str] = field(default_factory=Counter)
    moves: list[PriceMove] = field(default_factory=list)

    def price(self, cost_currency: str, fx: Conversion | FxUnavailable) -> None:
        """Price every variant that costs this currency and is not up to date."""
        strategy = self.store.strategy
        terms = _Terms(
            cost_currency,
            fx,
            PriceBasis.of(strategy, fx),
            {"strategy": strategy.fingerprint(), "rate": _rate(fx)},
        )
        for variants in self.records.prices.due_pages(
            self.store.id, self.supplier_key, cost_currency, terms.basis, PAGE
        ):
            self._save(self._decide(terms, variants))

    def _decide(self, terms: _Terms, variants: Sequence[VariantToPrice]) -> _Page:
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
            terms.fx,
            rows.current,
            rows.listed,
            rows.locked,
        )
        return _Page(terms, variants, rows, before, decided, on_sale(decided, rows.current, before))

    def _save(self, page: _Page) -> None:
        moved = page.after.price_minor != page.before.price_minor
        worth_recording = moved | ~(
            page.decided.where(PriceOutcome.UNCHANGED) | page.decided.where(PriceOutcome.LOCKED)
        )
        superseded = [each.open_decision_id for each in page.variants if each.open_decision_id]
        self.records.price_decisions.supersede(superseded, self.now)
        self.records.price_decisions.add(self._to_record(page, np.flatnonzero(worth_recording)))
        self.records.prices.apply(_updates(page), self.now)
        self._tell(page, np.flatnonzero(moved).tolist())
        self._count(page, int(moved.sum()))

    def _to_record(self, page: _Page, rows: Column) -> list[DecisionRecord]:
        decisions = explain_prices(
            self.store.strategy, page.terms.fx, page.rows, page.decided, rows
        )
        return [
            self._record(page.terms, page.variants[row], decision, agreed, published)
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
        terms: _Terms,
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
                "cost_currency": terms.cost_currency,
                "list_price_minor": variant.list_price_minor,
                **terms.inputs,
            },
            steps=(*decision.steps, step) if step else decision.steps,
            priced_with=terms.basis.mark,
            offer_id=variant.offer_id,
            offer_revision=variant.offer_revision,
            run_id=self.run_id,
            decided_at=self.now,
        )

    def _tell(self, page: _Page, rows: Sequence[int]) -> None:
        changes = []
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
            if len(self.moves) < self.moves_wanted:
                self.moves.append(PriceMove(self.store.name, variant.title, before, after))
        self.records.inventory.record_changes(self.store.id, self.supplier_key, changes, self.now)

    def _count(self, page: _Page, moved: int) -> None:
        per_outcome = np.bincount(page.decided.outcome, minlength=len(OUTCOMES)).tolist()
        for outcome, count in zip(OUTCOMES, per_outcome, strict=True):
            self.counts[_COUNTED[outcome]] += count
        self.counts["priced"] += len(page.variants)
        self.counts["moved"] += moved
        held = page.decided.where(_HELD[0]) | page.decided.where(_HELD[1])
        self.counts["raised"] += int((held & (page.after.price_minor > page.rows.current)).sum())
        losing = (page.after.price_minor > 0) & (page.after.price_minor < page.after.floor_minor)
        self.counts["below_floor"] += int(losing.sum())

    def _money(self, minor: int) -> Money | None:
        return Money(minor, self.store.currency) if minor > 0 else None


def _column(values: Sequence[int | None]) -> Column:
    return np.array([value or 0 for value in values], np.int64)


def _updates(page: _Page) -> list[PriceUpdate]:
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
            mark=page.terms.basis.mark,
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
