"""Documents of orders as storefronts hand them over, and a store that takes them."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.orders import Amounts, Customer, Order, OrderItem, PaymentStatus
from zyenta_ops_tests.builders import a_product, a_store, a_supplier, a_variant, an_offer

SHOP = "store-my-shop"
SHIRT = "variant-shirt"
MUG = "variant-mug"

_DOCUMENT: dict[str, Any] = {
    "number": "1001",
    "placed_at": "2026-11-02T11:58:00+01:00",
    "currency": "EUR",
    "customer": {"email": "ann@example.com", "name": "Ann Buyer", "phone": "+49 151 2345678"},
    "address": {
        "name": "Ann Buyer",
        "line1": "Chausseestraße 1",
        "city": "Berlin",
        "postal_code": "10115",
        "country": "DE",
    },
    "items": [
        {"variant_id": SHIRT, "quantity": 2, "unit_price_minor": 1999},
        {"sku": "MUG-1", "quantity": 1, "unit_price_minor": 950},
    ],
    "subtotal_minor": 4948,
    "discount_minor": 500,
    "shipping_minor": 490,
    "tax_minor": 0,
    "total_minor": 4938,
}
# What must appear in no log, event or exception.
PERSONAL = ("ann@example.com", "Ann Buyer", "2345678", "Chausseestr", "10115", "Berlin")


def a_document(**changes: Any) -> dict[str, Any]:
    """An order of two shirts and a mug that the store of `a_shop` accepts."""
    return copy.deepcopy(_DOCUMENT) | changes


def an_address(**changes: Any) -> dict[str, Any]:
    """The address of `a_document`, changed."""
    address: dict[str, Any] = a_document()["address"]
    return address | changes


def a_shop(connection: Connection, subdomain: str = "my-shop") -> None:
    """A store in EUR with a shirt (no SKU) and a mug (SKU MUG-1)."""
    a_store(connection, subdomain)
    supplier = a_supplier(connection, f"feed-{subdomain}")
    store_id = f"store-{subdomain}"
    end = "" if store_id == SHOP else f"-{subdomain}"
    for ref, variant, sku in (("shirt", SHIRT, None), ("mug", MUG, "MUG-1")):
        offer = an_offer(connection, ref, "m", supplier_key=supplier)
        product = a_product(connection, ref, store_id=store_id, supplier_key=supplier)
        a_variant(connection, product, offer, id=f"{variant}{end}", sku=sku)


def an_order(**changes: Any) -> Order:
    """The order of `a_document` as it stands once it is paid for, changed."""
    values: dict[str, Any] = {
        "id": "order-1",
        "store_id": SHOP,
        "number": "1001",
        "currency": "EUR",
        "amounts": Amounts(4948, 490, 0, 500, 4938),
        "customer": Customer("ann@example.com", "Ann Buyer"),
        "address": Address(**an_address()),
        "items": (
            OrderItem("item-1", SHIRT, "Shirt (M)", None, 2, 1999),
            OrderItem("item-2", MUG, "Mug", "MUG-1", 1, 950),
        ),
        "placed_at": datetime(2026, 11, 2, 10, 58, tzinfo=UTC),
        "payment_status": PaymentStatus.PAID,
        "paid_minor": 4938,
    }
    return Order(**values | changes)
