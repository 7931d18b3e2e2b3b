"""One gateway to one CJ, with no pause between attempts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from zyenta_ops_tests.adapters.suppliers.cj.service import CjRig, cj_rig


@pytest.fixture
def rig() -> Iterator[CjRig]:
    with stamina.set_testing(True, attempts=100, cap=True), cj_rig() as rig:
        yield rig
