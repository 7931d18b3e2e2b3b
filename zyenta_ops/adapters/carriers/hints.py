"""What trackers' webhooks speak of: numbers to read again, and never values.

Deliveries can be replayed, and Ship24 signs nothing; what they say of a parcel is not believed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from typing import Any

from zyenta_ops.adapters.http.documents import entries, entry, name
from zyenta_ops.domain.supplier_errors import RequestInvalid
from zyenta_ops.domain.supplier_orders import Hint, HintKind


def seventeentrack_hints(body: bytes) -> tuple[Hint, ...]:
    """The number of 17TRACK's event; raises RequestInvalid when it is not readable."""
    return _hints(body, "17TRACK", lambda event: [entry(event.get("data")).get("number")])


def aftership_hints(body: bytes) -> tuple[Hint, ...]:
    """The number of AfterShip's event; raises RequestInvalid when it is not readable."""
    return _hints(body, "AfterShip", lambda event: [entry(event.get("msg")).get("tracking_number")])


def ship24_hints(body: bytes) -> tuple[Hint, ...]:
    """The numbers of Ship24's event; raises RequestInvalid when it is not readable."""
    return _hints(
        body,
        "Ship24",
        lambda event: [
            entry(each.get("tracker")).get("trackingNumber")
            for each in entries(event.get("trackings"))
        ],
    )


def _hints(
    body: bytes, who: str, numbers: Callable[[Mapping[str, Any]], Iterable[Any]]
) -> tuple[Hint, ...]:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise RequestInvalid(f"the webhook is not one of {who}'s events")
    refs = dict.fromkeys(ref for each in numbers(event) if (ref := name(each)))
    kind = HintKind.PARCEL if refs else HintKind.OTHER
    return (Hint(kind, blake2b(body, digest_size=16).hexdigest(), tuple(refs)),)
