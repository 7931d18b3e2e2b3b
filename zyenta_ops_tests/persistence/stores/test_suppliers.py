"""Suppliers and logins on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import insert, select

from zyenta_ops.domain.stores import Supplier, SupplierKind, SupplierStatus
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import supplier_account
from zyenta_ops_tests.builders import THEN, a_store

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
FEED = Supplier(
    key="my-feed",
    name="My feed",
    kind=SupplierKind.FEED,
    config={"location": "/feeds/products.csv", "columns": {"cost": "Dealer"}},
    country="US",
    currency="USD",
    created_at=NOW,
)


def test_a_supplier_is_found_as_it_was_added(database: Database) -> None:
    with database.write() as records:
        assert records.suppliers.add(FEED)
    with database.read() as records:
        assert records.suppliers.find("my-feed") == FEED
        assert records.suppliers.find("other") is None


def test_a_taken_key_adds_nothing(database: Database) -> None:
    with database.write() as records:
        records.suppliers.add(FEED)
        assert not records.suppliers.add(replace(FEED, name="Other"))
        assert records.suppliers.every() == (FEED,)


def test_suppliers_are_listed_by_key(database: Database) -> None:
    first = replace(FEED, key="a-feed")
    with database.write() as records:
        records.suppliers.add(FEED)
        records.suppliers.add(first)
        assert records.suppliers.every() == (first, FEED)
        assert sorted(records.suppliers.keys()) == ["a-feed", "my-feed"]


def test_a_status_is_set_of_one_supplier(database: Database) -> None:
    other = replace(FEED, key="other")
    with database.write() as records:
        records.suppliers.add(FEED)
        records.suppliers.add(other)
        records.suppliers.set_status("my-feed", SupplierStatus.PAUSED, NOW)
        assert records.suppliers.every() == (replace(FEED, status=SupplierStatus.PAUSED), other)


def test_credentials_keep_their_row_when_they_are_replaced(database: Database) -> None:
    with database.write() as records:
        records.suppliers.add(FEED)
        assert records.suppliers.credentials("my-feed") is None
        assert records.suppliers.credentials_row("my-feed", "row-1", NOW) == "row-1"
        records.suppliers.set_credentials("my-feed", "row-1", "sealed", NOW)
    with database.write() as records:
        assert records.suppliers.credentials_row("my-feed", "row-2", NOW) == "row-1"
        records.suppliers.set_credentials("my-feed", "row-1", "sealed again", NOW)
        assert records.suppliers.credentials("my-feed") == ("row-1", "sealed again")
        assert records.suppliers.find("my-feed") == replace(FEED, has_credentials=True)
        ids = records.connection.execute(select(supplier_account.c.id)).scalars().all()
        assert ids == ["row-1"]


def test_a_merchants_own_login_is_not_the_platforms(database: Database) -> None:
    with database.write() as records:
        records.suppliers.add(FEED)
        a_store(records.connection)
        records.connection.execute(
            insert(supplier_account).values(
                id="row-1",
                account_id="account-my-shop",
                supplier_key="my-feed",
                credentials="the merchant's",
                created_at=THEN,
                updated_at=THEN,
            )
        )
        assert records.suppliers.credentials("my-feed") is None
        assert records.suppliers.find("my-feed") == FEED
