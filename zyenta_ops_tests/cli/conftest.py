from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from zyenta_ops.settings import Settings


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Path:
    """A state folder with a database at this version and nothing else."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy(sqlite_template, home / "zyenta.db")
    return home


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)
