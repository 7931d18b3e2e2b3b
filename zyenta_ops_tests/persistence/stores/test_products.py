"""Products, variants and the pages of offers on both engines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from zyenta_ops.domain.inventory import Availability, Listing
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.products import CatalogueEntry, Product, Variant
from zyenta_ops.domain.stores import ProductStatus
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import product, product_variant
from zyenta_ops.persistence.unit_of_work import Repositories
from zyenta_ops_tests.builders import a_product, a_store, a_supplier, a_variant, an_offer

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
STORE = "store-my-shop"


def pages(records: Repositories, refs: list[str] | None = None, limit: int = 2) -> list[list[str]]:
    """The variant references of all pages, as an import walks them."""
    after, walked = ("", ""), []
    while True:
        page = records.products.offers(
            STORE, "my-feed", product_refs=refs, after=after, limit=limit
        )
        walked.append([f"{entry.product_ref}/{entry.variant_ref}" for entry in page])
        if len(page) < limit:
            return walked
        after = (page[-1].product_ref, page[-1].offer_id)


@pytest.fixture
def catalogue(database: Database) -> Database:
    """Two suppliers; the first offers a shirt in five sizes and a mug."""
    with database.write() as records:
        a_store(records.connection)
        for key in ("my-feed", "other"):
            a_supplier(records.connection, key)
            for size in ("s", "m", "l", "xl", "xxl"):
                an_offer(records.connection, "shirt", size, supplier_key=key)
        an_offer(records.connection, "mug", "one", "2.50 EUR", stock=None, sku="MUG-1")
    return database


def test_pages_show_every_offer_of_one_supplier_once(catalogue: Database) -> None:
    with catalogue.read() as records:
        walked = pages(records)
    assert [len(page) for page in walked] == [2, 2, 2, 0]
    flat = [name for page in walked for name in page]
    assert flat[0] == "mug/one"
    assert sorted(flat[1:]) == ["shirt/l", "shirt/m", "shirt/s", "shirt/xl", "shirt/xxl"]


def test_pages_of_some_products_show_nothing_else(catalogue: Database) -> None:
    with catalogue.read() as records:
        assert pages(records, ["mug", "missing"]) == [["mug/one"]]
        assert [len(page) for page in pages(records, ["shirt"])] == [2, 2, 1]


def test_pages_follow_the_order_of_the_database_whatever_it_is(database: Database) -> None:
    refs = ["a", "B", "c", "_d", "é", "E 1", "e-1", "10", "9", "店"]
    with database.write() as records:
        a_store(records.connection)
        a_supplier(records.connection)
        for ref in refs:
            an_offer(records.connection, ref, "one")
        for limit in (1, 2, 3):
            for chosen in (None, refs):
                walked = [name for page in pages(records, chosen, limit) for name in page]
                assert sorted(walked) == sorted(f"{ref}/one" for ref in refs)


def test_an_offer_shows_what_it_is_and_what_the_store_has_of_it(catalogue: Database) -> None:
    with catalogue.write() as records:
        connection = records.connection
        a_store(connection, "elsewhere")
        other = a_product(connection, "mug", store_id="store-elsewhere")
        mug = records.products.offers(
            STORE, "my-feed", product_refs=["mug"], after=("", ""), limit=9
        )[0]
        a_variant(connection, other, mug.offer_id)
        again = records.products.offers(
            STORE, "my-feed", product_refs=["mug"], after=("", ""), limit=9
        )
        assert again == [mug]
        assert mug == CatalogueEntry(
            offer_id=mug.offer_id,
            product_ref="mug",
            variant_ref="one",
            title="Mug",
            sku="MUG-1",
            attributes=(("Size", "ONE"),),
            images=("https://images.example/mug.jpg",),
            cost=Money(250, "EUR"),
            stock=None,
            saleable=True,
            listing=Listing.LISTED,
        )
        ours = a_product(connection, "mug")
        variant = a_variant(connection, ours, mug.offer_id, id="variant-ours")
        (known,) = records.products.offers(
            STORE, "my-feed", product_refs=["mug"], after=("", ""), limit=9
        )
        assert (known.product_id, known.variant_id) == (ours, variant)


def test_added_products_wait_for_their_first_sync(catalogue: Database) -> None:
    with catalogue.write() as records:
        mug = records.products.offers(
            STORE, "my-feed", product_refs=["mug"], after=("", ""), limit=9
        )[0]
        new = Product("p-1", STORE, "my-feed", "mug", "Mug", images=("a.jpg",), price_locked=True)
        records.products.hold_for_import(STORE)
        variants = [Variant("v-1", "p-1", mug.offer_id, "One", "MUG-1")]
        records.products.add(STORE, "my-feed", [new], variants, NOW)
        records.products.add(STORE, "my-feed", [], [], NOW)
        (stored,) = records.products.of_store(STORE, None, 10)
        columns = product_variant.c
        owner = select(columns.store_id, columns.supplier_key, columns.reserved_units)
        assert tuple(records.connection.execute(owner).one()) == (STORE, "my-feed", 0)
        unsynced = select(
            columns.availability,
            columns.stock,
            columns.published_stock,
            columns.cost_minor,
            columns.applied_revision,
            columns.price_minor,
            columns.priced_with,
        )
        assert set(records.connection.execute(unsynced).one()) == {None}
        assert records.connection.execute(select(product.c.created_at)).scalar_one() == NOW
    assert stored.variants == tuple(variants)
    assert (stored.images, stored.price_locked, stored.status) == (("a.jpg",), True, "ACTIVE")


def test_products_are_listed_by_title_with_cost_and_price_in_their_own_currencies(
    database: Database,
) -> None:
    with database.write() as records:
        connection = records.connection
        a_store(connection)
        a_supplier(connection)
        a_product(connection, "shirt", title="B", status="ON_HOLD")
        mug = a_product(connection, "mug", title="A")
        a_variant(
            connection,
            mug,
            an_offer(connection, "mug"),
            id="v-1",
            availability="AVAILABLE",
            stock=7,
            published_stock=6,
            cost_minor=250,
            cost_currency="USD",
            price_minor=499,
            compare_at_minor=599,
        )
        listed = records.products.of_store(STORE, None, None)
        assert [each.title for each in listed] == ["A", "B"]
        (variant,) = listed[0].variants
        assert (variant.availability, variant.stock, variant.published_stock) == (
            Availability.AVAILABLE,
            7,
            6,
        )
        assert (variant.cost, variant.price, variant.compare_at) == (
            Money(250, "USD"),
            Money(499, "EUR"),
            Money(599, "EUR"),
        )
        assert records.products.of_store(STORE, None, 1) == listed[:1]
        assert records.products.of_store(STORE, ProductStatus.ON_HOLD, None) == listed[1:]
        assert records.products.of_store("another", None, None) == ()


def test_a_product_is_found_by_id_and_by_reference_in_every_store(database: Database) -> None:
    with database.write() as records:
        connection = records.connection
        a_supplier(connection)
        ids = []
        for subdomain in ("one", "two"):
            a_store(connection, subdomain)
            ids.append(a_product(connection, "mug", store_id=f"store-{subdomain}"))
        assert [each.id for each in records.products.find("mug", None)] == ids
        assert [each.id for each in records.products.find("mug", "store-two")] == ids[1:]
        assert [each.id for each in records.products.find(ids[0], None)] == ids[:1]
        assert records.products.find(ids[0], "store-two") == ()


def test_a_change_of_a_product_leaves_what_is_not_given(database: Database) -> None:
    with database.write() as records:
        a_store(records.connection)
        a_supplier(records.connection)
        mug = a_product(records.connection, "mug")
        records.products.change(mug, NOW, status=ProductStatus.ARCHIVED)
        records.products.change(mug, NOW, price_locked=True)
        (changed,) = records.products.find(mug, None)
        assert (changed.status, changed.price_locked) == (ProductStatus.ARCHIVED, True)
        records.products.change(mug, NOW, price_locked=False)
        (changed,) = records.products.find(mug, None)
        assert (changed.status, changed.price_locked) == (ProductStatus.ARCHIVED, False)
