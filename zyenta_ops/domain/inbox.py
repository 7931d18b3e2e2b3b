"""Events from outside: recorded once, acted on later, parked when they cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# With the waits below an event is tried for about three hours before a person has to look.
MAX_ATTEMPTS: Final = 10
_FIRST_WAIT: Final = timedelta(seconds=30)
_LONGEST_WAIT: Final = timedelta(hours=1)
_UNREACHABLE: Final = timedelta(minutes=1)


class EventSource(StrEnum):
    """Who speaks."""

    STRIPE = "stripe"
    ALIEXPRESS = "aliexpress"
    CJ = "cj"
    PRINTFUL = "printful"
    SEVENTEEN_TRACK = "17track"
    AFTERSHIP = "aftership"
    SHIP24 = "ship24"


class Via(StrEnum):
    """How an event came in."""

    POLL = "POLL"
    HOOK = "HOOK"


class InboxStatus(StrEnum):
    """Where an event stands."""

    RECEIVED = "RECEIVED"
    PROCESSED = "PROCESSED"
    IGNORED = "IGNORED"  # it concerns nothing of ours
    PARKED = "PARKED"  # given up after the last attempt; a person may replay it


@dataclass(frozen=True, slots=True)
class Ignored:
    """What came of an event on which nothing is done; `note` says why."""

    note: str = "concerns nothing of ours"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be recorded; of two with the same source and `event_id` one is kept.

    `body` is what was received, byte for byte. `account` is whose event it is at the source ("" =
    the platform's, "acct_…", a supplier account's id). `verified` says that a signature was
    checked; what came without one is only a hint to look again.
    """

    id: str
    source: EventSource
    event_id: str
    type: str
    body: bytes = field(repr=False)
    via: Via
    verified: bool
    received_at: datetime
    occurred_at: datetime | None = None
    account: str = ""


@dataclass(frozen=True, slots=True)
class InboxEvent:
    """An event as it is kept."""

    id: str
    source: EventSource
    event_id: str
    type: str
    body: bytes = field(repr=False)
    via: Via
    verified: bool
    received_at: datetime
    occurred_at: datetime | None
    account: str
    status: InboxStatus
    attempts: int
    next_attempt_at: datetime
    processed_at: datetime | None = None
    note: str | None = None  # what it came to, or why it failed


def wait_after(attempts: int) -> timedelta:
    """How long to wait after this many failed attempts."""
    return min(_FIRST_WAIT * int(2 ** (attempts - 1)), _LONGEST_WAIT)


def rest_after(retry_after: float | None) -> timedelta:
    """How long to leave somebody alone who did not answer.

    Args:
        retry_after: seconds that they asked for; None = nothing was said. What they say is heeded
            up to an hour.
    """
    if retry_after is None:
        return _UNREACHABLE
    return timedelta(seconds=min(retry_after, _LONGEST_WAIT.total_seconds()))


# A source is missed when it has been quiet for this many times its usual pause between events, and
# never before the shortest silence: small shops have quiet nights.
_MISSED_PAUSES: Final = 20
_SHORTEST_SILENCE: Final = timedelta(hours=6)
_ENOUGH_EVENTS: Final = 20


def is_silent(events: int, period: timedelta, newest: datetime, now: datetime) -> bool:
    """Whether a source that sent so many events in a period has gone quiet."""
    if events < _ENOUGH_EVENTS:
        return False
    return now - newest > max(period / events * _MISSED_PAUSES, _SHORTEST_SILENCE)
