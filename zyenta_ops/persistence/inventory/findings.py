"""Deeper validation: what is wrong with a store's listings, counted by fault."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, func, or_, select

from zyenta_ops.domain.accounts import AccountStatus
from zyenta_ops.domain.inventory import Availability, Listing
from zyenta_ops.persistence.schema import (
    product,
    product_variant,
    store,
    supplier,
    supplier_account,
    supplier_offer,
)

# The most that Google Merchant Center shows of a title.
LONGEST_TITLE = 150

_VARIANTS = product_variant.join(product, product.c.id == product_variant.c.product_id)
_OFFERS = _VARIANTS.join(supplier_offer, supplier_offer.c.id == product_variant.c.offer_id)
_MARKETS = _OFFERS.join(supplier, supplier.c.key == product.c.supplier_key)
_SAME_TITLE = product.alias("same_title")

# What is counted from which tables, of one store and supplier.
_CHECKS: dict[str, tuple[FromClause, ColumnElement[bool]]] = {
    "products without a title": (product, func.trim(product.c.title) == ""),
    f"products with a title of more than {LONGEST_TITLE} characters": (
        product,
        func.length(product.c.title) > LONGEST_TITLE,
    ),
    "products with markup in their title": (product, product.c.title.like("%<%>%")),
    "products with the title of another": (
        product,
        and_(
            func.trim(product.c.title) != "",
            select(_SAME_TITLE.c.id)
            .where(
                _SAME_TITLE.c.store_id == product.c.store_id,
                _SAME_TITLE.c.supplier_key == product.c.supplier_key,
                _SAME_TITLE.c.title == product.c.title,
                _SAME_TITLE.c.id != product.c.id,
            )
            .exists(),
        ),
    ),
    "products without variants": (
        product,
        ~select(product_variant.c.id).where(product_variant.c.product_id == product.c.id).exists(),
    ),
    "variants whose offer is another product's": (
        _OFFERS,
        supplier_offer.c.product_ref != product.c.product_ref,
    ),
    "variants whose offer is of another market": (
        _MARKETS,
        or_(
            supplier_offer.c.country != supplier.c.country,
            supplier_offer.c.currency != supplier.c.currency,
        ),
    ),
    "variants that the supplier no longer lists": (
        _OFFERS,
        supplier_offer.c.listing != Listing.LISTED.value,
    ),
    "variants never synced": (_VARIANTS, product_variant.c.applied_revision.is_(None)),
    "variants on sale without a price": (
        _VARIANTS,
        and_(
            product_variant.c.availability == Availability.AVAILABLE.value,
            product_variant.c.price_minor.is_(None),
        ),
    ),
}


def read_findings(connection: Connection, supplier_key: str, store_id: str) -> dict[str, int]:
    """How many listings of the store have which fault, by its name; faults of none left out."""
    of_store = and_(product.c.store_id == store_id, product.c.supplier_key == supplier_key)
    found = {
        name: connection.execute(
            select(func.count()).select_from(tables).where(of_store, fault)
        ).scalar_one()
        for name, (tables, fault) in _CHECKS.items()
    }
    found |= _image_faults(connection, of_store)
    found["accounts at the supplier that need a person"] = connection.execute(
        select(func.count())
        .select_from(supplier_account)
        .where(
            supplier_account.c.supplier_key == supplier_key,
            supplier_account.c.status == AccountStatus.REVOKED.value,
            or_(
                supplier_account.c.account_id.is_(None),
                supplier_account.c.account_id
                == select(store.c.account_id).where(store.c.id == store_id).scalar_subquery(),
            ),
        )
    ).scalar_one()
    return {name: count for name, count in found.items() if count}


def _image_faults(connection: Connection, of_store: Any) -> dict[str, int]:
    unusable = repeated = 0
    for urls in connection.execute(
        select(product.c.images).where(of_store), execution_options={"yield_per": 1_000}
    ).scalars():
        unusable += not any(str(url).startswith(("http://", "https://")) for url in urls)
        repeated += len(set(urls)) < len(urls)
    return {
        "products without a usable image": unusable,
        "products with an image twice": repeated,
    }
