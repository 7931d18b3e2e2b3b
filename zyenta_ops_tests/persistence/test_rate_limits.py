"""Slots are handed out in order, once, to readers and orders, on both databases.

On PostgreSQL the server's clock is used, so there only differences between slots are exact.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier

import pytest
from sqlalchemy import select, update

from zyenta_ops.domain.supplier_errors import RateLimited, RateScope
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.rate_limits import RateLimits
from zyenta_ops.persistence.schema import rate_limit
from zyenta_ops.ports.gateway import Allowance
from zyenta_ops_tests.conftest import FixedClock

ONE_A_SECOND = Allowance("cj:user:a", 1.0)


@dataclass
class Sleeper:
    """Sleeps by moving the clock, and remembers."""

    clock: FixedClock
    slept: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.clock.advance(seconds=seconds)


@pytest.fixture
def sleeper(clock: FixedClock) -> Sleeper:
    return Sleeper(clock)


@pytest.fixture
def limits(sqlite_url: str, clock: FixedClock, sleeper: Sleeper) -> RateLimits:
    return RateLimits(Database(sqlite_url), clock, sleeper)


def rows(database: Database) -> dict[str, tuple[int, int]]:
    with database.read() as records:
        found = records.connection.execute(select(rate_limit)).all()
    return {row.key: (row.next_at, row.used) for row in found}


def test_requests_of_one_account_are_an_interval_apart(
    limits: RateLimits, sleeper: Sleeper
) -> None:
    for _ in range(4):
        limits.acquire([ONE_A_SECOND])

    assert sleeper.slept == [0, 1, 1, 1]


def test_after_a_quiet_time_a_burst_may_come_at_once(
    limits: RateLimits, sleeper: Sleeper, clock: FixedClock
) -> None:
    burst = Allowance("printful:token", 0.5, burst=3)
    for _ in range(5):
        limits.acquire([burst])
    clock.advance(seconds=60)
    for _ in range(4):
        limits.acquire([burst])

    assert sleeper.slept == [0, 0, 0, 0.5, 0.5, 0, 0, 0, 0.5]


def test_the_slowest_of_several_allowances_decides_and_all_are_counted(
    database: Database, clock: FixedClock
) -> None:
    sleeper = Sleeper(clock)
    limits = RateLimits(database, clock, sleeper)
    address = Allowance("cj:ip", 0.1)
    limits.acquire([ONE_A_SECOND, address])
    before = rows(database)

    limits.acquire([ONE_A_SECOND, address], urgent=True)

    after = rows(database)
    assert after["cj:user:a"][0] - before["cj:user:a"][0] == 1_000_000
    assert {key: used for key, (_, used) in after.items()} == {"cj:user:a": 2, "cj:ip": 2}


def test_accounts_do_not_wait_for_one_another(limits: RateLimits, sleeper: Sleeper) -> None:
    limits.acquire([ONE_A_SECOND])
    limits.acquire([Allowance("cj:user:b", 1.0)])

    assert sleeper.slept == [0, 0]


def test_an_order_goes_before_readers_that_wait(database: Database, clock: FixedClock) -> None:
    order = RateLimits(database, clock, lambda _: None)
    order.acquire([ONE_A_SECOND])
    order.acquire([ONE_A_SECOND], urgent=True)  # takes the next slot and still waits for it
    looks: list[float] = []

    def give_up(seconds: float) -> None:
        looks.append(seconds)
        raise InterruptedError

    reader = RateLimits(database, clock, give_up)
    used = rows(database)["cj:user:a"][1]
    with pytest.raises(InterruptedError):
        reader.acquire([ONE_A_SECOND])

    assert 0 < looks[0] <= 1.01
    assert rows(database)["cj:user:a"][1] == used


def test_a_wait_beyond_patience_is_refused_and_counts_nothing(
    database: Database, clock: FixedClock
) -> None:
    limits = RateLimits(database, clock, lambda _: None, patience_seconds=5)
    slow = Allowance("cj:login", 300)
    limits.acquire([slow])
    before = rows(database)

    with pytest.raises(RateLimited) as caught:
        limits.acquire([slow])

    assert caught.value.scope is RateScope.RATE
    assert 299 < (caught.value.retry_after or 0) <= 300
    assert rows(database) == before


def test_a_penalty_holds_for_everybody_and_a_shorter_one_does_not_end_it(
    limits: RateLimits, sleeper: Sleeper
) -> None:
    limits.penalize(ONE_A_SECOND.key, 10)
    limits.penalize(ONE_A_SECOND.key, 2)

    limits.acquire([ONE_A_SECOND], urgent=True)

    assert sleeper.slept == [10]


def test_a_long_penalty_is_a_pause_until_it_is_over_or_lifted(
    database: Database, clock: FixedClock
) -> None:
    limits = RateLimits(database, clock, lambda _: None)
    other = Allowance("cj:account:a:query", 1.0)
    both = [other, ONE_A_SECOND]
    assert limits.paused_until(both) is None
    limits.penalize(other.key, 20)
    assert limits.paused_until(both) is None  # a call waits for that
    limits.penalize(ONE_A_SECOND.key, 3_600)

    assert limits.paused_until([other]) is None
    assert limits.paused_until(both) is not None
    with pytest.raises(RateLimited, match=r"^the supplier may be asked again only in 3"):
        limits.acquire(both)

    limits.lift(both)
    assert limits.paused_until(both) is None
    limits.acquire(both)


def test_the_days_quota_ends_at_midnight_and_keeps_a_share_for_orders(
    limits: RateLimits, clock: FixedClock, sqlite_url: str
) -> None:
    quota = Allowance("cj:user:a:query", 0.001, per_day=40)
    for _ in range(38):
        limits.acquire([quota])
    assert limits.left_today(quota) == 0
    before = rows(Database(sqlite_url))

    with pytest.raises(RateLimited) as caught:
        limits.acquire([quota])

    assert caught.value.scope is RateScope.DAY
    assert caught.value.retry_after == 12 * 3_600  # the clock shows noon
    assert "38 of 40 requests, the others are kept for orders" in str(caught.value)
    assert rows(Database(sqlite_url)) == before
    for _ in range(2):
        limits.acquire([quota], urgent=True)
    with pytest.raises(RateLimited, match="40 of 40 requests\\)"):
        limits.acquire([quota], urgent=True)

    clock.advance(hours=12)
    assert limits.left_today(quota) == 38
    limits.acquire([quota])
    assert limits.left_today(quota) == 37


def test_without_a_quota_there_is_no_number_left(limits: RateLimits) -> None:
    assert limits.left_today(ONE_A_SECOND) is None


def test_nothing_is_left_while_the_supplier_wants_to_be_left_alone(
    limits: RateLimits, clock: FixedClock
) -> None:
    quota = Allowance("cj:user:a:query", 0.001, per_day=40)
    for allowance in (quota, ONE_A_SECOND):
        limits.penalize(allowance.key, 20)
    assert [limits.left_today(each) for each in (quota, ONE_A_SECOND)] == [38, None]
    for allowance in (quota, ONE_A_SECOND):
        limits.penalize(allowance.key, 3_600)

    assert [limits.left_today(each) for each in (quota, ONE_A_SECOND)] == [0, 0]

    clock.advance(hours=1)
    assert [limits.left_today(each) for each in (quota, ONE_A_SECOND)] == [38, None]


def test_the_server_s_clock_decides_on_postgresql_and_ours_on_sqlite(
    database: Database, clock: FixedClock
) -> None:
    RateLimits(database, clock, lambda _: None).acquire([ONE_A_SECOND])

    ours = int(clock().timestamp() * 1_000_000) + 1_000_000
    same = rows(database)["cj:user:a"][0] == ours
    assert same is (database.engine.dialect.name == "sqlite")


def test_two_who_meet_get_two_slots(database: Database, clock: FixedClock) -> None:
    limits = RateLimits(database, clock, lambda _: None)
    together = Barrier(8)

    def take() -> None:
        together.wait()
        limits.acquire([ONE_A_SECOND, Allowance("cj:ip", 0.1)], urgent=True)

    with ThreadPoolExecutor(8) as threads:
        for each in [threads.submit(take) for _ in range(8)]:
            each.result()

    assert {key: used for key, (_, used) in rows(database).items()} == {
        "cj:user:a": 8,
        "cj:ip": 8,
    }


def test_a_row_left_far_ahead_by_a_wrong_clock_is_refused_not_waited_for(
    database: Database, clock: FixedClock
) -> None:
    limits = RateLimits(database, clock, lambda _: None)
    limits.acquire([ONE_A_SECOND])
    with database.write() as records:
        records.connection.execute(update(rate_limit).values(next_at=rate_limit.c.next_at + 10**12))

    with pytest.raises(RateLimited):
        limits.acquire([ONE_A_SECOND], urgent=True)
