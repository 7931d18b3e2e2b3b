"""Stripe's own library as the client of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe

from zyenta_ops.sandbox.stripe.gateway import DEMO_KEY
from zyenta_ops.sandbox.world import SandboxWorld

Connect = Callable[..., stripe.StripeClient]


@pytest.fixture
def world() -> Iterator[SandboxWorld]:
    """A served world with a clock that stands still."""
    with SandboxWorld(seed=7, products=1).serving() as served:
        yield served


@pytest.fixture
def connect(world: SandboxWorld, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Makes clients; they wait for nothing between their retries."""
    monkeypatch.setattr(stripe, "enable_telemetry", False)
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)
    transport = stripe.RequestsClient(timeout=5)

    def made(key: str = DEMO_KEY, retries: int = 0, **options: Any) -> stripe.StripeClient:
        return stripe.StripeClient(
            key,
            base_addresses={"api": world.urls["stripe"]},
            max_network_retries=retries,
            http_client=transport,
            **options,
        )

    yield made
    transport.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def api(connect: Connect) -> stripe.StripeClient:
    return connect()


def types(api: stripe.StripeClient, **filters: Any) -> list[str]:
    """Types of the newest hundred events, oldest first."""
    asked: Any = {"limit": 100, **filters}
    listed = api.v1.events.list(asked)
    return [event.type for event in reversed(listed.data)]


def refused(call: Callable[[], object]) -> stripe.StripeError:
    """What the library raises for a call."""
    with pytest.raises(stripe.StripeError) as caught:
        call()
    return caught.value
