from __future__ import annotations

from zyenta_ops.web.buckets import Buckets


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    now = [100.0]
    buckets = Buckets(rate=10, burst=3, monotonic=lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 0]
    assert round(buckets.take("a"), 6) == 0.1
    now[0] += 0.1
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0


def test_a_bucket_is_never_more_than_full_and_others_are_others() -> None:
    now = [0.0]
    buckets = Buckets(rate=10, burst=2, monotonic=lambda: now[0])
    now[0] += 3_600
    assert [buckets.take("a") > 0 for _ in range(3)] == [False, False, True]
    assert buckets.take("b") == 0
