"""What stores sell: importing it from suppliers, and what people decide about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from zyenta_ops.domain.catalog import Rejection
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.products import (
    ImportReport,
    ListedProduct,
    OfferFilter,
    Product,
    first_status,
    released_status,
)
from zyenta_ops.domain.stores import ProductStatus, StoreStatus
from zyenta_ops.operations.lookup import find_store, find_supplier
from zyenta_ops.operations.stores.choices import Beginning, ByFilter, ByList
from zyenta_ops.operations.stores.imports import PAGE, ProductImport
from zyenta_ops.operations.stores.product_list import read_product_list
from zyenta_ops.ports import Clock, Database, NewId
from zyenta_ops.ports.stores import ProductChange

Item = TypeVar("Item")


@dataclass(frozen=True)
class Products:
    """Products of stores. A `store` is an id or subdomain, a `ref` a product's id or reference."""

    database: Database
    clock: Clock
    new_id: NewId

    def import_from_catalogue(
        self,
        store: str,
        supplier: str,
        wanted: OfferFilter | None = None,
        *,
        status: ProductStatus = ProductStatus.ACTIVE,
        limit: int | None = None,
    ) -> ImportReport:
        """Import what a filter accepts of a supplier's listed offers; doing it again is harmless.

        Args:
            store: where to.
            supplier: key of the supplier.
            wanted: which offers; None = all.
            status: what new products begin as.
            limit: stop after so many accepted products, those the store has included.

        Raises:
            NotFound: no such store or supplier.
            Refused: the store is closed, the supplier was never swept, no such first status, or
                the owner's plan allows no more; what came before stays imported.
        """
        wanted = wanted or OfferFilter()
        task = self._begin(store, supplier)
        choice = ByFilter(wanted, Beginning(first_status(status)), limit)
        if not wanted.product_refs:
            task.take(choice)
        for refs in _chunks(sorted(set(wanted.product_refs))):
            task.take(choice, refs)
        return task.report

    def import_from_file(
        self,
        store: str,
        supplier: str,
        path: Path,
        *,
        status: ProductStatus = ProductStatus.ACTIVE,
    ) -> ImportReport:
        """Import the products that a CSV or TSV file lists; see `product_list` for its columns.

        Lines that cannot be read or name nothing on offer are reported with their reason, and the
        rest is imported.

        Args:
            store: where to.
            supplier: key of the supplier.
            path: the file.
            status: what new products begin as when their line does not say.

        Raises:
            NotFound: no such store or supplier.
            Refused: as for `import_from_catalogue`, or the file is no product list.
        """
        task = self._begin(store, supplier)
        default = Beginning(first_status(status))
        for entries in _chunks(read_product_list(path)):
            lines = [entry for entry in entries if isinstance(entry, ListedProduct)]
            choice = ByList(lines, default)
            if lines:
                task.take(choice, choice.product_refs)
            rejections = [entry for entry in entries if isinstance(entry, Rejection)]
            rejections += choice.unmet(supplier)
            for rejection in sorted(rejections, key=lambda rejection: rejection.line):
                task.reject(rejection)
        return task.report

    def list(
        self, store: str, status: ProductStatus | None = None, limit: int | None = 50
    ) -> tuple[Product, ...]:
        """A store's products with their variants, by title.

        Raises:
            NotFound: no such store.
        """
        with self.database.read() as records:
            return records.products.of_store(find_store(records, store).id, status, limit)

    def hold(self, ref: str, store: str | None = None) -> Product:
        """Hide a product until it is released; no sweep brings it back.

        Raises:
            NotFound: no such product or store; so for every method with a `ref`.
            Refused: several products have this reference, or the product is archived.
        """

        def decide(product: Product) -> ProductChange:
            if product.status is ProductStatus.ARCHIVED:
                raise Refused(f"the product '{ref}' is archived; release it first")
            return {"status": ProductStatus.ON_HOLD}

        return self._change(ref, store, decide)

    def release(self, ref: str, store: str | None = None) -> Product:
        """Put a held, archived or draft product back on sale as far as its stock allows."""

        def decide(product: Product) -> ProductChange:
            known = [variant.availability for variant in product.variants]
            return {"status": released_status(product.status, known)}

        return self._change(ref, store, decide)

    def archive(self, ref: str, store: str | None = None) -> Product:
        """Retire a product; it stays for its history."""
        return self._change(ref, store, lambda _: {"status": ProductStatus.ARCHIVED})

    def lock_price(self, ref: str, store: str | None = None) -> Product:
        """Keep a product's prices as they are whatever its costs do."""
        return self._change(ref, store, lambda _: {"price_locked": True})

    def unlock_price(self, ref: str, store: str | None = None) -> Product:
        """Let a product's prices follow its costs again."""
        return self._change(ref, store, lambda _: {"price_locked": False})

    def _begin(self, store_ref: str, supplier_key: str) -> ProductImport:
        with self.database.read() as records:
            store = find_store(records, store_ref)
            supplier = find_supplier(records, supplier_key)
        if store.status is StoreStatus.CLOSED:
            raise Refused(f"the store '{store.subdomain}' is closed; nothing can be imported")
        if not supplier.promoted_sequence:
            raise Refused(
                f"nothing is known yet of what '{supplier_key}' offers; sweep its catalogue first"
            )
        return ProductImport(self.database, self.clock, self.new_id, store, supplier_key)

    def _change(
        self, ref: str, store_ref: str | None, decide: Callable[[Product], ProductChange]
    ) -> Product:
        with self.database.write() as records:
            store = find_store(records, store_ref) if store_ref is not None else None
            named = _the_one(ref, records.products.find(ref, store.id if store else None))
            # A sync may be changing it right now: decide from what holds once it is ours.
            product = records.products.hold(named.id)
            change = decide(product)
            records.products.change(product.id, self.clock(), **change)
        return replace(product, **change)


def _the_one(ref: str, found: Sequence[Product]) -> Product:
    if by_id := [product for product in found if product.id == ref]:
        return by_id[0]
    if not found:
        raise NotFound(f"there is no product '{ref}'; list the store's products to see them")
    if len(found) > 1:
        ids = ", ".join(product.id for product in found[:5])
        raise Refused(
            f"{len(found)} products are called '{ref}'; name the store, or one of the ids: {ids}"
        )
    return found[0]


def _chunks(items: Iterable[Item]) -> Iterator[Sequence[Item]]:
    rest = iter(items)
    while chunk := tuple(islice(rest, PAGE)):
        yield chunk
