"""Rows for tests: each builder stores one with everything unsaid chosen, and returns its id.

`connection` is that of an open unit of work: `with database.write() as records:
a_store(records.connection)`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from zyenta_ops.domain.catalog import Market, offer_id
from zyenta_ops.domain.money import Money
from zyenta_ops.persistence.schema import (
    account,
    product,
    product_change,
    product_variant,
    store,
    supplier,
    supplier_offer,
)

THEN = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)

_TIMES = {"created_at": THEN, "updated_at": THEN}


def a_store(connection: Connection, subdomain: str = "my-shop", **columns: Any) -> str:
    """A store in EUR shipping to DE, with an account of its own; its id is `store-<subdomain>`."""
    owner = {
        "id": f"account-{subdomain}",
        "email": f"{subdomain}@example.com",
        "name": "Ann Owner",
        "plan_tier": "AUTOPILOT",
    }
    row = {
        "id": f"store-{subdomain}",
        "account_id": owner["id"],
        "name": subdomain.replace("-", " ").title(),
        "subdomain": subdomain,
        "currency": "EUR",
        "ship_to_country": "DE",
        "pricing_strategy": {},
        "alert_preferences": {},
        "automation_policy": {},
    } | columns
    if row["account_id"] == owner["id"]:
        connection.execute(insert(account).values(**owner, **_TIMES))
    connection.execute(insert(store).values(**_TIMES | row))
    return str(row["id"])


def a_supplier(connection: Connection, key: str = "my-feed", **columns: Any) -> str:
    """A feed of the market US:USD whose first sweep is in force; its key."""
    row = {
        "key": key,
        "name": key,
        "kind": "FEED",
        "config": {"location": "/feeds/products.csv"},
        "capabilities": {},
        "country": "US",
        "currency": "USD",
        "last_sequence": 1,
        "promoted_sequence": 1,
    } | columns
    connection.execute(insert(supplier).values(**_TIMES | row))
    return key


def an_offer(
    connection: Connection,
    product_ref: str = "shirt",
    variant_ref: str = "m",
    cost: str = "10.00 USD",
    *,
    supplier_key: str = "my-feed",
    **columns: Any,
) -> str:
    """A listed offer with 5 in stock in the supplier's market."""
    market = Market(
        *connection.execute(
            select(supplier.c.country, supplier.c.currency).where(supplier.c.key == supplier_key)
        ).one()
    )
    amount, _, currency = cost.partition(" ")
    row = {
        "id": offer_id(supplier_key, market, product_ref, variant_ref),
        "supplier_key": supplier_key,
        "country": market.country,
        "currency": market.currency,
        "product_ref": product_ref,
        "variant_ref": variant_ref,
        "order_ref": f"{product_ref}/{variant_ref}",
        "title": product_ref.title(),
        "cost_minor": Money.of(amount, currency).minor,
        "cost_currency": currency,
        "stock": 5,
        "saleable": True,
        "attributes": [["Size", variant_ref.upper()]],
        "images": [f"https://images.example/{product_ref}.jpg"],
        "content_hash": "0" * 32,
        "listing": "LISTED",
        "miss_count": 0,
        "observed_at": THEN,
        "revision": 1,
    } | columns
    connection.execute(insert(supplier_offer).values(**row))
    return str(row["id"])


def a_product(
    connection: Connection,
    product_ref: str = "shirt",
    *,
    store_id: str = "store-my-shop",
    supplier_key: str = "my-feed",
    **columns: Any,
) -> str:
    """An active product without variants; its id is `product-<product_ref>-<store_id>`."""
    row = {
        "id": f"product-{product_ref}-{store_id}"[:32],
        "store_id": store_id,
        "supplier_key": supplier_key,
        "product_ref": product_ref,
        "status": "ACTIVE",
        "title": product_ref.title(),
        "images": [],
        "price_locked": False,
    } | columns
    connection.execute(insert(product).values(**_TIMES | row))
    return str(row["id"])


def a_variant(connection: Connection, product_id: str, offer_id: str, **columns: Any) -> str:
    """A variant that no sync has seen, of a stored product and offer."""
    owner = connection.execute(
        select(product.c.store_id, product.c.supplier_key).where(product.c.id == product_id)
    ).one()
    row = {
        "id": f"variant-{offer_id[:8]}-{product_id}"[:32],
        "product_id": product_id,
        "store_id": owner.store_id,
        "supplier_key": owner.supplier_key,
        "offer_id": offer_id,
        "title": "M",
    } | columns
    connection.execute(insert(product_variant).values(**_TIMES | row))
    return str(row["id"])


def a_change(
    connection: Connection,
    change_id: str,
    variant_id: str,
    kind: str,
    before: int | None = None,
    after: int | None = None,
    **columns: Any,
) -> str:
    """A change of a stored variant that nobody was told of."""
    owner = connection.execute(
        select(
            product_variant.c.store_id, product_variant.c.supplier_key, product_variant.c.product_id
        ).where(product_variant.c.id == variant_id)
    ).one()
    row = {
        "id": change_id,
        **owner._mapping,
        "variant_id": variant_id,
        "kind": kind,
        "before_value": before,
        "after_value": after,
        "occurred_at": THEN,
    } | columns
    connection.execute(insert(product_change).values(**row))
    return change_id
