"""Deeper validation of a store's listings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_, func, select

from zyenta_ops.domain.inventory import Availability
from zyenta_ops.persistence.schema import product, product_variant, supplier_offer


def read_findings(connection: Connection, supplier_key: str, store_id: str) -> Mapping[str, int]:
    """Deeper validation: how many listings of the store have which fault, by its name."""
    of_store = and_(product.c.store_id == store_id, product.c.supplier_key == supplier_key)
    variants = product_variant.join(product, product.c.id == product_variant.c.product_id)
    offers = variants.join(supplier_offer, supplier_offer.c.id == product_variant.c.offer_id)
    checks = {
        "products without a title": select(func.count())
        .select_from(product)
        .where(of_store, func.trim(product.c.title) == ""),
        "products without variants": select(func.count())
        .select_from(product)
        .where(of_store, ~_has_variants()),
        "variants whose offer is another product's": select(func.count())
        .select_from(offers)
        .where(of_store, supplier_offer.c.product_ref != product.c.product_ref),
        "variants never synced": select(func.count())
        .select_from(variants)
        .where(of_store, product_variant.c.applied_revision.is_(None)),
        "variants on sale without a price": select(func.count())
        .select_from(variants)
        .where(
            of_store,
            product_variant.c.availability == Availability.AVAILABLE.value,
            product_variant.c.price_minor.is_(None),
        ),
    }
    found = {name: connection.execute(query).scalar_one() for name, query in checks.items()}
    found["products without a usable image"] = _without_image(connection, of_store)
    return {name: count for name, count in found.items() if count}


def _without_image(connection: Connection, of_store: Any) -> int:
    images = connection.execute(
        select(product.c.images).where(of_store), execution_options={"yield_per": 1_000}
    ).scalars()
    return sum(
        not any(str(url).startswith(("http://", "https://")) for url in urls) for urls in images
    )


def _has_variants() -> Any:
    return select(product_variant.c.id).where(product_variant.c.product_id == product.c.id).exists()
