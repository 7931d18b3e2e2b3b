"""What `orders show` says of an entry of the timeline."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from zyenta_ops.cli.orders import what_happened
from zyenta_ops.domain.orders import EventKind, OrderEvent

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("PENDING", "PAID", "PAYMENT_CHANGED PENDING → PAID"),
        ("PARTIALLY_REFUNDED", "PARTIALLY_REFUNDED", "PAYMENT_CHANGED"),
    ],
)
def test_a_status_that_stays_is_no_step(before: str, after: str, said: str) -> None:
    event = OrderEvent(
        *("e1", "o1", AT, EventKind.PAYMENT_CHANGED, "stripe", "3.00 EUR was refunded"),
        before={"payment": before, "refunded_minor": 500},
        after={"payment": after, "refunded_minor": 800},
    )

    assert what_happened(event) == said
