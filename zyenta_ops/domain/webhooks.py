"""Deliveries to our endpoints: what proves them genuine, and what is kept of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from zyenta_ops.domain.errors import Refused, ZyentaError

# What Stripe and the Standard Webhooks specification recommend, in both directions.
WINDOW: Final = timedelta(minutes=5)

# What the inbox can hold.
_LONGEST_ID: Final = 255
_LONGEST_TYPE: Final = 128


class NotGenuine(Refused):
    """The delivery is not proven to come from its source; nothing of it was kept."""


class Unguarded(ZyentaError):
    """The endpoint has no secret yet that could prove anything; nothing was taken."""


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What a delivery says of itself.

    Attributes:
        event_id: stays the same when the event is delivered again.
        account: whose event it is at the source; "" = it does not say.
        signed: whether the body was proven to be the source's, not only the sender let in.

    Raises:
        NotGenuine: a text is missing, too long, or none that the source would write.
    """

    event_id: str
    type: str
    account: str = ""
    occurred_at: datetime | None = None
    signed: bool = True

    def __post_init__(self) -> None:
        for text, longest in (
            (self.event_id, _LONGEST_ID),
            (self.type, _LONGEST_TYPE),
            (self.account or "-", _LONGEST_ID),
        ):
            # Not printable: among others NUL and lone surrogates, which no database stores.
            if not text or len(text) > longest or not text.isprintable():
                raise NotGenuine("the delivery names its event in a way that cannot be kept")


def is_timely(said_at: datetime, now: datetime) -> bool:
    """Whether a delivery was signed at about this time; an old or future one may be a replay."""
    return abs(now - said_at) <= WINDOW


def content_id(body: bytes) -> str:
    """The id of an event whose source gives none: the SHA-256 of its body in hexadecimal."""
    return sha256(body).hexdigest()
