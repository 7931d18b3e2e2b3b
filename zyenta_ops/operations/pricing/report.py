"""What pricing did, for asset metadata, the command line and people."""

from __future__ import annotations

from dataclasses import dataclass

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.sync import StoreOutcome, SyncStatus

# Of the moved prices, so many are shown.
MOVES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class PriceMove:
    """A price that moved in a store; `before` is None for a first price."""

    store: str
    title: str
    before: Money | None
    after: Money


@dataclass(frozen=True)
class StorePrices:
    """What one run did with one store's prices, in variants.

    `priced` were looked at because something they are priced with had changed; each of them has one
    of the outcomes `applied` to `unchanged`. `raised` are those on sale at their floor while a
    bigger increase waits or is blocked, `below_floor` those locked by the merchant at a price below
    it. `moved` counts the prices that customers see change.
    """

    store_id: str
    store: str
    status: SyncStatus
    priced: int = 0
    applied: int = 0
    waiting: int = 0
    blocked: int = 0
    rejected: int = 0
    locked: int = 0
    unchanged: int = 0
    moved: int = 0
    raised: int = 0
    below_floor: int = 0
    error: str | None = None


@dataclass(frozen=True)
class PricingReport:
    """What one run did for all stores it reached; `left` stores stay due."""

    stores: tuple[StorePrices, ...]
    left: int
    moves: tuple[PriceMove, ...] = ()

    @property
    def failed(self) -> int:
        """Stores that could not be priced."""
        return sum(store.status is SyncStatus.FAILED for store in self.stores)

    @property
    def outcomes(self) -> list[StoreOutcome]:
        """How each store that was reached came out of it."""
        return [StoreOutcome(each.store_id, each.store, each.error) for each in self.stores]

    def total(self, count: str) -> int:
        """The sum over all stores of one of the counts of `StorePrices`, by its name."""
        return sum(getattr(store, count) for store in self.stores)


@dataclass(frozen=True)
class Approvals:
    """What approving all waiting prices of a store did.

    `outdated` decisions were not applied, since what they were made with has changed; the next run
    decides those anew.
    """

    store: str
    approved: int
    outdated: int
    moves: tuple[PriceMove, ...] = ()
