"""Who is asked where parcels are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zyenta_ops.bootstrap.suppliers import policy_towards
from zyenta_ops.settings import Settings

if TYPE_CHECKING:
    from zyenta_ops.ports.gateway import RateLimiter
    from zyenta_ops.ports.tracking import TrackingProvider


def tracking_providers(settings: Settings, limiter: RateLimiter) -> tuple[TrackingProvider, ...]:
    """The trackers that there is a key for, in the order in which they are asked.

    17TRACK knows the most carriers of parcels from China; the others stand in for it. Opens no
    connection.

    Raises:
        Refused: a key would cross a network in the clear.
    """
    from zyenta_ops.adapters.carriers import aftership, seventeentrack, ship24
    from zyenta_ops.adapters.carriers.asking import Connections

    known = (
        (seventeentrack.SeventeenTrack, settings.seventeentrack_key, settings.seventeentrack_url,
         seventeentrack.BASE_URL),
        (ship24.Ship24, settings.ship24_key, settings.ship24_url, ship24.BASE_URL),
        (aftership.AfterShip, settings.aftership_key, settings.aftership_url, aftership.BASE_URL),
    )  # fmt: skip
    return tuple(
        kind(key, url or live, Connections(limiter, policy_towards(settings, url or live)))
        for kind, key, url, live in known
        if key
    )
