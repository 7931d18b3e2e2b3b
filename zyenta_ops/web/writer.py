"""Events of many requests, committed together: each request is answered after its own commit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from zyenta_ops.domain.inbox import NewEvent

# Long enough for a flood to gather, too short for a source to notice.
GATHER_SECONDS: Final = 0.005
MOST_AT_ONCE: Final = 200
# A second of the highest rate there is; more would be answered too late anyway.
MOST_WAITING: Final = 2_000
# CJ takes 3 s without an answer for a failure.
ANSWER_SECONDS: Final = 2.5

_log = logging.getLogger(__name__)


class NotKept(Exception):
    """The event may not be stored; whoever sent it must send it again."""


class Writer:
    """Stores events through one function, never called twice at a time.

    Args:
        record: stores events in one transaction; leaves out those that are known.
    """

    def __init__(self, record: Callable[[Sequence[NewEvent]], int]) -> None:
        self._record = record
        self._waiting: list[tuple[NewEvent, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._closing = False

    async def keep(self, event: NewEvent) -> None:
        """Return when the event is committed.

        Raises:
            NotKept: it is not, or nobody knows in time.
        """
        if self._closing or len(self._waiting) >= MOST_WAITING:
            raise NotKept
        committed = asyncio.get_running_loop().create_future()
        self._waiting.append((event, committed))
        self._wake.set()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await committed
        except TimeoutError:
            raise NotKept from None

    async def run(self) -> None:
        """Commit what is given to `keep`, until `close` is called and all of it is committed."""
        with ThreadPoolExecutor(1, "inbox-writer") as thread:
            while not self._closing or self._waiting:
                await self._wake.wait()
                if not self._closing:
                    await asyncio.sleep(GATHER_SECONDS)
                self._wake.clear()
                while self._waiting:
                    batch = self._waiting[:MOST_AT_ONCE]
                    del self._waiting[:MOST_AT_ONCE]
                    await self._commit(batch, thread)

    def close(self) -> None:
        """Take nothing more."""
        self._closing = True
        self._wake.set()

    async def _commit(
        self, batch: list[tuple[NewEvent, asyncio.Future[None]]], thread: ThreadPoolExecutor
    ) -> None:
        # Whoever was told to come again will.
        wanted = [(event, committed) for event, committed in batch if not committed.done()]
        if not wanted:
            return
        events = [event for event, _ in wanted]
        loop = asyncio.get_running_loop()
        failure: NotKept | None = None
        try:
            await loop.run_in_executor(thread, self._record, events)
        # Whatever it was: nothing is acknowledged that may not be stored.
        except Exception as error:
            _log.warning("%d events could not be stored: %s", len(events), type(error).__name__)
            failure = NotKept()
        for _, committed in wanted:
            if not committed.done():
                if failure is None:
                    committed.set_result(None)
                else:
                    committed.set_exception(failure)
