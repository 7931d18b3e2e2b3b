"""Where events from outside are recorded, and taken from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.inbox import EventSource, InboxEvent, InboxStatus, NewEvent


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

    def settle(
        self, event_id: str, owner: str, status: InboxStatus, note: str, now: datetime
    ) -> bool:
        """Say what a claimed event came to, in the transaction of its effect.

        False when the claim was lost: then the effect must not be committed.
        """
        ...

    def put_off(self, event_id: str, owner: str, until: datetime, note: str, now: datetime) -> bool:
        """Try a claimed event again later."""
        ...

    def release(self, event_ids: Collection[str], owner: str) -> None:
        """Give claimed events back untried; the claim does not count."""
        ...

    def replay(self, event_ids: Collection[str], now: datetime) -> Sequence[str]:
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

    def count_due(self, sources: Collection[EventSource], now: datetime) -> int:
        """Events that could be claimed now."""
        ...

    def oldest_due(self, now: datetime) -> datetime | None:
        """When the longest waiting due event came in."""
        ...

    def rhythm(self, since: datetime) -> Sequence[tuple[EventSource, int, datetime]]:
        """How many events each source sent since then, and when the newest came."""
        ...
