from __future__ import annotations

import pytest

from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.fulfillment.shop import Shop


@pytest.fixture
def shop(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    return Shop(sqlite_database, clock, new_id)


@pytest.fixture
def both(database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    """The same shop on both engines."""
    return Shop(database, clock, new_id)
