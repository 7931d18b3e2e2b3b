"""The shapes in which AliExpress answers: wrapped lists, loose numbers, and four ways to say no."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from zyenta_ops.sandbox.chance import chance
from zyenta_ops.sandbox.wire import Answer


class Refused(Exception):
    """The gateway refuses the call before any business is done."""

    def __init__(self, code: str, message: str, kind: str = "ISV") -> None:
        super().__init__(message)
        self.code, self.kind = code, kind


class ServiceError(Exception):
    """The service behind the gateway refuses, with a sub-code."""

    def __init__(self, sub_code: str, sub_message: str) -> None:
        super().__init__(sub_message)
        self.sub_code = sub_code


@dataclass(frozen=True)
class Listed:
    """A list that is wrapped in an object with one name, unless `simplify` was asked for."""

    name: str
    items: list[Any]


@dataclass(frozen=True)
class Loose:
    """A number or a truth that arrives as itself or as text, as the seed has it."""

    value: int | bool


def render(value: Any, simplify: bool, *draw: object) -> Any:
    """A document ready for JSON; `draw` says whose loose values these are."""
    if isinstance(value, Listed):
        items = [render(item, simplify, *draw, n) for n, item in enumerate(value.items)]
        return items if simplify else {value.name: items}
    if isinstance(value, Loose):
        plain = value.value
        return json.dumps(plain) if chance(*draw, "loose") < 0.5 else plain
    if isinstance(value, dict):
        return {name: render(item, simplify, *draw, name) for name, item in value.items()}
    if isinstance(value, list):
        return [render(item, simplify, *draw, n) for n, item in enumerate(value)]
    return value


def refusal(refused: Refused, request_id: str, bare: bool) -> Answer:
    """The gateway's no, with status 200: bare at the top level, or in an `error_response`."""
    said = {"type": refused.kind, "code": refused.code, "request_id": request_id}
    if bare:
        return Answer.of({**said, "message": str(refused)}, outcome=refused.code)
    return Answer.of({"error_response": {**said, "msg": str(refused)}}, outcome=refused.code)


def service_error(error: ServiceError, request_id: str) -> Answer:
    """The service's no: code 15 and a sub-code that says what it is."""
    said = {
        "type": "ISP",
        "code": 15,
        "msg": "Remote service error",
        "sub_code": error.sub_code,
        "sub_msg": str(error),
        "request_id": request_id,
    }
    return Answer.of({"error_response": said}, outcome=error.sub_code)
