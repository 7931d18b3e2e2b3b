"""Workers are killed in the middle of a sweep and run into each other; stores never notice."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Barrier, Event

import pytest
from sqlalchemy import func, select

from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import catalog_sweep, offer_observation
from zyenta_ops_tests.defs.world import a_feed
from zyenta_ops_tests.journeys.shop import FEED, Shop, a_shop, document, half
from zyenta_ops_tests.journeys.worker import start

PATIENCE = 60


def outcome(worker: subprocess.Popen[str]) -> int:
    _, complaints = worker.communicate(timeout=PATIENCE)
    assert worker.returncode in (0, -signal.SIGKILL), complaints
    return worker.returncode


def sweeps(shop: Shop) -> list[str]:
    """The status of every sweep, oldest first."""
    database = Database(shop.settings.database)
    with database.read() as records:
        query = select(catalog_sweep.c.status).order_by(catalog_sweep.c.sequence)
        found = list(records.connection.execute(query).scalars())
    database.dispose()
    return found


def staged(shop: Shop) -> int:
    """Differences of sweeps that are still running."""
    database = Database(shop.settings.database)
    with database.read() as records:
        query = (
            select(func.count())
            .select_from(offer_observation.join(catalog_sweep))
            .where(catalog_sweep.c.status == "RUNNING")
        )
        found = records.connection.execute(query).scalar_one()
    database.dispose()
    return found


def test_a_worker_killed_while_the_feed_arrives_leaves_everything_as_it_was(shop: Shop) -> None:
    shop.supplier("--preset", "shopify")
    shop.store()
    before = shop.stocks()
    shop.feed.rows[0]["Variant Inventory Qty"] = "0"
    reached, released = Event(), Event()
    shop.server.routes[FEED] = half(shop.feed.document(), reached, released)

    worker = start(shop.settings, "fjord")
    assert reached.wait(PATIENCE)
    worker.kill()
    assert outcome(worker) == -signal.SIGKILL
    released.set()

    assert shop.stocks() == before
    assert sweeps(shop) == ["PROMOTED", "RUNNING"]
    shop.serve_feed()
    shop.sync()
    assert sweeps(shop) == ["PROMOTED", "SUPERSEDED", "PROMOTED"]
    assert shop.stocks() == dict.fromkeys(before, 20) | {"p01": 0}


@pytest.mark.soak
def test_a_worker_killed_while_it_compares_leaves_nothing_half_applied(shop: Shop) -> None:
    shop.supplier("--preset", "shopify")
    shop.store()
    # Ten thousand new products are compared in several chunks, each staged by itself.
    shop.feed = a_feed(10_000)
    shop.feed.rows[0]["Variant Inventory Qty"] = "0"
    shop.serve_feed()

    worker = start(shop.settings, "fjord")
    deadline = time.monotonic() + PATIENCE
    while not staged(shop) and time.monotonic() < deadline:
        time.sleep(0.005)
    worker.kill()
    assert outcome(worker) == -signal.SIGKILL

    assert staged(shop) > 0
    assert sweeps(shop) == ["PROMOTED", "RUNNING"]
    assert set(shop.stocks().values()) == {None}
    shop.sync()
    assert sweeps(shop) == ["PROMOTED", "SUPERSEDED", "PROMOTED"]
    assert staged(shop) == 0
    stocks = shop.stocks()
    assert (len(stocks), stocks["p01"], stocks["p12"]) == (12, 0, 20)
    connection = sqlite3.connect(shop.settings.home / "zyenta.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
def any_shop(request: pytest.FixtureRequest, home: Path) -> Iterator[Shop]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with a_shop(home, url) as shop:
        yield shop


def test_two_workers_on_one_supplier_do_the_work_once(any_shop: Shop) -> None:
    shop = any_shop
    shop.supplier("--preset", "shopify")
    shop.store()
    shop.sync()
    shop.feed.rows[0]["Variant Inventory Qty"] = "0"
    shop.feed.rows[1]["Variant Inventory Qty"] = "2"
    content = document(shop.feed.document())
    both = Barrier(2)

    def together(request: BaseHTTPRequestHandler) -> None:
        both.wait(PATIENCE)
        content(request)

    shop.server.routes[FEED] = together
    workers = [start(shop.settings, "fjord") for _ in range(2)]

    assert [outcome(worker) for worker in workers] == [0, 0]
    assert sorted(sweeps(shop)[2:]) in (["PROMOTED", "PROMOTED"], ["PROMOTED", "SUPERSEDED"])
    stocks = shop.stocks()
    assert (stocks["p01"], stocks["p02"], stocks["p03"]) == (0, 2, 20)
    assert shop.alerts() == [("STOCK_LOW", "OPEN"), ("STOCK_OUT", "OPEN")]
    assert len(shop.command("outbox", "list")) == 2
