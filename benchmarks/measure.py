"""What the benchmark scripts share: claims, fresh processes, and how a result is told.

A script runs alone from a checkout, prints one JSON object with `--json` and a table without it,
and exits 1 when a claim is not met. Both sides of a ratio are measured in the same run, in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Claim:
    """A figure with the target it is held to."""

    name: str
    value: float
    unit: str
    target: float
    met: bool
    bound: str  # how value and target must compare, for people


def at_most(name: str, value: float, target: float, unit: str = "x") -> Claim:
    """A claim that a figure does not exceed its target."""
    return Claim(name, round(value, 3), unit, target, value <= target, "<=")


def at_least(name: str, value: float, target: float, unit: str = "x") -> Claim:
    """A claim that a figure reaches its target."""
    return Claim(name, round(value, 3), unit, target, value >= target, ">=")


@dataclass
class Report:
    """The outcome of a script; every figure is a median over `runs`.

    `figures` are measurements behind the claims, by name, with their unit in the name.
    """

    title: str
    runs: int
    packages: tuple[str, ...] = ()
    claims: list[Claim] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    def tell(self, as_json: bool) -> int:
        """Print the report; the exit status of the script."""
        if as_json:
            print(json.dumps(self._document(), indent=2))
        else:
            self._print_table()
        return 0 if all(claim.met for claim in self.claims) else 1

    def _document(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "machine": machine(),
            "versions": {"python": platform.python_version()}
            | {package: version(package) for package in self.packages},
            "runs": self.runs,
            "claims": [asdict(claim) for claim in self.claims],
            "figures": {name: round(value, 3) for name, value in self.figures.items()},
        }

    def _print_table(self) -> None:
        print(f"{self.title}\nmedians of {self.runs} run{'s' if self.runs != 1 else ''}\n")
        for name, value in self.figures.items():
            print(f"  {name:<58} {value:>12,.2f}")
        print()
        for claim in self.claims:
            verdict = "met" if claim.met else "NOT MET"
            figure = f"{claim.value:,g} {claim.unit}"
            print(f"  {claim.name:<58} {figure:>12}  {claim.bound} {claim.target:g}  {verdict}")


def options(description: str | None, runs: int) -> argparse.ArgumentParser:
    """A parser that knows what every script knows."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--runs", type=int, default=runs, help="figures are medians of this many")
    return parser


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    return {
        "system": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
    }


def timed(work: Callable[[], T], clock: Callable[[], float] = time.perf_counter) -> tuple[float, T]:
    """Seconds taken, and the result.

    They are of wall time; with `time.process_time` as the clock they are of processor time of this
    process, to which busy neighbours add little.
    """
    started = clock()
    result = work()
    return clock() - started, result


def median(values: Sequence[float]) -> float:
    """The median; of an even number, the mean of the middle two."""
    return statistics.median(values)


def peak_mib() -> float:
    """The most memory this process has held resident so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_fresh_process(script: str, *arguments: object) -> Any:
    """Run a script with these arguments and read the JSON it prints."""
    command = [sys.executable, script, *map(str, arguments)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(answer.stdout)
