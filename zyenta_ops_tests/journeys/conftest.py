from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from zyenta_ops_tests.journeys.shop import Shop, a_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with a_shop(tmp_path / "home") as shop:
        yield shop
