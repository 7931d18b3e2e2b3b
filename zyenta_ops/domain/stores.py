"""Stores, their products and suppliers: the closed sets of words that describe them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PlanTier(StrEnum):
    """What an account pays for."""

    FREE = "FREE"
    STARTER = "STARTER"
    AUTOPILOT = "AUTOPILOT"


class StoreStatus(StrEnum):
    """Whether a store is kept in sync."""

    ACTIVE = "ACTIVE"  # synced on its cadence
    PAUSED = "PAUSED"  # left as it is until resumed
    CLOSED = "CLOSED"  # kept for its history only


class SyncFrequency(StrEnum):
    """How often a store is synced."""

    HIGH = "HIGH"  # every 15 minutes
    STANDARD = "STANDARD"  # hourly


class Cadence(StrEnum):
    """Which stores a run serves."""

    HIGH = "HIGH"
    STANDARD = "STANDARD"
    FULL = "FULL"  # every active store, with deeper validation


class ProductStatus(StrEnum):
    """Where a product stands in its store."""

    DRAFT = "DRAFT"  # imported, not shown yet
    ACTIVE = "ACTIVE"  # on sale
    OUT_OF_STOCK = "OUT_OF_STOCK"  # hidden until the supplier restocks
    ON_HOLD = "ON_HOLD"  # hidden by a person; no sweep brings it back
    DELISTED = "DELISTED"  # hidden: the supplier no longer lists it
    ARCHIVED = "ARCHIVED"  # retired by a person


class SupplierKind(StrEnum):
    """Which adapter speaks to a supplier."""

    FEED = "FEED"  # a product feed at a path, URL or bucket


class SupplierStatus(StrEnum):
    """Whether a supplier's catalogue is swept."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"


@dataclass(frozen=True, slots=True)
class SweepScope:
    """What one run of a supplier's assets covers.

    An empty `store_ids` means every active store of the cadence; `cadence` None means all
    cadences. FULL covers every active store whatever its frequency.
    """

    store_ids: tuple[str, ...] = ()
    cadence: Cadence | None = None
    budget_seconds: int = 600

    def frequencies(self) -> tuple[SyncFrequency, ...]:
        """The store frequencies that the cadence serves."""
        if self.cadence is Cadence.HIGH:
            return (SyncFrequency.HIGH,)
        if self.cadence is Cadence.STANDARD:
            return (SyncFrequency.STANDARD,)
        return tuple(SyncFrequency)
