"""Claim: a supplier feed is read in flat memory, a million rows in well under a minute.

Writes feeds of 100,000 and 1,000,000 rows (Shopify CSV with costs; one row in four begins a
product), reads each to its end in a fresh process, in turn, and compares peak memory.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

SMALL, LARGE = 100_000, 1_000_000
MOST_SECONDS = 60
MOST_GROWTH = 1.3
HEADER = (
    "Handle,Title,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,"
    "Variant Inventory Policy,Variant Price,Image Src,Cost per item,Status\n"
)


def write_feed(path: Path, rows: int) -> None:
    """A Shopify export of so many variants, the same on every run."""
    chance = random.Random(rows)
    with path.open("w") as file:
        file.write(HEADER)
        for row in range(rows):
            product, first = row // 4, row % 4 == 0
            head = f"Product {product},true,Size" if first else ",,"
            price, cost = chance.randrange(100, 20_000), chance.randrange(100, 9_000)
            file.write(
                f"product-{product},{head},S{row % 4},SKU-{row},{chance.randrange(200)},deny,"
                f"{price / 100:.2f},https://img.example.com/{row}.jpg,{cost / 100:.2f},"
                f"{'active' if first else ''}\n"
            )


def read_feed(path: Path) -> dict[str, float]:
    """Read a feed to its end in this process."""
    from zyenta_ops.adapters.suppliers.feed import FeedConfig, FeedSource
    from zyenta_ops.domain.catalog import Market, Offer

    started = time.perf_counter()
    with FeedSource(FeedConfig(location=str(path)), Market("US", "USD")).open(None) as reading:
        offers = sum(isinstance(entry, Offer) for entry in reading.entries)
    return {
        "offers": offers,
        "seconds": time.perf_counter() - started,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measured(path: Path) -> dict[str, float]:
    """Read a feed in a fresh process."""
    command = [sys.executable, __file__, "--read", str(path)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(answer.stdout)
    return result


def report(runs: int) -> dict[str, Any]:
    """Both sizes, interleaved; every figure is a median over the runs."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.csv", Path(folder) / "large.csv"
        write_feed(small, SMALL)
        write_feed(large, LARGE)
        results = [(measured(small), measured(large)) for _ in range(runs)]
    for fewer, more in results:
        if (fewer["offers"], more["offers"]) != (SMALL, LARGE):
            raise SystemExit("a feed was not read in full")
    growth = statistics.median(more["peak_mib"] / fewer["peak_mib"] for fewer, more in results)
    seconds = statistics.median(more["seconds"] for _, more in results)
    return {
        "machine": {"system": platform.platform(), "processor": platform.machine()},
        "versions": {"python": platform.python_version(), "numpy": version("numpy")},
        "runs": runs,
        "claims": [
            claim("peak memory, 1M rows over 100k rows", growth, "ratio", MOST_GROWTH),
            claim("time to read 1M rows", seconds, "s", MOST_SECONDS),
        ],
        "rows_per_second": round(LARGE / seconds),
        "peak_mib": round(statistics.median(more["peak_mib"] for _, more in results), 1),
    }


def claim(name: str, value: float, unit: str, target: float) -> dict[str, Any]:
    """A figure that must not exceed its target."""
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "target": target,
        "met": value <= target,
    }


def main() -> int:
    """Run, print, and exit 1 when a claim is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(read_feed(options.read)))
        return 0
    result = report(options.runs)
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        print(f"median of {result['runs']} runs, {result['rows_per_second']:,} rows/s")
        for each in result["claims"]:
            mark = "met" if each["met"] else "NOT MET"
            print(f"{each['name']}: {each['value']} {each['unit']} (≤ {each['target']}) {mark}")
    return 0 if all(each["met"] for each in result["claims"]) else 1


if __name__ == "__main__":
    sys.exit(main())
