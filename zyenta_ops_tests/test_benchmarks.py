"""The benchmarks' other ways to write a catalogue go along with the tables they write to."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import supplier_offer

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
VARIANTS = 200  # of which six change from one generation to the next


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return import_module("catalog_ways")


def test_every_way_to_write_a_catalogue_still_writes_it(ways: Any, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/zyenta.db"
    ways.Step(url, VARIANTS, 0).prepare()

    ways.Step(url, VARIANTS, 1).as_planned()
    assert stock_in(url) == sum(10 + number % 90 for number in range(VARIANTS)) + 6

    for generation, way in enumerate(("changed_row_by_row", "row_by_row", "upsert"), start=2):
        getattr(ways.Step(url, VARIANTS, generation), way)()
        expected = sum(10 + number % 90 for number in range(VARIANTS)) + 6 * generation
        assert stock_in(url) == expected, way


def stock_in(url: str) -> int:
    database = Database(url)
    with database.read() as records:
        total: int = records.connection.execute(
            select(func.sum(supplier_offer.c.stock))
        ).scalar_one()
    database.dispose()
    return total
