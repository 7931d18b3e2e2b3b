"""Services that follow parcels.

None of them says when it signed, so a delivery can be replayed: it is recorded once by its id, and
what it tells of is read anew before anything is done.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from hmac import digest
from typing import Final

from zyenta_ops.adapters.webhooks.proof import document, require, text
from zyenta_ops.domain.webhooks import EventFacts, content_id
from zyenta_ops.ports.web import Scheme

_MOST_SECONDS: Final = 10**10


def verify_17track(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime
) -> EventFacts:
    """What 17TRACK says; raises NotGenuine. `sign` is SHA-256 of body, slash and key."""
    require(
        (sha256(body + b"/" + key.encode()).hexdigest() for key in secrets),
        [headers.get("sign", "").lower()],
    )
    return EventFacts(content_id(body), text(document(body).get("event")))


def verify_aftership(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime
) -> EventFacts:
    """What AfterShip says; raises NotGenuine. Its header is Base64 of HMAC-SHA256 of the body."""
    require(
        (b64encode(digest(secret.encode(), body, "sha256")).decode() for secret in secrets),
        [headers.get("aftership-hmac-sha256", "")],
    )
    event = document(body)
    return EventFacts(
        text(event.get("event_id")) or content_id(body),
        text(event.get("event")),
        occurred_at=_time(event.get("ts")),
    )


def verify_ship24(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime
) -> EventFacts:
    """What Ship24 says; raises NotGenuine. It shows the secret and signs nothing."""
    require((f"Bearer {secret}" for secret in secrets), [headers.get("authorization", "")])
    document(body)
    return EventFacts(content_id(body), "trackings", signed=False)


def _time(seconds: object) -> datetime | None:
    if isinstance(seconds, int) and 0 < seconds < _MOST_SECONDS:
        return datetime.fromtimestamp(seconds, UTC)
    return None


SEVENTEEN_TRACK: Final = Scheme(verify_17track, "the API key of the 17TRACK account")
AFTERSHIP: Final = Scheme(verify_aftership, "the webhook secret of the AfterShip account")
SHIP24: Final = Scheme(verify_ship24, "the webhook secret of the Ship24 account")
