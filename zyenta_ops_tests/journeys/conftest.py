from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from zyenta_ops_tests.journeys.shop import Shop, a_shop
from zyenta_ops_tests.journeys.vendors import Vendors, two_vendors


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with a_shop(tmp_path / "home") as shop:
        yield shop


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Vendors]:
    """It lives through all the days of a module."""
    home = tmp_path_factory.mktemp("home")
    database = shutil.copy(sqlite_template, home / "zyenta.db")
    with two_vendors(home, f"sqlite:///{database}") as vendors:
        yield vendors


@pytest.fixture
def vendors(installation: Vendors) -> Vendors:
    installation.next_day()
    return installation
