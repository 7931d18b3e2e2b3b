"""The inbox: events are recorded once, acted on later, and parked when they cannot be.

A handler reads outside what events are about, before any transaction; what it returns is applied in
the transaction that settles the event. A process that dies in between leaves an event that is taken
up again when its claim has expired, and what it read is read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from zyenta_ops.domain.errors import NotFound, Unreachable, reason_of
from zyenta_ops.domain.inbox import (
    MAX_ATTEMPTS,
    EventSource,
    Ignored,
    InboxEvent,
    InboxStatus,
    NewEvent,
    is_silent,
    rest_after,
    wait_after,
)
from zyenta_ops.ports import Clock, Database, NewId, Repositories
from zyenta_ops.ports.inbox import PutOff, Settled

_BATCH: Final = 100
_LEASE: Final = timedelta(minutes=10)
_RHYTHM: Final = timedelta(days=7)
_SHOWN: Final = 5  # of the events that are parked
# What a source's events are about is read for so long at a time, so that what others say meanwhile
# is not left waiting.
_READING: Final = timedelta(seconds=20)

# What an event does, in its transaction; returns what it came to, None when it concerns nothing.
Effect = Callable[[Repositories], str | Ignored | None]


class Handler(Protocol):
    """What is done about one source's events."""

    def prepare(
        self, events: Sequence[InboxEvent], deadline: datetime
    ) -> Sequence[Effect | Exception]:
        """Read what the events are about; an effect for each, or why there is none.

        Called outside any transaction. Never raises for a single event. `Unreachable` says nothing
        against the event; it waits for as long as the error asks for.

        Args:
            events: of one source.
            deadline: after it nothing more is read.
        """
        ...


@dataclass(frozen=True, slots=True)
class DrainReport:
    """What became of the events of one call.

    `deferred` are tried again later, `parked` were given up; `left_due` were not reached.
    """

    processed: int = 0
    ignored: int = 0
    deferred: int = 0
    parked: int = 0
    left_due: int = 0


class _ClaimLost(Exception):
    """Another process has taken the events; what was to be done must not be committed."""


def _told_to_nobody(
    records: Repositories, source: EventSource, silent: bool, now: datetime
) -> None: ...


@dataclass(frozen=True)
class Inbox:
    """Records events, and acts on those whose source has a handler.

    Attributes:
        handlers: by source, in the order in which they act; whoever asks others comes last, so
            that nobody waits for the answers to another.
        tell_parked: says, in the transaction that parks events or takes them up again, how many
            events are parked, and the ids of the first.
        tell_silent: says of a source whether it has gone quiet.
    """

    database: Database
    handlers: Mapping[EventSource, Handler]
    tell_parked: Callable[[Repositories, int, Sequence[str], datetime], None]
    clock: Clock
    new_id: NewId
    tell_silent: Callable[[Repositories, EventSource, bool, datetime], None] = _told_to_nobody

    def record(self, events: Sequence[NewEvent]) -> int:
        """Keep events that are not known yet; how many were new."""
        if not events:
            return 0
        with self.database.write() as records:
            return records.inbox.record(events)

    def prove_writable(self) -> None:
        """See that events could be stored; stores none.

        Raises:
            DatabaseUnavailable: they could not.
        """
        with self.database.write() as records:
            records.inbox.prove_writable()

    def drain(self, limit: int = 5_000, budget_seconds: float = 60) -> DrainReport:
        """Act on due events, at most `limit`, reading and taking no more after the budget."""
        owner = self.new_id()
        deadline = self.clock() + timedelta(seconds=budget_seconds)
        report = DrainReport()
        taken = 0
        while taken < limit and self.clock() <= deadline:
            now = self.clock()
            with self.database.write() as records:
                batch = records.inbox.claim(
                    self.handlers, min(_BATCH, limit - taken), owner, now, now + _LEASE
                )
            if not batch:
                break
            taken += len(batch)
            for source, handler in self.handlers.items():
                if events := [event for event in batch if event.source is source]:
                    prepared = handler.prepare(events, min(deadline, self.clock() + _READING))
                    report = self._act([*zip(events, prepared, strict=True)], owner, report)
        return replace(report, left_due=self.count_due())

    def count_due(self) -> int:
        """Events that `drain` would find now."""
        with self.database.read() as records:
            return records.inbox.count_due(self.handlers, self.clock())

    def lag(self) -> timedelta:
        """How long the event has waited that waits longest, being worked on or not."""
        now = self.clock()
        with self.database.read() as records:
            oldest = records.inbox.oldest_waiting(now)
        return timedelta(0) if oldest is None else max(now - oldest, timedelta(0))

    def listed(
        self,
        source: EventSource | None = None,
        status: InboxStatus | None = None,
        limit: int = 50,
    ) -> list[InboxEvent]:
        """Events, newest first."""
        with self.database.read() as records:
            return list(records.inbox.listed(source, status, limit))

    def show(self, event_id: str) -> InboxEvent:
        """One event.

        Raises:
            NotFound: there is none with this id.
        """
        with self.database.read() as records:
            found = records.inbox.find(event_id)
        if found is None:
            raise NotFound(f"no event has the id {event_id}; list them with `inbox list`")
        return found

    def replay(self, event_ids: Collection[str] = ()) -> int:
        """Make events due again, all the parked ones when none is named; how many.

        Raises:
            NotFound: a named event does not exist or waits to be acted on; none was changed.
        """
        now = self.clock()
        with self.database.write() as records:
            wanted = list(event_ids) or records.inbox.parked()
            revived = records.inbox.replay(wanted, now)
            if missing := sorted(set(wanted) - set(revived)):
                raise NotFound(
                    f"no settled event has the id {', '.join(missing)}; nothing was replayed"
                )
            self._tell_parked(records, now)
            return len(revived)

    def silent_sources(self) -> list[EventSource]:
        """Sources that spoke often in the last week and have gone quiet.

        Whoever is quiet for a week is taken to have nothing to say any more.
        """
        now = self.clock()
        with self.database.read() as records:
            rhythm = records.inbox.rhythm(now - _RHYTHM)
        return [
            source for source, events, newest in rhythm if is_silent(events, _RHYTHM, newest, now)
        ]

    def report_silence(self) -> list[EventSource]:
        """Tell of the sources that have gone quiet, and no longer of those that speak again."""
        silent, now = self.silent_sources(), self.clock()
        with self.database.write() as records:
            for source in EventSource:
                self.tell_silent(records, source, source in silent, now)
        return silent

    def _act(
        self,
        prepared: Sequence[tuple[InboxEvent, Effect | Exception]],
        owner: str,
        report: DrainReport,
    ) -> DrainReport:
        effects = [(event, each) for event, each in prepared if not isinstance(each, Exception)]
        failures = [(event, each) for event, each in prepared if isinstance(each, Exception)]
        try:
            outcomes = self._settle(effects, owner)
        except Exception:
            # One poisoned event, or one deadlock, must not keep the others: each by itself. Where
            # the database is gone, noting that raises.
            outcomes = []
            for event, effect in effects:
                try:
                    outcomes += self._settle([(event, effect)], owner)
                except Exception as error:
                    failures.append((event, error))
        return self._fail(failures, owner, _count(report, outcomes))

    def _settle(self, effects: Sequence[tuple[InboxEvent, Effect]], owner: str) -> list[Settled]:
        if not effects:
            return []
        with self.database.write() as records:
            ids = [event.id for event, _ in effects]
            if len(records.inbox.still_ours(ids, owner)) < len(ids):
                raise _ClaimLost
            outcomes = []
            # What several events are about has its effect once.
            notes = {
                effect: effect(records) for effect in dict.fromkeys(each for _, each in effects)
            }
            for event, effect in effects:
                outcomes.append(_settled(event, notes[effect]))
            records.inbox.settle(outcomes, self.clock())
        return outcomes

    def _fail(
        self,
        failures: Sequence[tuple[InboxEvent, Exception]],
        owner: str,
        report: DrainReport,
    ) -> DrainReport:
        mine = {e.id: (e, error) for e, error in failures if not isinstance(error, _ClaimLost)}
        if not mine:
            return report
        now = self.clock()
        later: list[PutOff] = []
        parked: list[Settled] = []
        with self.database.write() as records:
            for event_id in records.inbox.still_ours(mine, owner):
                event, error = mine[event_id]
                note = reason_of(error)
                if isinstance(error, Unreachable):
                    until = now + rest_after(error.retry_after)
                    later.append(PutOff(event_id, until, note, counted=False))
                elif event.attempts < MAX_ATTEMPTS:
                    until = now + wait_after(event.attempts)
                    later.append(PutOff(event_id, until, note, counted=True))
                else:
                    parked.append(Settled(event_id, InboxStatus.PARKED, note))
            records.inbox.put_off(later)
            records.inbox.settle(parked, now)
            if parked:
                self._tell_parked(records, now)
        return replace(
            report,
            deferred=report.deferred + len(later),
            parked=report.parked + len(parked),
        )

    def _tell_parked(self, records: Repositories, now: datetime) -> None:
        inbox = records.inbox
        self.tell_parked(records, inbox.count_parked(), inbox.parked(_SHOWN), now)


def _settled(event: InboxEvent, outcome: str | Ignored | None) -> Settled:
    if isinstance(outcome, str):
        return Settled(event.id, InboxStatus.PROCESSED, outcome)
    return Settled(event.id, InboxStatus.IGNORED, (outcome or Ignored()).note)


def _count(report: DrainReport, outcomes: Sequence[Settled]) -> DrainReport:
    ignored = sum(each.status is InboxStatus.IGNORED for each in outcomes)
    return replace(
        report,
        processed=report.processed + len(outcomes) - ignored,
        ignored=report.ignored + ignored,
    )
