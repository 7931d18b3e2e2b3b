from __future__ import annotations

import pytest

from zyenta_ops.operations.orders import Orders
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.orders import a_shop


@pytest.fixture
def orders(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Orders:
    """Orders of two stores that sell the same."""
    with sqlite_database.write() as records:
        a_shop(records.connection)
        a_shop(records.connection, "other")
    return Orders(sqlite_database, clock, new_id)
