"""Accounts and stores on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from zyenta_ops.domain.stores import (
    Account,
    PlanTier,
    Store,
    StoreStatus,
    SyncFrequency,
)
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import account, store

NOW = datetime(2026, 11, 2, 12, 0, 0, 123456, tzinfo=UTC)
ANN = Account("account-1", "ann@example.com", "Ann")
SHOP = Store(
    id="store-1",
    account=ANN,
    name="My Shop",
    subdomain="my-shop",
    currency="EUR",
    ship_to_country="DE",
    pricing_strategy={"markup": "1.5", "endings": [0.99]},
    alert_preferences={"email": True},
    created_at=NOW,
    sync_frequency=SyncFrequency.HIGH,
)


def added(database: Database, *stores: Store) -> None:
    with database.write() as records:
        for each in stores:
            records.stores.account_of(each.account, NOW)
            assert records.stores.add(each)


def test_a_store_is_found_by_id_and_subdomain_as_it_was_added(database: Database) -> None:
    added(database, SHOP)
    with database.read() as records:
        assert records.stores.find("store-1") == SHOP
        assert records.stores.find("my-shop") == SHOP
        assert records.stores.find("My-Shop") is None


def test_an_id_wins_over_a_subdomain_of_the_same_spelling(database: Database) -> None:
    other = replace(SHOP, id="my-shop", subdomain="other")
    added(database, SHOP, other)
    with database.read() as records:
        assert records.stores.find("my-shop") == other


def test_an_account_is_the_stored_one_when_the_address_is_known(database: Database) -> None:
    with database.write() as records:
        assert records.stores.account_of(ANN, NOW) == ANN
        again = Account("account-2", "ann@example.com", "Another", PlanTier.STARTER)
        assert records.stores.account_of(again, NOW) == ANN
        assert records.connection.execute(select(account.c.id)).scalars().all() == ["account-1"]


def test_a_taken_subdomain_adds_nothing(database: Database) -> None:
    added(database, SHOP)
    with database.write() as records:
        assert not records.stores.add(replace(SHOP, id="store-2", name="Other"))
        assert records.stores.every() == (SHOP,)


def test_stores_are_listed_by_subdomain(database: Database) -> None:
    first = replace(SHOP, id="store-2", subdomain="a-shop")
    added(database, SHOP, first)
    with database.read() as records:
        assert records.stores.every() == (first, SHOP)
        assert sorted(records.stores.refs()) == ["a-shop", "my-shop"]


def test_a_change_sets_what_is_given_of_one_store_and_leaves_the_rest(database: Database) -> None:
    other = replace(SHOP, id="store-2", subdomain="other")
    added(database, SHOP, other)
    later = NOW + timedelta(hours=1)
    with database.write() as records:
        records.stores.change("store-1", later, status=StoreStatus.PAUSED)
        records.stores.change("store-1", later, alert_preferences={})
    with database.read() as records:
        changed = replace(SHOP, status=StoreStatus.PAUSED, alert_preferences={})
        assert records.stores.every() == (changed, other)
        times = select(store.c.id, store.c.updated_at).order_by(store.c.id)
        rows = [tuple(row) for row in records.connection.execute(times)]
        assert rows == [("store-1", later), ("store-2", NOW)]
