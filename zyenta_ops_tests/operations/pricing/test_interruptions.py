"""Processes that die or meet while they price."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from zyenta_ops.domain.stores import SweepScope
from zyenta_ops.operations.pricing import Pricing
from zyenta_ops.persistence.engine import Database
from zyenta_ops_tests.operations.pricing.shop import Shop

Result = TypeVar("Result")
SCOPE = SweepScope()

# Prices two stores and kills itself when it asks for its nth id.
CHILD = """
import itertools, os, signal, sys
from datetime import UTC, datetime
from zyenta_ops.domain.stores import SweepScope
from zyenta_ops.operations.pricing import Pricing
from zyenta_ops.persistence.engine import Database

ids = itertools.count()

def new_id():
    number = next(ids)
    if number == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return f"child-{number:06d}"

clock = lambda: datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
Pricing(Database(sys.argv[1]), clock, new_id).reprice("my-feed", SweepScope())
"""


def url_of(shop: Shop) -> str:
    return shop.database.url.render_as_string(hide_password=False)


# Each store asks for an id for its log, 5 for decisions and 5 for changes.
@pytest.mark.parametrize("dies_at", [3, 8, 11, 14])
def test_a_killed_run_leaves_whole_pages_and_the_next_run_does_the_rest(
    shop: Shop, dies_at: int
) -> None:
    shop.add_store("fast", sync_frequency="HIGH")
    variants = {
        name: [shop.add_variant(f"p{number}", shop=name) for number in range(5)]
        for name in ("fast", "my-shop")
    }
    child = subprocess.run(
        [sys.executable, "-c", CHILD, url_of(shop), str(dies_at)], check=False, timeout=60
    )
    assert child.returncode == -signal.SIGKILL
    finished = dies_at >= 11
    assert {shop.price(each) for each in variants["fast"]} == {1499 if finished else None}
    assert {shop.price(each) for each in variants["my-shop"]} == {None}
    assert len(shop.decisions()) == len(shop.moves()) == (5 if finished else 0)

    assert shop.reprice().total("applied") == (5 if finished else 10)
    assert {shop.price(each) for name in variants for each in variants[name]} == {1499}
    assert len(shop.decisions()) == len(shop.moves()) == 10


def test_two_runs_at_once_decide_everything_once(shop: Shop) -> None:
    variants = [shop.add_variant(f"p{number:02d}") for number in range(30)]
    shop.reprice()
    for number, variant in enumerate(variants):
        shop.cost(variant, "11.50 EUR" if number % 2 else "18.00 EUR")
    reports = at_once(shop, lambda pricing: pricing.reprice("my-feed", SCOPE))
    assert [report.failed for report in reports] == [0, 0]
    assert sum(report.total("applied") for report in reports) == 15
    assert sum(report.total("waiting") for report in reports) == 15
    assert [shop.price(each) for each in variants] == [1800, 1699] * 15
    assert sorted(shop.statuses()) == ["APPLIED"] * 45 + ["WAITING"] * 15
    assert len(shop.moves()) == 60


def test_two_people_approving_at_once_move_the_price_once(shop: Shop) -> None:
    variant = shop.add_variant(cost="10.00 EUR")
    shop.reprice()
    shop.cost(variant, "18.00 EUR")
    shop.reprice()
    decision = shop.decisions()[1].id
    approvals = at_once(shop, lambda pricing: pricing.approve(decision))
    assert [each.decision.status for each in approvals] == ["APPROVED", "APPROVED"]
    assert shop.moves()[2:] == [(1800, 2699, "EUR")]


def at_once(shop: Shop, work: Callable[[Pricing], Result]) -> list[Result]:
    """The results of the same work done by two threads with connections of their own."""
    barrier = threading.Barrier(2)
    results: list[Result] = []

    def run(name: str) -> None:
        database = Database(url_of(shop))
        ids = (f"{name}-{number:06d}" for number in range(10_000))
        pricing = replace(shop.pricing, database=database, new_id=lambda: next(ids))
        barrier.wait()
        results.append(work(pricing))
        database.dispose()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
