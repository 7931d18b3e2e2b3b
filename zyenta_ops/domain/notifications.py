"""Outbound messages: channels and the life of a message in the outbox."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How a message leaves."""

    EMAIL = "EMAIL"  # to a merchant or an operator
    WEBHOOK = "WEBHOOK"  # Slack-compatible, for the internal team


class MessageStatus(StrEnum):
    """Where an outbound message stands."""

    PENDING = "PENDING"  # waits for its time
    SENDING = "SENDING"  # claimed by a process until its lease ends
    SENT = "SENT"
    FAILED = "FAILED"  # gave up after the last attempt
    SUPPRESSED = "SUPPRESSED"  # refused for good by the recipient's server
