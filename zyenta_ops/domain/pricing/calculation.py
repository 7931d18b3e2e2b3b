"""The price of one cost: its outline's target, put on an ending inside floor and ceiling.

Limits come last, so no ending can break one: floor <= price, and price <= ceiling unless the two
conflict, when the floor wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Final

from zyenta_ops.domain.fx import Conversion
from zyenta_ops.domain.money import EXPONENTS, MAX_MINOR, Money
from zyenta_ops.domain.pricing.decision import PriceFlag
from zyenta_ops.domain.pricing.endings import Grid, grid_for
from zyenta_ops.domain.pricing.outline import Note, Outline, marked_up, outlines
from zyenta_ops.domain.pricing.strategy import PricingStrategy
from zyenta_ops.domain.pricing.terms import CompareAtRule

_SHOWN_DECIMALS: Final = 4
SHOWN_PARTS: Final = 10**_SHOWN_DECIMALS
"""Amounts are shown to this fraction of a minor unit."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A price with the limits it was put inside, and the outline it came from.

    `ceiling` is the effective one, never below the floor; `lowest_ceiling` the one that was asked
    for. `shown` are the amounts of `outline.notes`.
    """

    cost: Money
    outline: Outline
    shown: Sequence[Decimal]
    price: Money
    floor: Money
    lowest_ceiling: Money | None
    flags: tuple[PriceFlag, ...]
    compare_at: Money | None

    @property
    def ceiling(self) -> Money | None:
        """The highest price allowed; the floor, where the two conflict."""
        if self.lowest_ceiling is None or self.floor <= self.lowest_ceiling:
            return self.lowest_ceiling
        return self.floor

    @property
    def landed(self) -> Decimal:
        """What a sold unit costs, as shown."""
        return self.shown[self.outline.landed]


class Calculation:
    """A strategy at one exchange rate, ready to price costs one by one in exact fractions."""

    def __init__(self, strategy: PricingStrategy, conversion: Conversion) -> None:
        self.strategy = strategy
        self.conversion = conversion
        self.currency = conversion.quote
        self.exponent = EXPONENTS[self.currency]
        self.grid: Grid = grid_for(strategy.endings, self.currency)
        self.outlines = outlines(strategy, conversion)

    def quote(self, cost: Money, list_price: Money | None) -> Quote:
        """Price a positive cost in `conversion.base`."""
        outline = next(each for each in self.outlines if each.top is None or cost.minor <= each.top)
        least = max(1, *(ceil(note.line.at(cost.minor)) for note in outline.floors))
        lowest = min((floor(note.line.at(cost.minor)) for note in outline.ceilings), default=None)
        price, flags = self._place(outline.target.at(cost.minor), least, lowest)
        return Quote(
            cost=cost,
            outline=outline,
            shown=[self._shown(note, cost) for note in outline.notes],
            price=Money(price, self.currency),
            floor=Money(least, self.currency),
            lowest_ceiling=None if lowest is None else Money(lowest, self.currency),
            flags=flags,
            compare_at=self._compare_at(price, list_price),
        )

    def _shown(self, note: Note, cost: Money) -> Decimal:
        return shown(round(note.line.at(cost.minor) * SHOWN_PARTS), self.exponent)

    def _place(
        self, target: Fraction, least: int, lowest: int | None
    ) -> tuple[int, tuple[PriceFlag, ...]]:
        flags: set[PriceFlag] = set()
        if lowest is not None and lowest < least:
            flags.add(PriceFlag.CONFLICT)
        most = None if lowest is None else max(lowest, least)
        wanted = self.grid.nearest(target)
        price = self._inside(target, least, most)
        if price != self.grid.at_or_below(price):
            flags.add(PriceFlag.NO_ENDING)
        if price > wanted:
            flags.add(PriceFlag.RAISED_TO_FLOOR)
        elif price < wanted:
            flags.add(PriceFlag.LOWERED_TO_CEILING)
        return price, tuple(flags)

    def _inside(self, target: Fraction, least: int, most: int | None) -> int:
        """The ending nearest to the target within the limits, or the target where none fits."""
        low = self.grid.at_or_above(least)
        high = None if most is None else self.grid.at_or_below(most)
        if most is not None and high is not None and high < low:
            return min(max(_half_up(target), least), most)
        price = max(self.grid.nearest(target), low)
        return price if high is None else min(price, high)

    def _compare_at(self, price: int, list_price: Money | None) -> Money | None:
        rule = self.strategy.compare_at
        if rule.rule is CompareAtRule.NONE:
            return None
        if rule.rule is CompareAtRule.PERCENT_ABOVE:
            exact = price * marked_up(rule.percent)
            beside = max(self.grid.nearest(exact), self.grid.at_or_above(price + 1))
        else:
            listed = self._listed(list_price)
            beside = self.grid.at_or_below(floor(listed)) if listed else 0
        return Money(beside, self.currency) if price < beside <= MAX_MINOR else None

    def _listed(self, list_price: Money | None) -> Fraction | None:
        """A list price as the store's currency has it: the exchange buffer is for costs alone."""
        if list_price is None or list_price.minor <= 0:
            return None
        if list_price.currency == self.conversion.base:
            return self.conversion.minor(list_price)
        if list_price.currency == self.currency:
            return Fraction(list_price.minor)
        return None


def shown(parts: int, exponent: int) -> Decimal:
    """An amount, given in `SHOWN_PARTS` of a minor unit, in major units of the currency."""
    whole, rest = divmod(parts, SHOWN_PARTS)
    if rest:
        return Decimal(parts).scaleb(-exponent - _SHOWN_DECIMALS)
    return Decimal(whole).scaleb(-exponent)


def _half_up(exact: Fraction) -> int:
    return floor(exact + Fraction(1, 2))
