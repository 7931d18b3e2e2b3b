"""Where events from outside are recorded, and taken from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.inbox import EventSource, InboxEvent, InboxStatus, NewEvent


@dataclass(frozen=True, slots=True)
class Settled:
    """What an event came to."""

    event_id: str
    status: InboxStatus
    note: str


class InboxRecords(Protocol):
    """The inbox; every change is part of the caller's transaction."""

    def record(self, events: Sequence[NewEvent]) -> int:
        """Store events, except those whose source and event id are known; how many were."""
        ...

    def claim(
        self,
        sources: Collection[EventSource],
        limit: int,
        owner: str,
        now: datetime,
        until: datetime,
    ) -> Sequence[InboxEvent]:
        """Take due events, and those whose claim expired, oldest first.

        No other process is given them before `until`. The claim counts as an attempt, so that an
        event that kills its process is parked in the end.
        """
        ...

    def still_ours(self, event_ids: Collection[str], owner: str) -> Collection[str]:
        """Which claims are still the owner's; nobody else can take them in this transaction."""
        ...

    def settle(self, outcomes: Sequence[Settled], now: datetime) -> None:
        """Say what claimed events came to, in the transaction of their effects."""
        ...

    def put_off(self, event_id: str, until: datetime, note: str, *, counted: bool) -> None:
        """Try a claimed event again later; whether the claim counts as an attempt."""
        ...

    def replay(self, event_ids: Collection[str], now: datetime) -> Collection[str]:
        """Make settled or parked events due again, with no attempts counted; those that were."""
        ...

    def find(self, event_id: str) -> InboxEvent | None:
        """The event with this id of ours."""
        ...

    def listed(
        self, source: EventSource | None, status: InboxStatus | None, limit: int
    ) -> Sequence[InboxEvent]:
        """Events, newest first."""
        ...

    def parked(self) -> Sequence[str]:
        """Ids of the events that were given up."""
        ...

    def count_due(self, sources: Collection[EventSource], now: datetime) -> int:
        """Events that could be claimed now."""
        ...

    def oldest_due(self, now: datetime) -> datetime | None:
        """When the longest waiting due event came in."""
        ...

    def rhythm(self, since: datetime) -> Sequence[tuple[EventSource, int, datetime]]:
        """How many events each source sent since then, and when the newest came."""
        ...
