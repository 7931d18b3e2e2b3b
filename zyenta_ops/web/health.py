"""`/healthz` and `/readyz`: whether the process answers, whether events can be stored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from zyenta_ops.web.edge import Edge

# Anybody may ask, and asking writes.
REMEMBER_SECONDS: Final = 1.0
# Silence takes hours, and looking for it counts a week of events.
REMEMBER_SILENCE_SECONDS: Final = 60
# The inbox is drained every half minute; ten of those were missed.
MOST_LAG_SECONDS: Final = 300


async def is_alive(_: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "alive"})


@dataclass
class Readiness:
    """Answers `/readyz`.

    503 only when no event could be stored. What else goes wrong is told with a 200 as "degraded":
    an edge that is taken out of service because the daemon rests would lose events.
    """

    edge: Edge
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _known: tuple[float, dict[str, Any]] | None = None
    _silent: tuple[float, list[str]] | None = None

    async def __call__(self, _: Request) -> Response:
        """How things stand, looked up at most once a second."""
        async with self._lock:
            now = self.edge.monotonic()
            if self._known is None or now - self._known[0] >= REMEMBER_SECONDS:
                self._known = (now, await run_in_threadpool(self._look))
            document = self._known[1]
        return JSONResponse(document, 503 if document["status"] == "unready" else 200)

    def _look(self) -> dict[str, Any]:
        checks = {
            "database": self._database,
            "inbox": self._inbox,
            "sources": self._sources,
            **self.edge.probes,
        }
        told: dict[str, Any] = {}
        for name, check in checks.items():
            try:
                told[name] = {"ok": True} | check()
            # Whatever it is, the others are told.
            except Exception as error:
                # Anybody may read this: the kind alone, no sentence that names hosts.
                told[name] = {"ok": False, "fault": type(error).__name__}
        if not told["database"]["ok"]:
            status = "unready"
        else:
            status = "ready" if all(each["ok"] for each in told.values()) else "degraded"
        return {"status": status, "checks": told}

    def _database(self) -> dict[str, Any]:
        self.edge.inbox.prove_writable()
        return {}

    def _inbox(self) -> dict[str, Any]:
        lag = self.edge.inbox.lag().total_seconds()
        return {"ok": lag < MOST_LAG_SECONDS, "lag_seconds": round(lag)}

    def _sources(self) -> dict[str, Any]:
        now = self.edge.monotonic()
        if self._silent is None or now - self._silent[0] >= REMEMBER_SILENCE_SECONDS:
            self._silent = (now, [str(each) for each in self.edge.inbox.silent_sources()])
        silent = self._silent[1]
        return {"ok": not silent, "silent": silent}
