"""Two processes that tell of the same changes at once, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread
from typing import Any

import pytest

from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import alert, product_change
from zyenta_ops_tests.conftest import CountingIds, FixedClock
from zyenta_ops_tests.operations.alerts.shop import SUPPLIER, Shop, a_shop

WORKERS = 4


@pytest.fixture
def shop(database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    return a_shop(database, clock, new_id)


def at_once(shop: Shop, act: Callable[[Shop], Any]) -> None:
    """Let several workers, each with connections of its own, do the same at the same time."""
    barrier = Barrier(WORKERS)

    def work(number: int) -> None:
        database = Database(shop.database.url.render_as_string(hide_password=False))
        barrier.wait()
        act(Shop(database, shop.clock, CountingIds(10_000 * (number + 1))))
        database.dispose()

    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(work, range(WORKERS)))


def test_workers_that_tell_at_once_raise_one_alert_and_send_one_mail(shop: Shop) -> None:
    for number in range(20):
        (variant,) = shop.sells(f"item{number}")
        shop.sells_out(variant)

    at_once(shop, lambda each: each.alerts.tell(SUPPLIER, None, None))

    assert [row["title"] for row in shop.rows(alert)] == ["20 products out of stock"]
    assert len(shop.mails()) == 1
    assert all(row["told_at"] for row in shop.rows(product_change))


def test_workers_that_report_the_same_failure_at_once_open_its_alerts_once(shop: Shop) -> None:
    shop.sells("bottle")

    at_once(shop, lambda each: each.alerts.report_sync_failure(SUPPLIER, "it broke", None))

    assert sorted(str(row["store_id"]) for row in shop.rows(alert)) == ["None", "store-my-shop"]
    assert len(shop.mails()) == 2


def test_workers_that_resolve_an_alert_at_once_do_it_once(shop: Shop) -> None:
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)
    shop.alerts.tell(SUPPLIER, None, None)
    shop.stock(bottle, 9, "RESTOCKED")
    resolved: list[int] = []

    def act(each: Shop) -> None:
        resolved.append(sum(each.alerts.tell(SUPPLIER, None, None).resolved.values()))

    at_once(shop, act)

    assert sorted(resolved) == [0, 0, 0, 1]


def test_who_tells_a_store_waits_for_who_is_telling_it(shop: Shop) -> None:
    """Else two sweeps that overlap would each name a variant that went out in both."""
    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)
    second = Shop(
        Database(shop.database.url.render_as_string(hide_password=False)),
        shop.clock,
        CountingIds(50_000),
    )
    telling = Thread(target=lambda: second.alerts.tell(SUPPLIER, None, None))

    with shop.database.write() as records:
        records.alert_facts.lock_store(shop.store_id)
        telling.start()
        telling.join(0.3)
        assert telling.is_alive()
    telling.join(30)

    assert not telling.is_alive()
    second.database.dispose()
    assert len(shop.rows(alert)) == 1


def test_a_failing_transaction_leaves_the_changes_untold(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zyenta_ops.persistence.notifications import Outbox

    (bottle,) = shop.sells("bottle")
    shop.sells_out(bottle)
    before = shop.everything()

    def broken(*_: Any) -> int:
        raise ConnectionError("the disk is full")

    monkeypatch.setattr(Outbox, "enqueue", broken)
    (fault,) = shop.alerts.tell(SUPPLIER, None, None).faults

    assert fault.endswith(": ConnectionError")
    assert shop.everything() == before
    monkeypatch.undo()
    shop.alerts.tell(SUPPLIER, None, None)
    assert (len(shop.rows(alert)), len(shop.mails())) == (1, 1)
