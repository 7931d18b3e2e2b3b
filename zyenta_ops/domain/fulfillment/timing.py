"""When a supplier order is looked at again, and until when a stage should be over.

Waits are times in columns. Randomness is an argument: `roll` is one of 0 to 999.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from zyenta_ops.domain.fulfillment.stages import Stage

ROLLS: Final = 1_000

# The plan's: an order is placed within five minutes of being eligible, shows a tracking number
# within a week, and is looked at every six hours until it is sent, then daily.
PLACE_WITHIN: Final = timedelta(minutes=5)
TRACKED_WITHIN: Final = timedelta(days=7)
UNSENT_EVERY: Final = timedelta(hours=6)
SENT_EVERY: Final = timedelta(hours=24)
ARRIVING_EVERY: Final = timedelta(hours=6)
# A merchant who pays on the supplier's site would see within the hour that it was noticed.
UNPAID_EVERY: Final = timedelta(hours=1)
# Longer than the slowest call with all its waits; whoever died is replaced after that.
LEASE: Final = timedelta(minutes=10)
UNPAID_FOR: Final = timedelta(hours=24)

MOST_ATTEMPTS: Final = 3
# With the waits below that is two days, after which a supplier's silence is a person's business.
MOST_FAILURES: Final = 100
# Claims in a row that did not end in an orderly way.
MOST_CRASHES: Final = 5
ENOUGH_NEGATIVES: Final = 2
BETWEEN_NEGATIVES: Final = timedelta(minutes=2)

_FIRST_WAIT: Final = timedelta(seconds=30)
_LONGEST_WAIT: Final = timedelta(minutes=30)
_LANE_DAYS: Final = 30  # of a way of sending that promises nothing
_SLACK: Final = timedelta(days=7)


def backoff(failures: int, roll: int, retry_after: timedelta | None = None) -> timedelta:
    """How long to wait after so many failures in a row: doubled each time, half of it jitter.

    Never shorter than the supplier asked for.
    """
    doubled = min(_FIRST_WAIT * (1 << min(max(failures - 1, 0), 16)), _LONGEST_WAIT)
    jittered = doubled * (ROLLS // 2 + roll % ROLLS) // ROLLS
    return max(jittered, retry_after or timedelta(0))


def delivery_deadline(shipped_at: datetime, most_days: int | None) -> datetime:
    """Until when parcels should have arrived: the lane's own promise, half as much again, a week.

    Args:
        shipped_at: when the last of them left.
        most_days: calendar days that the way of sending promises at most; None = nothing.
    """
    return shipped_at + timedelta(days=most_days or _LANE_DAYS) * 3 / 2 + _SLACK


def deadline_of(
    stage: Stage, *, now: datetime, most_days: int | None = None, pay_until: datetime | None = None
) -> datetime | None:
    """Until when a stage that is entered now should be over; None = as long as it takes."""
    match stage:
        case Stage.READY | Stage.PLACING | Stage.RETRY_WAIT:
            return now + PLACE_WITHIN
        case Stage.PLACED | Stage.AWAITING_SUPPLIER_PAYMENT:
            return min(pay_until or now + UNPAID_FOR, now + UNPAID_FOR)
        case Stage.CONFIRMED | Stage.PARTIALLY_SHIPPED:
            return now + TRACKED_WITHIN
        case Stage.SHIPPED:
            return delivery_deadline(now, most_days)
        case _:
            return None


def look_again(stage: Stage, now: datetime, expected_at: datetime | None = None) -> datetime:
    """When a placed order is looked at next; sooner when a parcel is about to arrive."""
    if stage in (Stage.PLACED, Stage.AWAITING_SUPPLIER_PAYMENT, Stage.CANCEL_REQUESTED):
        return now + UNPAID_EVERY
    if stage is not Stage.SHIPPED:
        return now + UNSENT_EVERY
    arriving = expected_at is not None and expected_at - now <= SENT_EVERY
    return now + (ARRIVING_EVERY if arriving else SENT_EVERY)
