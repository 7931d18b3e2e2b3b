"""How often somebody may come: token buckets in memory, as a time by which each is full again."""

from __future__ import annotations

from collections.abc import Callable


class Buckets:
    """Buckets of one size, by name; names must be ours, never a stranger's, to be few.

    Args:
        rate: requests a second in the long run.
        burst: requests at once after a pause.
        monotonic: seconds on a clock that is never set.
    """

    def __init__(self, rate: float, burst: int, monotonic: Callable[[], float]) -> None:
        self._interval = 1 / rate
        self._burst = burst / rate
        self._monotonic = monotonic
        self._full_at: dict[str, float] = {}

    def take(self, name: str) -> float:
        """Seconds to wait; 0 = a token was taken."""
        now = self._monotonic()
        full_at = max(self._full_at.get(name, now), now) + self._interval
        ahead = full_at - now - self._burst
        # Half a token more than full is a rounding error; a whole one is one too many.
        if ahead > self._interval / 2:
            return ahead
        self._full_at[name] = full_at
        return 0
