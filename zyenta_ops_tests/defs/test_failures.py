from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from zyenta_ops.defs.failures import RETRY_POLICY
from zyenta_ops.operations.catalog import SweepReport
from zyenta_ops_tests.defs.world import World

SYNC_FAILURES = [("Ann", "SYNC_FAILURE", "OPEN"), ("internal", "SYNC_FAILURE", "OPEN")]


@pytest.fixture
def synced(world: World) -> World:
    world.supplier()
    world.store("Ann")
    assert world.run().success
    world.feed.rows[0]["Variant Inventory Qty"] = "0"
    return world


def test_three_attempts_wait_five_seconds_and_then_fifteen() -> None:
    assert RETRY_POLICY.max_retries == 2
    assert [RETRY_POLICY._replace(jitter=None).calculate_delay(n) for n in (1, 2)] == [5, 15]


@pytest.mark.usefixtures("no_waiting")
def test_a_source_that_recovers_within_its_attempts_is_nobodys_news(synced: World) -> None:
    synced.feeds.statuses = [503, 429]

    run = synced.run()

    assert run.success
    assert run.attempts["supplier_catalog"] == 3
    assert synced.stocks()["Ann p01"] == 0
    assert synced.alerts() == [("Ann", "STOCK_OUT", "OPEN")]


@pytest.mark.usefixtures("no_waiting")
def test_a_source_that_stays_away_is_reported_once_after_the_last_attempt(synced: World) -> None:
    synced.feeds.statuses = [503, 503, 503]
    stocks, prices = synced.stocks(), synced.prices()

    run = synced.run()

    assert run.attempts == {"supplier_catalog": 3}
    assert run.assets == {}
    assert run.failures["supplier_catalog"].endswith(
        "fjord.csv: the server answers HTTP 503; try again later\n"
    )
    assert (synced.stocks(), synced.prices()) == (stocks, prices)
    assert synced.alerts() == SYNC_FAILURES
    assert [recipient for recipient, _ in synced.mails()] == ["ops@localhost"]


@pytest.mark.usefixtures("no_waiting")
def test_a_source_that_will_never_work_is_not_asked_again(synced: World) -> None:
    synced.feeds.statuses = [404]
    asked, stocks = len(synced.feeds.requests), synced.stocks()

    run = synced.run()

    assert not run.success
    assert run.attempts == {"supplier_catalog": 1}
    assert len(synced.feeds.requests) == asked + 1
    assert synced.alerts() == SYNC_FAILURES
    assert synced.stocks() == stocks


@pytest.mark.usefixtures("no_waiting")
def test_a_bug_is_tried_again_and_left_to_the_run_failure_sensor(synced: World) -> None:
    class Broken:
        def sweep(self, *_: Any) -> SweepReport:
            raise RuntimeError("a bug")

    synced.operations = replace(synced.operations, catalog=Broken())  # type: ignore[arg-type]

    run = synced.run()

    assert run.attempts == {"supplier_catalog": 3}
    assert synced.alerts() == []


def test_the_next_good_sync_closes_what_was_reported(synced: World) -> None:
    synced.feeds.statuses = [404]
    synced.run()

    assert synced.run().success

    assert synced.alerts() == [
        ("Ann", "STOCK_OUT", "OPEN"),
        ("Ann", "SYNC_FAILURE", "RESOLVED"),
        ("internal", "SYNC_FAILURE", "RESOLVED"),
    ]


def test_a_paused_supplier_is_not_read_and_nobody_is_alarmed(synced: World) -> None:
    synced.operations.suppliers.pause("fjord")
    stocks, prices, asked = synced.stocks(), synced.prices(), len(synced.feeds.requests)

    run = synced.run()

    assert not run.success
    assert run.attempts == {"supplier_catalog": 1}
    assert (
        "the supplier 'fjord' is paused; let it be read again" in run.failures["supplier_catalog"]
    )
    assert len(synced.feeds.requests) == asked
    assert (synced.stocks(), synced.prices(), synced.alerts()) == (stocks, prices, [])


def test_a_supplier_that_is_resumed_is_read_again(synced: World) -> None:
    synced.operations.suppliers.pause("fjord")
    synced.run()

    synced.operations.suppliers.resume("fjord")

    assert synced.run().success
    assert synced.stocks()["Ann p01"] == 0
