"""Printful's envelope: a code that repeats the HTTP status, and a result or an error."""

from __future__ import annotations

import re
from typing import Any

from zyenta_ops.sandbox.wire import Answer, Request


class PrintfulError(Exception):
    """Printful says no."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        retry_after: int | None = None,
        api_code: str = "",
    ) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason
        self.retry_after, self.api_code = retry_after, api_code


def bad_request(message: str) -> PrintfulError:
    """A request that cannot be understood or carried out."""
    return PrintfulError(400, "BadRequest", message)


def not_found() -> PrintfulError:
    """Nothing of that id in the store."""
    return PrintfulError(404, "NotFound", "Not Found")


def success(result: Any, paging: Any) -> Answer:
    """The answer to a call that went well."""
    document = {"code": 200, "result": result}
    return Answer.of(document if paging is None else {**document, "paging": paging})


def failure(error: PrintfulError) -> Answer:
    """The answer to a call that did not."""
    headers = {} if error.retry_after is None else {"Retry_After": str(error.retry_after)}
    said = {"reason": error.reason, "message": str(error)}
    if error.api_code:
        said["api_error_code"] = error.api_code
    return Answer.of(
        {"code": error.status, "result": str(error), "error": said},
        error.status,
        error.reason,
        **headers,
    )


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request.

    Raises:
        PrintfulError: there is none.
    """
    try:
        return request.document()
    except ValueError:
        raise bad_request("The request body is not valid JSON") from None


def page_of(request: Request, found: list[Any]) -> tuple[list[Any], dict[str, int]]:
    """The part of a list that was asked for by offset and limit, and what it is a part of.

    Raises:
        PrintfulError: they are no numbers.
    """
    asked = request.parameters()
    offset, limit = asked.get("offset") or "0", asked.get("limit") or "20"
    if not re.fullmatch(r"\d+ \d+", f"{offset} {limit}") or not 1 <= int(limit) <= 100:
        raise bad_request("offset and limit are numbers, and limit is at most 100")
    paging = {"total": len(found), "offset": int(offset), "limit": int(limit)}
    return found[int(offset) : int(offset) + int(limit)], paging
