"""The outbox table: putting messages in, claiming them under a lease, settling them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from zyenta_ops.domain.notifications import (
    Channel,
    MessageRecord,
    MessageStatus,
    NewMessage,
    OutboundMessage,
)
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.schema import outbox_message

_GIVEN_UP = (MessageStatus.FAILED.value, MessageStatus.SUPPRESSED.value)
_UNCLAIMED = {"lease_until": None, "lease_owner": None}


class Outbox:
    """Satisfies `zyenta_ops.ports.notifications.Outbox`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def enqueue(self, messages: Sequence[NewMessage], now: datetime) -> int:
        """Put messages in, except those whose dedupe key is known; how many were put in."""
        if not messages:
            return 0
        statement = (
            upsert(self.connection.dialect, outbox_message)
            .on_conflict_do_nothing(index_elements=[outbox_message.c.dedupe_key])
            .returning(outbox_message.c.id)
        )
        rows = [
            {
                "id": message.id,
                "dedupe_key": message.dedupe_key,
                "store_id": message.store_id,
                "channel": message.channel.value,
                "recipient": message.recipient,
                "template": message.template,
                "context": message.context,
                "regarding": message.regarding,
                "expires_at": message.expires_at,
                "next_attempt_at": message.due_at,
                "created_at": now,
                "updated_at": now,
            }
            for message in sorted(messages, key=lambda each: each.dedupe_key)
        ]
        return len(self.connection.execute(statement, rows).all())

    def withdraw(self, regarding: Collection[str], now: datetime) -> int:
        """Take back messages about these that nobody has tried to send; how many."""
        if not regarding:
            return 0
        return self.connection.execute(
            update(outbox_message)
            .where(
                outbox_message.c.regarding.in_(regarding),
                outbox_message.c.status == MessageStatus.PENDING.value,
                outbox_message.c.attempts == 0,
            )
            .values(status=MessageStatus.WITHDRAWN.value, updated_at=now)
        ).rowcount

    def expire(self, channels: Collection[Channel], now: datetime) -> int:
        """Drop messages that nobody is sending and whose time is over; how many."""
        return self.connection.execute(
            update(outbox_message)
            .where(outbox_message.c.expires_at <= now, _unattended(channels, now))
            .values(status=MessageStatus.EXPIRED.value, updated_at=now, **_UNCLAIMED)
        ).rowcount

    def claim(
        self, channels: Collection[Channel], limit: int, owner: str, now: datetime, until: datetime
    ) -> Sequence[OutboundMessage]:
        """Take due messages in one statement; SKIP LOCKED keeps PostgreSQL claimers apart."""
        # A CTE with FOR UPDATE runs exactly once; a plain subquery may run again for each row and
        # claim more than its limit. SQLite has no row locks and needs none: writers take turns.
        due = (
            select(outbox_message.c.id)
            .where(_claimable(channels, now))
            .order_by(outbox_message.c.next_attempt_at, outbox_message.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        rows = self.connection.execute(
            update(outbox_message)
            .where(outbox_message.c.id.in_(select(due.c.id)))
            .values(
                status=MessageStatus.SENDING.value,
                attempts=outbox_message.c.attempts + 1,
                lease_owner=owner,
                lease_until=until,
                updated_at=now,
            )
            .returning(
                outbox_message.c.next_attempt_at,
                outbox_message.c.id,
                outbox_message.c.channel,
                outbox_message.c.recipient,
                outbox_message.c.template,
                outbox_message.c.context,
                outbox_message.c.created_at,
                outbox_message.c.attempts,
            )
        ).all()
        return [
            OutboundMessage(row[1], Channel(row[2]), *row[3:])
            for row in sorted(rows, key=lambda row: row[:2])
        ]

    def release(self, message_ids: Collection[str], owner: str, now: datetime) -> None:
        """Give claimed messages back untried; the claim does not count."""
        if message_ids:
            self.connection.execute(
                update(outbox_message)
                .where(outbox_message.c.id.in_(message_ids), _held_by(owner))
                .values(
                    status=MessageStatus.PENDING.value,
                    attempts=outbox_message.c.attempts - 1,
                    updated_at=now,
                    **_UNCLAIMED,
                )
            )

    def settle(
        self,
        message_id: str,
        owner: str,
        now: datetime,
        status: MessageStatus,
        next_attempt_at: datetime | None = None,
        error: str | None = None,
    ) -> bool:
        """Record what became of a claimed message; False when the claim was lost meanwhile."""
        values: dict[str, Any] = {"status": status.value, "last_error": error, "updated_at": now}
        if status is MessageStatus.SENT:
            values["sent_at"] = now
        if next_attempt_at is not None:
            values["next_attempt_at"] = next_attempt_at
        settled = self.connection.execute(
            update(outbox_message)
            .where(outbox_message.c.id == message_id, _held_by(owner))
            .values(**values, **_UNCLAIMED)
        )
        return settled.rowcount == 1

    def count_due(self, channels: Collection[Channel], now: datetime) -> int:
        """Messages that could be claimed now."""
        return self.connection.execute(
            select(func.count()).select_from(outbox_message).where(_claimable(channels, now))
        ).scalar_one()

    def listed(self, status: MessageStatus | None, limit: int) -> Sequence[MessageRecord]:
        """Messages, newest first."""
        query = (
            select(
                outbox_message.c.id,
                outbox_message.c.channel,
                outbox_message.c.recipient,
                outbox_message.c.template,
                outbox_message.c.status,
                outbox_message.c.attempts,
                outbox_message.c.created_at,
                outbox_message.c.next_attempt_at,
                outbox_message.c.store_id,
                outbox_message.c.last_error,
                outbox_message.c.sent_at,
            )
            .order_by(outbox_message.c.created_at.desc(), outbox_message.c.id.desc())
            .limit(limit)
        )
        if status is not None:
            query = query.where(outbox_message.c.status == status.value)
        return [
            MessageRecord(row[0], Channel(row[1]), row[2], row[3], MessageStatus(row[4]), *row[5:])
            for row in self.connection.execute(query)
        ]

    def retry(self, message_ids: Collection[str], now: datetime) -> Collection[str]:
        """Make given-up messages due again with no attempts counted; ids of those that were."""
        return set(
            self.connection.execute(
                update(outbox_message)
                .where(outbox_message.c.id.in_(message_ids), outbox_message.c.status.in_(_GIVEN_UP))
                .values(
                    status=MessageStatus.PENDING.value,
                    attempts=0,
                    next_attempt_at=now,
                    updated_at=now,
                    **_UNCLAIMED,
                )
                .returning(outbox_message.c.id)
            ).scalars()
        )

    def given_up(self) -> Sequence[str]:
        """Ids of the messages that are FAILED or SUPPRESSED."""
        return (
            self.connection.execute(
                select(outbox_message.c.id)
                .where(outbox_message.c.status.in_(_GIVEN_UP))
                .order_by(outbox_message.c.id)
            )
            .scalars()
            .all()
        )


def _claimable(channels: Collection[Channel], now: datetime) -> ColumnElement[bool]:
    return and_(_unattended(channels, now), outbox_message.c.next_attempt_at <= now)


def _unattended(channels: Collection[Channel], now: datetime) -> ColumnElement[bool]:
    """Not ended, and in nobody's hands: waiting, or left by a process that died."""
    abandoned = and_(
        outbox_message.c.status == MessageStatus.SENDING.value,
        outbox_message.c.lease_until <= now,
    )
    of_channel = outbox_message.c.channel.in_([each.value for each in channels])
    waiting = outbox_message.c.status == MessageStatus.PENDING.value
    return and_(of_channel, or_(waiting, abandoned))


def _held_by(owner: str) -> ColumnElement[bool]:
    return and_(
        outbox_message.c.lease_owner == owner,
        outbox_message.c.status == MessageStatus.SENDING.value,
    )
