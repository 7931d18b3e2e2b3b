"""Exact floors of linear functions over columns, beyond what 64 bits can multiply."""

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zyenta_ops.domain.pricing.lines import Line
from zyenta_ops.domain.pricing.staircase import Staircase

SLOPES = st.one_of(
    st.fractions(Fraction(1, 10**4), 10**4, max_denominator=10**4),
    st.fractions(Fraction(1, 10**4), 10**4, max_denominator=10**25),
)
STARTS = st.fractions(-(10**6), 10**6, max_denominator=10**20)
COLUMNS = st.lists(st.integers(0, 10**12), min_size=1, max_size=20)


@given(SLOPES, STARTS, COLUMNS)
@example(Fraction(13209858424717918163, 1320985842480000), Fraction(0), [0])
def test_floor_ceiling_and_below_are_those_of_the_exact_line(
    slope: Fraction, start: Fraction, column: list[int]
) -> None:
    line = Line(slope, start)
    x = np.array(column, np.int64)
    exact = [slope * value + start for value in column]
    assert line.floor().at(x).tolist() == [floor(value) for value in exact]
    assert line.ceiling().at(x).tolist() == [ceil(value) for value in exact]
    assert line.below().at(x).tolist() == [ceil(value) - 1 for value in exact]


@given(SLOPES, COLUMNS, st.integers(-1000, 1000), st.integers(1, 2000))
def test_stepping_twice_is_one_division(
    slope: Fraction, column: list[int], start: int, width: int
) -> None:
    stairs = Line(slope).floor()
    x = np.array(column, np.int64)
    expected = [(floor(slope * value) - start) // width for value in column]
    assert stairs.stepped(start, width).at(x).tolist() == expected


def test_values_exactly_on_a_step_are_found_beyond_64_bits() -> None:
    """The bracket of such a value always straddles the step, so these rows go the long way."""
    wide = Staircase(alpha=10**20 + 1, beta=0, delta=10**20 + 1)
    x = np.arange(0, 1000, dtype=np.int64)
    assert wide.at(x).tolist() == x.tolist()


def test_a_result_that_does_not_fit_is_an_error_and_not_a_wrap() -> None:
    with pytest.raises(OverflowError, match="leaves the range"):
        Line(Fraction(10**10)).floor().at(np.array([10**12], np.int64))


@given(SLOPES, STARTS, st.integers(1, 10**13))
def test_a_line_reaches_its_limit_at_the_last_value_not_above_it(
    slope: Fraction, start: Fraction, limit: int
) -> None:
    last = Line(slope, start).reaches(limit)
    assert slope * last + start <= limit < slope * (last + 1) + start
