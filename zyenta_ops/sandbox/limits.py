"""Rates and quotas as the vendors enforce them, and the count of those who broke them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from zyenta_ops.sandbox.wire import Call


@dataclass(frozen=True)
class Rate:
    """So many calls in so many seconds, of which `burst` may come at once.

    A call may come half an interval early: a vendor's window does not see the jitter of networks.
    Over time no more calls than the rate get through.
    """

    calls: int
    seconds: float
    burst: int = 1

    @property
    def interval(self) -> float:
        """Seconds from one call to the next."""
        return self.seconds / self.calls


class Limits:
    """The meters of one vendor, one per key. A refused call costs nothing.

    Attributes:
        enforced: whether a call that breaks a limit is refused; it is counted in any case.
        violations: how many calls broke which limit.
    """

    def __init__(self, clock: Callable[[], datetime], enforced: bool = True) -> None:
        self.enforced = enforced
        self.violations: Counter[str] = Counter()
        self._clock = clock
        self._next: dict[str, datetime] = {}
        self._spent: Counter[tuple[str, str]] = Counter()

    def wait(self, call: Call, key: str, rate: Rate) -> float:
        """Take a call from a rate; the seconds to wait when there is none left, else 0."""
        now = self._clock()
        due = max(self._next.get(key, now), now)
        early = (due - now).total_seconds() - (rate.burst - 0.5) * rate.interval
        if early > 0:
            self._broken(call, f"rate:{key}")
            if self.enforced:
                return early
        self._next[key] = due + timedelta(seconds=rate.interval)
        return 0

    def spend(self, call: Call, key: str, per_day: int) -> bool:
        """Take a call from a day's quota; False when it is used up. Days are those of UTC."""
        day = (key, self._clock().astimezone(UTC).date().isoformat())
        if self._spent[day] >= per_day:
            self._broken(call, f"quota:{key}")
            if self.enforced:
                return False
        self._spent[day] += 1
        return True

    def spent(self, key: str) -> int:
        """Calls taken from the quota of today."""
        return self._spent[key, self._clock().astimezone(UTC).date().isoformat()]

    def _broken(self, call: Call, what: str) -> None:
        call.violation = what
        self.violations[what] += 1
