"""What looking back over the work needs from the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DailyFigure:
    """One measure on one day in UTC."""

    day: date
    measure: str
    count: int


@dataclass(frozen=True, slots=True)
class StoreFreshness:
    """When a store was last brought in line with a supplier it sells from."""

    store_id: str
    store: str
    supplier_key: str
    sync_frequency: str
    last_synced_at: datetime | None
    since: datetime


class ReportingRecords(Protocol):
    """Figures over the history."""

    def daily(self, since: datetime) -> Sequence[DailyFigure]:
        """Syncs, changes, alerts and messages per day, days without any left out."""
        ...

    def freshness(self) -> Sequence[StoreFreshness]:
        """Every active store with each supplier it sells from."""
        ...
