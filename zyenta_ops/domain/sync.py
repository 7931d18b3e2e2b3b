"""The record of what one sync did for one store, and what of a sync can fail by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SyncType(StrEnum):
    """What was synced."""

    INVENTORY = "INVENTORY"
    PRICE = "PRICE"
    FULL = "FULL"  # inventory with deeper validation


class SyncStatus(StrEnum):
    """How it ended."""

    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    PARTIAL = "PARTIAL"  # the time budget ended first; the rest stays due
    FAILED = "FAILED"


class SyncPart(StrEnum):
    """What of a supplier's sync can fail; only the success of the same part ends its failure."""

    CATALOGUE = "CATALOGUE"  # reading what the supplier offers, and believing it
    INVENTORY = "INVENTORY"  # taking it over into a store
    PRICES = "PRICES"  # pricing what a store sells
    RUN = "RUN"  # the process that does it all


@dataclass(frozen=True, slots=True)
class StoreOutcome:
    """How a store that a run reached came out of it; `error` None = well."""

    store_id: str
    store: str
    error: str | None
