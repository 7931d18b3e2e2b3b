"""`POST /hooks/{source}/{endpoint_token}`: prove, record, answer. Nothing is acted on here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from zyenta_ops.domain.errors import ZyentaError
from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.domain.webhooks import NotGenuine, Unguarded
from zyenta_ops.operations.edge.hooks import Door, Hooks
from zyenta_ops.web.bodies import read_body
from zyenta_ops.web.buckets import Buckets
from zyenta_ops.web.problems import Problem, busy, nothing_here, too_many
from zyenta_ops.web.writer import NotKept, Writer

PATH: Final = "/hooks/{source}/{endpoint_token}"
# For so long a revoked endpoint or a dropped secret may still be accepted.
REMEMBER_SECONDS: Final = 5
_SOURCES: Final = {each.value: each for each in EventSource}


@dataclass
class Doors:
    """Endpoints that were found lately. Strangers' tokens are not remembered: they are endless."""

    hooks: Hooks
    buckets: Buckets
    monotonic: Callable[[], float]
    _known: dict[str, tuple[Door, float]] = field(default_factory=dict)
    _asking: dict[str, asyncio.Task[tuple[Door, float] | None]] = field(default_factory=dict)

    async def find(self, source: EventSource, token: str) -> Door:
        """The open endpoint of a source with this token.

        Raises:
            Problem: there is none, or it is called too often. Those who only guess share an
                allowance, so that they take nothing from those who know a token.
        """
        known = self._known.get(token)
        name = known[0].endpoint.id if known else f"strangers of {source.value}"
        if wait := self.buckets.take(name):
            raise too_many(wait)
        if known is None or self.monotonic() >= known[1]:
            known = await self._ask_once(token)
        if known is None or known[0].endpoint.source is not source:
            raise nothing_here()
        return known[0]

    async def _ask_once(self, token: str) -> tuple[Door, float] | None:
        """Look a token up once for all who come with it at the same time."""
        asking = self._asking.get(token)
        if asking is None:
            asking = self._asking[token] = asyncio.create_task(self._look_up(token))
            asking.add_done_callback(lambda _: self._asking.pop(token))
        # Whoever gives up waiting must not take the answer from the others.
        return await asyncio.shield(asking)

    async def _look_up(self, token: str) -> tuple[Door, float] | None:
        try:
            door = await run_in_threadpool(self.hooks.door, token)
        except ZyentaError:  # the database is away, or the keyring does not open the secrets
            raise busy() from None
        if door is None:
            self._known.pop(token, None)
            return None
        self._known[token] = (door, self.monotonic() + REMEMBER_SECONDS)
        return self._known[token]


@dataclass(frozen=True)
class Receiving:
    """Takes deliveries."""

    hooks: Hooks
    doors: Doors
    writer: Writer

    async def __call__(self, request: Request) -> Response:
        """200 when the event is committed, or was before; nothing is stored otherwise."""
        source = _SOURCES.get(request.path_params["source"])
        if source is None:
            raise nothing_here()
        door = await self.doors.find(source, request.path_params["endpoint_token"])
        body = await read_body(request)
        try:
            event = self.hooks.admit(door, dict(request.headers), body)
            await self.writer.keep(event)
        except NotGenuine:
            raise Problem(400, "The delivery is not accepted.") from None
        except Unguarded:
            raise busy(seconds=60) from None
        except NotKept:
            raise busy() from None
        return JSONResponse({"received": True})
