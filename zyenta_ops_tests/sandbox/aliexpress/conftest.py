"""A client that signs as AliExpress demands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from zyenta_ops.sandbox.aliexpress.apps import DEMO_ACCESS_TOKEN, DEMO_APP_KEY, DEMO_APP_SECRET
from zyenta_ops.sandbox.aliexpress.signing import signature
from zyenta_ops.sandbox.world import SandboxWorld


@dataclass
class AliExpressClient:
    """Signs and sends; `skew` moves its clock, `secret` is what it signs with."""

    world: SandboxWorld
    http: httpx.Client
    secret: str = DEMO_APP_SECRET
    session: str = DEMO_ACCESS_TOKEN
    skew: timedelta = timedelta()

    def signed(self, path: str = "", sign_method: str = "sha256", **sent: str) -> dict[str, str]:
        now = self.world.clock() + self.skew
        parameters = {
            "app_key": DEMO_APP_KEY,
            "timestamp": str(int(now.timestamp() * 1000)),
            "sign_method": sign_method,
            **sent,
        }
        return {**parameters, "sign": signature(self.secret, parameters, sign_method, path)}

    def sync(self, method: str, **sent: Any) -> Any:
        """The whole answer; objects among the parameters are sent as JSON."""
        texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in sent.items()}
        sign_method = texts.pop("sign_method", "sha256")
        parameters = {"method": method, "format": "json", "session": self.session, **texts}
        signed = self.signed("", sign_method, **parameters)
        return self.http.post(f"{self.world.urls['aliexpress']}/sync", data=signed).json()

    def result(self, method: str, **sent: Any) -> Any:
        """What is inside the envelope of an answer that went well."""
        return self.sync(method, **sent)[f"{method.replace('.', '_')}_response"]["result"]

    def rest(self, path: str, **sent: str) -> Any:
        url = f"{self.world.urls['aliexpress']}/rest{path}"
        return self.http.get(url, params=self.signed(path, **sent)).json()


@pytest.fixture
def aliexpress(world: SandboxWorld, http: httpx.Client) -> AliExpressClient:
    return AliExpressClient(world, http)
