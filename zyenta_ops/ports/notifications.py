"""The outbox, and the transports that take messages out of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.notifications import (
    Channel,
    MessageRecord,
    MessageStatus,
    NewMessage,
    OutboundMessage,
)

Send = Callable[[OutboundMessage], None]


class Transport(Protocol):
    """Hands messages of one channel to the outside."""

    def open(self) -> AbstractContextManager[Send]:
        """A session for several messages, on one connection where that makes sense.

        The connection is made by the first message. What `Send` is given is rendered, sent, and
        accepted by the other side before it returns.

        Raises:
            DeliveryDeferred: by `Send`; the message may be accepted later.
            DeliveryRefused: by `Send`; it never will.
        """
        ...


class Outbox(Protocol):
    """Messages on their way out; every change is part of the caller's transaction."""

    def enqueue(self, messages: Sequence[NewMessage], now: datetime) -> int:
        """Put messages in, except those whose dedupe key is known; how many were put in."""
        ...

    def withdraw(self, regarding: Collection[str], now: datetime) -> int:
        """Take back messages about these that nobody has tried to send; how many."""
        ...

    def expire(self, channels: Collection[Channel], now: datetime) -> int:
        """Drop messages that nobody is sending and whose time is over; how many."""
        ...

    def claim(
        self, channels: Collection[Channel], limit: int, owner: str, now: datetime, until: datetime
    ) -> Sequence[OutboundMessage]:
        """Take due messages, and those whose claim expired, oldest first.

        No other process is given them before `until`. The claim counts as an attempt, so that a
        message that kills its process is given up in the end.
        """
        ...

    def release(self, message_ids: Collection[str], owner: str, now: datetime) -> None:
        """Give claimed messages back untried; the claim does not count."""
        ...

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
        ...

    def count_due(self, channels: Collection[Channel], now: datetime) -> int:
        """Messages that could be claimed now."""
        ...

    def listed(self, status: MessageStatus | None, limit: int) -> Sequence[MessageRecord]:
        """Messages, newest first."""
        ...

    def retry(self, message_ids: Collection[str], now: datetime) -> Collection[str]:
        """Make given-up messages due again with no attempts counted; ids of those that were."""
        ...

    def given_up(self) -> Sequence[str]:
        """Ids of the messages that are FAILED or SUPPRESSED."""
        ...
