"""Where prices, the decisions about them and exchange rates are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.fx import FxRate
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.price_decisions import DecisionStatus, PriceBasis
from zyenta_ops.domain.pricing import PriceOutcome, PricingStrategy, Step
from zyenta_ops.domain.stores import Document


@dataclass(frozen=True, slots=True)
class StoreToPrice:
    """A store as pricing sees it."""

    id: str
    name: str
    currency: str
    strategy: PricingStrategy


@dataclass(frozen=True, slots=True)
class VariantToPrice:
    """A variant whose price is not up to date; amounts in minor units.

    `agreed_minor` is the price that moves are measured from, `open_decision_id` the decision that
    the next one supersedes.
    """

    id: str
    product_id: str
    title: str
    offer_id: str
    offer_revision: int | None
    cost_minor: int
    list_price_minor: int | None
    price_minor: int | None
    compare_at_minor: int | None
    floor_minor: int | None
    agreed_minor: int | None
    locked: bool
    open_decision_id: str | None


@dataclass(frozen=True, slots=True)
class PriceUpdate:
    """What a variant sells at from now on, and what that was made with."""

    variant_id: str
    price_minor: int | None
    compare_at_minor: int | None
    floor_minor: int | None
    cost_minor: int
    list_price_minor: int | None
    locked: bool
    mark: str


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A price decision as it is remembered; prices are in the store's currency.

    `previous` is the agreed price that the move was measured from, `price` the decided one,
    `published` what was on sale once it was decided. `offer_revision` and `offer_id` name the
    observation of the supplier's offer it came from. `priced_with` is a `PriceBasis.mark`.
    """

    id: str
    variant_id: str
    store_id: str
    outcome: PriceOutcome
    status: DecisionStatus
    previous: Money | None
    price: Money | None
    published: Money | None
    compare_at: Money | None
    floor: Money | None
    currency: str
    reason: str
    inputs: Document
    steps: tuple[Step, ...]
    priced_with: str
    offer_id: str
    offer_revision: int | None
    run_id: str | None
    decided_at: datetime
    settled_at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ListedDecision:
    """A decision beside the names of what it is about; `store` is the store's subdomain."""

    store: str
    product: str
    variant: str
    decision: DecisionRecord


@dataclass(frozen=True, slots=True)
class NamedVariant:
    """A variant beside the names it goes by; `store` is the store's subdomain."""

    id: str
    store: str
    product: str
    variant: str


@dataclass(frozen=True, slots=True)
class VariantOnSale:
    """How the variant of a decision stands now; `title` is its product's."""

    variant_id: str
    product_id: str
    supplier_key: str
    title: str
    cost: Money | None
    list_price_minor: int | None
    price_minor: int | None
    locked: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks on the prices that one store makes of one supplier's costs in one currency.

    `lowest` and `highest` are None when no variant has a mark, `unpriced` tells whether any has
    none.
    """

    store: StoreToPrice
    supplier_key: str
    cost_currency: str
    lowest: str | None
    highest: str | None
    unpriced: bool


@dataclass(frozen=True, slots=True)
class PriceBelowFloor:
    """A variant on sale for less than its floor; `store` is the store's subdomain."""

    store: str
    product: str
    variant: str
    variant_id: str
    price: Money
    floor: Money
    locked: bool


@dataclass(frozen=True, slots=True)
class UnpricedVariant:
    """A variant on sale without a price; `store` is the store's subdomain.

    `reason` is why none could be made, None when none was tried yet.
    """

    store: str
    product: str
    variant: str
    variant_id: str
    cost: Money | None
    reason: str | None


class PriceRecords(Protocol):
    """Variants' prices."""

    def lock_store(self, store_id: str) -> StoreToPrice:
        """The store, whose prices nobody else changes until the transaction ends.

        Raises:
            NotFound: there is no such store.
            Refused: its pricing strategy cannot be read.
        """
        ...

    def cost_currencies(self, store_id: str, supplier_key: str) -> Sequence[str]:
        """The currencies that the store's variants of the supplier cost in."""
        ...

    def due_page(
        self,
        store_id: str,
        supplier_key: str,
        cost_currency: str,
        basis: PriceBasis,
        after: str,
        size: int,
    ) -> Sequence[VariantToPrice]:
        """Variants whose cost, list price, lock or basis is not what they were priced with.

        The first `size` of them by id that come after an id.
        """
        ...

    def apply(self, updates: Sequence[PriceUpdate], now: datetime) -> None:
        """Write prices, floors and what they were made with."""
        ...

    def publish(self, decisions: Sequence[DecisionRecord], now: datetime) -> None:
        """Put the decided prices on sale, as they are."""
        ...

    def marks(self) -> Iterator[Marks]:
        """Marks of all prices of active stores; a store with an unreadable strategy is left out."""
        ...

    def below_floor(
        self, supplier_key: str | None, limit: int
    ) -> tuple[int, Sequence[PriceBelowFloor]]:
        """How many prices of active stores are below their floor, and the first of them."""
        ...

    def unpriced(
        self, supplier_key: str | None, limit: int
    ) -> tuple[int, Sequence[UnpricedVariant]]:
        """How many variants on sale in active stores have no price, and the first of them."""
        ...


class PriceDecisionRecords(Protocol):
    """The history of price decisions."""

    def add(self, decisions: Sequence[DecisionRecord]) -> None:
        """Append decisions."""
        ...

    def supersede(self, decision_ids: Sequence[str], now: datetime) -> None:
        """End open decisions because their variants are priced anew."""
        ...

    def settle(
        self,
        decision_ids: Sequence[str],
        status: DecisionStatus,
        now: datetime,
        note: str | None = None,
    ) -> None:
        """End decisions as a person said."""
        ...

    def find(self, decision_id: str) -> ListedDecision:
        """One decision.

        Raises:
            NotFound: there is none with this id.
        """
        ...

    def asking(self, store_id: str | None, limit: int) -> Sequence[ListedDecision]:
        """Decisions that a person may approve or decline, oldest first."""
        ...

    def waiting_pages(self, store_id: str, size: int) -> Iterator[Sequence[DecisionRecord]]:
        """All WAITING decisions of a store, oldest first."""
        ...

    def on_sale(self, decisions: Sequence[DecisionRecord]) -> Sequence[VariantOnSale]:
        """How the variants of these decisions stand, in the same order."""
        ...

    def variants_called(self, ref: str, store_id: str | None, limit: int) -> Sequence[NamedVariant]:
        """Variants that this names, of one store or of all, by id.

        The id of a variant or of a decision about it names that one alone; else it is looked for
        as an SKU, and as a product's id or reference.
        """
        ...

    def history(self, variant_id: str, limit: int) -> Sequence[ListedDecision]:
        """The newest decisions about a variant, newest first."""
        ...


class RateRecords(Protocol):
    """Exchange rates by pair and moment."""

    def newest(self, now: datetime, currencies: Collection[str] | None = None) -> Sequence[FxRate]:
        """The newest rate of every pair that is not dated after `now`, by pair.

        With `currencies`, only of pairs of these.
        """
        ...

    def put(self, rates: Sequence[FxRate]) -> int:
        """Store rates; a rate of the same pair and moment is replaced.

        Returns:
            How many were not known just so.
        """
        ...


@dataclass(frozen=True, slots=True)
class SkippedRate:
    """A rate of a source that cannot be kept, and why."""

    currency: str
    reason: str


RateReader = Iterable[FxRate | SkippedRate]
"""Every rate of a source, read once; iterating may raise `SourceError`."""
