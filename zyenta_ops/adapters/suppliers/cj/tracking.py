"""Where parcels are, as CJ tells it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from zyenta_ops.adapters.suppliers.answers import entries, name, words
from zyenta_ops.adapters.suppliers.text import addresses
from zyenta_ops.domain.supplier_orders import Handover, Parcel, ParcelEvent, ParcelState

MOST_NUMBERS: Final = 10  # in one request; seen live

# Published for webhooks, where the state is a number.
BY_NUMBER: Final = {
    0: ParcelState.ANNOUNCED,
    1: ParcelState.IN_TRANSIT,  # left the warehouse
    2: ParcelState.IN_TRANSIT,  # at the forwarder
    3: ParcelState.RETURNING,  # returned by the forwarder
    4: ParcelState.IN_TRANSIT,  # left the forwarder
    5: ParcelState.IN_TRANSIT,
    6: ParcelState.IN_TRANSIT,  # arrived in the country
    7: ParcelState.CUSTOMS,
    8: ParcelState.IN_TRANSIT,  # cleared
    9: ParcelState.IN_TRANSIT,  # at the last carrier
    10: ParcelState.OUT_FOR_DELIVERY,
    11: ParcelState.READY_FOR_PICKUP,
    12: ParcelState.DELIVERED,
    13: ParcelState.FAILED_ATTEMPT,
    14: ParcelState.RETURNED,
}
# What `trackInfo` writes instead. "In transit" is published, the others are usual words.
BY_WORD: Final = {
    "pending": ParcelState.ANNOUNCED,
    "info received": ParcelState.ANNOUNCED,
    "in transit": ParcelState.IN_TRANSIT,
    "en route": ParcelState.IN_TRANSIT,
    "customs clearance": ParcelState.CUSTOMS,
    "out for delivery": ParcelState.OUT_FOR_DELIVERY,
    "ready for pickup": ParcelState.READY_FOR_PICKUP,
    "available for pickup": ParcelState.READY_FOR_PICKUP,
    "delivered": ParcelState.DELIVERED,
    "signed": ParcelState.DELIVERED,
    "undelivered": ParcelState.FAILED_ATTEMPT,
    "failed attempt": ParcelState.FAILED_ATTEMPT,
    "returning": ParcelState.RETURNING,
    "returned": ParcelState.RETURNED,
    "exception": ParcelState.EXCEPTION,
    "expired": ParcelState.EXPIRED,
    "lost": ParcelState.LOST,
}


def parcels(document: Any) -> dict[str, Parcel]:
    """The data of `logistic/trackInfo`, by the number of the parcel."""
    found = (_parcel(each) for each in entries(document) if name(each.get("trackingNumber")))
    return {each.number: each for each in found}


def state_of(said: Any) -> ParcelState:
    """What a number or a word stands for."""
    word = name(said)
    if word.isascii() and word.isdigit():
        return BY_NUMBER.get(int(word), ParcelState.UNKNOWN)
    return BY_WORD.get(word.lower().replace("_", " "), ParcelState.UNKNOWN)


def _parcel(row: Mapping[str, Any]) -> Parcel:
    number = name(row["trackingNumber"])
    events = [each for each in map(_event, _events(row)) if each is not None]
    return Parcel(
        number=number,
        carrier=words(row.get("logisticName")),
        url=next(iter(addresses(row.get("trackingUrl"))), ""),
        state=state_of(row.get("trackingStatus")),
        raw_state=name(row.get("trackingStatus")),
        events=tuple(sorted(events, key=lambda event: event.at, reverse=True)),
        internal_number=name(row.get("cjMailNo")) == number,
        handovers=_handovers(row),
    )


def _handovers(row: Mapping[str, Any]) -> tuple[Handover, ...]:
    """The carrier at the destination, once it has given the parcel a number."""
    number = name(row.get("lastTrackNumber"))
    return (Handover(number, words(row.get("lastMileCarrier"))),) if number else ()


def _events(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What happened: a list, or the text of one as in webhooks. Neither is published for this."""
    listed = row.get("routes") or row.get("logisticsTrackEvents")
    if isinstance(listed, str):
        try:
            listed = json.loads(listed)
        except (ValueError, RecursionError):
            return []
    return entries(listed)


def _event(event: Mapping[str, Any]) -> ParcelEvent | None:
    at = _instant(event.get("acceptTime") or event.get("eventTime"))
    text = words(event.get("remark") or event.get("activity"))
    if at is None or not text:
        return None
    place = words(event.get("acceptAddress") or event.get("location"))
    return ParcelEvent(at, text, place, state_of(event.get("status")))


def _instant(value: Any) -> datetime | None:
    """A time without an offset is read as UTC: CJ does not say whose time it is."""
    try:
        found = datetime.fromisoformat(words(value))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
