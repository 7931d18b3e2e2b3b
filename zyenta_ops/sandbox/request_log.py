"""What was asked of the sandbox, and how it went. Holds no credential, address or body."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

KEPT = 100_000


@dataclass(frozen=True)
class Entry:
    """One request.

    Attributes:
        number: counted from 1 since the sandbox started.
        at: time on the sandbox's clock.
        operation: API method or path pattern; never a path with what stood in it.
        account: the account's name in the sandbox, empty when unknown.
        status: HTTP status, 0 when the connection was broken instead.
        outcome: `ok`, the vendor's error code, or the fault that came instead.
        faults: what the script did to the call.
        violation: the rate or quota that the call broke, else empty.
    """

    number: int
    at: datetime
    vendor: str
    method: str
    operation: str
    account: str
    status: int
    outcome: str
    faults: tuple[str, ...]
    violation: str

    def document(self) -> dict[str, Any]:
        """For the wire."""
        return {**asdict(self), "at": self.at.isoformat()}


class RequestLog:
    """The newest requests, in the order they were answered. May be used from any thread."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._count = 0

    def add(self, **entry: Any) -> None:
        """Note a request; its number is given here."""
        with self._lock:
            self._count += 1
            self._entries.append(Entry(number=self._count, **entry))

    def all(self, vendor: str = "", after: int = 0) -> list[Entry]:
        """The entries of a vendor, or of all of them, with a number above `after`."""
        with self._lock:
            entries = list(self._entries)
        return [e for e in entries if e.number > after and vendor in ("", e.vendor)]

    def operations(self, vendor: str = "") -> list[str]:
        """What was asked, in order."""
        return [entry.operation for entry in self.all(vendor)]

    def violations(self) -> list[Entry]:
        """The requests that broke a limit."""
        return [entry for entry in self.all() if entry.violation]


def documents(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Entries for the wire."""
    return [entry.document() for entry in entries]
