"""The whole application under Dagster: real operations, SQLite, feeds over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from zyenta_ops.defs.catalog import store_inventory, supplier_catalog
from zyenta_ops.defs.failures import RETRY_POLICY
from zyenta_ops.defs.pricing import selling_prices
from zyenta_ops.persistence.engine import Database
from zyenta_ops.settings import Settings
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.defs.world import LOOPBACK, World, a_world


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    """The embedded engines in a folder whose database is migrated."""
    return Settings(home=tmp_path, database_url=sqlite_url, private_networks=LOOPBACK)


@pytest.fixture
def world(settings: Settings, clock: FixedClock, new_id: CountingIds) -> Iterator[World]:
    with (
        dg.DagsterInstance.ephemeral() as instance,
        a_world(settings, instance, clock, new_id) as world,
    ):
        yield world


@pytest.fixture
def lasting_world(settings: Settings, clock: FixedClock, new_id: CountingIds) -> Iterator[World]:
    """A world whose Dagster instance can be opened again by reference, as schedules do."""
    with dg.instance_for_test() as instance, a_world(settings, instance, clock, new_id) as world:
        yield world


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow one another at once."""
    for asset in (supplier_catalog, store_inventory, selling_prices):
        monkeypatch.setattr(asset.op, "_retry_policy", RETRY_POLICY._replace(delay=0))


@pytest.fixture
def settings_database(settings: Settings) -> Iterator[Database]:
    """The database that the world's operations work on."""
    database = Database(settings.database)
    yield database
    database.dispose()
