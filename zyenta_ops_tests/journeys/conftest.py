from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from zyenta_ops.bootstrap import prepare
from zyenta_ops.cli.dev import prepare_instance
from zyenta_ops.settings import Settings
from zyenta_ops_tests.journeys.shop import Shop, a_shop
from zyenta_ops_tests.journeys.vendors import Vendors, two_vendors


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with a migrated database and Dagster's own; making them takes a second."""
    settings = Settings(home=tmp_path_factory.mktemp("furnished") / "home")
    prepare(settings)
    prepare_instance(settings)
    return settings.home


@pytest.fixture
def home(tmp_path: Path, furnished: Path) -> Path:
    """A state folder of this test's own, with empty databases."""
    return shutil.copytree(furnished, tmp_path / "home")


@pytest.fixture
def shop(home: Path) -> Iterator[Shop]:
    with a_shop(home) as shop:
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
