"""Looking back: daily figures, and which stores were left behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from zyenta_ops.domain.stores import SyncFrequency
from zyenta_ops.ports import Clock, Database
from zyenta_ops.ports.reporting import DailyFigure, StoreFreshness

# Two cadences and the time a run may take: one missed tick is not yet a stale store.
STALE_AFTER = {
    SyncFrequency.HIGH: timedelta(minutes=45),
    SyncFrequency.STANDARD: timedelta(hours=3),
}


@dataclass(frozen=True)
class Reporting:
    """Read-only questions about the work done."""

    database: Database
    clock: Clock

    def daily(self, days: int) -> Sequence[DailyFigure]:
        """Measures per day over the last days, today included; days without any are left out."""
        midnight = self.clock().replace(hour=0, minute=0, second=0, microsecond=0)
        with self.database.read() as records:
            return records.reporting.daily(midnight - timedelta(days=days - 1))

    def freshness(self) -> Sequence[StoreFreshness]:
        """Every active store with each supplier it sells from."""
        with self.database.read() as records:
            return records.reporting.freshness()

    def stale_stores(self) -> list[StoreFreshness]:
        """Stores not synced within the time their cadence allows.

        A store that was never synced is stale once that time has passed since its first product
        was imported.
        """
        now = self.clock()
        return [
            each
            for each in self.freshness()
            if now - (each.last_synced_at or each.since)
            > STALE_AFTER[SyncFrequency(each.sync_frequency)]
        ]
