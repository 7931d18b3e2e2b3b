"""The inbox table: recording events once, claiming them under a lease, settling them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from zyenta_ops.domain.inbox import EventSource, InboxEvent, InboxStatus, NewEvent, Via
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.schema import inbox_event
from zyenta_ops.ports.inbox import PutOff, Settled

_event = inbox_event.c
_PARKED = _event.status == InboxStatus.PARKED.value
_UNCLAIMED = {"lease_until": None, "lease_owner": None}
_READ = (
    *(_event.id, _event.source, _event.event_id, _event.type, _event.body, _event.via),
    *(_event.verified, _event.received_at, _event.occurred_at, _event.account, _event.status),
    *(_event.attempts, _event.next_attempt_at, _event.processed_at, _event.note),
)


class InboxRecords:
    """Satisfies `zyenta_ops.ports.inbox.InboxRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def record(self, events: Sequence[NewEvent]) -> int:
        """Store events, except those whose source and event id are known; how many were."""
        if not events:
            return 0
        statement = (
            upsert(self.connection.dialect, inbox_event)
            .on_conflict_do_nothing(index_elements=[_event.source, _event.event_id])
            .returning(_event.id)
        )
        # Sorted, so that two processes with the same events wait for each other in one order.
        rows = [
            _values(event)
            for event in sorted(events, key=lambda each: (each.source, each.event_id))
        ]
        return len(self.connection.execute(statement, rows).all())

    def prove_writable(self) -> None:
        """Store no event, in the way in which events are stored; raises when that cannot be."""
        nothing = select(*inbox_event.c).where(false())
        self.connection.execute(insert(inbox_event).from_select(list(inbox_event.c), nothing))

    def claim(
        self,
        sources: Collection[EventSource],
        limit: int,
        owner: str,
        now: datetime,
        until: datetime,
    ) -> Sequence[InboxEvent]:
        """Take due events in one statement; SKIP LOCKED keeps PostgreSQL claimers apart."""
        # A CTE with FOR UPDATE runs exactly once; see the outbox.
        due = (
            select(_event.id)
            .where(_claimable(sources, now))
            .order_by(_event.next_attempt_at, _event.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        rows = self.connection.execute(
            update(inbox_event)
            .where(_event.id.in_(select(due.c.id)))
            .values(attempts=_event.attempts + 1, lease_owner=owner, lease_until=until)
            .returning(*_READ)
        ).all()
        return sorted(map(_read, rows), key=lambda each: (each.next_attempt_at, each.id))

    def still_ours(self, event_ids: Collection[str], owner: str) -> Collection[str]:
        """Which claims are still the owner's; nobody else can take them in this transaction."""
        return set(
            self.connection.execute(
                select(_event.id)
                .where(
                    _event.id.in_(event_ids),
                    _event.lease_owner == owner,
                    _event.status == InboxStatus.RECEIVED.value,
                )
                .order_by(_event.id)
                .with_for_update()
            ).scalars()
        )

    def settle(self, outcomes: Sequence[Settled], now: datetime) -> None:
        """Say what claimed events came to, in the transaction of their effects."""
        if outcomes:
            self.connection.execute(
                update(inbox_event)
                .where(_event.id == bindparam("settled"))
                .values(
                    status=bindparam("outcome"),
                    note=bindparam("said"),
                    processed_at=now,
                    **_UNCLAIMED,
                ),
                [
                    {"settled": each.event_id, "outcome": each.status.value, "said": each.note}
                    for each in outcomes
                ],
            )

    def put_off(self, events: Sequence[PutOff]) -> None:
        """Try claimed events again later."""
        if events:
            self.connection.execute(
                update(inbox_event)
                .where(_event.id == bindparam("deferred"))
                .values(
                    next_attempt_at=bindparam("until"),
                    note=bindparam("said"),
                    attempts=_event.attempts - bindparam("uncounted"),
                    **_UNCLAIMED,
                ),
                [
                    {
                        "deferred": each.event_id,
                        "until": each.until,
                        "said": each.note,
                        "uncounted": 0 if each.counted else 1,
                    }
                    for each in events
                ],
            )

    def replay(self, event_ids: Collection[str], now: datetime) -> Collection[str]:
        """Make settled or parked events due again, with no attempts counted; those that were."""
        return set(
            self.connection.execute(
                update(inbox_event)
                .where(_event.id.in_(event_ids), _event.status != InboxStatus.RECEIVED.value)
                .values(
                    status=InboxStatus.RECEIVED.value,
                    attempts=0,
                    next_attempt_at=now,
                    processed_at=None,
                    note="replayed",
                    **_UNCLAIMED,
                )
                .returning(_event.id)
            ).scalars()
        )

    def find(self, event_id: str) -> InboxEvent | None:
        """The event with this id of ours."""
        row = self.connection.execute(select(*_READ).where(_event.id == event_id)).one_or_none()
        return None if row is None else _read(row)

    def listed(
        self, source: EventSource | None, status: InboxStatus | None, limit: int
    ) -> Sequence[InboxEvent]:
        """Events, newest first."""
        query = select(*_READ).order_by(_event.received_at.desc(), _event.id.desc()).limit(limit)
        if source is not None:
            query = query.where(_event.source == source.value)
        if status is not None:
            query = query.where(_event.status == status.value)
        return [_read(row) for row in self.connection.execute(query)]

    def parked(self, limit: int | None = None) -> Sequence[str]:
        """Ids of the events that were given up, the first of them."""
        return (
            self.connection.execute(
                select(_event.id).where(_PARKED).order_by(_event.id).limit(limit)
            )
            .scalars()
            .all()
        )

    def count_parked(self) -> int:
        """How many events were given up."""
        return self.connection.execute(
            select(func.count()).select_from(inbox_event).where(_PARKED)
        ).scalar_one()

    def count_due(self, sources: Collection[EventSource], now: datetime) -> int:
        """Events that could be claimed now."""
        return self.connection.execute(
            select(func.count()).select_from(inbox_event).where(_claimable(sources, now))
        ).scalar_one()

    def oldest_waiting(self, now: datetime) -> datetime | None:
        """When the event came in that waits longest to be acted on."""
        oldest: datetime | None = self.connection.execute(
            select(func.min(_event.received_at)).where(
                _event.status == InboxStatus.RECEIVED.value,
                or_(_event.next_attempt_at <= now, _event.attempts == 0),
            )
        ).scalar_one()
        return oldest

    def rhythm(self, since: datetime) -> Sequence[tuple[EventSource, int, datetime]]:
        """How many events each source sent since then, and when the newest came."""
        rows = self.connection.execute(
            select(_event.source, func.count(), func.max(_event.received_at))
            .where(_event.received_at >= since)
            .group_by(_event.source)
            .order_by(_event.source)
        )
        return [(EventSource(row[0]), row[1], row[2]) for row in rows]


def _claimable(sources: Collection[EventSource], now: datetime) -> ColumnElement[bool]:
    return and_(
        _event.status == InboxStatus.RECEIVED.value,
        _event.next_attempt_at <= now,
        or_(_event.lease_until.is_(None), _event.lease_until <= now),
        _event.source.in_([each.value for each in sources]),
    )


def _read(row: Any) -> InboxEvent:
    return InboxEvent(
        row.id,
        EventSource(row.source),
        row.event_id,
        row.type,
        bytes(row.body),
        Via(row.via),
        row.verified,
        row.received_at,
        row.occurred_at,
        row.account,
        InboxStatus(row.status),
        row.attempts,
        row.next_attempt_at,
        row.processed_at,
        row.note,
    )


def _values(event: NewEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "source": event.source.value,
        "event_id": event.event_id,
        "account": event.account,
        "type": event.type,
        "body": event.body,
        "via": event.via.value,
        "verified": event.verified,
        "received_at": event.received_at,
        "occurred_at": event.occurred_at,
        "next_attempt_at": event.received_at,
    }
