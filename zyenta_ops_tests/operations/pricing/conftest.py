"""A shop on both engines."""

import pytest

from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.pricing.shop import Shop


@pytest.fixture
def shop(database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    """A shop with the EUR store `my-shop` that prices by default: 50 % markup, ending .99."""
    shop = Shop(database, clock, new_id)
    shop.add_store()
    return shop
