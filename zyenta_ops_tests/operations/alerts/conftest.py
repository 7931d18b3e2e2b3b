from __future__ import annotations

from collections.abc import Iterator

import pytest

from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.alerts.shop import Shop, a_shop


@pytest.fixture
def shop(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Iterator[Shop]:
    # SQLite checkpoints a file when its last connection closes; one left open saves the tests
    # most of their time.
    with sqlite_database.engine.connect():
        yield a_shop(sqlite_database, clock, new_id)
