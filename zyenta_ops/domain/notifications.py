"""Outbound messages: channels, the life of a message in the outbox, and when to try again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from zyenta_ops.domain.stores import Document


class Channel(StrEnum):
    """How a message leaves, the most urgent first."""

    EMAIL = "EMAIL"  # to a merchant, an operator or a customer
    WEBHOOK = "WEBHOOK"  # Slack-compatible, for the internal team
    STOREFRONT = "STOREFRONT"  # a signed webhook to a store's own system


class MessageStatus(StrEnum):
    """Where an outbound message stands."""

    PENDING = "PENDING"  # waits for its time
    SENDING = "SENDING"  # claimed by a process until its lease ends
    SENT = "SENT"
    FAILED = "FAILED"  # gave up after the last attempt
    SUPPRESSED = "SUPPRESSED"  # refused for good by the recipient's server
    WITHDRAWN = "WITHDRAWN"  # no longer true before it was sent
    EXPIRED = "EXPIRED"  # too old to be told before it was sent


# The recipient of internal webhooks: their address is a secret that the transport alone knows.
INTERNAL_RECIPIENT: Final = "internal"

# With the waits below, a message is given up after about a day.
MAX_ATTEMPTS: Final = 18
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=2)

# The schedule that the Standard Webhooks specification (1.0.0) gives: somewhat over three days.
_STOREFRONT_WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
# A recipient that wants to be left alone for longer is asked again all the same.
_LONGEST_PAUSE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be put into the outbox.

    Of two messages with the same `dedupe_key` only the first is ever kept. `regarding` names what
    the message tells of ("alert:01K…"), so that it can be withdrawn when that is over. From
    `expires_at` on it is dropped: what is sent late would mislead.
    """

    id: str
    dedupe_key: str
    channel: Channel
    recipient: str
    template: str
    context: Document
    due_at: datetime
    store_id: str | None = None
    regarding: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A message claimed for sending; `attempts` counts this one."""

    id: str
    channel: Channel
    recipient: str
    template: str
    context: Document
    created_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message of the outbox as people look at it; without its contents."""

    id: str
    channel: Channel
    recipient: str
    template: str
    status: MessageStatus
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    store_id: str | None = None
    last_error: str | None = None
    sent_at: datetime | None = None


def most_attempts(channel: Channel) -> int:
    """How often a message of the channel is tried in all."""
    return len(_STOREFRONT_WAITS) + 1 if channel is Channel.STOREFRONT else MAX_ATTEMPTS


def next_attempt(
    message_id: str,
    attempts: int,
    now: datetime,
    channel: Channel = Channel.EMAIL,
    pause: timedelta | None = None,
) -> datetime | None:
    """When a message is tried again after this many attempts; None = not any more.

    The wait doubles from one minute to two hours, or is that of Standard Webhooks for storefronts,
    give or take a quarter. The spread comes from a digest of id and attempt, so that messages
    deferred together do not come back together, and the same call gives the same answer.

    Args:
        message_id: whose turn it is.
        attempts: how many there were.
        now: when the last one failed.
        channel: how the message leaves.
        pause: for how long the recipient wants to be left alone; a day at most counts.
    """
    if attempts >= most_attempts(channel):
        return None
    if channel is Channel.STOREFRONT:
        wait = _STOREFRONT_WAITS[attempts - 1]
    else:
        wait = min(_FIRST_WAIT * 2 ** (attempts - 1), _LONGEST_WAIT)
    digest = blake2b(f"{message_id}:{attempts}".encode(), digest_size=4).digest()
    spread = int.from_bytes(digest) % 501 - 250  # thousandths
    return now + max(wait + wait * spread // 1_000, min(pause or timedelta(0), _LONGEST_PAUSE))
