"""What every answer goes through: security headers, one line of log, and no error left uncaught."""

from __future__ import annotations

import logging
import time
from traceback import extract_tb
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zyenta_ops.domain.errors import DatabaseUnavailable
from zyenta_ops.web.problems import Problem, busy

# Answers are data: no browser shall show, keep, frame or guess at them.
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ROUTE: Final = "zyenta_route"  # where routes leave their template for the log

_access = logging.getLogger("zyenta_ops.web.access")
_errors = logging.getLogger("zyenta_ops.web.errors")


class Shield:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def send_shielded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        try:
            await self._app(scope, receive, send_shielded)
        # The text of a foreign error may quote a row: only its kind and place are told.
        except Exception as error:
            place = extract_tb(error.__traceback__)[-1]
            name = type(error).__name__
            _errors.error("%s at %s:%d", name, place.filename, place.lineno)
            if not status:
                problem = busy() if isinstance(error, DatabaseUnavailable) else _broken()
                await problem.response()(scope, receive, send_shielded)
        finally:
            # The template, not the path: that holds tokens, and a query may hold anything.
            _access.info(
                "%s %s %d %.1f ms",
                scope["method"],
                scope.get(ROUTE, "-"),
                status,
                (time.perf_counter() - began) * 1_000,
            )


def _broken() -> Problem:
    return Problem(500, "Something went wrong here; it is not known what was done.")
