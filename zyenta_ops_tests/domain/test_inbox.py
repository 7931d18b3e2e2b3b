"""How long events are tried, and when somebody is taken to have gone quiet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zyenta_ops.domain.inbox import MAX_ATTEMPTS, rest_after, wait_after


def test_an_event_is_tried_ten_times_in_about_three_hours() -> None:
    waits = [wait_after(attempts) for attempts in range(1, MAX_ATTEMPTS)]

    assert MAX_ATTEMPTS == 10
    assert waits[0] == timedelta(seconds=30)
    assert waits == sorted(waits)
    assert sum(waits, timedelta()) == timedelta(hours=3, minutes=3, seconds=30)


@pytest.mark.parametrize(
    ("asked_for", "rest"),
    [(None, 60), (0, 0), (7, 7), (float("inf"), 3600)],
)
def test_whoever_does_not_answer_rests_as_long_as_they_ask(
    asked_for: float | None, rest: int
) -> None:
    assert rest_after(asked_for) == timedelta(seconds=rest)
