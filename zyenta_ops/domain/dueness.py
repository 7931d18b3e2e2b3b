"""Which products to ask a supplier about next, when it lets us ask about only so many.

Urgent products come first, but never all of the time: a share of every run goes to those that
were not looked at for longest, so that nothing is forgotten however small the quota is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from math import ceil
from types import MappingProxyType
from typing import Final

from zyenta_ops.domain.stores import Cadence

# After a sale or a change the next change is likely near.
RECENT: Final = timedelta(days=2)
# Of what a run may ask, so many percent go to the longest unseen.
OLDEST_PERCENT: Final = 25
# Failing again and again, a product waits longer and longer, up to a day.
LONGEST_BACKOFF: Final = timedelta(days=1)
FIRST_BACKOFF: Final = timedelta(minutes=5)

# A product is due a little before its cadence comes round, since ticks are not punctual.
EVERY: Final = {
    Cadence.HIGH: timedelta(minutes=15),
    Cadence.STANDARD: timedelta(hours=1),
    Cadence.FULL: timedelta(days=1),
}
_SLACK: Final = timedelta(minutes=3)


class Urgency(IntEnum):
    """Why a product is asked about; the lower the sooner."""

    PENDING = 0  # a customer has paid for it and it is not ordered yet
    NEW = 1  # never read
    SOLD = 2  # sold within `RECENT`
    CHANGED = 3  # changed within `RECENT`, or the supplier says so
    HIGH = 4  # a store on HIGH sells it
    REST = 5
    UNSOLD = 6  # no active store sells it


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known of a product that we ask a supplier about.

    Attributes:
        read_at: when it was last answered; None = never.
        hinted_at: when the supplier last said by itself that it changed; None = never.
        failures: times in a row that it was asked for and not answered since.
        pending: units paid for and not ordered yet.
        high: whether an active store on HIGH sells it.
        sold: whether any active store sells it.
    """

    product_ref: str
    read_at: datetime | None = None
    asked_at: datetime | None = None
    changed_at: datetime | None = None
    sold_at: datetime | None = None
    hinted_at: datetime | None = None
    failures: int = 0
    pending: int = 0
    high: bool = False
    sold: bool = True

    def urgency(self, now: datetime) -> Urgency:
        """Why it is asked about."""
        if self.pending:
            return Urgency.PENDING
        if not self.sold:
            return Urgency.UNSOLD
        if self.read_at is None:
            return Urgency.NEW
        if self.sold_at is not None and now - self.sold_at <= RECENT:
            return Urgency.SOLD
        if self._is_hinted() or (self.changed_at is not None and now - self.changed_at <= RECENT):
            return Urgency.CHANGED
        return Urgency.HIGH if self.high else Urgency.REST

    def is_due(self, cadence: Cadence, now: datetime) -> bool:
        """Whether a run of the cadence should ask about it."""
        if self.asked_at is not None and now - self.asked_at < self._backoff():
            return False
        if self.read_at is None or cadence is Cadence.FULL:
            return True
        if self._is_hinted() and self.sold:
            return True
        every = EVERY[Cadence.HIGH if self.high or self.pending else Cadence.STANDARD]
        if cadence is Cadence.HIGH and not (self.high or self.pending):
            return False
        return self.sold and now - self.read_at >= every - _SLACK

    def _is_hinted(self) -> bool:
        """Whether it was not read since the supplier spoke of it."""
        return self.hinted_at is not None and (
            self.read_at is None or self.read_at < self.hinted_at
        )

    def _backoff(self) -> timedelta:
        if not self.failures:
            return timedelta(0)
        doubled: timedelta = FIRST_BACKOFF * 2 ** min(self.failures - 1, 10)
        return min(LONGEST_BACKOFF, doubled)


def plan(watches: Iterable[Watch], cadence: Cadence, most: int, now: datetime) -> list[str]:
    """References to ask about, in order, at most `most` of them.

    The first three quarters go by urgency, and by age among equals; the others are the longest
    unseen, mixed in evenly, so that a run cut short has served both.
    """
    due = [each for each in watches if each.is_due(cadence, now)]
    urgent = sorted(due, key=lambda each: (each.urgency(now), *_age(each)))
    if len(urgent) <= most:
        return [each.product_ref for each in urgent]
    for_oldest = most * OLDEST_PERCENT // 100
    chosen = urgent[: most - for_oldest]
    taken = {each.product_ref for each in chosen}
    oldest = [each for each in sorted(due, key=_age) if each.product_ref not in taken]
    return _mixed(
        [each.product_ref for each in chosen],
        [each.product_ref for each in oldest[:for_oldest]],
    )


def _age(watch: Watch) -> tuple[bool, float, str]:
    seen = watch.read_at
    return (seen is not None, seen.timestamp() if seen else 0.0, watch.product_ref)


def _mixed(urgent: Sequence[str], oldest: Sequence[str]) -> list[str]:
    if not oldest:
        return list(urgent)
    step = max(1, len(urgent) // len(oldest))
    mixed: list[str] = []
    rest = iter(oldest)
    for index, ref in enumerate(urgent):
        mixed.append(ref)
        if index % step == step - 1:
            mixed.extend([each for each in (next(rest, None),) if each is not None])
    return [*mixed, *rest]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a supplier lets us read.

    Attributes:
        per_second: requests; one reads one product.
        per_day: None = no quota.
        left_today: of the quota; None = no quota.
        paused_until: the supplier wants to be left alone before; None = it may be asked.
    """

    per_second: float
    per_day: int | None = None
    left_today: int | None = None
    paused_until: datetime | None = None


def allotment(pace: Pace, cadence: Cadence, seconds: float, now: datetime) -> int:
    """How many products one run may ask about.

    What the rate allows in the run's time, and its share of what is left of the day's quota: the
    runs of the rest of the day get as much each, so the evening is not paid for in the morning.
    """
    by_rate = int(pace.per_second * max(seconds, 0))
    if pace.left_today is None:
        return by_rate
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    every = EVERY[cadence] if cadence is not Cadence.FULL else EVERY[Cadence.STANDARD]
    runs_left = max(1, ceil((midnight - now) / every))
    return min(by_rate, ceil(pace.left_today / runs_left))


@dataclass(frozen=True, slots=True)
class Projection:
    """How fresh one kind of product can be kept.

    `wanted` is how often the cadence asks for it, `expected` how often it can be had, which is
    also the time within which what is `due` now is reached; None = it is never reached.
    """

    urgency: Urgency
    products: int
    wanted: timedelta
    expected: timedelta | None
    due: int = 0


def project(
    counts: Mapping[Urgency, int],
    pace: Pace,
    busy_share: float = 0.66,
    due: Mapping[Urgency, int] = MappingProxyType({}),
) -> tuple[Projection, ...]:
    """How fresh each kind of product can be kept with this pace.

    Capacity is what a day allows: the quota, or the rate over the share of the day that runs are
    at work (the budgets of the schedules). Each kind in order of urgency takes what it wants of
    the capacity; a quarter is kept for the longest unseen and goes to the kinds that got less.
    """
    day = timedelta(days=1)
    by_rate = pace.per_second * day.total_seconds() * busy_share
    capacity = by_rate if pace.per_day is None else min(by_rate, pace.per_day)
    total = sum(counts.values())
    kept = capacity * OLDEST_PERCENT / 100
    left = capacity - kept
    projections: list[Projection] = []
    for urgency in sorted(counts):
        products = counts[urgency]
        if not products:
            continue
        every = EVERY[Cadence.HIGH if urgency in _QUICK else Cadence.STANDARD]
        if urgency is Urgency.UNSOLD:
            every = EVERY[Cadence.FULL]
        wanted_reads = products * (day / every)
        taken = min(wanted_reads, left)
        left -= taken
        reads = min(wanted_reads, taken + kept * products / total)
        expected = day * (products / reads) if reads > 0 else None
        projections.append(Projection(urgency, products, every, expected, due.get(urgency, 0)))
    return tuple(projections)


_QUICK: Final = (Urgency.PENDING, Urgency.HIGH)
