"""One parcel out of what many say of it, in whatever order and however often they say it.

Nothing that was known is lost: events, numbers and carriers are united, and the state is the
strongest claim of all that were made, be it for the parcel as a whole or by an event.

- A claim with a time beats one without. Of those with a time the later one wins, and at the same
  time the graver one.
- Claims without a time only go forward, in the order of `_GRAVITY`.
- Delivered stays delivered and returned stays returned, whatever is said later; returned beats
  delivered, since a parcel that came back was delivered to its sender.
- Who knows nothing (UNKNOWN), or has given up without ever having known anything, changes nothing.
- A person's correction beats what was told up to its time. See `correct`.

Claims are compared by one key, so uniting is associative, commutative and idempotent: any order of
answers gives the same parcel. A correction is applied to what is known, and repeats as often.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from zyenta_ops.domain.carriers import carrier_code, tidied
from zyenta_ops.domain.supplier_orders import (
    Correction,
    Parcel,
    ParcelEvent,
    ParcelState,
)

# From nothing at all to what ends a journey; of two claims of one time the later one here wins.
_GRAVITY: Final = (
    ParcelState.UNKNOWN,
    ParcelState.ANNOUNCED,
    ParcelState.IN_TRANSIT,
    ParcelState.CUSTOMS,
    ParcelState.EXPIRED,
    ParcelState.OUT_FOR_DELIVERY,
    ParcelState.READY_FOR_PICKUP,
    ParcelState.FAILED_ATTEMPT,
    ParcelState.CUSTOMS_ACTION,
    ParcelState.EXCEPTION,
    ParcelState.RETURNING,
    ParcelState.LOST,
    ParcelState.DELIVERED,
    ParcelState.RETURNED,
)
_RANK: Final = {state: rank for rank, state in enumerate(_GRAVITY)}
FINAL: Final = frozenset({ParcelState.DELIVERED, ParcelState.RETURNED})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_Key = tuple[str, str]  # number and carrier
_NOT_TEXT: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class _Claim:
    state: ParcelState
    at: datetime | None
    raw: str = ""

    @property
    def weight(self) -> tuple[int, bool, int, int, str]:
        dated = self.at is not None
        since = 0 if self.at is None else (self.at - _EPOCH) // _MICROSECOND
        rank = _RANK[self.state]
        if self.state in FINAL:
            # A final state is reached once: the earliest time that is told is when.
            return rank, dated, -since, rank, self.raw
        if self.state is ParcelState.UNKNOWN or (self.state is ParcelState.EXPIRED and not dated):
            return 0, False, 0, rank, self.raw
        return 1, dated, since, rank, self.raw


def settled(told: Parcel) -> Parcel:
    """An answer as it is united with others: each event once, newest first, and dated.

    What is said of the whole parcel holds since its newest event, where no other time is given. A
    word that nobody knows, said of a parcel that has events, stands for being on the way.
    """
    state, at = told.state, told.state_at
    if at is None and told.events:
        at = max(event.at for event in told.events)
        if state is ParcelState.UNKNOWN:
            state = ParcelState.IN_TRANSIT
    dated = replace(told, state=state, state_at=None if state is ParcelState.UNKNOWN else at)
    return join(dated, dated)


def follow(known: Parcel | None, told: Parcel) -> Parcel:
    """What is known of a parcel after one more answer about it.

    Args:
        known: what earlier answers came to; None = this is the first.
        told: the answer.
    """
    return settled(told) if known is None else join(known, settled(told))


def join(one: Parcel, other: Parcel) -> Parcel:
    """Two settled parcels of one number as one."""
    events = _united([*one.events, *other.events])
    correction = _latest(one.correction, other.correction)
    claim = _strongest(
        [
            _Claim(one.state, one.state_at, one.raw_state),
            _Claim(other.state, other.state_at, other.raw_state),
            *(_Claim(event.state, event.at) for event in events),
        ],
        correction,
    )
    etas = [each for each in (one.expected_at, other.expected_at) if each is not None]
    return Parcel(
        number=max(one.number, other.number),
        carrier=max(one.carrier, other.carrier),
        url=max(one.url, other.url),
        state=claim.state,
        raw_state=claim.raw,
        events=events,
        expected_at=max(etas, default=None),
        internal_number=one.internal_number or other.internal_number,
        state_at=claim.at,
        handovers=tuple(sorted({*one.handovers, *other.handovers})),
        correction=correction,
    )


def follow_all(known: Iterable[Parcel], told: Iterable[Parcel]) -> tuple[Parcel, ...]:
    """The parcels of an order after one more answer about them; none of them ever vanishes.

    Parcels are the same when number and carrier are. A parcel without a carrier is the one of the
    same number that has one, as long as one carrier alone has it. A parcel under a number that
    another one was handed over to is that other one. A parcel without a number is kept until one
    has a number.
    """
    parcels: dict[_Key, Parcel] = {}
    for each in (*known, *map(settled, told)):
        key = _key(each)
        parcels[key] = join(parcels[key], each) if key in parcels else each
    if any(number for number, _ in parcels):
        parcels = {key: parcel for key, parcel in parcels.items() if key[0]}
    _name_carriers(parcels)
    _follow_handovers(parcels)
    return tuple(parcels[key] for key in sorted(parcels))


def correct(parcel: Parcel, correction: Correction) -> Parcel:
    """A parcel as a person says it is.

    The correction beats everything that was told of times up to its own, also that the parcel was
    delivered. What carriers tell of later times counts again, and so does a claim without a time
    that is graver than what the correction replaced. Of two corrections the later entered counts.
    """
    return join(parcel, replace(parcel, correction=correction))


def graver(one: ParcelState, other: ParcelState) -> ParcelState:
    """The one of two states that wins when both are told of one time."""
    return max(one, other, key=lambda state: _RANK[state])


def _strongest(claims: list[_Claim], correction: Correction | None) -> _Claim:
    if correction is None:
        return max(claims, key=lambda claim: claim.weight)
    corrected = _Claim(correction.state, correction.at)
    later = [claim for claim in claims if _overtakes(claim, correction)]
    return max([corrected, *later], key=lambda claim: claim.weight)


def _overtakes(claim: _Claim, correction: Correction) -> bool:
    if claim.state is ParcelState.UNKNOWN:
        return False
    if claim.at is not None:
        return claim.at > correction.at
    return _RANK[claim.state] > _RANK[correction.over]


def _latest(one: Correction | None, other: Correction | None) -> Correction | None:
    made = [each for each in (one, other) if each is not None]
    return max(
        made,
        key=lambda each: (each.entered_at, each.at, each.state, each.by, each.note),
        default=None,
    )


def _united(events: list[ParcelEvent]) -> tuple[ParcelEvent, ...]:
    """Each event once; the same minute and the same words are the same event."""
    found: dict[tuple[datetime, str], ParcelEvent] = {}
    for event in events:
        at = event.at.astimezone(UTC)
        key = (at.replace(second=0, microsecond=0), _plain(event.text))
        same = found.get(key, event)
        found[key] = ParcelEvent(
            min(same.at.astimezone(UTC), at),
            max(same.text, event.text),
            max(same.place, event.place, key=lambda place: (len(place), place)),
            graver(same.state, event.state),
        )
    newest_first = sorted(
        found.values(), key=lambda event: (event.at, _RANK[event.state], event.text), reverse=True
    )
    return tuple(newest_first)


def _plain(text: str) -> str:
    """The letters and digits of a text."""
    return _NOT_TEXT.sub("", unicodedata.normalize("NFKC", text).casefold())


def _key(parcel: Parcel) -> _Key:
    return _number_key(parcel.number), carrier_code(parcel.carrier)


def _number_key(number: str) -> str:
    return tidied(number) or number.strip()


def _name_carriers(parcels: dict[_Key, Parcel]) -> None:
    for number in [number for number, carrier in parcels if not carrier]:
        named = [key for key in parcels if key[0] == number and key[1]]
        if len(named) == 1:
            parcels[named[0]] = join(parcels[named[0]], parcels.pop((number, "")))


def _follow_handovers(parcels: dict[_Key, Parcel]) -> None:
    """Let parcels take over what is told under the numbers they were handed over to."""
    pairs = [pair for each in sorted(parcels) for pair in _later(parcels, each)]
    for key, later in pairs:
        if key in parcels and later in parcels:
            first, second = parcels[key], parcels.pop(later)
            taken = replace(second, number=first.number, carrier=first.carrier)
            parcels[key] = join(first, taken)


def _later(parcels: Mapping[_Key, Parcel], key: _Key) -> Iterator[tuple[_Key, _Key]]:
    """A parcel with each that it became, also over several hands."""
    seen = {key}
    waiting = list(parcels[key].handovers)
    while waiting:
        handover = waiting.pop()
        number, carrier = _number_key(handover.number), carrier_code(handover.carrier)
        for later in sorted(parcels):
            same_number = later[0] == number
            # Posts bring a parcel on under its number; then the carrier tells the two apart.
            if same_number and later not in seen and (number != key[0] or later[1] == carrier):
                seen.add(later)
                waiting += parcels[later].handovers
                yield key, later
