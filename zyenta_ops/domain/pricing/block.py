"""The decisions of one block of rows, every amount of which is known to fit int64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zyenta_ops.domain.money import MAX_MINOR
from zyenta_ops.domain.pricing.decision import PriceFlag, PriceOutcome
from zyenta_ops.domain.pricing.endings import Grid
from zyenta_ops.domain.pricing.limits import in_bps
from zyenta_ops.domain.pricing.plan import Choice, PricePlan
from zyenta_ops.domain.pricing.rows import CODES, Codes, Mask, PriceColumns, PriceRows
from zyenta_ops.domain.pricing.staircase import Column
from zyenta_ops.domain.pricing.strategy import PricingStrategy


@dataclass(frozen=True, slots=True)
class _Placed:
    """Prices inside their limits; `most` is None without a ceiling, and never below `least`."""

    price: Column
    least: Column
    most: Column | None


def decide_block(
    strategy: PricingStrategy, plan: PricePlan, rows: PriceRows, into: PriceColumns
) -> None:
    """Decide a block into columns that hold `PriceColumns.unpriced`.

    Rows beyond the plan's safe amounts get an answer of no meaning.
    """
    cost = np.clip(rows.cost, 1, plan.safe_cost)
    placed = _place(plan, cost, into.flags)
    into.price_minor[:], into.floor_minor[:] = placed.price, placed.least
    into.outcome[:] = CODES[PriceOutcome.APPLIED]
    if rows.current.any():
        _judge(strategy, plan.grid.gap, placed, rows, into)
    into.outcome[rows.locked] = CODES[PriceOutcome.LOCKED]
    compare_at = _compare_at(plan, placed.price, rows.listed)
    if compare_at is not None:
        into.compare_at_minor[:] = compare_at
    unpriced = (rows.cost <= 0) | (placed.price > MAX_MINOR)
    if unpriced.any():
        for column in (into.price_minor, into.compare_at_minor, into.floor_minor, into.flags):
            column[unpriced] = 0
        into.outcome[unpriced & ~rows.locked] = CODES[PriceOutcome.REJECTED]


def _place(plan: PricePlan, cost: Column, flags: Codes) -> _Placed:
    """The nearest endings, moved inside the limits where they lie outside."""
    wanted = _chosen(plan, cost, [target.ending for target in plan.targets])
    least = np.maximum(plan.floor.at(cost), plan.least)
    most = _ceiling(plan, cost)
    outside = wanted < least
    if most is not None:
        _raise_flag(flags, most < least, PriceFlag.CONFLICT)
        most = np.maximum(most, least)
        outside |= wanted > most
    moved = np.flatnonzero(outside)
    price = wanted
    if moved.size:
        before = wanted[moved]
        price[moved], without = _moved(plan, cost[moved], before, least[moved], _at(most, moved))
        flags[moved[without]] |= PriceFlag.NO_ENDING.bit
        flags[moved[price[moved] > before]] |= PriceFlag.RAISED_TO_FLOOR.bit
        flags[moved[price[moved] < before]] |= PriceFlag.LOWERED_TO_CEILING.bit
    return _Placed(price, least, most)


def _moved(
    plan: PricePlan, cost: Column, wanted: Column, least: Column, most: Column | None
) -> tuple[Column, Mask]:
    """Prices inside limits that the wanted ones break, and which of them have no ending."""
    low = _at_or_above(plan.grid, least)
    if most is None:
        return np.maximum(wanted, low), np.zeros(len(cost), np.bool_)
    high = _at_or_below(plan.grid, most)
    without = high < low
    plain = _chosen(plan, cost, [target.plain for target in plan.targets])
    ended = np.minimum(np.maximum(wanted, low), high)
    return np.where(without, np.clip(plain, least, most), ended), without


def _chosen(plan: PricePlan, cost: Column, choices: list[Choice]) -> Column:
    """Each row's amount by the choice of its tier."""
    if len(choices) == 1:
        return choices[0].at(cost)
    tier = np.searchsorted(np.array(plan.tops, np.int64), cost, side="left")
    amounts = np.empty_like(cost)
    for index, choice in enumerate(choices):
        rows = tier == index
        if rows.any():
            amounts[rows] = choice.at(cost[rows])
    return amounts


def _ceiling(plan: PricePlan, cost: Column) -> Column | None:
    if plan.ceiling is None:
        return None if plan.most is None else np.full(len(cost), plan.most, np.int64)
    ceiling = plan.ceiling.at(cost)
    return ceiling if plan.most is None else np.minimum(ceiling, plan.most)


def _at(column: Column | None, rows: Column) -> Column | None:
    return None if column is None else column[rows]


def _judge(
    strategy: PricingStrategy, gap: int, placed: _Placed, rows: PriceRows, into: PriceColumns
) -> None:
    """Compare with the prices in force; see `approval.judge` for the rule."""
    price, outcome, flags = placed.price, into.outcome, into.flags
    current = np.clip(rows.current, 0, MAX_MINOR)
    known = current > 0
    distance = np.abs(price - current)
    far = known & (distance > gap)
    if far.any():
        moved = distance * 10_000
        smaller = np.minimum(price, current)
        for limit, beyond in (
            (strategy.approval.auto_up_to, PriceOutcome.NEEDS_APPROVAL),
            (strategy.approval.blocked_above, PriceOutcome.BLOCKED),
        ):
            if limit is not None:
                too_far = far & (moved > smaller * in_bps(limit))
                np.putmask(outcome, too_far, CODES[beyond])
    np.putmask(outcome, known & (distance == 0), CODES[PriceOutcome.UNCHANGED])
    losing = known & (current < placed.least)
    if losing.any():
        _raise_flag(flags, losing, PriceFlag.CURRENT_BELOW_FLOOR)
    small = _too_small(strategy, gap, distance, current)
    if small is not None:
        small &= known & ~rows.locked & ~losing & (distance > 0)
        if placed.most is not None:
            small &= current <= placed.most
        _raise_flag(flags, small, PriceFlag.DEAD_BAND)
        np.putmask(outcome, small, CODES[PriceOutcome.UNCHANGED])


def _too_small(
    strategy: PricingStrategy, gap: int, distance: Column, current: Column
) -> Mask | None:
    band = strategy.dead_band
    small = None
    if band.percent:
        small = distance * 10_000 < current * in_bps(band.percent)
    if band.one_ending:
        within = distance < gap
        small = within if small is None else small | within
    return small


def _raise_flag(flags: Codes, rows: Mask, flag: PriceFlag) -> None:
    np.bitwise_or(flags, rows * np.uint8(flag.bit), out=flags)


def _compare_at(plan: PricePlan, price: Column, listed: Column) -> Column | None:
    if plan.beside is not None:
        beside = np.maximum(plan.beside.at(price), _at_or_above(plan.grid, price + 1))
    elif plan.listed is not None:
        beside = _at_or_below(plan.grid, plan.listed.at(np.clip(listed, 0, plan.safe_list)))
    else:
        return None
    beside[(beside <= price) | (beside > MAX_MINOR)] = 0
    return beside


def _at_or_below(grid: Grid, amounts: Column) -> Column:
    found: Column = np.maximum.reduce(
        [(amounts - offset) // grid.step * grid.step + offset for offset in grid.offsets]
    )
    return found


def _at_or_above(grid: Grid, amounts: Column) -> Column:
    found: Column = np.minimum.reduce(
        [offset - (offset - amounts) // grid.step * grid.step for offset in grid.offsets]
    )
    return found
