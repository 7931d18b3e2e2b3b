"""A tracker's API of a test's own: what it answers is written by hand, after its documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import stamina

from zyenta_ops.adapters.carriers.asking import Connections
from zyenta_ops_tests.adapters.suppliers.gateway_fakes import LOCAL, QUICK, FreeLimiter
from zyenta_ops_tests.adapters.suppliers.service import json_answer
from zyenta_ops_tests.adapters.web_server import Asked, Respond, WebServer, web_server


@dataclass
class Tracker:
    """Answers in order; the last answer is given for good."""

    web: WebServer
    limiter: FreeLimiter = field(default_factory=FreeLimiter)
    answers: list[tuple[int, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.web.api = self._respond
        self.url = self.web.url("")
        self.connections = Connections(self.limiter, LOCAL, QUICK)

    def says(self, *documents: Any, status: int = 200) -> None:
        self.answers = [(status, each) for each in documents]

    @property
    def asked(self) -> list[Asked]:
        return self.web.asked

    def bodies(self) -> list[Any]:
        return [json.loads(each.body) for each in self.asked if each.body]

    def _respond(self, asked: Asked) -> Respond:
        code, document = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        return json_answer(code, document)


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    with stamina.set_testing(True, attempts=100, cap=True), web_server() as web:
        yield Tracker(web)
