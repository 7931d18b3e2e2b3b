"""When to look at a parcel again, and when one has been quiet for too long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from zyenta_ops.domain.supplier_orders import Parcel, ParcelState
from zyenta_ops.domain.tracking.merging import FINAL


class Lane(StrEnum):
    """Whether a parcel crosses a border."""

    DOMESTIC = "DOMESTIC"
    INTERNATIONAL = "INTERNATIONAL"


# News of parcels from abroad often stops at the border of the country they go to, for weeks. The
# numbers are those of AfterShip's definition of a stalled shipment.
QUIET_FOR: Final[Mapping[Lane, timedelta]] = {
    Lane.DOMESTIC: timedelta(days=3),
    Lane.INTERNATIONAL: timedelta(days=30),
}

UNTIL_SHIPPED: Final = timedelta(hours=6)
ON_THE_WAY: Final = timedelta(days=1)
# Where a customer may have to act, or the parcel is about to arrive.
_SOON: Final[Mapping[ParcelState, timedelta]] = {
    ParcelState.OUT_FOR_DELIVERY: timedelta(hours=3),
    ParcelState.FAILED_ATTEMPT: timedelta(hours=6),
    ParcelState.READY_FOR_PICKUP: timedelta(hours=12),
}
_NOT_SHIPPED: Final = frozenset({ParcelState.UNKNOWN, ParcelState.ANNOUNCED})
_EXPECTED: Final = timedelta(hours=6)
_AROUND_EXPECTED: Final = timedelta(days=1)
_STALLED: Final = timedelta(days=2)
_GIVEN_UP: Final = timedelta(days=3)
_HOPELESS: Final = frozenset({ParcelState.LOST, ParcelState.EXPIRED})
# A parcel that waits for its customer is quiet and not stalled.
_AT_REST: Final = FINAL | {ParcelState.READY_FOR_PICKUP, ParcelState.LOST}


def lane(ships_from: str | None, ships_to: str) -> Lane:
    """The lane between two countries (ISO 3166); from a country not known it is international."""
    return Lane.DOMESTIC if ships_from == ships_to else Lane.INTERNATIONAL


def last_news(parcel: Parcel) -> datetime | None:
    """When something was last told to have happened to a parcel; None = no time was told."""
    times = [event.at for event in parcel.events]
    times += [] if parcel.state_at is None else [parcel.state_at]
    return max(times, default=None)


def is_stalled(parcel: Parcel, between: Lane, followed_since: datetime, now: datetime) -> bool:
    """Whether nothing has been heard of a parcel for longer than is usual.

    Args:
        parcel: as it stands.
        between: the lane it goes.
        followed_since: when its number was given, for parcels that nobody told anything of.
        now: the time.
    """
    if parcel.state in _AT_REST:
        return False
    return now - max(last_news(parcel) or followed_since, followed_since) > QUIET_FOR[between]


def next_look(
    parcel: Parcel, between: Lane, followed_since: datetime, now: datetime
) -> datetime | None:
    """When to ask about a parcel again; None = never, its journey is over.

    Every 6 hours until it is shipped, then daily; sooner when it is about to arrive, by its state
    or by the time it is expected; later when it has stalled or is given up.
    """
    if parcel.state in FINAL:
        return None
    return now + _pause(parcel, between, followed_since, now)


def _pause(parcel: Parcel, between: Lane, followed_since: datetime, now: datetime) -> timedelta:
    if parcel.state in _HOPELESS:
        return _GIVEN_UP
    if is_stalled(parcel, between, followed_since, now):
        return _STALLED
    if parcel.state in _NOT_SHIPPED:
        return UNTIL_SHIPPED
    if parcel.state in _SOON:
        return _SOON[parcel.state]
    expected = parcel.expected_at
    if expected is not None and abs(now - expected) <= _AROUND_EXPECTED:
        return _EXPECTED
    return ON_THE_WAY
