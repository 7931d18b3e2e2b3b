"""CJ's envelope: a code, a message and data, whether it went well or not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from enum import IntEnum
from typing import Any

from zyenta_ops.sandbox.wire import Answer

_CHINA = timezone(timedelta(hours=8))


class Code(IntEnum):
    """The codes of CJ's table that the sandbox answers with."""

    TOKEN_INVALID = 1600001
    REFRESH_TOKEN_INVALID = 1600003
    API_KEY_WRONG = 1600005
    NO_SUCH_INTERFACE = 1600101
    TOO_MANY_REQUESTS = 1600200
    QUOTA_USED_UP = 1600201
    PARAMETER = 1600300
    VARIANT_NOT_FOUND = 1602000
    PRODUCT_NOT_FOUND = 1602001
    PRODUCT_OFF_SHELVES = 1602002
    VARIANT_OFF_SHELVES = 1602003
    CREATE_FAILED = 1603000
    CONFIRM_FAILED = 1603001
    DELETE_FAILED = 1603002
    ORDER_EXISTS = 1603003
    ORDER_NOT_FOUND = 1603100
    PAY_FAILED = 1603101
    INVENTORY_FAILED = 1603102
    BALANCE_INSUFFICIENT = 1604000
    LOGISTIC_NOT_FOUND = 1605000
    LOGISTIC_INVALID = 1605001
    COUNTRY_INVALID = 1605002
    WEBHOOK_INVALID = 1606000


class CjError(Exception):
    """CJ says no."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


def success(data: Any, request_id: str) -> Answer:
    """The answer to a call that went well."""
    said = {"code": 200, "result": True, "message": "Success", "data": data}
    return Answer.of({**said, "requestId": request_id, "success": True})


def failure(error: CjError, request_id: str) -> Answer:
    """The answer to a call that did not; HTTP knows only of too many requests."""
    limited = error.code in (Code.TOO_MANY_REQUESTS, Code.QUOTA_USED_UP)
    said = {"code": int(error.code), "result": False, "message": str(error), "data": None}
    return Answer.of(
        {**said, "requestId": request_id, "success": False},
        429 if limited else 200,
        outcome=str(int(error.code)),
    )


def chinese(at: datetime) -> str:
    """A time with the offset of China, as tokens carry it."""
    return at.astimezone(_CHINA).isoformat(timespec="seconds")


def plain(at: datetime | None) -> str | None:
    """A time in UTC without an offset, as orders carry it."""
    return None if at is None else at.strftime("%Y-%m-%d %H:%M:%S")
