"""What the answers of trackers have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from zyenta_ops.adapters.http.documents import words
from zyenta_ops.domain.carriers import tidied
from zyenta_ops.domain.supplier_orders import Handover, Parcel, ParcelEvent, ParcelState
from zyenta_ops.domain.tracking import Knowledge, TrackedNumber, TrackingAnswer
from zyenta_ops.domain.tracking.words import Heard

Told = tuple[ParcelEvent | None, Heard]


def moment(value: Any, offset: Any = None) -> datetime | None:
    """A time in ISO 8601; None = no time.

    Without an offset of its own it has the one given beside it ("+08:00"), and without any it is
    read as UTC: then nobody says whose time it is.
    """
    text = words(value)
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None and words(offset):
            found = datetime.fromisoformat(f"{found.isoformat()}{words(offset)}")
    except ValueError:
        return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None


def happened(at: datetime | None, text: Any, place: Any, heard: Heard) -> Told:
    """One event and the words it was told in; what has no time is no event."""
    if at is None:
        return None, heard
    return ParcelEvent(at, words(text) or heard.raw, words(place), heard.state), heard


def handover(number: Any, carrier: Any, asked: TrackedNumber) -> Iterator[Handover]:
    """Who brings the parcel on, if it is under another number."""
    text = words(number)
    if text and tidied(text) != tidied(asked.number):
        yield Handover(text, words(carrier))


def answer(
    asked: TrackedNumber,
    overall: Heard,
    told: Iterable[Told],
    *,
    carrier: str = "",
    expected_at: datetime | None = None,
    handovers: Iterable[Handover] = (),
    url: str = "",
) -> TrackingAnswer:
    """What a tracker says of a number, as one answer; nothing yet where it says nothing."""
    spoken = list(told)
    events = [event for event, _ in spoken if event is not None]
    unknown = [word for heard in (overall, *(each for _, each in spoken)) for word in heard.unknown]
    parcel = Parcel(
        asked.number,
        carrier=asked.carrier or carrier,
        url=url,
        state=overall.state,
        raw_state=overall.raw,
        events=tuple(sorted(events, key=lambda event: event.at, reverse=True)),
        expected_at=expected_at,
        handovers=tuple(sorted(set(handovers))),
    )
    if overall.state is ParcelState.UNKNOWN and not events and not unknown:
        return TrackingAnswer(asked, Knowledge.NOTHING_YET)
    return TrackingAnswer(asked, Knowledge.TOLD, parcel, tuple(unknown))
