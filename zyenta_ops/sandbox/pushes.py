"""Messages from vendors to those who asked to be told. They may get lost: they are hints."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from zyenta_ops.sandbox.orders import Order

PATIENCE_SECONDS = 3
RETRY_AFTER = timedelta(minutes=5)
ATTEMPTS = 4


@dataclass
class Push:
    """A message on its way: `due` is when it is tried next, `status` what the receiver said.

    Attributes:
        status: HTTP status of the last attempt, 0 when nobody answered, None before the first.
    """

    vendor: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    due: datetime
    attempts: int = 0
    status: int | None = None

    @property
    def settled(self) -> bool:
        """Whether it has arrived or has been given up."""
        return self.status == 200 or self.attempts >= ATTEMPTS


class Pushes:
    """Every push there was. What is not answered with 200 is tried again every five minutes."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._delivering = threading.Lock()
        self.all: list[Push] = []

    def add(self, pushes: Iterable[Push]) -> None:
        """Put messages on their way."""
        self.all.extend(pushes)

    def deliver(self) -> None:
        """Try what is due now, unless somebody is at it already."""
        if not self._delivering.acquire(blocking=False):
            return
        try:
            now = self._clock()
            for push in [p for p in self.all if not p.settled and p.due <= now]:
                push.attempts += 1
                push.status = _post(push)
                push.due = now + RETRY_AFTER
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


def _post(push: Push) -> int:
    target = urlsplit(push.url)
    connection = http.client.HTTPConnection(target.netloc, timeout=PATIENCE_SECONDS)
    path = target.path or "/"
    try:
        connection.request(
            "POST",
            f"{path}?{target.query}" if target.query else path,
            push.body,
            dict(push.headers),
        )
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
