from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
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


@pytest.fixture(autouse=True)
def web_logs_go_where_they_went() -> Iterator[None]:
    """`zyenta-ops web` sends its log to standard error; not that of the tests after it."""
    log = logging.getLogger("zyenta_ops.web")
    before = log.propagate, list(log.handlers), log.level
    yield
    log.propagate, log.handlers[:], log.level = before
