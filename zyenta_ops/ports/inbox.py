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


@dataclass(frozen=True, slots=True)
class PutOff:
    """A claimed event that is to be tried again later.

    `counted` says whether the claim counts as an attempt.
    """

    event_id: str
    until: datetime
    note: str
    counted: bool


class InboxRecords(Protocol):
    """The inbox; every change is part of the caller's transaction."""

    def record(self, events: Sequence[NewEvent]) -> int:
        """Store events, except those whose source and event id are known; how many were."""
        ...

    def prove_writable(self) -> None:
        """Store no event, in the way in which events are stored; raises when that cannot be."""
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

    def put_off(self, events: Sequence[PutOff]) -> None:
        """Try claimed events again later."""
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

    def parked(self, limit: int | None = None) -> Sequence[str]:
        """Ids of the events that were given up, the first of them."""
        ...

    def count_parked(self) -> int:
        """How many events were given up."""
        ...

    def count_due(self, sources: Collection[EventSource], now: datetime) -> int:
        """Events that could be claimed now."""
        ...

    def oldest_waiting(self, now: datetime) -> datetime | None:
        """When the event came in that waits longest to be acted on.

        Waiting are events that are due, that are being worked on, and whose source could not be
        asked. Those that failed by themselves are not, until their next attempt.
        """
        ...

    def rhythm(self, since: datetime) -> Sequence[tuple[EventSource, int, datetime]]:
        """How many events each source sent since then, and when the newest came."""
        ...
