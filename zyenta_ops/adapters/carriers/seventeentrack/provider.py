"""17TRACK as a `zyenta_ops.ports.tracking.TrackingProvider`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from zyenta_ops.adapters.carriers.asking import Asking, Connections, batches
from zyenta_ops.adapters.carriers.seventeentrack import wire
from zyenta_ops.domain.carriers import tidied
from zyenta_ops.domain.tracking import (
    Knowledge,
    Registered,
    Registration,
    TrackedNumber,
    TrackingAnswer,
)

BASE_URL: Final = "https://api.17track.net/track/v2.2"
_MOST: Final = 40  # numbers in one request
_PER_SECOND: Final = 3


class SeventeenTrack:
    """One account at 17TRACK.

    Args:
        key: the security key of its dashboard.
        base_url: of the API, with its version.
        connections: what requests go through.
    """

    name: Final = "17track"

    def __init__(self, key: str, base_url: str, connections: Connections) -> None:
        self._asking = Asking(self.name, "17TRACK", key, base_url, connections)
        self._allowance = self._asking.allowance("requests", _PER_SECOND)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._asking.close()

    def check(self) -> str:
        """How many numbers may still be handed over."""
        held = self._ask("getquota", [])
        return f"{held['quota_remain']} of {held['quota_total']} numbers left"

    def register(self, asked: Sequence[TrackedNumber]) -> Iterator[Registration]:
        """Forty numbers a request; one number costs one of the quota, once."""
        for some in batches(asked, _MOST):
            held = self._ask("register", _items(some, auto_detection=True))
            taken, refused = wire.accepted(held), wire.rejected(held)
            for each in some:
                yield _registration(each, taken, refused)

    def read(self, asked: Sequence[TrackedNumber]) -> Iterator[TrackingAnswer]:
        """Forty numbers a request; costs nothing."""
        for some in batches(asked, _MOST):
            held = self._ask("gettrackinfo", _items(some))
            known, refused = wire.accepted(held), wire.rejected(held)
            for each in some:
                yield _answer(each, known, refused)

    def _ask(self, what: str, items: list[dict[str, Any]]) -> Mapping[str, Any]:
        return self._asking.ask(
            "POST", f"/{what}", wire.data, self._allowance, lambda key: {"17token": key}, items
        )


def _items(asked: Sequence[TrackedNumber], **more: Any) -> list[dict[str, Any]]:
    numbers = {tidied(each.number): each for each in asked}
    return [{**wire.item(number, each), **more} for number, each in numbers.items() if number]


def _registration(
    asked: TrackedNumber, taken: Mapping[str, Any], refused: Mapping[str, int]
) -> Registration:
    number = tidied(asked.number)
    code = refused.get(number)
    if number in taken or code == wire.ALREADY_REGISTERED:
        return Registration(asked, Registered.DONE)
    if code in (wire.QUOTA_USED_UP, wire.DAY_USED_UP):
        return Registration(asked, Registered.LATER, "the quota at 17TRACK is used up")
    reason = "17TRACK does not take it" if code is None else f"17TRACK does not take it ({code})"
    return Registration(asked, Registered.REFUSED, wire.REFUSALS.get(code or 0, reason))


def _answer(
    asked: TrackedNumber, known: Mapping[str, Mapping[str, Any]], refused: Mapping[str, int]
) -> TrackingAnswer:
    number = tidied(asked.number)
    if number in known:
        return wire.tracking(asked, known[number])
    if refused.get(number) == wire.NOTHING_YET:
        return TrackingAnswer(asked, Knowledge.NOTHING_YET)
    return TrackingAnswer(asked, Knowledge.UNREGISTERED)
