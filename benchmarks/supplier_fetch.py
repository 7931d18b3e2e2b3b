"""Asking suppliers with an API: how much of the permitted rate is used, and what an answer costs.

The sandbox answers over HTTP and enforces the rate of a CJ account (level 4: six requests a
second) as CJ does. Three claims:

- Two processes that share the account use at least 95 % of what it permits, and never more. This
  takes real time.
- However many stores sell the same products, a sweep of what is due asks once about each, and
  never too often. The way it was planned at first, store by store, would ask (stores x products)
  times. Here nobody waits for the rate: the clock of the sandbox, which is the one of the sweep,
  is moved on instead. Every store sells every product; all but the first sell one variant of it.
- What fetching and understanding a product costs the processor is held against bare httpx and
  json, which get the same answers from the same server, in turns, without the limiter.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import measure

from zyenta_ops.bootstrap import Operations, build, prepare
from zyenta_ops.bootstrap.suppliers import Gateways
from zyenta_ops.domain.catalog import Market
from zyenta_ops.domain.stores import SupplierKind, SweepScope
from zyenta_ops.operations.catalog import SweepReport
from zyenta_ops.ports.gateway import Allowance
from zyenta_ops.sandbox.accounts import DEMO_SECRETS
from zyenta_ops.sandbox.clock import Clock
from zyenta_ops.sandbox.world import SandboxWorld
from zyenta_ops.settings import Settings

PER_SECOND = 6  # CJ, level 4
MARKET = Market("US", "USD")
COSTED = 300  # products of the comparison with httpx
COPIED = {
    column: f"printf('%04d', n) || substr({column}, 5)"
    for column in ("id", "store_id", "product_id")
} | {"subdomain": "subdomain || n"}


def main() -> int:
    """Measure, or be one of the processes that are measured."""
    parser = measure.options(__doc__, runs=1)
    parser.add_argument("--seconds", type=int, default=30, help="of sharing one account")
    parser.add_argument("--stores", type=int, default=1_000)
    parser.add_argument("--products", type=int, default=2_000, help="that every store sells")
    parser.add_argument("--step", help="for the script itself")
    given = parser.parse_args()
    if given.step:
        print(json.dumps(STEPS[given.step](json.loads(sys.stdin.read()))))
        return 0
    report = measure.Report(
        "Fetching products of a supplier with an API", given.runs, ("httpx", "sqlalchemy")
    )
    _share(report, given.seconds)
    _pool(report, given.stores, given.products)
    _cost(report, given.runs)
    return report.tell(given.json)


def _share(report: measure.Report, seconds: int) -> None:
    """Two processes, one account, the rate enforced."""
    clock = Clock(lambda: datetime.now(UTC))
    with _connected(clock, products=1_000) as (world, settings, refs):
        begun = len(world.log.all("cj"))
        half = len(refs) // 2
        parts = [refs[:half], refs[half:]]
        both = [_begin("read", settings, refs=part, seconds=seconds) for part in parts]
        answered = sum(json.loads(each.communicate()[0])["answered"] for each in both)
        asked = [each for each in world.log.all("cj")[begun:] if "query" in each.operation]
    # From the first to the last request: starting Python is not what is measured.
    elapsed = (asked[-1].at - asked[0].at).total_seconds()
    permitted = elapsed * PER_SECOND + 1
    report.figures |= {"products fetched by both": answered, "seconds of fetching": elapsed}
    report.claims += [
        measure.at_least("permitted rate used", len(asked) / permitted * 100, 95, "%"),
        measure.at_most("requests beyond the limit", len(world.log.violations()), 0, "requests"),
    ]


def _pool(report: measure.Report, stores: int, products: int) -> None:
    """Many stores, the same products, one sweep of what is due."""
    clock = Clock.standing()
    with _connected(clock, products=products) as (world, settings, refs):
        operations = build(settings, clock=clock, sleep=lambda wait: _pass_time(world, wait))
        operations.items.watch("cj", refs)
        _swept(operations)
        store = operations.stores.add(
            name="Store", email="owner@stores.example", currency="USD", country="US"
        )
        operations.products.import_from_catalogue(store.id, "cj")
        _open_stores_like_it(settings.home / "zyenta.db", stores - 1)
        world.advance(hours=1)  # now everything is due
        begun, before = clock(), _queries(world)
        seconds, swept = measure.timed(lambda: _swept(operations))
        asked = _queries(world) - before
        waited = (clock() - begun).total_seconds()
    if swept.counts.asked != products or swept.counts.left:
        raise SystemExit(f"the sweep did not cover {products} products: {swept.counts}")
    report.figures |= {
        f"requests of a sweep for {stores:,} stores": asked,
        "requests store by store": stores * products,
        "seconds of the sweep, waits left out": seconds,
        "seconds of the sweep by the sandbox's clock": waited,
    }
    report.claims += [
        measure.at_most("requests per product and sweep", asked / products, 1),
        measure.at_most(
            "requests beyond the limit in sweeps", len(world.log.violations()), 0, "requests"
        ),
    ]


def _pass_time(world: SandboxWorld, seconds: float) -> None:
    world.advance(seconds=seconds)


def _swept(operations: Operations) -> SweepReport:
    return operations.catalog.sweep("cj", scope=SweepScope(budget_seconds=3_600))


def _open_stores_like_it(database: Path, more: int) -> None:
    """Copy the one store there is, with its products and one variant of each.

    Done in the database, for importing two million products one by one takes an hour. The first
    four characters of ids become the number of the copy.
    """
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA synchronous=OFF")
        numbers = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < ?)"
        connection.execute(f"CREATE TEMP TABLE numbers AS {numbers} SELECT n FROM r", (more,))
        variants = "(SELECT * FROM product_variant GROUP BY product_id)"
        for table, source in (
            ("store", "(SELECT * FROM store)"),
            ("product", "(SELECT * FROM product)"),
            ("product_variant", variants),
        ):
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(COPIED.get(column, column) for column in columns)
            connection.execute(
                f"INSERT INTO {table} SELECT {values} FROM numbers CROSS JOIN {source}"
            )


def _queries(world: SandboxWorld) -> int:
    return sum("product/query" in each for each in world.log.operations("cj"))


def _cost(report: measure.Report, runs: int) -> None:
    """Processor time per product, ours and bare, in turns; medians of three runs at least."""
    ours: list[float] = []
    bare: list[float] = []
    clock = Clock(lambda: datetime.now(UTC))
    with _connected(clock, products=COSTED, enforce_limits=False) as (_, settings, refs):
        for _ in range(runs := max(runs, 3)):
            for name, times in (("fetch", ours), ("bare", bare)):
                step = _begin(name, settings, refs=refs, seconds=0)
                times.append(json.loads(step.communicate()[0])["cpu_seconds"])
    ms = 1_000 / COSTED
    understood, fetched = measure.median(ours) * ms, measure.median(bare) * ms
    report.figures |= {
        f"processor ms a product, ours (of {runs} runs)": understood,
        f"processor ms a product, bare httpx and json (of {runs})": fetched,
    }
    report.claims.append(
        measure.at_most("processor time, ours / bare httpx and json", understood / fetched, 3)
    )


@contextmanager
def _connected(
    clock: Clock, *, products: int, enforce_limits: bool = True
) -> Iterator[tuple[SandboxWorld, Settings, list[str]]]:
    """A sandbox, an installation that is connected to it, and products that are on sale there."""
    made = products + products // 5  # some are not on sale
    world = SandboxWorld(products=made, clock=clock, enforce_limits=enforce_limits)
    world.cj.account.level, world.cj.account.verified = 4, True
    with TemporaryDirectory() as folder, world.serving():
        url = world.urls["sandbox"].removesuffix("/_sandbox")
        settings = Settings(home=Path(folder), sandbox_url=url)
        prepare(settings)
        operations = build(settings, clock=clock)
        supplier = operations.suppliers.draft(
            key="cj",
            kind=SupplierKind.CJ,
            config={"base_url": world.urls["cj"], "level": 4, "calls_per_day": None},
            country="US",
            currency="USD",
        )
        operations.accounts.connect(supplier, DEMO_SECRETS["cj"])
        yield world, settings, world.examples(products)["cj"]


def _begin(step: str, settings: Settings, **given: Any) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, __file__, "--step", step],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ
        | {"ZYENTA_HOME": str(settings.home), "ZYENTA_SANDBOX_URL": settings.sandbox_url},
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(given))
    process.stdin.close()
    process.stdin = None
    return process


class _NoLimit:
    """Lets every request through at once; satisfies `zyenta_ops.ports.gateway.RateLimiter`."""

    def acquire(self, allowances: Sequence[Allowance], *, urgent: bool = False) -> None:
        """Nothing to wait for."""

    def penalize(self, key: str, seconds: float) -> None:
        """Nothing to remember."""

    def left_today(self, allowance: Allowance) -> int | None:
        """No quota."""
        return None

    def paused_until(self, allowances: Sequence[Allowance]) -> datetime | None:
        """Never."""
        return None

    def lift(self, allowances: Sequence[Allowance]) -> None:
        """Nothing to forget."""


def _operations() -> Operations:
    return build(Settings.from_environment())


def _read(given: dict[str, Any]) -> dict[str, Any]:
    """Fetch for so long; products again from the first when all were fetched."""
    operations = _operations()
    supplier = operations.suppliers.show("cj")
    ends = time.monotonic() + given["seconds"]
    answered = 0
    with operations.items.open_gateway(supplier, operations.items.reader("cj")) as gateway:
        while time.monotonic() < ends:
            for _ in gateway.fetch_items(given["refs"], MARKET):
                answered += 1
                if time.monotonic() >= ends:
                    break
    return {"answered": answered}


def _fetch(given: dict[str, Any]) -> dict[str, Any]:
    """Processor seconds of fetching through the gateway, the limiter left out."""
    operations = _operations()
    supplier = operations.suppliers.show("cj")
    login = operations.accounts.login(operations.items.reader("cj").id)
    gateways = Gateways(Settings.from_environment(), _NoLimit(), operations.clock)
    with gateways.open(supplier, login) as gateway:
        list(gateway.fetch_items(given["refs"][:5], MARKET))
        started = time.process_time()
        fetched = list(gateway.fetch_items(given["refs"], MARKET))
        spent = time.process_time() - started
    assert len(fetched) == len(given["refs"])
    return {"cpu_seconds": spent}


def _bare(given: dict[str, Any]) -> dict[str, Any]:
    """The same answers with httpx and json alone."""
    import httpx

    operations = _operations()
    account = operations.items.reader("cj")
    token = operations.accounts.login(account.id).tokens().secrets["access_token"]
    base = str(operations.suppliers.show("cj").config["base_url"])
    with httpx.Client(headers={"CJ-Access-Token": token}) as client:
        started = time.process_time()
        for ref in given["refs"]:
            answer = client.get(
                f"{base}/product/query", params={"pid": ref, "features": "enable_inventory"}
            )
            assert json.loads(answer.content)["code"] == 200
        return {"cpu_seconds": time.process_time() - started}


STEPS = {"read": _read, "fetch": _fetch, "bare": _bare}

if __name__ == "__main__":
    raise SystemExit(main())
