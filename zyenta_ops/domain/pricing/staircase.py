"""Whole-number steps of an exact linear function, over columns of int64 and without a float.

Every limit and target is linear in the cost, `slope * cost + start` with rational numbers, and a
price needs only its floor, its ceiling, or the greatest integer below it. All three are
`(alpha * cost + beta) // delta` with integers, which is what a `Staircase` holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.int64]

_INT64_ROOM: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Staircase:
    """The function `(alpha * x + beta) // delta` for x >= 0, with `alpha` >= 0 and `delta` > 0."""

    alpha: int
    beta: int
    delta: int

    def stepped(self, start: int, width: int) -> Staircase:
        """How many whole widths lie between `start` and this function: one division, not two."""
        return Staircase(self.alpha, self.beta - start * self.delta, self.delta * width)

    def at(self, x: Column) -> Column:
        """The function over a column of values that are not negative.

        Where the product fits int64 this is one division. Where it does not (exchange rates of
        eight decimals times fees), the function is bracketed in binary fixed point:
        `low <= exact * 2**bits < low + x + 1`, since slope and start are each rounded down by less
        than one unit. Where the whole part is the same throughout the bracket, that is the answer;
        the few rows where it is not are computed with Python's integers.

        Raises:
            OverflowError: a result does not fit int64; callers bound `x` by `Line.reaches`.
        """
        # At least 1: a column of zeros still has its factors multiplied as int64.
        top = max(1, int(x.max(initial=0)))
        if self.alpha * top + abs(self.beta) < _INT64_ROOM and self.delta < _INT64_ROOM:
            return self._directly(x)
        return self._bracketed(x, top)

    def _directly(self, x: Column) -> Column:
        product = x * self.alpha
        if self.beta:
            product += self.beta
        if self.delta != 1:
            product //= self.delta
        return product

    def _bracketed(self, x: Column, top: int) -> Column:
        largest = (self.alpha * top + abs(self.beta)) // self.delta + top + 2
        if largest > _INT64_ROOM:
            raise OverflowError(f"a value of {top} leaves the range of int64 columns")
        bits = (_INT64_ROOM // largest).bit_length() - 1
        slope = (self.alpha << bits) // self.delta
        start = (self.beta << bits) // self.delta
        low = x * slope + start
        result = low >> bits
        unsure = np.flatnonzero(result != (low + x) >> bits)
        for row in unsure.tolist():
            result[row] = (self.alpha * int(x[row]) + self.beta) // self.delta
        return result
