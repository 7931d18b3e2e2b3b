"""A strategy prepared for columns: one currency pair's limits and targets as exact lines of cost.

Nothing here looks at a row. The lines are composed separately from the step-by-step calculation,
so that comparing the two is a test of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Final

from zyenta_ops.domain.fx import Conversion
from zyenta_ops.domain.money import EXPONENTS, MAX_MINOR
from zyenta_ops.domain.pricing.endings import Grid, grid_for
from zyenta_ops.domain.pricing.limits import in_bps
from zyenta_ops.domain.pricing.lines import Line
from zyenta_ops.domain.pricing.staircase import Column, Staircase
from zyenta_ops.domain.pricing.strategy import PricingStrategy
from zyenta_ops.domain.pricing.terms import CompareAtRule, PricingKind, Tier

# Headroom over `MAX_MINOR`: rows whose limits or targets pass it are left to the scalar path, and
# whatever is below it can be doubled, stepped and compared in int64.
LARGEST: Final = 8 * MAX_MINOR


@dataclass(frozen=True, slots=True)
class Choice:
    """Which amount of a grid lies nearest to a line: see `Grid.nearest` for the rule.

    `rank` counts the whole grid steps; with one ending that alone gives the amount. With several,
    `turns` holds where within a step the choice moves to the next ending, and `rises` by how much.
    """

    grid: Grid
    rank: Staircase
    twice: Staircase
    turns: tuple[int, ...]
    rises: tuple[int, ...]
    origin: int

    @classmethod
    def nearest(cls, line: Line, grid: Grid) -> Choice:
        """The choice for a line of exact amounts."""
        doubled = line.times(Fraction(2))
        # Half way goes up without endings and down with them: a turn counts once it is passed.
        twice = doubled.floor() if grid.free else doubled.below()
        following = (*grid.offsets[1:], grid.offsets[0] + grid.step)
        pairs = list(zip(grid.offsets, following, strict=True))
        turns = [grid.twice_turn(low, high) for low, high in pairs]
        origin = turns[-1] - 2 * grid.step
        return cls(
            grid=grid,
            rank=twice.stepped(origin, 2 * grid.step),
            twice=twice,
            turns=tuple(turn - origin for turn in turns[:-1]),
            rises=tuple(high - low for low, high in pairs[:-1]),
            origin=origin,
        )

    def at(self, x: Column) -> Column:
        """The chosen amounts for a column."""
        step, first = self.grid.step, self.grid.offsets[0]
        rank = self.rank.at(x)
        price = rank * step
        if first:
            price += first
        if self.turns:
            within = self.twice.at(x) - rank * (2 * step) - self.origin
            for turn, rise in zip(self.turns, self.rises, strict=True):
                price += (within >= turn) * rise
        return price


@dataclass(frozen=True, slots=True)
class Target:
    """A tier's target: its nearest ending, and the amount itself rounded half up."""

    ending: Choice
    plain: Choice


@dataclass(frozen=True, slots=True)
class PricePlan:
    """One strategy for one currency pair, ready for columns.

    `tops` are the greatest costs (minor units, as quoted) of every tier but the last. Costs up to
    `safe_cost` and list prices up to `safe_list` can be computed in int64. `least` and `most` are
    the limits that do not depend on the cost.
    """

    grid: Grid
    tops: tuple[int, ...]
    targets: tuple[Target, ...]
    floor: Staircase
    ceiling: Staircase | None
    least: int
    most: int | None
    listed: Staircase | None
    beside: Choice | None
    safe_cost: int
    safe_list: int

    @classmethod
    def of(cls, strategy: PricingStrategy, conversion: Conversion) -> PricePlan:
        """Compose the lines of a strategy; the buffer it asks for is added to costs alone."""
        buffered = conversion.with_buffer(in_bps(strategy.landed_cost.fx_buffer))
        return _Composer(strategy, conversion.quote, buffered, conversion).plan()


@dataclass(frozen=True, slots=True)
class _Composer:
    """Composes the lines of one strategy: costs go through `costs`, list prices through `lists`."""

    strategy: PricingStrategy
    currency: str
    costs: Conversion
    lists: Conversion

    def plan(self) -> PricePlan:
        strategy = self.strategy
        grid = grid_for(strategy.endings, self.currency)
        plain = Grid(1, (0,), grid.exponent)
        targets = [self._target(rule) for rule in strategy.rules]
        lowest = self._grossed_up(self._landed.times(_factor(strategy.min_margin)))
        lines = [*targets, lowest]
        ceiling = None
        if strategy.max_margin is not None:
            highest = self._grossed_up(self._landed.times(_factor(strategy.max_margin)))
            lines.append(highest)
            ceiling = highest.floor()
        least, most = self._least(), self._most()
        roomy = max(least, most or 0, grid.step) <= LARGEST
        return PricePlan(
            grid=grid,
            tops=tuple(self._top(tier) for tier in strategy.rules[:-1]),
            targets=tuple(
                Target(Choice.nearest(line, grid), Choice.nearest(line, plain)) for line in targets
            ),
            floor=lowest.ceiling(),
            ceiling=ceiling,
            least=least,
            most=most,
            listed=self._listed(),
            beside=self._beside(grid),
            safe_cost=min(MAX_MINOR, *(line.reaches(LARGEST) for line in lines)) if roomy else 0,
            safe_list=min(MAX_MINOR, Line(self.lists.minor_factor).reaches(LARGEST)),
        )

    @property
    def _converted(self) -> Line:
        return Line(self.costs.minor_factor)

    @property
    def _landed(self) -> Line:
        parts = self.strategy.landed_cost
        dutiable = self._converted.plus(self._minor(parts.shipping)).times(_factor(parts.duty))
        spent = dutiable.plus(self._minor(parts.handling))
        return spent.times(Fraction(10_000, 10_000 - in_bps(parts.refunds)))

    def _target(self, rule: Tier) -> Line:
        fees = self.strategy.fees
        if rule.kind is PricingKind.TARGET_MARGIN:
            kept = Fraction(10_000 - fees.bps - in_bps(rule.value), 10_000)
            return self._landed.plus(self._minor(fees.payment_fixed)).times(1 / kept)
        if rule.kind is PricingKind.FIXED_MARGIN:
            return self._grossed_up(self._landed.plus(self._minor(rule.value)))
        return self._grossed_up(self._landed.times(_factor(rule.value)))

    def _grossed_up(self, net: Line) -> Line:
        fees = self.strategy.fees
        return net.plus(self._minor(fees.payment_fixed)).times(Fraction(10_000, 10_000 - fees.bps))

    def _top(self, tier: Tier) -> int:
        """The greatest cost of a bounded tier, capped to what a column can hold."""
        bound = self._minor(tier.up_to or Decimal(0))
        return min(int(bound // self._converted.slope), MAX_MINOR)

    def _least(self) -> int:
        amounts = (self.strategy.min_price, self.strategy.minimum_advertised_price)
        return max([1, *(ceil(self._minor(amount)) for amount in amounts if amount is not None)])

    def _most(self) -> int | None:
        highest = self.strategy.max_price
        return None if highest is None else floor(self._minor(highest))

    def _listed(self) -> Staircase | None:
        if self.strategy.compare_at.rule is not CompareAtRule.LIST_PRICE:
            return None
        return Line(self.lists.minor_factor).floor()

    def _beside(self, grid: Grid) -> Choice | None:
        rule = self.strategy.compare_at
        if rule.rule is not CompareAtRule.PERCENT_ABOVE:
            return None
        return Choice.nearest(Line(_factor(rule.percent)), grid)

    def _minor(self, amount: Decimal) -> Fraction:
        return Fraction(amount.scaleb(EXPONENTS[self.currency]))


def _factor(percent: Decimal | None) -> Fraction:
    return 1 + Fraction(in_bps(percent or Decimal(0)), 10_000)
