"""Reading the body of a request, with an end to its size and to patience."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request

from zyenta_ops.web.problems import Problem

MOST_BYTES: Final = 256 * 1024
READ_SECONDS: Final = 10

# What is left of the body would be taken for the next request.
_CLOSE: Final = {"Connection": "close"}


async def read_body(request: Request) -> bytes:
    """The bytes of the body as they came.

    Raises:
        Problem: it is compressed, too large, too slow, or ends before its end.
    """
    if request.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise Problem(415, "The body must not be compressed.", headers=_CLOSE)
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and (len(announced) > 10 or int(announced) > MOST_BYTES):
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise _too_large()
    except TimeoutError:
        raise Problem(408, "The body did not arrive in time.", headers=_CLOSE) from None
    except ClientDisconnect:
        raise Problem(400, "The body ended too early.", headers=_CLOSE) from None
    return bytes(body)


def _too_large() -> Problem:
    return Problem(413, f"The body may have {MOST_BYTES} bytes.", headers=_CLOSE)
