"""From a quote to a decision: what may be done with the price, and every step written down."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.pricing.approval import Move, Verdict, judge
from zyenta_ops.domain.pricing.calculation import Quote
from zyenta_ops.domain.pricing.decision import (
    PriceDecision,
    PriceFlag,
    PriceOutcome,
    Step,
    in_order,
)
from zyenta_ops.domain.pricing.endings import Grid
from zyenta_ops.domain.pricing.strategy import PricingStrategy
from zyenta_ops.domain.pricing.terms import CompareAt, CompareAtRule


def conclude(
    strategy: PricingStrategy, grid: Grid, quote: Quote, current: Money | None, locked: bool
) -> PriceDecision:
    """Join a calculated price with the verdict on publishing it."""
    verdict = _verdict(strategy, grid, quote, current, locked)
    return PriceDecision(
        outcome=verdict.outcome,
        reason=verdict.reason,
        price=quote.price,
        compare_at=quote.compare_at,
        floor=quote.floor,
        ceiling=quote.ceiling,
        landed=quote.landed,
        change_bps=verdict.change_bps,
        flags=in_order(quote.flags + verdict.flags),
        steps=(
            *_calculated(quote),
            *_placed(quote, grid),
            *_compared(quote, strategy.compare_at),
            _concluded(quote, verdict),
        ),
    )


def without_price(reason: str, current: Money | None, locked: bool) -> PriceDecision:
    """The decision where no price can be computed: the one in force stays."""
    if locked:
        outcome = PriceOutcome.LOCKED
        reason = f"the merchant locked the price; besides, {reason}"
    else:
        outcome = PriceOutcome.REJECTED
    kept = f"{current} stays" if current else "there is no price yet"
    return PriceDecision(outcome, reason, steps=(Step("outcome", f"{outcome}: {reason}; {kept}"),))


def _verdict(
    strategy: PricingStrategy, grid: Grid, quote: Quote, current: Money | None, locked: bool
) -> Verdict:
    if current is not None:
        move = Move(quote.price, current, quote.floor, quote.ceiling, grid.gap)
        return judge(strategy, move, locked)
    if locked:
        return Verdict(PriceOutcome.LOCKED, "the merchant locked the variant without a price")
    return Verdict(PriceOutcome.APPLIED, f"{quote.price} is the first price")


def _calculated(quote: Quote) -> Iterator[Step]:
    yield Step("cost", f"what the supplier asks: {quote.cost}")
    for note, amount in zip(quote.outline.steps, quote.shown, strict=False):
        yield Step(note.name, note.detail, amount)


def _placed(quote: Quote, grid: Grid) -> Iterator[Step]:
    """The limits, then the ending chosen within them."""
    outline = quote.outline
    first_ceiling = len(outline.steps) + len(outline.floors)
    for note, amount in zip(outline.floors, quote.shown[len(outline.steps) :], strict=False):
        yield Step(note.name, note.detail, amount)
    yield Step("floor", "the highest of these, rounded up", quote.floor.amount)
    for note, amount in zip(outline.ceilings, quote.shown[first_ceiling:], strict=True):
        yield Step(note.name, note.detail, amount)
    if quote.lowest_ceiling is not None:
        yield Step("ceiling", "the lowest of these, rounded down", quote.lowest_ceiling.amount)
    if PriceFlag.CONFLICT in quote.flags:
        detail = "the ceiling is below the floor; the floor wins"
        yield Step("conflict", detail, quote.floor.amount)
    yield Step("ending", _ending(quote, grid), quote.price.amount)


def _ending(quote: Quote, grid: Grid) -> str:
    if PriceFlag.NO_ENDING in quote.flags:
        return "no ending fits between floor and ceiling"
    return "rounded to the minor unit" if grid.free else "nearest ending within limits"


def _compared(quote: Quote, rule: CompareAt) -> Iterator[Step]:
    if rule.rule is CompareAtRule.NONE:
        return
    if quote.compare_at is None:
        yield Step("compare-at", "none: no list price above the price")
        return
    if rule.rule is CompareAtRule.PERCENT_ABOVE:
        detail = f"{rule.percent} % above the price"
    else:
        detail = "the supplier's list price, down to an ending"
    yield Step("compare-at", detail, quote.compare_at.amount)


def _concluded(quote: Quote, verdict: Verdict) -> Step:
    detail = f"{verdict.outcome}: {verdict.reason}"
    if verdict.change_bps is not None:
        detail += f" ({Decimal(verdict.change_bps) / 100:+} %)"
    return Step("outcome", detail, quote.price.amount)
