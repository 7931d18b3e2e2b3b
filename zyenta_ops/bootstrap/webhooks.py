"""Which scheme proves the deliveries of which source."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from zyenta_ops.domain.inbox import EventSource

if TYPE_CHECKING:
    from zyenta_ops.ports.web import Scheme


def scheme_of(source: EventSource) -> Scheme:
    """A source's scheme; adapters are imported when the first is asked for."""
    return _schemes()[source]


@cache
def _schemes() -> dict[EventSource, Scheme]:
    from zyenta_ops.adapters.webhooks import stripe, suppliers, trackers

    return {
        EventSource.STRIPE: stripe.SCHEME,
        EventSource.ALIEXPRESS: suppliers.ALIEXPRESS,
        EventSource.CJ: suppliers.CJ,
        EventSource.PRINTFUL: suppliers.PRINTFUL,
        EventSource.SEVENTEEN_TRACK: trackers.SEVENTEEN_TRACK,
        EventSource.AFTERSHIP: trackers.AFTERSHIP,
        EventSource.SHIP24: trackers.SHIP24,
    }
