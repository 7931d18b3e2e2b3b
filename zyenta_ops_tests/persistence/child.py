"""A process of its own that sweeps or syncs `my-feed`, and may kill itself on the way.

    python -m zyenta_ops_tests.persistence.child '{"url": …, "work": "sweep", …}'

Prints the outcome. The kill is a real SIGKILL: nothing is rolled back, flushed or closed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zyenta_ops.domain.stores import SweepScope
from zyenta_ops.operations.catalog import Catalog
from zyenta_ops.operations.inventory import Inventory
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.sweeping import CHUNK, PAGE, SUPPLIER, HookedCatalogue, range_of

ROOT = Path(__file__).parents[2]


def start(**orders: Any) -> subprocess.Popen[str]:
    """Start a child; see `Child` for its orders."""
    command = [sys.executable, "-m", "zyenta_ops_tests.persistence.child", json.dumps(orders)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def outcome(child: subprocess.Popen[str]) -> tuple[int, str]:
    """How a child ended and what it printed; what it complained of is part of a failing test."""
    out, err = child.communicate(timeout=60)
    if child.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(err)
    return child.returncode, out.strip()


class DyingAt:
    """Counts calls and kills its process at one of them, when told to."""

    def __init__(self, fatal: int | None) -> None:
        self.fatal, self.calls = fatal, 0

    def __call__(self) -> None:
        self.calls += 1
        if self.calls == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


class Child:
    """Follows orders: work, name, size, stock; die_at_entry, die_at_clock, die_at_id; meet."""

    def __init__(self, orders: dict[str, Any]) -> None:
        self.orders = orders
        self.at_entry = DyingAt(orders.get("die_at_entry"))
        self.at_clock = DyingAt(orders.get("die_at_clock"))
        self.at_id = DyingAt(orders.get("die_at_id"))

    def run(self) -> str:
        database = Database(self.orders["url"])
        if self.orders["work"] == "sync":
            synced = Inventory(database, self.clock, self.new_id, PAGE).sync(SUPPLIER, SweepScope())
            return ",".join(store.status for store in synced.stores)
        source = HookedCatalogue(
            range_of(self.orders["size"], stock=self.orders["stock"]), before_entry=self.entry
        )
        catalog = Catalog(database, lambda _: source, self.clock, self.new_id, chunk=CHUNK)
        return catalog.sweep(SUPPLIER).status

    def clock(self) -> datetime:
        self.at_clock()
        return datetime.now(UTC)

    def new_id(self) -> str:
        self.at_id()
        return f"{self.orders['name']}-{self.at_id.calls}"

    def entry(self, number: int) -> None:
        self.at_entry()
        if "meet" in self.orders and number == self.orders["size"] // 2:
            self._wait_for_the_others()

    def _wait_for_the_others(self) -> None:
        place, expected = Path(self.orders["meet"]["at"]), self.orders["meet"]["of"]
        (place / self.orders["name"]).touch()
        while len(list(place.iterdir())) < expected:
            time.sleep(0.01)


if __name__ == "__main__":
    sys.stdout.write(Child(json.loads(sys.argv[1])).run())
