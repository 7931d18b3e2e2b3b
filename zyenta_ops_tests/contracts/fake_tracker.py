"""A tracker in memory that keeps the promises of `ports.tracking.TrackingProvider`.

Tests move it by its fields and methods. Numbers cost a quota and get their first news after five
minutes, as with the real ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from zyenta_ops.domain.carriers import tidied
from zyenta_ops.domain.supplier_errors import SupplierError
from zyenta_ops.domain.supplier_orders import Handover, Parcel, ParcelEvent
from zyenta_ops.domain.tracking import (
    Knowledge,
    Registered,
    Registration,
    TrackedNumber,
    TrackingAnswer,
)

_FIRST_NEWS = timedelta(minutes=5)
_BATCH = 40


@dataclass
class FakeTracker:
    """Follows what it is handed.

    Attributes:
        events: what carriers have scanned, by number.
        expected, later: by number, when it arrives and who brings it on.
        fault: raised instead of every answer.
        unknown_words: given back with every answer.
    """

    clock: Callable[[], datetime]
    name: str = "fake"
    quota: int = 1_000
    events: dict[str, list[ParcelEvent]] = field(default_factory=lambda: defaultdict(list))
    expected: dict[str, datetime] = field(default_factory=dict)
    later: dict[str, Handover] = field(default_factory=dict)
    followed: dict[str, datetime] = field(default_factory=dict)
    fault: SupplierError | None = None
    unknown_words: tuple[str, ...] = ()
    requests: int = 0

    def check(self) -> str:
        self._request()
        return f"{self.quota - len(self.followed)} numbers left"

    def close(self) -> None:
        pass

    def register(self, asked: Sequence[TrackedNumber]) -> Iterator[Registration]:
        for some in _batches(asked):
            self._request()
            yield from [self._registration(each) for each in some]

    def read(self, asked: Sequence[TrackedNumber]) -> Iterator[TrackingAnswer]:
        for some in _batches(asked):
            self._request()
            yield from [self._answer(each) for each in some]

    def scan(self, number: str, event: ParcelEvent) -> None:
        """Let a carrier scan a parcel."""
        self.events[tidied(number)].append(event)

    def _request(self) -> None:
        self.requests += 1
        if self.fault is not None:
            raise self.fault

    def _registration(self, asked: TrackedNumber) -> Registration:
        number = tidied(asked.number)
        if not any(each.isdigit() for each in number):
            return Registration(asked, Registered.REFUSED, "no carrier can be told from the number")
        if number not in self.followed:
            if len(self.followed) >= self.quota:
                return Registration(asked, Registered.LATER, "the quota is used up")
            self.followed[number] = self.clock()
        return Registration(asked, Registered.DONE)

    def _answer(self, asked: TrackedNumber) -> TrackingAnswer:
        number = tidied(asked.number)
        since = self.followed.get(number)
        if since is None:
            return TrackingAnswer(asked, Knowledge.UNREGISTERED)
        events = sorted(self.events[number], key=lambda each: each.at, reverse=True)
        if self.clock() - since < _FIRST_NEWS or not events:
            return TrackingAnswer(asked, Knowledge.NOTHING_YET)
        parcel = Parcel(
            asked.number,
            asked.carrier,
            state=events[0].state,
            raw_state=events[0].state.lower(),
            events=tuple(events),
            expected_at=self.expected.get(number),
        )
        if number in self.later:
            parcel = replace(parcel, handovers=(self.later[number],))
        return TrackingAnswer(asked, Knowledge.TOLD, parcel, self.unknown_words)


def _batches(asked: Sequence[TrackedNumber]) -> Iterator[Sequence[TrackedNumber]]:
    for start in range(0, len(asked), _BATCH):
        yield asked[start : start + _BATCH]
