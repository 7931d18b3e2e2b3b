"""A supplier's catalogue under test: what it offers, and what a database makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, update

from zyenta_ops.domain.catalog import Entry, Offer, Rejection, SourceVersion
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import SweepScope
from zyenta_ops.domain.sweeps import MissRule
from zyenta_ops.operations.catalog import Catalog, SweepReport
from zyenta_ops.operations.inventory import Inventory, InventoryReport
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import (
    catalog_sweep,
    offer_observation,
    product,
    product_change,
    product_variant,
    supplier_offer,
    sync_log,
)
from zyenta_ops.ports import CatalogueReading, CatalogueSource, Clock, NewId
from zyenta_ops_tests.builders import THEN, a_store, a_supplier
from zyenta_ops_tests.fakes import FakeCatalogue

SUPPLIER = "my-feed"

# The clock of most tests stands still.
EVERY_MISS = MissRule(between=timedelta(0))

# Small enough for tests to cross several quickly.
CHUNK = 50
PAGE = 40


class Stored(NamedTuple):
    """What a test looks at of a stored offer."""

    stock: int | None
    cost_minor: int
    saleable: bool
    listing: str
    miss_count: int


def offered(
    product_ref: str = "shirt", variant_ref: str = "m", cost: int = 1_000, **fields: Any
) -> Offer:
    """An entry of a catalogue: 5 in stock, `cost` in US cents."""
    values: dict[str, Any] = {"title": f"{product_ref} {variant_ref}".title(), "stock": 5} | fields
    return Offer(
        product_ref=product_ref,
        variant_ref=variant_ref,
        order_ref=f"{product_ref}/{variant_ref}",
        unit_cost=Money(cost, "USD"),
        **values,
    )


def range_of(count: int, **fields: Any) -> list[Offer]:
    """So many products of one variant each, p0000 onwards."""
    return [offered(f"p{number:04d}", **fields) for number in range(count)]


@dataclass
class HookedCatalogue:
    """A catalogue that calls the test back when it is opened and before each entry."""

    entries: Sequence[Offer | Rejection]
    on_open: Callable[[], object] = lambda: None
    before_entry: Callable[[int], object] = lambda _: None
    read: int = 0

    @contextmanager
    def open(self, known: SourceVersion | None) -> Iterator[CatalogueReading]:
        self.on_open()
        with FakeCatalogue(self.entries).open(known) as reading:
            yield CatalogueReading(reading.version, reading.unchanged, self._hooked(reading))

    def _hooked(self, reading: CatalogueReading) -> Iterator[Entry]:
        for number, entry in enumerate(reading.entries):
            self.before_entry(number)
            self.read += 1
            yield entry


@dataclass
class Feed:
    """The supplier `my-feed` with its catalogue, on a real database."""

    database: Database
    clock: Clock
    new_id: NewId
    source: FakeCatalogue = field(default_factory=FakeCatalogue)

    def __post_init__(self) -> None:
        with self.database.write() as records:
            a_supplier(records.connection, SUPPLIER, last_sequence=0, promoted_sequence=0)

    def catalog(
        self,
        source: CatalogueSource | None = None,
        clock: Clock | None = None,
        misses: MissRule = EVERY_MISS,
    ) -> Catalog:
        return Catalog(
            self.database,
            lambda _: source or self.source,
            clock or self.clock,
            self.new_id,
            misses=misses,
            chunk=CHUNK,
        )

    def offers(self, *entries: Offer | Rejection) -> SweepReport:
        """The catalogue says this now, and is swept."""
        self.source.entries = entries
        return self.sweep()

    def sweep(self, source: CatalogueSource | None = None) -> SweepReport:
        return self.catalog(source).sweep(SUPPLIER)

    def sync(self, scope: SweepScope | None = None, run_id: str | None = None) -> InventoryReport:
        inventory = Inventory(self.database, self.clock, self.new_id, PAGE)
        return inventory.sync(SUPPLIER, scope or SweepScope(), run_id)

    def stored(self) -> dict[str, Stored]:
        """The offers in force, by "product/variant"."""
        columns = supplier_offer.c
        with self.database.read() as records:
            rows = records.connection.execute(
                select(
                    columns.order_ref,
                    columns.stock,
                    columns.cost_minor,
                    columns.saleable,
                    columns.listing,
                    columns.miss_count,
                )
            )
            return {ref: Stored(*rest) for ref, *rest in rows}

    def stocks(self) -> dict[str, int | None]:
        return {ref: offer.stock for ref, offer in self.stored().items()}

    def statuses(self) -> list[str]:
        """The status of every sweep, oldest first."""
        query = select(catalog_sweep.c.status).order_by(catalog_sweep.c.sequence)
        with self.database.read() as records:
            return list(records.connection.execute(query).scalars())

    def staged(self) -> int:
        """Differences kept for sweeps that have neither been promoted nor wait in quarantine."""
        query = (
            select(func.count())
            .select_from(offer_observation.join(catalog_sweep))
            .where(catalog_sweep.c.status.not_in(("PROMOTED", "QUARANTINED")))
        )
        with self.database.read() as records:
            return records.connection.execute(query).scalar_one()

    def sold_by(self, store_id: str, status: str = "ACTIVE") -> None:
        """The store sells every stored offer from now on; ids are "<store>:<product>/<variant>"."""
        with self.database.write() as records:
            rows = records.connection.execute(
                select(supplier_offer).order_by(supplier_offer.c.order_ref)
            ).all()
            shared = {
                "store_id": store_id,
                "supplier_key": SUPPLIER,
                "created_at": THEN,
                "updated_at": THEN,
            }
            products = {
                row.product_ref: shared
                | {
                    "id": f"{store_id}:{row.product_ref}",
                    "product_ref": row.product_ref,
                    "status": status,
                    "title": row.title,
                    "images": ["https://images.example/1.jpg"],
                    "price_locked": False,
                }
                for row in rows
            }
            variants = [
                shared
                | {
                    "id": f"{store_id}:{row.order_ref}",
                    "product_id": f"{store_id}:{row.product_ref}",
                    "offer_id": row.id,
                    "title": row.variant_ref,
                    "price_minor": 2_000,
                }
                for row in rows
            ]
            records.connection.execute(insert(product), list(products.values()))
            records.connection.execute(insert(product_variant), variants)

    def changes(self) -> list[tuple[str, str, int | None, int | None]]:
        """What happened to variants: (variant, kind, before, after), sorted."""
        columns = product_change.c
        with self.database.read() as records:
            rows = records.connection.execute(
                select(columns.variant_id, columns.kind, columns.before_value, columns.after_value)
            )
            return sorted((variant, kind, before, after) for variant, kind, before, after in rows)


def opened(feed: Feed, subdomain: str = "my-shop", **columns: Any) -> str:
    """A store that sells everything stored so far."""
    with feed.database.write() as records:
        store_id = a_store(records.connection, subdomain, **columns)
    feed.sold_by(store_id)
    return store_id


def variants(feed: Feed, *columns: str) -> dict[str, Any]:
    """The named columns of every variant, by "product/variant"."""
    table = product_variant.c
    with feed.database.read() as records:
        rows = records.connection.execute(select(table.id, *[table[name] for name in columns]))
        return {
            key.partition(":")[2]: values[0] if len(values) == 1 else tuple(values)
            for key, *values in rows
        }


def statuses(feed: Feed) -> dict[str, str]:
    """The status of every product, by its reference."""
    with feed.database.read() as records:
        rows = records.connection.execute(select(product.c.id, product.c.status))
        return {key.partition(":")[2]: status for key, status in rows}


def logged(feed: Feed) -> list[Any]:
    """The sync log, oldest first."""
    with feed.database.read() as records:
        query = select(sync_log).order_by(sync_log.c.started_at, sync_log.c.id)
        return list(records.connection.execute(query))


def set_in(feed: Feed, table: Any, key: str, **values: Any) -> None:
    """Set columns of one row."""
    with feed.database.write() as records:
        records.connection.execute(update(table).where(table.c.id == key).values(**values))
