"""What a person decides about prices that wait: approve or decline, while they are current."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fx import FxTable
from zyenta_ops.domain.inventory import ChangeKind
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.price_decisions import ASKING, DecisionStatus, PriceBasis
from zyenta_ops.operations.pricing.report import MOVES_SHOWN, Approvals, PriceMove
from zyenta_ops.ports import NewId, Repositories
from zyenta_ops.ports.catalog import ProductChange
from zyenta_ops.ports.pricing import DecisionRecord, ListedDecision, StoreToPrice, VariantOnSale

_PAGE: Final = 1_000

_SETTLED: Final = {
    DecisionStatus.APPLIED: "was published when it was made",
    DecisionStatus.APPROVED: "was approved and published",
    DecisionStatus.DECLINED: "was declined",
    DecisionStatus.REJECTED: "has no price; a new cost or exchange rate gives the variant one",
    DecisionStatus.SUPERSEDED: "was superseded: the variant has been priced anew since",
}


@dataclass(frozen=True)
class Approval:
    """A person's word on waiting prices, within one transaction."""

    records: Repositories
    now: datetime
    new_id: NewId
    max_rate_age: timedelta

    def approve(self, decision_id: str) -> ListedDecision:
        """See `Pricing.approve`."""
        store, decision = self._hold(decision_id)
        if decision.status is not DecisionStatus.APPROVED:
            _must_ask(decision)
            (variant,) = self.records.price_decisions.on_sale([decision])
            reason = self._outdated(store, decision, variant, self._rates())
            if reason is not None:
                raise Refused(
                    f"the price decision '{decision_id}' is out of date: {reason};"
                    " the next pricing run decides anew"
                )
            self._publish([(decision, variant)])
        return self.records.price_decisions.find(decision_id)

    def approve_all(self, store_id: str) -> Approvals:
        """See `Pricing.approve_all`."""
        store = self.records.prices.lock_store(store_id)
        rates = self._rates()
        approved = outdated = 0
        moves: list[PriceMove] = []
        for page in self.records.price_decisions.waiting_pages(store_id, _PAGE):
            variants = self.records.price_decisions.on_sale(page)
            current = [
                (decision, variant)
                for decision, variant in zip(page, variants, strict=True)
                if self._outdated(store, decision, variant, rates) is None
            ]
            self._publish(current)
            approved += len(current)
            outdated += len(page) - len(current)
            moves += _moves(store, current[: MOVES_SHOWN - len(moves)])
        return Approvals(store.name, approved, outdated, tuple(moves))

    def decline(self, decision_id: str, note: str | None) -> ListedDecision:
        """See `Pricing.decline`."""
        _, decision = self._hold(decision_id)
        if decision.status is not DecisionStatus.DECLINED:
            _must_ask(decision)
            self.records.price_decisions.settle(
                [decision_id], DecisionStatus.DECLINED, self.now, note
            )
        return self.records.price_decisions.find(decision_id)

    def _hold(self, decision_id: str) -> tuple[StoreToPrice, DecisionRecord]:
        """The decision as it stands while its store is held, so that nothing overtakes us."""
        store_id = self.records.price_decisions.find(decision_id).decision.store_id
        store = self.records.prices.lock_store(store_id)
        return store, self.records.price_decisions.find(decision_id).decision

    def _rates(self) -> FxTable:
        return FxTable(self.records.rates.newest(self.now))

    def _outdated(
        self,
        store: StoreToPrice,
        decision: DecisionRecord,
        variant: VariantOnSale,
        rates: FxTable,
    ) -> str | None:
        """Why a decision can no longer be taken at its word; None when it can."""
        if variant.locked:
            return "the merchant locked the product's price"
        inputs = decision.inputs
        decided_for = Money(inputs["cost_minor"], inputs["cost_currency"])
        if variant.cost is None or variant.cost != decided_for:
            return f"it was made for a cost of {decided_for} and the cost is {variant.cost} now"
        if variant.list_price_minor != inputs["list_price_minor"]:
            return "the supplier's list price has changed"
        fx = rates.conversion(variant.cost.currency, store.currency, self.now, self.max_rate_age)
        basis = PriceBasis.of(store.strategy, fx)
        if not basis.same_strategy(decision.priced_with):
            return "the store's pricing strategy has changed"
        if not basis.covers(decision.priced_with):
            return f"the exchange rate from {fx.base} to {fx.quote} has changed"
        return None

    def _publish(self, approved: Sequence[tuple[DecisionRecord, VariantOnSale]]) -> None:
        decisions = [decision for decision, _ in approved]
        self.records.prices.publish(decisions, self.now)
        self.records.price_decisions.settle(
            [each.id for each in decisions], DecisionStatus.APPROVED, self.now
        )
        changes: defaultdict[tuple[str, str], list[tuple[str, ProductChange]]] = defaultdict(list)
        for decision, variant in approved:
            if decision.price is None or decision.price.minor == variant.price_minor:
                continue
            change = ProductChange(
                variant.variant_id,
                variant.product_id,
                ChangeKind.PRICE,
                variant.price_minor,
                decision.price.minor,
                decision.currency,
            )
            changes[decision.store_id, variant.supplier_key].append((self.new_id(), change))
        for (store_id, supplier_key), of_supplier in changes.items():
            self.records.inventory.record_changes(store_id, supplier_key, of_supplier, self.now)


def _must_ask(decision: DecisionRecord) -> None:
    if decision.status not in ASKING:
        raise Refused(
            f"the price decision '{decision.id}' {_SETTLED[decision.status]};"
            f" see `zyenta-ops price history {decision.variant_id}`"
        )


def _moves(
    store: StoreToPrice, approved: Sequence[tuple[DecisionRecord, VariantOnSale]]
) -> list[PriceMove]:
    return [
        PriceMove(
            store.name,
            variant.title,
            None if variant.price_minor is None else Money(variant.price_minor, decision.currency),
            decision.price,
        )
        for decision, variant in approved
        if decision.price is not None
    ]
