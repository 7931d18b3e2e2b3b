"""The journeys of parcels, as carriers' scanners see them; trackers read them.

A number that a vendor of the sandbox gave to a parcel has that parcel's journey. Any other number
has one that is drawn from the seed and the number, and begins when somebody first asks for it. A
number that ends in 0000 is never scanned by anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from zyenta_ops.sandbox.chance import between, chance
from zyenta_ops.sandbox.orders import checkpoints
from zyenta_ops.sandbox.trade import Trade

NEVER_SCANNED = "0000"


class Scan(StrEnum):
    """What a scanner can say."""

    ANNOUNCED = "announced"
    MOVING = "moving"
    CUSTOMS = "customs"
    PAPERS_MISSING = "papers_missing"
    OUT = "out"
    AT_PICKUP_POINT = "at_pickup_point"
    NOBODY_HOME = "nobody_home"
    DELIVERED = "delivered"
    TROUBLE = "trouble"
    GOING_BACK = "going_back"
    BACK = "back"
    LOST = "lost"


@dataclass(frozen=True)
class Scanned:
    """One scan."""

    at: datetime
    what: Scan
    text: str
    place: str = ""


@dataclass(frozen=True)
class Journey:
    """A parcel's scans, oldest first; `later_number` is the one it got from the last carrier."""

    scans: tuple[Scanned, ...]
    carrier: str
    expected_at: datetime | None = None
    later_number: str = ""
    later_carrier: str = ""


_TEXTS = {
    "Out for delivery": Scan.OUT,
    "Delivered": Scan.DELIVERED,
    "Customs clearance completed": Scan.CUSTOMS,
}
# Where a journey goes, by the share of the way; one in ten goes wrong.
_USUAL = (
    (0.0, Scan.ANNOUNCED, "Shipment information received", ""),
    (0.05, Scan.MOVING, "Accepted by carrier", "Shenzhen"),
    (0.3, Scan.MOVING, "Departed country of origin", "Shenzhen"),
    (0.6, Scan.MOVING, "Arrived in destination country", ""),
    (0.7, Scan.CUSTOMS, "Customs clearance started", ""),
    (0.95, Scan.OUT, "Out for delivery", ""),
)
_ENDS = (
    ((1.0, Scan.DELIVERED, "Delivered", ""),),
    (
        (0.96, Scan.NOBODY_HOME, "Delivery attempt failed", ""),
        (1.0, Scan.AT_PICKUP_POINT, "Ready for pickup", ""),
        (1.1, Scan.DELIVERED, "Picked up by the recipient", ""),
    ),
    ((1.0, Scan.GOING_BACK, "Returned to sender", ""), (1.5, Scan.BACK, "Return received", "")),
    ((1.0, Scan.LOST, "Declared lost", ""),),
)


class Journeys:
    """All journeys, on the sandbox's clock.

    Attributes:
        told: journeys that are not drawn, by number.
    """

    def __init__(
        self, seed: str, clock: Callable[[], datetime], trades: Mapping[str, Trade]
    ) -> None:
        self._seed, self._clock, self._trades = seed, clock, trades
        self._begun: dict[str, datetime] = {}
        self.told: dict[str, Journey] = {}

    def tell(self, number: str, journey: Journey) -> None:
        """Let a parcel have this journey from now on."""
        self.told[number] = journey

    def of(self, number: str) -> Journey:
        """What has been scanned of a parcel by now."""
        now = self._clock()
        begun = self._begun.setdefault(number, now)
        journey = self.told.get(number) or self._traded(number, now)
        if journey is None:
            journey = self._drawn(number, begun)
        scans = tuple(each for each in journey.scans if each.at <= now)
        return Journey(
            scans,
            journey.carrier,
            journey.expected_at if scans else None,
            journey.later_number,
            journey.later_carrier,
        )

    def _traded(self, number: str, now: datetime) -> Journey | None:
        for trade in self._trades.values():
            for order in trade.orders.orders.values():
                for parcel, at in order.shipped(now):
                    if parcel.tracking == number:
                        scans = tuple(
                            Scanned(time, _TEXTS.get(text, Scan.MOVING), text)
                            for time, text in checkpoints(parcel, at, now)
                        )
                        return Journey(scans, parcel.carrier, at + parcel.transit)
        return None

    def _drawn(self, number: str, begun: datetime) -> Journey:
        if number.endswith(NEVER_SCANNED):
            return Journey((), "")
        draw = (self._seed, number)
        way = timedelta(hours=between(96, 360, *draw, "way"))
        wrong = chance(*draw, "wrong") < 0.1
        end = _ENDS[between(1, len(_ENDS) - 1, *draw, "end") if wrong else 0]
        scans = tuple(
            Scanned(begun + way * share, what, text, place)
            for share, what, text, place in (*_USUAL, *end)
        )
        return Journey(scans, "Cainiao", begun + way)
