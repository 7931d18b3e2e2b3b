"""What people decide about products."""

from __future__ import annotations

import pytest

from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.stores import ProductStatus
from zyenta_ops.operations.stores import Products
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.builders import a_product, a_store, a_supplier, a_variant, an_offer


@pytest.fixture(autouse=True)
def shop(sqlite_database: Database) -> None:
    """A store with a mug that is sold out and a shirt that no sync has seen."""
    with sqlite_database.write() as records:
        connection = records.connection
        a_store(connection)
        a_supplier(connection)
        mug = a_product(connection, "mug", id="product-mug", status="OUT_OF_STOCK")
        a_variant(connection, mug, an_offer(connection, "mug"), availability="OUT_OF_STOCK")
        a_product(connection, "shirt", id="product-shirt")


def statuses(products: Products) -> dict[str, ProductStatus]:
    return {product.product_ref: product.status for product in products.list("my-shop")}


def test_a_held_product_stays_hidden_until_it_is_released(products: Products) -> None:
    assert products.hold("mug").status is ProductStatus.ON_HOLD
    assert statuses(products) == {"mug": "ON_HOLD", "shirt": "ACTIVE"}
    assert products.release("product-mug").status is ProductStatus.OUT_OF_STOCK
    assert statuses(products) == {"mug": "OUT_OF_STOCK", "shirt": "ACTIVE"}


def test_an_archived_product_comes_back_by_release_only(products: Products) -> None:
    assert products.archive("shirt").status is ProductStatus.ARCHIVED
    with pytest.raises(Refused, match="the product 'shirt' is archived; release it first"):
        products.hold("shirt")
    assert statuses(products)["shirt"] is ProductStatus.ARCHIVED
    assert products.release("shirt").status is ProductStatus.ACTIVE


def test_releasing_what_is_not_held_changes_nothing(products: Products) -> None:
    assert products.release("mug").status is ProductStatus.OUT_OF_STOCK
    assert statuses(products) == {"mug": "OUT_OF_STOCK", "shirt": "ACTIVE"}


def test_a_price_lock_leaves_the_status_alone(products: Products) -> None:
    locked = products.lock_price("mug")
    assert (locked.price_locked, locked.status) == (True, ProductStatus.OUT_OF_STOCK)
    assert products.list("my-shop")[0].price_locked
    assert not products.unlock_price("mug").price_locked
    assert not products.list("my-shop")[0].price_locked


def test_a_reference_in_two_stores_needs_the_store_named(
    products: Products, sqlite_database: Database
) -> None:
    with sqlite_database.write() as records:
        a_store(records.connection, "other")
        a_product(records.connection, "mug", store_id="store-other", id="other-mug")
    with pytest.raises(Refused) as refusal:
        products.hold("mug")
    assert str(refusal.value) == (
        "2 products are called 'mug'; name the store, or one of the ids: other-mug, product-mug"
    )
    assert statuses(products)["mug"] is ProductStatus.OUT_OF_STOCK
    assert products.hold("mug", "other").id == "other-mug"
    assert products.hold("product-mug").id == "product-mug"


def test_an_unknown_product_or_store_is_refused(products: Products) -> None:
    with pytest.raises(NotFound, match="there is no product 'cup'; list the store's products"):
        products.hold("cup")
    with pytest.raises(NotFound, match="there is no store 'shop'; did you mean my-shop"):
        products.hold("mug", "shop")


def test_a_list_holds_the_products_of_a_status_up_to_a_limit(products: Products) -> None:
    assert [each.product_ref for each in products.list("my-shop")] == ["mug", "shirt"]
    assert [each.product_ref for each in products.list("my-shop", limit=1)] == ["mug"]
    active = products.list("my-shop", ProductStatus.ACTIVE)
    assert [each.product_ref for each in active] == ["shirt"]
