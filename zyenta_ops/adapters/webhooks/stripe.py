"""Stripe: `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>…]` (docs.stripe.com/webhooks).

Signed is `<t>.<body>` by HMAC-SHA256. Several `v1` come while Stripe rolls a secret. Stripe's SDK
accepts times in the future and stumbles over what is not UTF-8; this does neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hmac import digest
from typing import Final

from zyenta_ops.adapters.webhooks.proof import document, require, text
from zyenta_ops.domain.webhooks import EventFacts, NotGenuine, is_timely
from zyenta_ops.ports.web import Scheme

# Ten digits reach the year 2286; more would be no time that Python knows.
_MOST_DIGITS: Final = 10


def verify(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime
) -> EventFacts:
    """What a delivery of Stripe says of itself; raises NotGenuine."""
    parts = [part.partition("=") for part in headers.get("stripe-signature", "").split(",")]
    times = [value for name, _, value in parts if name.strip() == "t"]
    if len(times) != 1 or (said_at := _time(times[0])) is None or not is_timely(said_at, now):
        raise NotGenuine("the delivery is too old, too new, or does not say when it was signed")
    signed = f"{times[0]}.".encode() + body
    require(
        (digest(secret.encode(), signed, "sha256").hex() for secret in secrets),
        (value for name, _, value in parts if name.strip() == "v1"),
    )
    event = document(body)
    return EventFacts(
        event_id=text(event.get("id")),
        type=text(event.get("type")),
        account=text(event.get("account")),
        occurred_at=_time(str(event.get("created"))),
    )


def _time(seconds: str) -> datetime | None:
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= _MOST_DIGITS):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


SCHEME: Final = Scheme(verify, "the signing secret of the endpoint, whsec_…", r"whsec_[!-~]{8,200}")
