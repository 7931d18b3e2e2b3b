"""What pricing answers for one variant: the price, what may be done with it, and every step."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from zyenta_ops.domain.money import Money


class PriceOutcome(StrEnum):
    """What becomes of a computed price."""

    APPLIED = "APPLIED"  # publish it
    NEEDS_APPROVAL = "NEEDS_APPROVAL"  # a person decides; the current price stays meanwhile
    BLOCKED = "BLOCKED"  # too far to believe; the current price stays
    UNCHANGED = "UNCHANGED"  # the current price is right, or right enough
    LOCKED = "LOCKED"  # the merchant fixed the price by hand
    REJECTED = "REJECTED"  # no price can be computed; the last one stays


class PriceFlag(StrEnum):
    """Something about a price that a person may want to look at."""

    CONFLICT = "CONFLICT"  # the ceiling lay below the floor; the floor won
    NO_ENDING = "NO_ENDING"  # no configured ending fits between floor and ceiling
    RAISED_TO_FLOOR = "RAISED_TO_FLOOR"  # the target's ending lay below the floor
    LOWERED_TO_CEILING = "LOWERED_TO_CEILING"  # the target's ending lay above the ceiling
    DEAD_BAND = "DEAD_BAND"  # the change was too small to publish
    CURRENT_BELOW_FLOOR = "CURRENT_BELOW_FLOOR"  # the price in force loses money or breaks a floor

    @property
    def bit(self) -> int:
        """The flag's bit in a column of flags."""
        return 1 << _FLAG_ORDER.index(self)


_FLAG_ORDER: Final = tuple(PriceFlag)


@cache
def flags_in(bits: int) -> tuple[PriceFlag, ...]:
    """The flags of one row of a flag column, in their declared order."""
    return tuple(flag for flag in _FLAG_ORDER if bits & flag.bit)


@cache
def in_order(flags: tuple[PriceFlag, ...]) -> tuple[PriceFlag, ...]:
    """The same flags in their declared order, each once."""
    return tuple(flag for flag in _FLAG_ORDER if flag in flags)


class Step(NamedTuple):
    """One step of a calculation: its name, a sentence, and the amount it came to.

    `amount` is in major units of the store's currency, shown to four decimals beyond the minor
    unit; the calculation itself is exact.
    """

    name: str
    detail: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PriceDecision:
    """The answer for one variant.

    `price` is what was computed, whether or not it may be published, and None when nothing could
    be (REJECTED; also LOCKED without a usable cost). `floor` is rounded up and `ceiling` down to
    the minor unit; `ceiling` is None when there is none. `landed` is the unrounded cost in major
    units. `change_bps` is relative to the current price, None without one.
    """

    outcome: PriceOutcome
    reason: str
    price: Money | None = None
    compare_at: Money | None = None
    floor: Money | None = None
    ceiling: Money | None = None
    landed: Decimal | None = None
    change_bps: int | None = None
    flags: tuple[PriceFlag, ...] = ()
    steps: tuple[Step, ...] = ()
