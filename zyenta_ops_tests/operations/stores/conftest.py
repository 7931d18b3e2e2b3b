"""Operations on a real database, with the neighbouring capabilities' rules stood in for."""

from __future__ import annotations

import pytest

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import Document, SupplierKind
from zyenta_ops.operations.stores import Products, Stores, Suppliers
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.conftest import CountingIds, FixedClock

KEYRING = "k1:" + "A" * 43 + "="


def strategy_in_full(document: Document) -> Document:
    if unknown := set(document) - {"markup"}:
        raise Refused(f"'{min(unknown)}' is not a field of a pricing strategy")
    return {"markup": "30"} | document


def preferences_in_full(document: Document) -> Document:
    if unknown := set(document) - {"email"}:
        raise Refused(f"'{min(unknown)}' is not an alert preference")
    return {"email": True} | document


def feed_in_full(config: Document) -> Document:
    if "location" not in config:
        raise Refused("the feed setting 'location' is missing")
    return {"preset": "auto"} | config


@pytest.fixture
def stores(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Stores:
    return Stores(sqlite_database, clock, new_id, strategy_in_full, preferences_in_full)


@pytest.fixture
def suppliers(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Suppliers:
    adapters = {SupplierKind.FEED: feed_in_full}
    return Suppliers(sqlite_database, clock, new_id, Vault(KEYRING), adapters)


@pytest.fixture
def products(sqlite_database: Database, clock: FixedClock, new_id: CountingIds) -> Products:
    return Products(sqlite_database, clock, new_id)
