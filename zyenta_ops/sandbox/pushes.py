"""Messages from vendors to those who asked to be told. They may get lost: they are hints."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from zyenta_ops.sandbox.faults import PUSH_FAULTS, FaultScript
from zyenta_ops.sandbox.orders import Order

PATIENCE_SECONDS = 3
WAITS = (timedelta(minutes=5),) * 3


@dataclass
class Push:
    """A message on its way: `due` is when it is tried next, `status` what the receiver said.

    Attributes:
        topic: what it is about, for the fault script.
        waits: the time from each failed attempt to the next; after the last one it is given up.
        accepted: the statuses that say that it has arrived.
        signature: headers that depend on the time of the attempt.
        status: HTTP status of the last attempt, 0 when nobody answered, None before the first.
        last: whether it goes out after all others that are due.
    """

    vendor: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    due: datetime
    topic: str = ""
    waits: tuple[timedelta, ...] = WAITS
    accepted: range = range(200, 201)
    signature: Callable[[datetime], Mapping[str, str]] = lambda at: {}
    attempts: int = 0
    status: int | None = None
    last: bool = False

    @property
    def arrived(self) -> bool:
        """Whether the receiver has taken it."""
        return self.status is not None and self.status in self.accepted

    @property
    def settled(self) -> bool:
        """Whether it has arrived or has been given up."""
        return self.arrived or self.attempts > len(self.waits)


class Pushes:
    """Every push there was. What is not accepted is tried again when its vendor says so."""

    def __init__(self, clock: Callable[[], datetime], script: FaultScript) -> None:
        self._clock, self._script = clock, script
        self._delivering = threading.Lock()
        self.all: list[Push] = []

    def add(self, pushes: Iterable[Push]) -> None:
        """Put messages on their way, which may be a bad one."""
        for push in pushes:
            effects = self._script.due(push.vendor, push.topic, "PUSH", kinds=PUSH_FAULTS)
            if late := effects.get("push_late"):
                push.due += timedelta(seconds=late.seconds)
            push.last = "push_last" in effects
            if "push_lost" in effects:
                push.status = push.accepted.start
            self.all.append(push)
            if "push_twice" in effects:
                self.all.append(replace(push))

    def deliver(self) -> None:
        """Try what is due now, unless somebody is at it already."""
        if not self._delivering.acquire(blocking=False):
            return
        try:
            now = self._clock()
            due = [p for p in self.all if not p.settled and p.due <= now]
            for push in sorted(due, key=lambda p: p.last):
                push.status = _post(push, now)
                push.attempts += 1
                if not push.settled:
                    push.due = now + push.waits[push.attempts - 1]
        finally:
            self._delivering.release()


class News:
    """Remembers what of every order's history has been told."""

    def __init__(self) -> None:
        self._told: dict[int, int] = {}

    def fresh(self, orders: Iterable[Order], now: datetime) -> list[tuple[Order, datetime, str]]:
        """What has happened to the orders since the last time, in the order it happened."""
        found = []
        for order in orders:
            history = order.history(now)
            told = self._told.get(order.number, 0)
            found += [(order, at, event) for at, event in history[told:]]
            self._told[order.number] = len(history)
        return sorted(found, key=lambda item: item[1])


def _post(push: Push, now: datetime) -> int:
    target = urlsplit(push.url)
    connection = http.client.HTTPConnection(target.netloc, timeout=PATIENCE_SECONDS)
    path = target.path or "/"
    try:
        connection.request(
            "POST",
            f"{path}?{target.query}" if target.query else path,
            push.body,
            {**push.headers, **push.signature(now)},
        )
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
