"""A sandbox that is served, and clients that speak to it as the vendors' clients do."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from zyenta_ops.sandbox.world import SandboxWorld


@pytest.fixture
def world() -> Iterator[SandboxWorld]:
    """A served world with fifty products per vendor and a clock that stands still."""
    with SandboxWorld(seed=7, products=50).serving() as served:
        yield served


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=5) as client:
        yield client
