"""A supplier's API of a test's own: real HTTP, state in memory, faults on demand."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from zyenta_ops_tests.adapters.web_server import Asked, Respond, hang_up, status
from zyenta_ops_tests.contracts.supplier_gateway import Fault

WRITES = {Fault.LOST_REPLY, Fault.NOT_DONE}
ONCE = {*WRITES, Fault.TOO_OFTEN}
PAGE = status(200, b"<html>checking your browser</html>", Content_Type="text/html")


@dataclass
class Service(ABC):
    """Answers what a `WebServer` passes on; `reads` are POST paths that change nothing."""

    token: str
    faults: list[Fault] = field(default_factory=list)
    reads: frozenset[str] = frozenset()

    @abstractmethod
    def answer(self, asked: Asked, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        """Do what is asked; status and document."""

    @abstractmethod
    def refusal(self, code: int) -> Any:
        """The document that comes with a status such as 401."""

    def admits(self, asked: Asked) -> bool:
        """Whether the request brings the token."""
        return asked.headers.get("authorization") == f"Bearer {self.token}"

    def __call__(self, asked: Asked) -> Respond:
        parts = urlsplit(asked.path)
        writes = asked.method != "GET" and parts.path not in self.reads
        fault = next((each for each in self.faults if writes or each not in WRITES), None)
        if fault in ONCE:
            self.faults.remove(fault)
        if fault is Fault.WEB_PAGE:
            return PAGE
        if fault is Fault.TOO_OFTEN:
            return self.refuse(429, **{"Retry-After": "0"})
        if fault is Fault.TOO_OFTEN_FOR_LONG:
            return self.refuse(429, **{"Retry-After": "3600"})
        if fault is Fault.NOT_DONE:
            return hang_up
        if fault is Fault.LOGIN_ENDED or not self.admits(asked):
            return self.refuse(401)
        body = json.loads(asked.body) if asked.body else None
        code, document = self.answer(asked, parts.path, dict(parse_qsl(parts.query)), body)
        if fault is Fault.LOST_REPLY:
            return hang_up
        return json_answer(code, document)

    def refuse(self, code: int, **headers: str) -> Respond:
        return status(code, json.dumps(self.refusal(code)).encode(), **headers)


def json_answer(code: int, document: Any) -> Respond:
    def respond(request: BaseHTTPRequestHandler) -> None:
        body = json.dumps(document).encode()
        status(code, body, Content_Type="application/json")(request)

    return respond
