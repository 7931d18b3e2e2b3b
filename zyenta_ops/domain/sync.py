"""The record of what one sync did for one store."""

from __future__ import annotations

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
