"""The steps of prices that were decided in columns: what `decide_price` would have said of them.

The lines of an outline are evaluated for all rows at once; limits, price and outcome are taken from
the columns, so nothing is computed twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from zyenta_ops.domain.fx import Conversion, FxUnavailable
from zyenta_ops.domain.money import MAX_MINOR, Money
from zyenta_ops.domain.pricing.calculation import SHOWN_PARTS, Calculation, Quote, shown
from zyenta_ops.domain.pricing.conclusion import conclude
from zyenta_ops.domain.pricing.decision import PriceDecision, flags_in
from zyenta_ops.domain.pricing.lines import Line
from zyenta_ops.domain.pricing.outline import Outline
from zyenta_ops.domain.pricing.plan import PricePlan
from zyenta_ops.domain.pricing.rows import PriceColumns, PriceRows
from zyenta_ops.domain.pricing.scalar import decide_price
from zyenta_ops.domain.pricing.staircase import Column
from zyenta_ops.domain.pricing.strategy import PricingStrategy


def explain_prices(
    strategy: PricingStrategy,
    fx: Conversion | FxUnavailable,
    rows: PriceRows,
    decided: PriceColumns,
    wanted: Column,
) -> list[PriceDecision]:
    """The full decisions about some rows, in the order in which they are wanted.

    Args:
        strategy: how the store prices.
        fx: the conversion from the costs' currency to the store's.
        rows: what was decided about.
        decided: what `decide_prices` said of these rows.
        wanted: numbers of rows, int64.

    Returns:
        Row by row what `decide_price` answers for the same input.
    """
    explained: dict[int, PriceDecision] = {}
    if not isinstance(fx, FxUnavailable):
        within = (rows.cost <= PricePlan.of(strategy, fx).safe_cost) & (decided.price_minor > 0)
        calculation = Calculation(strategy, fx)
        explainer = _Explainer(calculation, rows, decided)
        for outline, part in _by_outline(calculation.outlines, rows.cost, wanted[within[wanted]]):
            explained.update(zip(part.tolist(), explainer.decisions(outline, part), strict=True))
    return [
        explained[row] if row in explained else _one_by_one(strategy, fx, rows, row)
        for row in wanted.tolist()
    ]


def _one_by_one(
    strategy: PricingStrategy, fx: Conversion | FxUnavailable, rows: PriceRows, row: int
) -> PriceDecision:
    current, listed = int(rows.current[row]), int(rows.listed[row])
    return decide_price(
        strategy,
        Money(int(rows.cost[row]), fx.base),
        fx.quote,
        fx,
        Money(current, fx.quote) if current > 0 else None,
        Money(listed, fx.base) if listed > 0 else None,
        bool(rows.locked[row]),
    )


def _by_outline(
    outlines: Sequence[Outline], cost: Column, wanted: Column
) -> Iterator[tuple[Outline, Column]]:
    """The wanted rows of each outline."""
    tops = np.array([each.top for each in outlines[:-1]], np.object_)
    tier = np.searchsorted(np.minimum(tops, MAX_MINOR).astype(np.int64), cost[wanted], side="left")
    for number, outline in enumerate(outlines):
        part = wanted[tier == number]
        if part.size:
            yield outline, part


@dataclass(frozen=True, slots=True)
class _Explainer:
    calculation: Calculation
    rows: PriceRows
    decided: PriceColumns

    def decisions(self, outline: Outline, part: Column) -> Iterator[PriceDecision]:
        """The decisions about rows of one outline, all of whose amounts fit int64."""
        calculation, rows = self.calculation, self.rows
        quotes = self._quotes(outline, part)
        current, locked = rows.current[part].tolist(), rows.locked[part].tolist()
        for quote, price, fixed in zip(quotes, current, locked, strict=True):
            in_force = Money(price, calculation.currency) if price > 0 else None
            yield conclude(calculation.strategy, calculation.grid, quote, in_force, fixed)

    def _quotes(self, outline: Outline, part: Column) -> Iterator[Quote]:
        base, currency = self.calculation.conversion.base, self.calculation.currency
        cost, decided = self.rows.cost[part], self.decided
        amounts = [self._shown(note.line, cost) for note in outline.notes]
        for cost_minor, price, floor, ceiling, compare_at, flags, shown_amounts in zip(
            cost.tolist(),
            decided.price_minor[part].tolist(),
            decided.floor_minor[part].tolist(),
            _lowest(outline, cost),
            decided.compare_at_minor[part].tolist(),
            decided.flags[part].tolist(),
            zip(*amounts, strict=True),
            strict=True,
        ):
            yield Quote(
                cost=Money(cost_minor, base),
                outline=outline,
                shown=shown_amounts,
                price=Money(price, currency),
                floor=Money(floor, currency),
                lowest_ceiling=None if ceiling is None else Money(ceiling, currency),
                flags=flags_in(flags),
                compare_at=Money(compare_at, currency) if compare_at else None,
            )

    def _shown(self, line: Line, cost: Column) -> list[Decimal]:
        """What `Fraction.__round__` makes of each amount: the nearest part, half way to even."""
        doubled = line.times(Fraction(2 * SHOWN_PARTS)).plus(Fraction(1))
        up, tied = doubled.floor().stepped(0, 2).at(cost), doubled.below().stepped(0, 2).at(cost)
        nearest = np.where(up % 2 == 0, up, tied)
        return [shown(parts, self.calculation.exponent) for parts in nearest.tolist()]


def _lowest(outline: Outline, cost: Column) -> list[int | None]:
    if not outline.ceilings:
        return [None] * len(cost)
    limits = [note.line.floor().at(cost) for note in outline.ceilings]
    lowest: list[int | None] = np.minimum.reduce(limits).tolist()
    return lowest
