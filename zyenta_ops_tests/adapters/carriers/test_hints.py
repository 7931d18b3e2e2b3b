"""Which numbers trackers' webhooks speak of."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from zyenta_ops.adapters.carriers.hints import aftership_hints, seventeentrack_hints, ship24_hints
from zyenta_ops.domain.supplier_errors import RequestInvalid
from zyenta_ops.domain.supplier_orders import Hint, HintKind

Read = Callable[[bytes], tuple[Hint, ...]]
EVERY = [seventeentrack_hints, aftership_hints, ship24_hints]


@pytest.mark.parametrize(
    ("read", "event", "numbers"),
    [
        (
            seventeentrack_hints,
            {"event": "TRACKING_UPDATED", "data": {"number": "RR1CN", "carrier": 3011}},
            ("RR1CN",),
        ),
        (
            seventeentrack_hints,
            {"event": "TRACKING_STOPPED", "data": {"number": "RR1CN"}},
            ("RR1CN",),
        ),
        (aftership_hints, {"ts": 1, "msg": {"tracking_number": "RR1CN"}}, ("RR1CN",)),
        (
            ship24_hints,
            {"trackings": [{"tracker": {"trackingNumber": n}} for n in ("A1", "B2", "A1")]},
            ("A1", "B2"),
        ),
    ],
)
def test_events_name_numbers(read: Read, event: Any, numbers: tuple[str, ...]) -> None:
    (hint,) = read(json.dumps(event).encode())
    (again,) = read(json.dumps(event).encode())

    assert (hint.kind, hint.refs) == (HintKind.PARCEL, numbers)
    assert hint.event_id == again.event_id


@pytest.mark.parametrize("read", EVERY)
@pytest.mark.parametrize("event", [{}, {"data": 7, "msg": [], "trackings": {"tracker": 1}}])
def test_what_names_none_is_about_something_else(read: Read, event: Any) -> None:
    (hint,) = read(json.dumps(event).encode())
    assert (hint.kind, hint.refs) == (HintKind.OTHER, ())


@pytest.mark.parametrize("read", EVERY)
@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_event_is_refused(read: Read, body: bytes) -> None:
    with pytest.raises(RequestInvalid):
        read(body)
