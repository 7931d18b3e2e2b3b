"""Two processes that do the same at the same time, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from threading import Barrier
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Table, func, select, update

from zyenta_ops.adapters.secrets import Vault
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import ProductStatus, SupplierKind
from zyenta_ops.operations.stores import Products, Stores, Suppliers
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import (
    account,
    product,
    product_variant,
    store,
    supplier_account,
)
from zyenta_ops_tests.builders import a_product, a_store, a_supplier, a_variant, an_offer

Result = TypeVar("Result")
ABREAST = 4


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return uuid4().hex


def at_once(act: Callable[[], Result]) -> list[Result | Refused]:
    """What came of the same act done by several threads that set off together."""
    barrier = Barrier(ABREAST)

    def one() -> Result | Refused:
        barrier.wait()
        try:
            return act()
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(ABREAST) as threads:
        return [future.result() for future in [threads.submit(one) for _ in range(ABREAST)]]


def counts(database: Database, *tables: Table) -> Sequence[int]:
    with database.read() as records:
        return [
            records.connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        ]


def test_imports_into_one_store_add_each_product_once(database: Database) -> None:
    with database.write() as records:
        a_store(records.connection)
        a_supplier(records.connection)
        for number in range(300):
            an_offer(records.connection, f"product-{number // 3}", f"v-{number}")
    products = Products(database, now, new_id)
    reports = at_once(lambda: products.import_from_catalogue("my-shop", "my-feed"))
    added = sorted(
        (report.products_added, report.variants_added)
        for report in reports
        if not isinstance(report, Refused)
    )
    assert added == [(0, 0)] * (ABREAST - 1) + [(100, 300)]
    assert counts(database, product, product_variant) == [100, 300]


def test_stores_of_one_subdomain_become_one_store_and_one_account(database: Database) -> None:
    stores = Stores(database, now, new_id, dict, dict)
    results = at_once(
        lambda: stores.add(name="My Shop", email="me@example.com", currency="EUR", country="DE")
    )
    refused = [result for result in results if isinstance(result, Refused)]
    assert len(refused) == ABREAST - 1
    assert counts(database, account, store) == [1, 1]


def test_logins_set_at_once_leave_one_login(database: Database) -> None:
    vault = Vault("k1:" + "A" * 43 + "=")
    suppliers = Suppliers(database, now, new_id, vault, {SupplierKind.FEED: dict})
    with database.write() as records:
        a_supplier(records.connection)
    at_once(lambda: suppliers.set_credentials("my-feed", {"basic": ["me", "word"]}))
    assert counts(database, supplier_account) == [1]
    login = suppliers.credentials("my-feed")
    assert login is not None
    assert login.basic == ("me", "word")


def test_a_release_during_a_sync_shows_what_the_sync_found(database: Database) -> None:
    with database.write() as records:
        a_store(records.connection)
        a_supplier(records.connection)
        offer_id = an_offer(records.connection)
        product_id = a_product(records.connection, status="ON_HOLD")
        variant_id = a_variant(records.connection, product_id, offer_id, availability="AVAILABLE")
    syncing: list[Future[None]] = []

    def sells_out() -> None:
        with database.write() as records:
            records.connection.execute(
                update(product_variant)
                .where(product_variant.c.id == variant_id)
                .values(availability="OUT_OF_STOCK")
            )
            records.inventory.refresh_statuses([product_id], now())

    with ThreadPoolExecutor(1) as threads:

        def meanwhile() -> datetime:
            syncing.append(threads.submit(sells_out))
            wait(syncing, timeout=0.5)
            return now()

        Products(database, meanwhile, new_id).release(product_id)
        syncing[0].result(20)

    with database.read() as records:
        (after,) = records.products.find(product_id, None)
    assert after.status is ProductStatus.OUT_OF_STOCK
