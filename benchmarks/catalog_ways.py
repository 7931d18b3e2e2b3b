"""What `catalog_apply` measures: a sweep, and other ways to bring a database up to a catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count, islice
from time import perf_counter, process_time
from typing import Any, TypeVar

from measure import peak_mib, timed

T = TypeVar("T")

CHANGED_PERCENT = 3
UPSERT_CHUNK = 10_000
SAMPLE = 2_000
# The variants of a store that the plan's worker would load at once.
STORE = 10_000
SUPPLIER = "benchmark"


@dataclass(frozen=True)
class Step:
    """What a process of its own does to one database.

    `generation` numbers the states of the catalogue: from one to the next 3 % of the offers change.
    """

    url: str
    variants: int
    generation: int

    def generate(self) -> Iterator[Any]:
        """The catalogue in this generation."""
        from zyenta_ops.domain.catalog import Offer
        from zyenta_ops.domain.money import Money

        for number in range(self.variants):
            product, variant = divmod(number, 4)
            turn = self.generation if number % 100 < CHANGED_PERCENT else 0
            yield Offer(
                product_ref=f"P{product:07d}",
                variant_ref=f"V{variant}",
                order_ref=f"O{number:08d}",
                title=f"Product {product} as a supplier describes it, option {variant}",
                unit_cost=Money(500 + number % 9_000, "USD"),
                list_price=Money(1_000 + number % 9_000, "USD"),
                stock=10 + number % 90 + turn,
                sku=f"SKU-{number:08d}",
                attributes=(("Colour", "RGBK"[variant]), ("Size", "M")),
                images=(f"https://images.example/{product}/1.jpg",),
            )

    def sweep(self) -> dict[str, float]:
        """Take the catalogue over as the product does."""
        from zyenta_ops.operations.catalog import Catalog

        ids = count()
        database = self._database()
        catalog = Catalog(
            database,
            lambda _: Stream(self),
            lambda: datetime.now(UTC),
            lambda: f"{self.generation}-{next(ids)}",
        )
        seconds, report = self._timed(lambda: catalog.sweep(SUPPLIER))
        expected = (0, self.variants) if self.generation == 0 else (self._changing(), 0)
        if (report.counts.changed, report.counts.new) != expected:
            raise SystemExit(f"the sweep found {report.counts}, not {expected} changed and new")
        return {"seconds": seconds, "mib": peak_mib()}

    def generation_cost(self) -> dict[str, float]:
        """Make every offer and drop it."""
        seconds, _ = self._timed(lambda: sum(1 for _ in self.generate()))
        return {"seconds": seconds}

    def upsert(self) -> dict[str, float]:
        """Write every row of the catalogue, in one transaction."""
        from zyenta_ops.persistence.catalog import upsert
        from zyenta_ops.persistence.schema import supplier_offer

        database = self._database()
        statement = upsert(database.engine.dialect, supplier_offer)
        statement = statement.on_conflict_do_update(
            index_elements=["id"],
            set_={
                column.name: statement.excluded[column.name]
                for column in supplier_offer.columns
                if column.name != "id"
            },
        )
        rows = self._rows()
        seconds = 0.0
        with database.engine.connect() as connection:
            seconds += self._timed(connection.begin)[0]
            while chunk := list(islice(rows, UPSERT_CHUNK)):
                seconds += self._timed(lambda: connection.execute(statement, chunk))[0]
            seconds += self._timed(connection.commit)[0]
        return {"seconds": seconds}

    def changed_row_by_row(self) -> dict[str, float]:
        """As `row_by_row`, with an UPDATE of the changed rows only."""
        return self.row_by_row(write_all=False)

    def row_by_row(self, *, write_all: bool = True) -> dict[str, float]:
        """Take a sample of rows one at a time; seconds are scaled to the whole catalogue."""
        from sqlalchemy import select, update

        from zyenta_ops.persistence.schema import supplier_offer

        step = max(1, self.variants // SAMPLE) | 1  # odd, so that changed rows have their share
        sample = list(islice(self._rows(), 0, None, step))
        columns = [column for column in supplier_offer.columns if column.name != "id"]
        database = self._database()

        def take(row: dict[str, Any]) -> None:
            of_row = supplier_offer.c.id == row["id"]
            with connection.begin():
                stored = connection.execute(select(*columns).where(of_row)).one()
                values = {column.name: row[column.name] for column in columns}
                if write_all or stored.content_hash != row["content_hash"]:
                    connection.execute(update(supplier_offer).where(of_row).values(**values))

        with database.engine.connect() as connection:
            take(sample[0])
            seconds, _ = self._timed(lambda: [take(row) for row in sample[1:]])
        return {"seconds": seconds / (len(sample) - 1) * self.variants}

    def as_planned(self) -> dict[str, float]:
        """Load a store's rows in one query, compare, and update changed ones one at a time.

        Updates are made for a sample of the changed rows and scaled to all of them.
        """
        entries = self.generate()
        reading, writing, written = 0.0, 0.0, 0
        with self._database().engine.connect() as connection:
            while listed := list(islice(entries, STORE)):
                seconds, changed = self._timed(partial(_changed_in_a_store, connection, listed))
                reading += seconds
                if written < SAMPLE:
                    writing += self._timed(partial(_update_each, connection, changed))[0]
                    written += len(changed)
        return {"seconds": reading + writing / written * self._changing()}

    def prepare(self) -> dict[str, float]:
        """An empty database with a supplier, and its first sweep."""
        from sqlalchemy import insert

        from zyenta_ops.persistence.migrations import migrate
        from zyenta_ops.persistence.schema import supplier

        database = self._database()
        migrate(database)
        row = {
            "key": SUPPLIER,
            "name": SUPPLIER,
            "kind": "FEED",
            "config": {},
            "capabilities": {},
            "country": "US",
            "currency": "USD",
            "created_at": datetime.now(UTC),
            "updated_at": datetime.now(UTC),
        }
        with database.write() as records:
            records.connection.execute(insert(supplier).values(row))
        return self.sweep()

    def tidy(self) -> dict[str, float]:
        """Let no step pay for what the one before left behind."""
        engine = self._database().engine
        if engine.dialect.name == "sqlite":
            with closing(engine.raw_connection()) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
        return {}

    def _timed(self, work: Callable[[], T]) -> tuple[float, T]:
        """Seconds of this process on SQLite, which works within it; else seconds by the clock."""
        return timed(work, process_time if self.url.startswith("sqlite") else perf_counter)

    def _database(self) -> Any:
        from zyenta_ops.persistence.engine import Database

        return Database(self.url)

    def _changing(self) -> int:
        whole, rest = divmod(self.variants, 100)
        return whole * CHANGED_PERCENT + min(rest, CHANGED_PERCENT)

    def _rows(self) -> Iterator[dict[str, Any]]:
        from zyenta_ops.domain.catalog import Market, offer_id

        market, now = Market("US", "USD"), datetime.now(UTC)
        for offer in self.generate():
            yield {
                "id": offer_id(SUPPLIER, market, offer.product_ref, offer.variant_ref),
                "supplier_key": SUPPLIER,
                "country": market.country,
                "currency": market.currency,
                "product_ref": offer.product_ref,
                "variant_ref": offer.variant_ref,
                "order_ref": offer.order_ref,
                "sku": offer.sku,
                "title": offer.title,
                "cost_minor": offer.unit_cost.minor,
                "cost_currency": offer.unit_cost.currency,
                "cost_estimated": offer.cost_estimated,
                "list_price_minor": offer.list_price.minor,
                "stock": offer.stock,
                "in_stock": offer.in_stock,
                "saleable": offer.saleable,
                "attributes": [list(pair) for pair in offer.attributes],
                "images": list(offer.images),
                "content_hash": offer.content_hash(),
                "listing": "LISTED",
                "miss_count": 0,
                "missed_at": None,
                "observed_at": now,
                "revision": self.generation + 1,
            }


@dataclass(frozen=True)
class Stream:
    """A source whose catalogue is generated while it is read."""

    step: Step

    @contextmanager
    def open(self, _known: Any) -> Iterator[Any]:
        """Open the catalogue; it always counts as changed."""
        from zyenta_ops.domain.catalog import SourceVersion
        from zyenta_ops.ports import CatalogueReading

        version = SourceVersion(etag=str(self.step.generation))
        yield CatalogueReading(version, unchanged=False, entries=self.step.generate())


def _changed_in_a_store(connection: Any, listed: list[Any]) -> list[tuple[str, dict[str, Any]]]:
    """The ids of changed rows with their new values."""
    from sqlalchemy import select

    from zyenta_ops.persistence.schema import supplier_offer

    columns = supplier_offer.c
    first, last = listed[0].product_ref, listed[-1].product_ref
    of_store = (columns.supplier_key == SUPPLIER) & columns.product_ref.between(first, last)
    with connection.begin():
        rows = connection.execute(select(supplier_offer).where(of_store)).all()
    stored = {(row.product_ref, row.variant_ref): row for row in rows}
    changed = []
    for offer in listed:
        row = stored[offer.product_ref, offer.variant_ref]
        values = {"stock": offer.stock, "cost_minor": offer.unit_cost.minor}
        if (row.stock, row.cost_minor) != tuple(values.values()):
            changed.append((row.id, values))
    return changed


def _update_each(connection: Any, changed: list[tuple[str, dict[str, Any]]]) -> None:
    """Each row in a transaction of its own."""
    from sqlalchemy import update

    from zyenta_ops.persistence.schema import supplier_offer

    for offer_id, values in changed:
        statement = update(supplier_offer).where(supplier_offer.c.id == offer_id)
        with connection.begin():
            connection.execute(statement.values(**values, observed_at=datetime.now(UTC)))
