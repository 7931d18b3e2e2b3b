"""One gateway to one CJ, a test's own or the sandbox's, with no pause between attempts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops_tests.adapters.suppliers.cj.sandbox_shop import Shop, shop_in
from zyenta_ops_tests.adapters.suppliers.cj.service import CjRig, cj_rig


@pytest.fixture
def rig() -> Iterator[CjRig]:
    with stamina.set_testing(True, attempts=100, cap=True), cj_rig() as rig:
        yield rig


@pytest.fixture
def world() -> Iterator[SandboxWorld]:
    with (
        stamina.set_testing(True, attempts=100, cap=True),
        SandboxWorld(seed=7, products=40).serving() as served,
    ):
        yield served


@pytest.fixture
def shop(world: SandboxWorld) -> Iterator[Shop]:
    shop = shop_in(world)
    yield shop
    shop.gateway.close()
