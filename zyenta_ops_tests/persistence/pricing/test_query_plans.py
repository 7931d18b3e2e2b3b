"""Queries that run every minute, or over whole stores, are answered from their indexes."""

from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import event

from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.fx import Conversion
from zyenta_ops.domain.price_decisions import PriceBasis
from zyenta_ops.domain.pricing import PricingStrategy
from zyenta_ops.persistence.engine import Database
from zyenta_ops.ports import Repositories

BASIS = PriceBasis.of(PricingStrategy(), Conversion.identity("EUR"))


def run_marks(records: Repositories) -> None:
    list(records.prices.marks())


def run_due_page(records: Repositories) -> None:
    records.prices.due_page("store", "supplier", "EUR", BASIS, "", 1_000)


def run_below_floor(records: Repositories) -> None:
    records.prices.below_floor("supplier", 10)


def run_pending(records: Repositories) -> None:
    records.price_decisions.asking("store", 10)


def run_waiting(records: Repositories) -> None:
    list(records.price_decisions.waiting_pages("store", 10))


def run_history(records: Repositories) -> None:
    with suppress(NotFound):
        records.price_decisions.history("variant", 10)


@pytest.mark.parametrize(
    ("run", "indexes"),
    [
        (run_marks, {"ix_product_variant_priced"}),
        (run_due_page, {"ix_product_variant_sync", "uq_price_decision_open"}),
        (run_below_floor, {"ix_product_variant_below_floor"}),
        (run_pending, {"ix_price_decision_asking"}),
        (run_waiting, {"ix_price_decision_asking"}),
        (run_history, {"ix_price_decision_history"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_no_table_that_grows_is_read_whole(
    sqlite_database: Database, run: Any, indexes: set[str]
) -> None:
    plan = " | ".join(plan_of(sqlite_database, run))
    for index in indexes:
        assert f"INDEX {index}" in plan
    assert "SCAN product_variant" not in plan
    assert "SCAN price_decision" not in plan
    if run is not run_below_floor:  # sorts the few it finds by name
        assert "USE TEMP B-TREE" not in plan


def plan_of(database: Database, run: Any) -> list[str]:
    """SQLite's plan of the first statement that `run` executes."""
    statements: list[tuple[str, Any]] = []

    def remember(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", remember)
    with database.read() as records:
        run(records)
        event.remove(database.engine, "before_cursor_execute", remember)
        statement, parameters = next(each for each in statements if "FROM" in each[0])
        rows = records.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [str(row.detail) for row in rows]
