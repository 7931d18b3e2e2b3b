"""The steps from a cost to its target and limits, each written down as a line of the cost.

They depend on a cost only through the tier it falls into, so an outline is made once per tier and
serves every cost in it. What has to be rounded (limits, ending) comes after, in `calculation`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from zyenta_ops.domain.fx import Conversion
from zyenta_ops.domain.money import EXPONENTS
from zyenta_ops.domain.pricing.limits import in_bps
from zyenta_ops.domain.pricing.lines import Line
from zyenta_ops.domain.pricing.strategy import PricingStrategy
from zyenta_ops.domain.pricing.terms import PricingKind, Tier


class Note(NamedTuple):
    """A step before the cost is known; the line gives minor units of the store's currency."""

    name: str
    detail: str
    line: Line


@dataclass(frozen=True, slots=True)
class Outline:
    """What all costs up to and including `top` go through (None: all costs that are left).

    `top` is in minor units as quoted. `steps` lead to the target; that at `landed` is what a sold
    unit costs. `floors` and `ceilings` are the limits, of which the highest and the lowest count.
    """

    top: int | None
    steps: tuple[Note, ...]
    landed: int
    target: Line
    floors: tuple[Note, ...]
    ceilings: tuple[Note, ...]

    @property
    def notes(self) -> tuple[Note, ...]:
        """All of them, in the order in which they are written down."""
        return (*self.steps, *self.floors, *self.ceilings)


def outlines(strategy: PricingStrategy, conversion: Conversion) -> tuple[Outline, ...]:
    """The outlines of all tiers, cheapest first.

    The strategy's exchange buffer is added to the conversion here.
    """
    buffered = conversion.with_buffer(in_bps(strategy.landed_cost.fx_buffer))
    outliner = _Outliner(strategy, buffered)
    return tuple(outliner.outline(tier) for tier in strategy.rules)


@dataclass(frozen=True, slots=True)
class _Outliner:
    strategy: PricingStrategy
    conversion: Conversion

    def outline(self, tier: Tier) -> Outline:
        converted = Line(self.conversion.minor_factor)
        parts = (*self._converted(converted), *self._landed(converted))
        landed = parts[-1].line
        aims = tuple(self._target(tier, landed))
        return Outline(
            top=None if tier.up_to is None else converted.reaches(self._minor(tier.up_to)),
            steps=(*parts, *self._tier(tier, converted), *aims),
            landed=len(parts) - 1,
            target=aims[-1].line,
            floors=tuple(self._floors(landed)),
            ceilings=tuple(self._ceilings(landed)),
        )

    def _converted(self, converted: Line) -> Iterator[Note]:
        if self.conversion.base != self.conversion.quote:
            yield Note("converted cost", _how_converted(self.conversion), converted)

    def _landed(self, converted: Line) -> Iterator[Note]:
        parts = self.strategy.landed_cost
        shipping, handling = self._minor(parts.shipping), self._minor(parts.handling)
        goods = converted.plus(shipping)
        duty = goods.times(Fraction(in_bps(parts.duty), 10_000))
        spent = goods.times(1 + Fraction(in_bps(parts.duty), 10_000)).plus(handling)
        refunded = Fraction(in_bps(parts.refunds), 10_000 - in_bps(parts.refunds))
        if shipping:
            yield self._constant("shipping", "supplier shipping", parts.shipping)
        if parts.duty:
            yield Note("duty", f"{parts.duty} % of cost and shipping", duty)
        if handling:
            yield self._constant("handling", "per unit", parts.handling)
        if parts.refunds:
            detail = f"{parts.refunds} % of orders are refunded"
            yield Note("refunds", detail, spent.times(refunded))
        yield Note("landed cost", "what a sold unit costs", spent.times(1 + refunded))

    def _tier(self, tier: Tier, converted: Line) -> Iterator[Note]:
        if tier.up_to is not None:
            detail = f"cost up to {tier.up_to} {self.conversion.quote}"
            yield Note("tier", detail, converted)
        elif self.strategy.tiers:
            yield Note("tier", "cost above the other tiers", converted)

    def _target(self, tier: Tier, landed: Line) -> Iterator[Note]:
        fees = self.strategy.fees
        fixed = self._minor(fees.payment_fixed)
        if tier.kind is PricingKind.TARGET_MARGIN:
            kept = 10_000 - fees.bps - in_bps(tier.value)
            target = landed.plus(fixed).times(Fraction(10_000, kept))
            yield Note("target", f"{tier.value} % of the price stays as profit", target)
            return
        if tier.kind is PricingKind.FIXED_MARGIN:
            before = landed.plus(self._minor(tier.value))
            yield Note("target", f"landed cost + {tier.value} {self.conversion.quote}", before)
        else:
            before = landed.times(marked_up(tier.value))
            yield Note("target", f"landed cost + {tier.value} % markup", before)
        if fees.bps or fixed:
            detail = f"+ {fees.payment_fixed}, then over 1 - {fees.payment + fees.platform} %"
            yield Note("fees", detail, self._grossed_up(before))

    def _floors(self, landed: Line) -> Iterator[Note]:
        strategy = self.strategy
        yield Note("break-even", "landed cost and fees", self._grossed_up(landed))
        if strategy.min_margin is not None:
            exact = self._grossed_up(landed.times(marked_up(strategy.min_margin)))
            yield Note("minimum margin", f"{strategy.min_margin} % markup after fees", exact)
        if strategy.min_price is not None:
            yield self._constant("minimum price", "absolute", strategy.min_price)
        if strategy.minimum_advertised_price is not None:
            least = strategy.minimum_advertised_price
            yield self._constant("minimum advertised price", "set by the brand", least)

    def _ceilings(self, landed: Line) -> Iterator[Note]:
        strategy = self.strategy
        if strategy.max_margin is not None:
            exact = self._grossed_up(landed.times(marked_up(strategy.max_margin)))
            yield Note("maximum margin", f"{strategy.max_margin} % markup after fees", exact)
        if strategy.max_price is not None:
            yield self._constant("maximum price", "absolute", strategy.max_price)

    def _constant(self, name: str, detail: str, amount: Decimal) -> Note:
        return Note(name, detail, Line(Fraction(0), self._minor(amount)))

    def _grossed_up(self, net: Line) -> Line:
        """The price of which `net` is left once the fees are paid."""
        fees = self.strategy.fees
        return net.plus(self._minor(fees.payment_fixed)).times(Fraction(10_000, 10_000 - fees.bps))

    def _minor(self, amount: Decimal) -> Fraction:
        return Fraction(amount.scaleb(EXPONENTS[self.conversion.quote]))


def marked_up(percent: Decimal) -> Fraction:
    """What an amount is multiplied by so that `percent` of it come on top."""
    return 1 + Fraction(in_bps(percent), 10_000)


def _how_converted(conversion: Conversion) -> str:
    legs = ", ".join(
        f"{leg.base}/{leg.quote} {leg.rate} of {leg.as_of:%Y-%m-%d %H:%M} ({leg.source})"
        for leg in conversion.legs
    )
    buffer = f", plus a buffer of {conversion.buffer_bps} bps" if conversion.buffer_bps else ""
    return f"{legs or f'{conversion.base}/{conversion.quote}'}{buffer}"
