"""Bringing a supplier's offers into a store, a page at a time.

Each page is a transaction of its own: an import of any size holds the database for moments, and
one that is cut short is finished by doing it again. Offers that the store has stay as they are.
Stock, cost and price stay empty; the next sync fills them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from zyenta_ops.domain.catalog import Rejection
from zyenta_ops.domain.catalog_keys import SeenKeys
from zyenta_ops.domain.entitlements import Feature, judge
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.products import (
    CatalogueEntry,
    ImportReport,
    Product,
    Variant,
)
from zyenta_ops.domain.stores import Store
from zyenta_ops.operations.stores.choices import Beginning, Choice
from zyenta_ops.ports import Clock, Database, NewId, Repositories

PAGE: Final = 1_000
REJECTIONS_KEPT: Final = 1_000

_START: Final = ("", "")


@dataclass
class ProductImport:
    """One import into one store; `report` says what has been done so far."""

    database: Database
    clock: Clock
    new_id: NewId
    store: Store
    supplier_key: str
    report: ImportReport = field(default_factory=ImportReport)
    _products_met: SeenKeys = field(default_factory=SeenKeys)
    _offers_met: SeenKeys = field(default_factory=SeenKeys)

    def take(self, choice: Choice, product_refs: Sequence[str] | None = None) -> None:
        """Import the offers that are wanted, in the order of their products' references.

        Args:
            choice: says which and how.
            product_refs: look at offers of these products only, at most `PAGE` of them.
        """
        after: tuple[str, str] | None = _START
        while after is not None and not choice.complete:
            with self.database.write() as records:
                records.products.hold_for_import(self.store.id)
                page = records.products.offers(
                    self.store.id,
                    self.supplier_key,
                    product_refs=product_refs,
                    after=after,
                    limit=PAGE,
                )
                counts = self._add(records, page, choice)
            self._count(**counts)
            after = (page[-1].product_ref, page[-1].offer_id) if len(page) == PAGE else None

    def reject(self, rejection: Rejection) -> None:
        """Count something that cannot be imported, and keep the first ones to show."""
        if len(self.report.rejections) < REJECTIONS_KEPT:
            kept = (*self.report.rejections, rejection)
            self.report = replace(self.report, rejections=kept)
        self._count(rejected=1)

    def _add(
        self, records: Repositories, page: Sequence[CatalogueEntry], choice: Choice
    ) -> dict[str, int]:
        chosen = [(entry, beginning) for entry in page if (beginning := choice.beginning(entry))]
        products: dict[str, Product] = {}
        variants: list[Variant] = []
        for entry, beginning in chosen:
            if entry.product_id is None and entry.product_ref not in products:
                products[entry.product_ref] = self._product(entry, beginning)
            if entry.variant_id is None:
                product_id = entry.product_id or products[entry.product_ref].id
                variants.append(self._variant(entry, product_id))
        self._must_fit(records, len(variants))
        new = list(products.values())
        records.products.add(self.store.id, self.supplier_key, new, variants, self.clock())
        entries = [entry for entry, _ in chosen]
        return self._tally(entries, len(new), len(variants)) | {
            "offers_skipped": len(page) - len(chosen)
        }

    def _must_fit(self, records: Repositories, variants: int) -> None:
        """See that the owner's plan allows so many more variants; pages before stay imported."""
        if variants:
            account = self.store.account
            sold = records.entitlements.variants_of(account.id)
            verdict = judge(account.plan_tier, Feature.VARIANTS, sold, variants)
            if not verdict.allowed:
                raise Refused(f"{verdict.reason}; archive products or change the plan")

    def _tally(
        self, entries: Sequence[CatalogueEntry], products_added: int, variants_added: int
    ) -> dict[str, int]:
        """Counts of a page. What a page or line before brought in is not counted as kept."""
        refs = list(dict.fromkeys(entry.product_ref for entry in entries))
        first_met = len(refs) - int(self._products_met.add(refs).sum())
        offers_met = int(self._offers_met.add([entry.offer_id for entry in entries]).sum())
        return {
            "products_added": products_added,
            "variants_added": variants_added,
            "products_kept": first_met - products_added,
            "variants_kept": len(entries) - offers_met - variants_added,
        }

    def _count(self, **counts: int) -> None:
        totals = {name: getattr(self.report, name) + count for name, count in counts.items()}
        self.report = replace(self.report, **totals)

    def _product(self, entry: CatalogueEntry, beginning: Beginning) -> Product:
        return Product(
            id=self.new_id(),
            store_id=self.store.id,
            supplier_key=self.supplier_key,
            product_ref=entry.product_ref,
            title=beginning.title or entry.title,
            status=beginning.status,
            images=entry.images,
            price_locked=beginning.price_locked,
        )

    def _variant(self, entry: CatalogueEntry, product_id: str) -> Variant:
        return Variant(
            id=self.new_id(),
            product_id=product_id,
            offer_id=entry.offer_id,
            title=entry.variant_title,
            sku=entry.sku,
        )
