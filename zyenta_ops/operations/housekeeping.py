"""Forgetting what is over, so that storage grows with what is sold and not with time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from zyenta_ops.domain.retention import Remembered, Retention
from zyenta_ops.ports import Clock, Database
from zyenta_ops.ports.housekeeping import Key
from zyenta_ops.ports.storage import ObjectStore

# On SQLite nobody else can write for the tens of milliseconds that a batch takes.
BATCH: Final = 1_000
ANSWERS: Final = "answers"


@dataclass
class Forgotten:
    """How many rows were deleted of each table, and how many of suppliers' answers.

    `left` is true when the time was up before everything that is over was looked at.
    """

    counts: Counter[str] = field(default_factory=Counter)
    left: bool = False


@dataclass(frozen=True)
class Housekeeping:
    """Deletes what is over, in batches that keep nobody else from writing for long."""

    database: Database
    clock: Clock
    objects: ObjectStore
    retention: Retention = field(default_factory=Retention)
    batch: int = BATCH

    def forget(self, budget_seconds: int) -> Forgotten:
        """Delete what is over until the time is up; a run that ends early loses nothing.

        What a decision, an offer, an alert or a product in force points to stays, however old.

        Raises:
            Refused: the object store cannot be used; rows were deleted all the same.
        """
        now = self.clock()
        deadline = now + timedelta(seconds=budget_seconds)
        done = Forgotten(Counter({**{each.value: 0 for each in Remembered}, ANSWERS: 0}))
        with self.database.write() as records:
            records.housekeeping.close_sweeps_begun(now - self.retention.records, now)
        for name, number in self._deletions(now):
            done.counts[name] += number
            if self.clock() >= deadline:
                done.left = True
                break
        return done

    def _deletions(self, now: datetime) -> Iterator[tuple[str, int]]:
        """Each batch as it is deleted: of what, and how many."""
        for what in Remembered:
            before = self.retention.cutoff(what, now)
            after: Key | None = None
            while True:
                # Looking takes longer than deleting, and keeps nobody from writing.
                with self.database.read() as records:
                    keys = records.housekeeping.over(what, before, after, self.batch)
                if not keys:
                    break
                with self.database.write() as records:
                    number = records.housekeeping.forget(what, before, keys)
                yield what.value, number
                after = keys[-1]
        yield from self._answers(now - self.retention.records)

    def _answers(self, before: datetime) -> Iterator[tuple[str, int]]:
        names = self.objects.kept_before(before)
        while batch := list(islice(names, self.batch)):
            with self.database.read() as records:
                used = records.housekeeping.answers_in_use(batch)
            unused = [name for name in batch if name not in used]
            self.objects.delete(unused)
            yield ANSWERS, len(unused)
