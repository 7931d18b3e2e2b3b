"""Exact linear functions: what a cost turns into on its way to a price.

Every amount between a cost and its price is a line of the cost, `slope * cost + start` with
rational numbers, as long as the cost stays within one tier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zyenta_ops.domain.pricing.staircase import Staircase


@dataclass(frozen=True, slots=True)
class Line:
    """The exact function `slope * x + start`."""

    slope: Fraction
    start: Fraction = Fraction(0)

    def plus(self, amount: Fraction) -> Line:
        """The line raised by an amount."""
        return Line(self.slope, self.start + amount)

    def times(self, factor: Fraction) -> Line:
        """The line multiplied by a factor."""
        return Line(self.slope * factor, self.start * factor)

    def at(self, x: int) -> Fraction:
        """The exact value at one x."""
        return self.slope * x + self.start

    def reaches(self, limit: Fraction | int) -> int:
        """The greatest integer x at which a rising line is not above `limit`."""
        return int((limit - self.start) // self.slope)

    def floor(self) -> Staircase:
        """The greatest integer not above the line."""
        return self._staircase(lambda delta: 0)

    def ceiling(self) -> Staircase:
        """The least integer not below the line."""
        return self._staircase(lambda delta: delta - 1)

    def below(self) -> Staircase:
        """The greatest integer strictly below the line."""
        return self._staircase(lambda delta: -1)

    def _staircase(self, shift: Callable[[int], int]) -> Staircase:
        from zyenta_ops.domain.pricing.staircase import Staircase

        delta = lcm(self.slope.denominator, self.start.denominator)
        alpha, beta = int(self.slope * delta), int(self.start * delta)
        return Staircase(alpha, beta + shift(delta), delta)
