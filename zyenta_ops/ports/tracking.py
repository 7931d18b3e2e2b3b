"""Services that follow parcels for whoever hands them their numbers.

The errors are those of `zyenta_ops.domain.supplier_errors`: every method may raise
`SupplierUnavailable`, `RateLimited`, `LoginRevoked` and `Misconfigured`. What concerns one number
alone is answered and not raised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from zyenta_ops.domain.tracking import Registration, TrackedNumber, TrackingAnswer


class TrackingProvider(Protocol):
    """One tracker, through one account of ours.

    A number is registered once and read often. Asking again changes nothing: whatever was lost on
    the way may be asked for a second time.
    """

    @property
    def name(self) -> str:
        """What it is called, the same as where its events come from (`EventSource`)."""
        ...

    def check(self) -> str:
        """Ask something harmless; returns what it says of our account, for people."""
        ...

    def register(self, asked: Sequence[TrackedNumber]) -> Iterator[Registration]:
        """Let it follow numbers; one outcome for each, in their order.

        Lazily, as many numbers at once as it takes: what was not iterated was not asked, and what
        is raised for one request takes nothing from the outcomes of those before it. A number that
        it follows already is DONE. The first news takes minutes.
        """
        ...

    def read(self, asked: Sequence[TrackedNumber]) -> Iterator[TrackingAnswer]:
        """What it knows of numbers; one answer for each, in their order, lazily as above."""
        ...

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        ...
