"""What stores sell, and the offers they can choose from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Unpack

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    insert,
    select,
    tuple_,
    update,
)

from zyenta_ops.domain.inventory import Availability, Listing
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.products import CatalogueEntry, Product, Variant
from zyenta_ops.domain.stores import ProductStatus
from zyenta_ops.persistence.schema import product, product_variant, store, supplier_offer
from zyenta_ops.ports.stores import ProductChange

_OFFER: list[ColumnElement[Any]] = [
    *(column for column in supplier_offer.c if column.name in CatalogueEntry.__slots__),
    supplier_offer.c.id,
    supplier_offer.c.cost_minor,
    supplier_offer.c.cost_currency,
]
_VARIANT: list[ColumnElement[Any]] = [
    *(column for column in product_variant.c if column.name in Variant.__slots__),
    product_variant.c.cost_minor,
    product_variant.c.cost_currency,
    product_variant.c.price_minor,
    product_variant.c.compare_at_minor,
    store.c.currency,
]


class ProductRecords:
    """Satisfies `zyenta_ops.ports.stores.ProductRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def offers(
        self,
        store_id: str,
        supplier_key: str,
        *,
        product_refs: Sequence[str] | None,
        after: tuple[str, str],
        limit: int,
    ) -> Sequence[CatalogueEntry]:
        """One page of offers by key, so that a catalogue of any size costs a page of memory."""
        offer = supplier_offer.c
        wanted = [offer.supplier_key == supplier_key]
        if product_refs is None:
            # The first is implied by the second; not every planner derives a range from that.
            wanted += [
                offer.product_ref >= after[0],
                tuple_(offer.product_ref, offer.id) > tuple_(*after),
            ]
        else:
            # As an expression it is no range to walk: planners seek the references instead.
            wanted += [
                offer.product_ref.in_(product_refs),
                tuple_(offer.product_ref.concat(""), offer.id) > tuple_(*after),
            ]
        rows = self.connection.execute(
            select(*_OFFER).where(*wanted).order_by(offer.product_ref, offer.id).limit(limit)
        ).all()
        # Looked up by key, not joined: right after a first sweep PostgreSQL has no statistics and
        # would walk the store's products from the start for every page.
        products = self._ids(
            product.c.product_ref,
            product.c.store_id == store_id,
            product.c.supplier_key == supplier_key,
            product.c.product_ref.in_(sorted({row.product_ref for row in rows})),
        )
        variants = self._ids(
            product_variant.c.offer_id, product_variant.c.product_id.in_(sorted(products.values()))
        )
        return [_entry(row, products.get(row.product_ref), variants.get(row.id)) for row in rows]

    def hold_for_import(self, store_id: str) -> None:
        """Lock the store's row against other imports, not against rows that refer to it."""
        self.connection.execute(
            select(store.c.id).where(store.c.id == store_id).with_for_update(key_share=True)
        )

    def add(
        self,
        store_id: str,
        supplier_key: str,
        products: Sequence[Product],
        variants: Sequence[Variant],
        at: datetime,
    ) -> None:
        """Insert products, then variants."""
        shared = {
            "store_id": store_id,
            "supplier_key": supplier_key,
            "created_at": at,
            "updated_at": at,
        }
        # A list of dictionaries is one executemany: several times faster than VALUES (…), (…).
        if products:
            self.connection.execute(
                insert(product), [_product_row(new) | shared for new in products]
            )
        if variants:
            self.connection.execute(
                insert(product_variant), [_variant_row(new) | shared for new in variants]
            )

    def of_store(
        self, store_id: str, status: ProductStatus | None, limit: int | None
    ) -> tuple[Product, ...]:
        """Products by title with their variants."""
        wanted = [product.c.store_id == store_id]
        if status is not None:
            wanted.append(product.c.status == status.value)
        return self._products(*wanted, limit=limit)

    def find(self, ref: str, store_id: str | None) -> tuple[Product, ...]:
        """Products by id or the supplier's reference."""
        wanted: list[ColumnElement[bool]] = [(product.c.id == ref) | (product.c.product_ref == ref)]
        if store_id is not None:
            wanted.append(product.c.store_id == store_id)
        return self._products(*wanted, limit=None)

    def hold(self, product_id: str) -> Product:
        """Lock the store, which pricing holds, and the product, which a sync does; then read it."""
        wanted = product.c.id == product_id
        owner = select(product.c.store_id).where(wanted).scalar_subquery()
        for row in (
            select(store.c.id).where(store.c.id == owner),
            select(product.c.id).where(wanted),
        ):
            self.connection.execute(row.with_for_update(key_share=True)).one()
        (held,) = self._products(wanted, limit=1)
        return held

    def change(self, product_id: str, at: datetime, **change: Unpack[ProductChange]) -> None:
        """Update the given columns only."""
        self.connection.execute(
            update(product).where(product.c.id == product_id).values(**change, updated_at=at)
        )

    def _ids(self, key: Column[str], *wanted: ColumnElement[bool]) -> dict[str, str]:
        """The ids of the rows wanted, by key."""
        rows = self.connection.execute(select(key, key.table.c.id).where(*wanted))
        return {row[0]: row[1] for row in rows}

    def _products(self, *wanted: ColumnElement[bool], limit: int | None) -> tuple[Product, ...]:
        chosen = select(product).where(*wanted).order_by(product.c.title, product.c.id)
        rows = self.connection.execute(chosen.limit(limit)).all()
        ids = chosen.with_only_columns(product.c.id).limit(limit).scalar_subquery()
        by_product: dict[str, list[Variant]] = defaultdict(list)
        for row in self.connection.execute(
            select(*_VARIANT)
            .join(store, store.c.id == product_variant.c.store_id)
            .where(product_variant.c.product_id.in_(ids))
            .order_by(product_variant.c.id)
        ):
            by_product[row.product_id].append(_variant(row))
        return tuple(_product(row, by_product[row.id]) for row in rows)


def _entry(row: Row[Any], product_id: str | None, variant_id: str | None) -> CatalogueEntry:
    return CatalogueEntry(
        offer_id=row.id,
        product_ref=row.product_ref,
        variant_ref=row.variant_ref,
        title=row.title,
        sku=row.sku,
        attributes=tuple((name, value) for name, value in row.attributes),
        images=tuple(row.images),
        cost=Money(row.cost_minor, row.cost_currency),
        stock=row.stock,
        saleable=row.saleable,
        listing=Listing(row.listing),
        product_id=product_id,
        variant_id=variant_id,
    )


def _product_row(new: Product) -> dict[str, Any]:
    return {
        "id": new.id,
        "product_ref": new.product_ref,
        "status": new.status.value,
        "title": new.title,
        "images": list(new.images),
        "price_locked": new.price_locked,
    }


def _variant_row(new: Variant) -> dict[str, Any]:
    return {
        "id": new.id,
        "product_id": new.product_id,
        "offer_id": new.offer_id,
        "title": new.title,
        "sku": new.sku,
    }


def _product(row: Row[Any], variants: Iterable[Variant]) -> Product:
    return Product(
        id=row.id,
        store_id=row.store_id,
        supplier_key=row.supplier_key,
        product_ref=row.product_ref,
        title=row.title,
        status=ProductStatus(row.status),
        images=tuple(row.images),
        price_locked=row.price_locked,
        variants=tuple(variants),
    )


def _variant(row: Row[Any]) -> Variant:
    return Variant(
        id=row.id,
        product_id=row.product_id,
        offer_id=row.offer_id,
        title=row.title,
        sku=row.sku,
        availability=Availability(row.availability) if row.availability else None,
        stock=row.stock,
        published_stock=row.published_stock,
        cost=_money(row.cost_minor, row.cost_currency),
        price=_money(row.price_minor, row.currency),
        compare_at=_money(row.compare_at_minor, row.currency),
    )


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)
