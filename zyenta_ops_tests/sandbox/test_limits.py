from __future__ import annotations

from datetime import timedelta

from zyenta_ops.sandbox.clock import Clock
from zyenta_ops.sandbox.limits import Limits, Rate
from zyenta_ops.sandbox.wire import Call

ONE_PER_SECOND = Rate(calls=1, seconds=1)


def call() -> Call:
    return Call("cj", "GET", "/product/query")


def test_a_second_call_within_the_second_waits_and_is_counted() -> None:
    limits = Limits(Clock.standing())
    first, second = call(), call()

    assert limits.wait(first, "demo", ONE_PER_SECOND) == 0
    assert limits.wait(second, "demo", ONE_PER_SECOND) == 0.5
    assert (first.violation, second.violation) == ("", "rate:demo")
    assert limits.violations == {"rate:demo": 1}


def test_others_have_a_meter_of_their_own() -> None:
    limits = Limits(Clock.standing())

    assert limits.wait(call(), "demo", ONE_PER_SECOND) == 0
    assert limits.wait(call(), "second", ONE_PER_SECOND) == 0


def test_jitter_is_forgiven_but_a_faster_pace_is_not() -> None:
    clock = Clock.standing()
    limits = Limits(clock)
    waits = []
    for gap in (0, 1.2, 0.8, 1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9):
        clock.advance(timedelta(seconds=gap))
        waits.append(limits.wait(call(), "demo", ONE_PER_SECOND) == 0)

    assert waits == [True] * 7 + [False, True, True]


def test_a_burst_is_served_and_then_drips() -> None:
    clock = Clock.standing()
    limits = Limits(clock)
    rate = Rate(calls=120, seconds=60, burst=120)

    served = [limits.wait(call(), "token", rate) == 0 for _ in range(130)]

    assert served == [True] * 120 + [False] * 10
    clock.advance(timedelta(seconds=30))
    served = [limits.wait(call(), "token", rate) == 0 for _ in range(70)]
    assert served == [True] * 60 + [False] * 10


def test_a_refused_call_costs_nothing() -> None:
    clock = Clock.standing()
    limits = Limits(clock)
    limits.wait(call(), "demo", ONE_PER_SECOND)
    for _ in range(5):
        limits.wait(call(), "demo", ONE_PER_SECOND)

    clock.advance(timedelta(seconds=1))

    assert limits.wait(call(), "demo", ONE_PER_SECOND) == 0


def test_a_quota_lasts_until_midnight_utc() -> None:
    clock = Clock.standing()
    limits = Limits(clock)

    assert [limits.spend(call(), "query", 2) for _ in range(3)] == [True, True, False]
    assert (limits.spent("query"), limits.violations) == (2, {"quota:query": 1})
    clock.advance(timedelta(hours=12))
    assert limits.spend(call(), "query", 2)


def test_limits_that_are_not_enforced_let_through_what_they_count() -> None:
    limits = Limits(Clock.standing(), enforced=False)

    assert [limits.wait(call(), "demo", ONE_PER_SECOND) for _ in range(3)] == [0, 0, 0]
    assert [limits.spend(call(), "query", 1) for _ in range(2)] == [True, True]
    assert limits.violations == {"rate:demo": 2, "quota:query": 1}
