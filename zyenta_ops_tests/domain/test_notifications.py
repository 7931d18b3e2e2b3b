from __future__ import annotations

from datetime import UTC, datetime, timedelta

from zyenta_ops.domain.notifications import MAX_ATTEMPTS, Channel, most_attempts, next_attempt

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


def test_storefronts_are_tried_on_the_schedule_of_standard_webhooks() -> None:
    waits = []
    for attempts in range(1, most_attempts(Channel.STOREFRONT)):
        at = next_attempt("m1", attempts, NOW, Channel.STOREFRONT)
        assert at is not None
        waits.append((at - NOW) / timedelta(seconds=1))

    hours = [wait * 3_600 for wait in (2, 5, 10, 14, 20, 24)]
    for wait, expected in zip(waits, [5, 300, 1_800, *hours], strict=True):
        assert expected * 0.75 <= wait <= expected * 1.25
    assert next_attempt("m1", 10, NOW, Channel.STOREFRONT) is None


def test_a_recipient_that_wants_a_pause_gets_it_for_a_day_at_most() -> None:
    for pause, expected in (
        (timedelta(hours=3), timedelta(hours=3)),
        (timedelta(days=400), timedelta(days=1)),
    ):
        assert next_attempt("m1", 1, NOW, Channel.STOREFRONT, pause) == NOW + expected
    soon = next_attempt("m1", 9, NOW, Channel.STOREFRONT, timedelta(seconds=1))
    assert soon == next_attempt("m1", 9, NOW, Channel.STOREFRONT)
