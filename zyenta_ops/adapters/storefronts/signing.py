"""Signatures of the Standard Webhooks specification 1.0.0, symmetric: HMAC-SHA256, `v1`.

Signed is `<id>.<seconds>.<body>`. With several secrets there are several signatures, so that a
receiver can go over from one to the next without losing an event.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from hmac import digest
from typing import Final

from zyenta_ops.domain.errors import Refused

PREFIX: Final = "whsec_"
_FEWEST_BYTES: Final = 24


def new_secret(random: bytes) -> str:
    """A secret as it is shown to the receiver, made of at least 24 random bytes."""
    if len(random) < _FEWEST_BYTES:
        raise ValueError(f"a secret needs {_FEWEST_BYTES} bytes")
    return PREFIX + b64encode(random).decode()


def signed_headers(
    message_id: str, at: datetime, body: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """The headers that identify and prove a message.

    Args:
        message_id: stays the same however often the message is sent; holds no full stop.
        at: the time of this attempt.
        body: exactly the bytes that are sent.
        secrets: of the form `whsec_…`.

    Raises:
        Refused: a secret has another form.
    """
    seconds = int(at.timestamp())
    signed = f"{message_id}.{seconds}.".encode() + body
    signatures = [b64encode(digest(_key(each), signed, "sha256")).decode() for each in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }


def _key(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        raise Refused("a webhook's secret is not Base64; give it a new one") from None
