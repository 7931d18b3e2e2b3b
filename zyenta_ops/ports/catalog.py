"""What sweeping a supplier's catalogue and applying it to stores needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.catalog import Entry, Market, Rejection, SourceVersion
from zyenta_ops.domain.errors import SourceError
from zyenta_ops.domain.inventory import ChangeKind, StockState
from zyenta_ops.domain.stores import ProductStatus, SweepScope, SyncFrequency
from zyenta_ops.domain.sweeps import (
    CostMoves,
    ListedOffer,
    MissingOffer,
    StagedOffer,
    StoredOffer,
    SweepCounts,
    SweepStatus,
)
from zyenta_ops.domain.sync import SyncStatus, SyncType


@dataclass(frozen=True, slots=True)
class Ending:
    """How a pass over a catalogue ended.

    Attributes:
        left: due products that were not asked about.
        more: whether opening the source again goes on with them.
        trouble: what kept the pass from reading more, for people; None = nothing did.
        failure: why nothing of the pass can be taken over; None = it can.
    """

    left: int = 0
    more: bool = False
    trouble: str | None = None
    failure: SourceError | None = None


@dataclass(frozen=True)
class CatalogueReading:
    """An opened catalogue: unchanged since the known version, or a stream to read once.

    `entries` yields every entry of the source as an offer or as the reason why it is none;
    nothing is dropped silently. It is empty when `unchanged`. When the catalogue is not
    `complete`, an offer is missing only if its product is `Answered` without it. Once the entries
    are read, `ending` tells how the pass ended.
    """

    version: SourceVersion
    unchanged: bool
    entries: Iterator[Entry]
    complete: bool = True
    ending: Callable[[], Ending] = lambda: Ending()


class CatalogueSource(Protocol):
    """Where a supplier's whole catalogue can be read from."""

    def open(self, known: SourceVersion | None) -> AbstractContextManager[CatalogueReading]:
        """Open the catalogue for one pass.

        Args:
            known: the version last taken over, or None to read in any case.

        Raises:
            SourceUnavailable: trying again later may succeed.
            SourceInvalid: somebody must act first. Both may also be raised while iterating.
        """
        ...


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """What a sweep should read.

    Attributes:
        scope: of a supplier with an API, which products are due.
        deadline: nothing more is asked of a supplier with an API after it.
        product_refs: of a supplier with an API, these products whether due or not; None = what is
            due.
    """

    supplier_key: str
    scope: SweepScope
    deadline: datetime
    product_refs: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Sweep:
    """One comparison of a supplier's catalogue with what is stored."""

    id: str
    supplier_key: str
    market: Market
    sequence: int
    base_sequence: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class SweepRecord:
    """A sweep as it is remembered."""

    id: str
    supplier_key: str
    sequence: int
    status: SweepStatus
    version: SourceVersion
    counts: SweepCounts
    reasons: tuple[str, ...]
    rejections: tuple[Rejection, ...]
    error: str | None
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class OfferDifference:
    """One staged difference, as a person reads it."""

    product_ref: str
    variant_ref: str
    title: str
    difference: str
    stock_before: int | None
    stock: int | None
    cost_before_minor: int | None
    currency_before: str | None
    cost_minor: int
    currency: str


class SweepRecords(Protocol):
    """Sweeps and the offers they keep."""

    def begin(self, supplier_key: str, sweep_id: str, run_id: str | None, now: datetime) -> Sweep:
        """Open a sweep with the supplier's next sequence number; NotFound if there is none."""
        ...

    def believed_version(self, supplier_key: str) -> SourceVersion | None:
        """The source version of the last believed sweep, None before the first."""
        ...

    def count_listed(self, sweep: Sweep) -> tuple[int, int, int]:
        """Listed offers as the last believed sweep left them.

        Returns:
            How many it mentioned, how many of these can be bought, and how many it did not mention.
        """
        ...

    def differing(self, hashes: Mapping[str, str]) -> Mapping[str, StoredOffer | None]:
        """Those of the offers, given by id and content hash, that are not stored like this.

        With each, what is stored under its id, None when nothing is. An offer that is stored with
        this content but missing or gone is among them.
        """
        ...

    def listed_pages(self, sweep: Sweep, size: int) -> Iterator[Sequence[ListedOffer]]:
        """Every listed offer of the sweep's market, in pages."""
        ...

    def listed_of(self, sweep: Sweep, product_refs: Sequence[str]) -> Sequence[ListedOffer]:
        """Every listed offer of these products in the sweep's market."""
        ...

    def stage(self, sweep: Sweep, offers: Sequence[StagedOffer]) -> bool:
        """Keep differences of listed offers with the sweep.

        False, keeping nothing, when another process has closed the sweep.
        """
        ...

    def stage_missing(self, sweep: Sweep, offers: Sequence[MissingOffer]) -> bool:
        """Keep differences of absent offers with the sweep; False as in `stage`."""
        ...

    def hold(self, supplier_key: str, sweep_id: str) -> bool:
        """Let no other sweep of the supplier begin or end until the transaction ends.

        Returns:
            Whether this one may still be settled: nobody closed it, and no other was promoted
            since it began.
        """
        ...

    def promote(self, sweep_id: str, now: datetime) -> None:
        """Make the differences of a sweep that is held the offers in force, all or nothing."""
        ...

    def believe_absences(self, sweep_id: str) -> int:
        """Make what a promoted sweep found missing gone at once; how many offers."""
        ...

    def finish(
        self,
        sweep_id: str,
        status: SweepStatus,
        now: datetime,
        *,
        version: SourceVersion | None = None,
        counts: SweepCounts | None = None,
        reasons: Sequence[str] = (),
        rejections: Sequence[Rejection] = (),
        error: str | None = None,
    ) -> None:
        """Close a sweep with its outcome."""
        ...

    def discard_staged(self, sweep_id: str) -> None:
        """Drop the staged differences of a sweep that will not be promoted."""
        ...

    def latest(
        self, supplier_key: str, statuses: Iterable[SweepStatus] | None = None
    ) -> SweepRecord | None:
        """The newest sweep of a supplier, of these statuses when given."""
        ...

    def abandoned(self, supplier_key: str, before_sequence: int) -> list[str]:
        """Ids of older sweeps that still count as running or wait in quarantine."""
        ...

    def quarantined(self) -> list[SweepRecord]:
        """The sweeps of all suppliers that wait in quarantine, by supplier."""
        ...

    def quarantined_products(self, supplier_key: str) -> list[str]:
        """The products that the sweep in quarantine names; empty when none waits."""
        ...

    def recent_moves(
        self, sweep: Sweep, since: datetime, without: Sequence[str]
    ) -> tuple[int, CostMoves]:
        """What became of the costs of products that were answered since a time.

        Moves that a person let through do not count.

        Args:
            sweep: of the supplier and market.
            since: the time.
            without: products that are left out.

        Returns:
            How many listed offers these products have, and how the costs of them moved.
        """
        ...

    def differences(self, sweep_id: str, limit: int) -> list[OfferDifference]:
        """The first staged differences, the most alarming first."""
        ...


@dataclass(frozen=True, slots=True)
class StoreToSync:
    """A store due for its sync with one supplier."""

    id: str
    name: str
    low_threshold: int
    last_synced_at: datetime | None


@dataclass(frozen=True, slots=True)
class VariantToSync:
    """A variant whose offer, or what is reserved of it, changed since it was last applied."""

    variant_id: str
    product_id: str
    before: StockState | None
    cost_minor: int | None
    cost_currency: str | None
    reserved: int
    listing: str
    saleable: bool
    supplier_stock: int | None
    in_stock: bool
    offer_cost_minor: int
    offer_currency: str
    list_price_minor: int | None
    revision: int


@dataclass(frozen=True, slots=True)
class VariantUpdate:
    """A variant's new stock and cost, and the offer and the reserved units they are made of."""

    variant_id: str
    state: StockState
    cost_minor: int
    cost_currency: str
    list_price_minor: int | None
    revision: int
    reserved: int


@dataclass(frozen=True, slots=True)
class ProductChange:
    """One thing that happened to a variant, for alerts and the merchant's history."""

    variant_id: str
    product_id: str
    kind: ChangeKind
    before: int | None
    after: int | None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What one sync did for one store."""

    store_id: str
    supplier_key: str
    type: SyncType
    status: SyncStatus
    processed: int
    changed: int
    failed: int
    duration_ms: int
    details: Mapping[str, object]
    started_at: datetime
    run_id: str | None = None
    error: str | None = None


class InventoryRecords(Protocol):
    """Products and variants as the inventory operation reads and writes them."""

    def suppliers_due(self, frequencies: Sequence[SyncFrequency], now: datetime) -> list[str]:
        """Active, unblocked suppliers that an active store of these frequencies sells from."""
        ...

    def suppliers_unsynced(self) -> list[str]:
        """Suppliers with a variant in an active store that took over no offer yet."""
        ...

    def stores_due(self, supplier_key: str, scope: SweepScope) -> list[StoreToSync]:
        """Active stores of the scope selling from the supplier, HIGH and longest unsynced first."""
        ...

    def count_variants(self, store_id: str, supplier_key: str) -> int:
        """Variants of the store that come from the supplier."""
        ...

    def due_page(
        self, store_id: str, supplier_key: str, after: str, size: int
    ) -> Sequence[VariantToSync]:
        """Variants whose offer or reserve changed, which nobody else applies meanwhile.

        The first `size` of them by id that come after an id, and then, so that products are whole,
        whatever else of the same products is due.
        """
        ...

    def apply(self, updates: Sequence[VariantUpdate], now: datetime) -> None:
        """Write new stock and cost; an update older than what is stored is passed over."""
        ...

    def refresh_statuses(
        self, product_ids: Sequence[str], now: datetime
    ) -> Sequence[tuple[str, ProductStatus, ProductStatus]]:
        """Derive product statuses from their variants; (product, before, after) that moved."""
        ...

    def record_changes(
        self,
        store_id: str,
        supplier_key: str,
        changes: Sequence[tuple[str, ProductChange]],
        now: datetime,
    ) -> None:
        """Append (id, change) pairs to the stores' history."""
        ...

    def log_sync(self, log_id: str, outcome: SyncOutcome) -> None:
        """Write a row of the sync log, or bring the one of this id up to date."""
        ...

    def close_unfinished(self, supplier_key: str, types: Sequence[SyncType]) -> None:
        """Call those syncs failed that are on record as begun and not as ended.

        One that is alive after all brings its row up to date when it ends.
        """
        ...

    def findings(self, supplier_key: str, store_id: str) -> Mapping[str, int]:
        """Deeper validation: how many listings of the store have which fault, by its name."""
        ...
