from __future__ import annotations

from datetime import timedelta

import pytest

from zyenta_ops.sandbox.chance import between, chance, pick
from zyenta_ops.sandbox.clock import START, Clock


def test_a_standing_clock_moves_only_when_advanced() -> None:
    clock = Clock.standing()

    assert (clock(), clock()) == (START, START)
    assert clock.advance(timedelta(hours=3)) == START + timedelta(hours=3) == clock()


def test_a_running_clock_is_its_source_plus_what_was_advanced() -> None:
    times = iter([START, START + timedelta(seconds=5), START + timedelta(seconds=6)])
    clock = Clock(lambda: next(times))

    assert clock() == START
    assert clock.advance(timedelta(days=1)) == START + timedelta(days=1, seconds=5)
    assert clock() == START + timedelta(days=1, seconds=6)


def test_time_does_not_go_back() -> None:
    clock = Clock.standing()

    with pytest.raises(ValueError, match="only goes forward"):
        clock.advance(timedelta(seconds=-1))
    assert clock() == START


def test_the_same_words_draw_the_same() -> None:
    draws = [chance(7, "order", number) for number in range(1_000)]

    assert draws == [chance(7, "order", number) for number in range(1_000)]
    assert len(set(draws)) == 1_000
    assert 0.45 < sum(draws) / 1_000 < 0.55
    assert chance("ab", "c") != chance("a", "bc")


def test_draws_stay_within_what_was_offered() -> None:
    assert {pick("abc", n) for n in range(100)} == {"a", "b", "c"}
    assert {between(3, 5, n) for n in range(100)} == {3, 4, 5}
