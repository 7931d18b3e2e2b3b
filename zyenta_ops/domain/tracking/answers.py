"""What is asked of trackers, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from zyenta_ops.domain.supplier_orders import Parcel


@dataclass(frozen=True, slots=True)
class TrackedNumber:
    """A number to follow.

    Attributes:
        number: as the supplier gave it.
        carrier: as the supplier names it; empty = the tracker finds out.
        country: ISO 3166 code of where the parcel goes; empty = not known.
    """

    number: str
    carrier: str = ""
    country: str = ""


class Registered(StrEnum):
    """What came of handing a number to a tracker."""

    DONE = "DONE"  # it follows it, since now or for long
    LATER = "LATER"  # not now: its quota is used up
    REFUSED = "REFUSED"  # never, as it is


@dataclass(frozen=True, slots=True)
class Registration:
    """What came of handing over one number; `reason` says why it was not taken."""

    asked: TrackedNumber
    outcome: Registered
    reason: str = ""


class Knowledge(StrEnum):
    """What a tracker knows of a number."""

    TOLD = "TOLD"  # `parcel` is what it says
    NOTHING_YET = "NOTHING_YET"  # it follows the number and has nothing to say
    UNREGISTERED = "UNREGISTERED"  # it was never asked to follow it, or has stopped


@dataclass(frozen=True, slots=True)
class TrackingAnswer:
    """What a tracker says of one number.

    Attributes:
        asked: the number.
        knowledge: whether there is anything to say.
        parcel: under the number that was asked for; None unless TOLD.
        unknown_words: states that no table holds, each as often as it was said, to be counted.
    """

    asked: TrackedNumber
    knowledge: Knowledge
    parcel: Parcel | None = None
    unknown_words: tuple[str, ...] = ()
