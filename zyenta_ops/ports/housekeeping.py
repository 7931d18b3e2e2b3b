"""What forgetting needs from the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.retention import Remembered

Key = tuple[str, ...]


class HousekeepingRecords(Protocol):
    """Rows that are over and that nothing in force points to."""

    def over(self, what: Remembered, before: datetime, after: Key | None, size: int) -> list[Key]:
        """Keys of rows that may be forgotten, in order; some of those that follow a key."""
        ...

    def forget(self, what: Remembered, before: datetime, keys: Sequence[Key]) -> int:
        """Delete those of the rows that may be forgotten still; how many they were."""
        ...

    def close_sweeps_begun(self, before: datetime, now: datetime) -> int:
        """Call those sweeps overtaken that began before a time and never ended; their number."""
        ...

    def answers_in_use(self, names: Collection[str]) -> Collection[str]:
        """Those of the names of suppliers' answers that a watched product points to."""
        ...
