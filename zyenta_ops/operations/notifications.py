"""Delivering the outbox: claim under a lease, send, settle.

Delivery is at least once: a process that dies between sending and settling leaves a message that
another process sends again when the lease has expired. Both copies carry the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from zyenta_ops.domain.errors import (
    DeliveryDeferred,
    DeliveryError,
    DeliveryRefused,
    NotFound,
    RecipientGone,
)
from zyenta_ops.domain.notifications import (
    Channel,
    MessageRecord,
    MessageStatus,
    OutboundMessage,
    most_attempts,
    next_attempt,
)
from zyenta_ops.ports import Clock, Database, NewId, Repositories
from zyenta_ops.ports.notifications import Send, Transport

_BATCH: Final = 20
_LEASE: Final = timedelta(minutes=10)
# The longest a single message may take with every time-out of its transport running out.
_SLOWEST_MESSAGE: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of the messages of one call.

    `deferred` are tried again later, `failed` were given up, `suppressed` were refused for good,
    `expired` were dropped because they were too old; `left_due` are due and were not reached.
    """

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    suppressed: int = 0
    expired: int = 0
    left_due: int = 0

    @property
    def tried(self) -> int:
        """Messages that a transport was given."""
        return self.sent + self.deferred + self.failed + self.suppressed

    def with_one_more(self, status: MessageStatus) -> DeliveryReport:
        """The report after one more message ended with this status."""
        name = _COUNTED_AS[status]
        return replace(self, **{name: getattr(self, name) + 1})


_COUNTED_AS: Final = {
    MessageStatus.SENT: "sent",
    MessageStatus.PENDING: "deferred",
    MessageStatus.FAILED: "failed",
    MessageStatus.SUPPRESSED: "suppressed",
}


def _nothing(records: Repositories, message: OutboundMessage, reason: str, now: datetime) -> None:
    """Most recipients cannot be turned off."""


@dataclass(frozen=True)
class Notifications:
    """Delivers messages through one transport per channel; other channels' messages wait.

    Attributes:
        on_gone: what follows, in the transaction that settles the message, when its recipient wants
            no more.
    """

    database: Database
    transports: Mapping[Channel, Transport]
    clock: Clock
    new_id: NewId
    on_gone: Callable[[Repositories, OutboundMessage, str, datetime], None] = _nothing

    def deliver(self, limit: int = 500, budget_seconds: float = 60) -> DeliveryReport:
        """Send due messages, at most `limit`, beginning none after the budget is spent.

        Every message is settled in a transaction of its own. Never raises for a message that
        cannot be sent: that is what the report is for.
        """
        owner = self.new_id()
        deadline = self.clock() + timedelta(seconds=budget_seconds)
        with self.database.write() as records:
            report = DeliveryReport(expired=records.outbox.expire(self.transports, self.clock()))
        # In the order of the channels: mails do not wait for storefronts that take their time.
        for channel in Channel:
            if channel in self.transports:
                with self.transports[channel].open() as send:
                    report = self._drain(channel, send, owner, limit, deadline, report)
        return replace(report, left_due=self.count_due())

    def count_due(self) -> int:
        """Messages that `deliver` would find now."""
        with self.database.read() as records:
            return records.outbox.count_due(self.transports, self.clock())

    def listed(self, status: MessageStatus | None = None, limit: int = 50) -> list[MessageRecord]:
        """Messages of the outbox, newest first."""
        with self.database.read() as records:
            return list(records.outbox.listed(status, limit))

    def retry(self, message_ids: Collection[str] = ()) -> int:
        """Make given-up messages due again, all of them when none is named; how many.

        Raises:
            NotFound: a named message is not among the given-up ones; none was changed.
        """
        with self.database.write() as records:
            wanted = list(message_ids) or records.outbox.given_up()
            revived = records.outbox.retry(wanted, self.clock())
            if missing := sorted(set(wanted) - set(revived)):
                raise NotFound(
                    f"no given-up message has the id {', '.join(missing)};"
                    " list the FAILED and SUPPRESSED ones"
                )
            return len(revived)

    def _drain(
        self,
        channel: Channel,
        send: Send,
        owner: str,
        limit: int,
        deadline: datetime,
        report: DeliveryReport,
    ) -> DeliveryReport:
        """Send a channel's due messages until the limit or the budget is reached."""
        while report.tried < limit and self.clock() <= deadline:
            lease_until = self.clock() + _LEASE
            size = min(_BATCH, limit - report.tried)
            with self.database.write() as records:
                batch = records.outbox.claim([channel], size, owner, self.clock(), lease_until)
            if not batch:
                break
            last_start = min(deadline, lease_until - _SLOWEST_MESSAGE)
            for position, message in enumerate(batch):
                if self.clock() > last_start:
                    self._release(batch[position:], owner)
                    break
                report = report.with_one_more(self._send_one(message, owner, send))
        return report

    def _send_one(self, message: OutboundMessage, owner: str, send: Send) -> MessageStatus:
        error: str | None = None
        next_attempt_at: datetime | None = None
        gone = False
        status = MessageStatus.SENT
        try:
            if message.attempts > most_attempts(message.channel):
                raise DeliveryDeferred("its processes died before they could report an outcome")
            send(message)
        except DeliveryRefused as refusal:
            status, error = MessageStatus.SUPPRESSED, str(refusal)
            gone = isinstance(refusal, RecipientGone)
        except Exception as deferral:
            # One message that breaks its transport must not hold up the others. The text of a
            # foreign exception may quote the message, so only its kind is kept.
            known = isinstance(deferral, DeliveryError)
            error = str(deferral) if known else f"sending broke with {type(deferral).__name__}"
            pause = deferral.pause if isinstance(deferral, DeliveryDeferred) else None
            next_attempt_at = next_attempt(
                message.id, message.attempts, self.clock(), message.channel, pause
            )
            status = MessageStatus.PENDING if next_attempt_at else MessageStatus.FAILED
        with self.database.write() as records:
            now = self.clock()
            records.outbox.settle(message.id, owner, now, status, next_attempt_at, error)
            if gone:
                self.on_gone(records, message, error or "", now)
        return status

    def _release(self, messages: Sequence[OutboundMessage], owner: str) -> None:
        with self.database.write() as records:
            records.outbox.release([each.id for each in messages], owner, self.clock())
