"""A store's own system on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zyenta_ops.adapters.http import HttpPolicy
from zyenta_ops.domain.storefront_hooks import StorefrontHook
from zyenta_ops_tests.adapters.web_server import LOOPBACK, WebServer, web_server

SECRETS = (
    "whsec_" + "bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXc=",
    "whsec_" + "b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQ=",
)
LOCAL = HttpPolicy(allow_private=(LOOPBACK,))


@pytest.fixture
def shop() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def a_hook(server: WebServer, store: str = "store-1") -> StorefrontHook:
    return StorefrontHook(
        store_id=store,
        url=server.url(f"/hook/{store}?token=s3cret"),
        secrets=SECRETS,
        read_url=server.url("/shown/{number}?token=s3cret"),
    )
