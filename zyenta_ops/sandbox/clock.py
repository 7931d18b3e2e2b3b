"""The time of the sandbox: it stands still or runs with a source, and goes forward on demand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


class Clock:
    """What every counterparty calls now: a source of time plus what was advanced.

    Deliveries, token lifetimes and quotas all follow this clock, so a parcel can be at the door
    a moment after it was ordered.
    """

    def __init__(self, source: Callable[[], datetime]) -> None:
        self._source = source
        self._ahead = timedelta()

    @classmethod
    def standing(cls, at: datetime = START) -> Clock:
        """A clock that moves only when it is advanced."""
        return cls(lambda: at)

    def __call__(self) -> datetime:
        """The time now, in UTC."""
        return self._source() + self._ahead

    def advance(self, by: timedelta) -> datetime:
        """Go forward; the new time.

        Raises:
            ValueError: `by` is negative. Orders and tokens cannot be undone.
        """
        if by < timedelta():
            raise ValueError("the clock of the sandbox only goes forward")
        self._ahead += by
        return self()
