from __future__ import annotations

from datetime import UTC, datetime, timedelta

from zyenta_ops.domain.notifications import MAX_ATTEMPTS, next_attempt

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def test_waits_double_up_to_two_hours_within_a_quarter() -> None:
    for attempts in range(1, MAX_ATTEMPTS):
        at = next_attempt("m1", attempts, NOW)
        assert at is not None
        wait = min(timedelta(minutes=2 ** (attempts - 1)), timedelta(hours=2))
        assert wait * 0.75 <= at - NOW <= wait * 1.25


def test_messages_deferred_together_come_back_apart_and_always_the_same() -> None:
    times = {next_attempt(f"m{number}", 7, NOW) for number in range(50)}

    assert len(times) > 40
    assert next_attempt("m1", 7, NOW) == next_attempt("m1", 7, NOW)


def test_after_the_last_attempt_there_is_no_next() -> None:
    assert next_attempt("m1", MAX_ATTEMPTS, NOW) is None
    assert next_attempt("m1", MAX_ATTEMPTS + 1, NOW) is None
