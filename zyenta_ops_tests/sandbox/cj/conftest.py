"""A client that keeps to CJ's pace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from zyenta_ops.sandbox.cj.accounts import DEMO_ACCESS_TOKEN
from zyenta_ops.sandbox.world import SandboxWorld


@dataclass
class CjClient:
    """Waits `pace` seconds before every call."""

    world: SandboxWorld
    http: httpx.Client
    token: str = DEMO_ACCESS_TOKEN
    pace: float = 1

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The whole envelope."""
        self.world.advance(seconds=self.pace)
        answer = self.http.request(
            method,
            f"{self.world.urls['cj']}{path}",
            params=query,
            json=body,
            headers={"CJ-Access-Token": self.token},
        )
        return answer.json()

    def get(self, path: str, **query: Any) -> Any:
        """The data of a call that went well."""
        return self._data(self.call("GET", path, **query))

    def post(self, path: str, body: Any) -> Any:
        return self._data(self.call("POST", path, body))

    def code(self, method: str, path: str, body: Any = None, **query: Any) -> int:
        """The code of a call that did not."""
        answer = self.call(method, path, body, **query)
        assert (answer["result"], answer["success"], answer["data"]) == (False, False, None)
        return int(answer["code"])

    def _data(self, answer: Any) -> Any:
        assert (answer["code"], answer["result"]) == (200, True), answer
        return answer["data"]


@pytest.fixture
def cj(world: SandboxWorld, http: httpx.Client) -> CjClient:
    return CjClient(world, http)
