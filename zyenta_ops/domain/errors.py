"""The root of every error that Zyenta Ops raises on purpose.

    ZyentaError                 anything below; its text is one sentence for a person
    ├── Refused                 the request contradicts a rule; nothing was changed
    │   ├── NotFound            the named thing does not exist
    │   └── Paused              a person has said to leave it alone
    ├── DatabaseUnavailable     the database cannot be used right now
    ├── Unreachable             what was asked did not answer; nothing was done
    ├── SourceError             a supplier's data could not be read
    │   ├── SourceUnavailable   may succeed later: time-out, 5xx, connection refused
    │   └── SourceInvalid       will fail again until somebody acts: 404, HTML, no such column
    └── DeliveryError           a message could not be handed over
        ├── DeliveryDeferred    may succeed later: SMTP 4xx, connection lost
        └── DeliveryRefused     will never succeed: SMTP 5xx
            └── RecipientGone   nor will any other message to this recipient: HTTP 410

The text says what went wrong, where, and what to do. It never carries a credential.
"""

from __future__ import annotations

from datetime import timedelta


class ZyentaError(Exception):
    """Base of all expected errors; `str(error)` is one sentence fit to show to a person."""


class Refused(ZyentaError):
    """The request contradicts a rule; nothing was changed."""


class NotFound(Refused):
    """The named store, supplier, product or decision does not exist."""


class Paused(Refused):
    """A person has said to leave this alone for now; nobody needs to be told of the refusal."""


class DatabaseUnavailable(ZyentaError):
    """The database does not let us in, or is none; nothing was done."""


class Unreachable(ZyentaError):
    """What was asked did not answer, or not yet; the same may succeed later.

    Attributes:
        retry_after: seconds until it may; None = not said.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SourceError(ZyentaError):
    """A supplier's catalogue could not be read; the last good state stays in force."""


class SourceUnavailable(SourceError):
    """The source did not answer properly this time; trying again later may succeed."""


class SourceInvalid(SourceError):
    """The source answered with something unusable; trying again changes nothing."""


class DeliveryError(ZyentaError):
    """A message could not be handed to its transport."""


class DeliveryDeferred(DeliveryError):
    """The transport refused for now; the message is tried again later.

    Attributes:
        pause: for how long the recipient wants to be left alone; None = it does not say.
    """

    def __init__(self, text: str, pause: timedelta | None = None) -> None:
        super().__init__(text)
        self.pause = pause


class DeliveryRefused(DeliveryError):
    """The transport refused for good; the message is suppressed."""


class RecipientGone(DeliveryRefused):
    """The recipient wants no more messages; this one is suppressed and others are not tried."""


def reason_of(error: Exception) -> str:
    """What may be told of an error: the sentence of an expected one, else its kind alone.

    The text of a foreign exception may quote a row, an address or a credential.
    """
    return str(error) if isinstance(error, ZyentaError) else type(error).__name__
