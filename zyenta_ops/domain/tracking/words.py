"""What trackers call the states of parcels, as their documentation lists them.

Each tracker has a coarse word and a finer one. The finer one decides where it says more. A word
that no table holds is given back to be counted, and never guessed at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from zyenta_ops.domain.supplier_orders import ParcelState

Words = Mapping[str, ParcelState]

# 17TRACK, API v2.2: nine statuses and their thirty sub-statuses.
SEVENTEEN_TRACK: Final[Words] = {
    "NotFound": ParcelState.UNKNOWN,
    "NotFound_Other": ParcelState.UNKNOWN,
    "NotFound_InvalidCode": ParcelState.UNKNOWN,
    "InfoReceived": ParcelState.ANNOUNCED,
    "InTransit": ParcelState.IN_TRANSIT,
    "InTransit_PickedUp": ParcelState.IN_TRANSIT,
    "InTransit_Other": ParcelState.IN_TRANSIT,
    "InTransit_Departure": ParcelState.IN_TRANSIT,
    "InTransit_Arrival": ParcelState.IN_TRANSIT,
    "InTransit_CustomsProcessing": ParcelState.CUSTOMS,
    "InTransit_CustomsReleased": ParcelState.IN_TRANSIT,  # it is on its way again
    "InTransit_CustomsRequiringInformation": ParcelState.CUSTOMS_ACTION,
    "Expired": ParcelState.EXPIRED,
    "Expired_Other": ParcelState.EXPIRED,
    "AvailableForPickup": ParcelState.READY_FOR_PICKUP,
    "AvailableForPickup_Other": ParcelState.READY_FOR_PICKUP,
    "OutForDelivery": ParcelState.OUT_FOR_DELIVERY,
    "OutForDelivery_Other": ParcelState.OUT_FOR_DELIVERY,
    "DeliveryFailure": ParcelState.FAILED_ATTEMPT,
    "DeliveryFailure_Other": ParcelState.FAILED_ATTEMPT,
    "DeliveryFailure_NoBody": ParcelState.FAILED_ATTEMPT,
    "DeliveryFailure_Security": ParcelState.FAILED_ATTEMPT,
    "DeliveryFailure_Rejected": ParcelState.FAILED_ATTEMPT,
    "DeliveryFailure_InvalidAddress": ParcelState.FAILED_ATTEMPT,
    "Delivered": ParcelState.DELIVERED,
    "Delivered_Other": ParcelState.DELIVERED,
    "Exception": ParcelState.EXCEPTION,
    "Exception_Other": ParcelState.EXCEPTION,
    "Exception_Returning": ParcelState.RETURNING,
    "Exception_Returned": ParcelState.RETURNED,
    "Exception_NoBody": ParcelState.EXCEPTION,
    "Exception_Security": ParcelState.EXCEPTION,
    "Exception_Damage": ParcelState.LOST,
    "Exception_Rejected": ParcelState.EXCEPTION,
    "Exception_Delayed": ParcelState.EXCEPTION,
    "Exception_Lost": ParcelState.LOST,
    "Exception_Destroyed": ParcelState.LOST,
    "Exception_Cancel": ParcelState.EXCEPTION,
}

# AfterShip: nine tags.
AFTERSHIP: Final[Words] = {
    "Pending": ParcelState.UNKNOWN,
    "InfoReceived": ParcelState.ANNOUNCED,
    "InTransit": ParcelState.IN_TRANSIT,
    "OutForDelivery": ParcelState.OUT_FOR_DELIVERY,
    "AttemptFail": ParcelState.FAILED_ATTEMPT,
    "Delivered": ParcelState.DELIVERED,
    "AvailableForPickup": ParcelState.READY_FOR_PICKUP,
    "Exception": ParcelState.EXCEPTION,
    "Expired": ParcelState.EXPIRED,
}
# The subtags that say more than their tag; every year adds some that do not.
AFTERSHIP_SUBTAGS: Final[Words] = {
    "InTransit_006": ParcelState.CUSTOMS,  # customs clearance started
    "Exception_004": ParcelState.CUSTOMS_ACTION,  # delayed by customs clearance
    "Exception_010": ParcelState.RETURNING,
    "Exception_011": ParcelState.RETURNED,
    "Exception_012": ParcelState.LOST,  # damaged
    "Exception_013": ParcelState.LOST,
    "Exception_018": ParcelState.CUSTOMS_ACTION,  # papers are wrong or missing
    "Exception_021": ParcelState.LOST,  # disposed of
}

# Ship24: eight milestones.
SHIP24: Final[Words] = {
    "pending": ParcelState.UNKNOWN,
    "info_received": ParcelState.ANNOUNCED,
    "in_transit": ParcelState.IN_TRANSIT,
    "out_for_delivery": ParcelState.OUT_FOR_DELIVERY,
    "failed_attempt": ParcelState.FAILED_ATTEMPT,
    "available_for_pickup": ParcelState.READY_FOR_PICKUP,
    "delivered": ParcelState.DELIVERED,
    "exception": ParcelState.EXCEPTION,
}
# The codes that say more than the milestone of a parcel on its way or in trouble does.
SHIP24_CODES: Final[Words] = {
    "customs_received": ParcelState.CUSTOMS,
    "customs_exception": ParcelState.CUSTOMS_ACTION,
    "customs_rejected": ParcelState.CUSTOMS_ACTION,
    "customs_cleared": ParcelState.IN_TRANSIT,
    "exception_return": ParcelState.RETURNING,
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a tracker's words stand for.

    Attributes:
        state: UNKNOWN also where no word is known.
        raw: the finest word it used.
        unknown: the words that no table holds.
    """

    state: ParcelState
    raw: str
    unknown: tuple[str, ...] = ()


NOTHING: Final = Heard(ParcelState.UNKNOWN, "")


def said_by_17track(status: str, sub_status: str) -> Heard:
    """What 17TRACK's `status` and `sub_status` stand for."""
    return _heard(SEVENTEEN_TRACK, sub_status, status)


def said_by_aftership(tag: str, subtag: str) -> Heard:
    """What AfterShip's `tag` and `subtag` stand for."""
    if subtag in AFTERSHIP_SUBTAGS:
        return Heard(AFTERSHIP_SUBTAGS[subtag], subtag)
    return replace(_heard(AFTERSHIP, tag), raw=subtag or tag)


def said_by_ship24(milestone: str, code: str) -> Heard:
    """What Ship24's `statusMilestone` and `statusCode` stand for."""
    if milestone in ("in_transit", "exception") and code in SHIP24_CODES:
        return Heard(SHIP24_CODES[code], code)
    return replace(_heard(SHIP24, milestone), raw=code or milestone)


def _heard(words: Words, *said: str) -> Heard:
    """The finest word comes first; the first that is known decides."""
    spoken = [word for word in said if word]
    raw = next(iter(spoken), "")
    for place, word in enumerate(spoken):
        if word in words:
            return Heard(words[word], raw, tuple(spoken[:place]))
    return Heard(ParcelState.UNKNOWN, raw, tuple(spoken))
