"""The steps from a cost to a price, in exact fractions and written down as they are taken.

Order: convert, land, target, gross up by fees, floor and ceiling, ending inside them. Limits come
last, so no ending can break one: floor <= price, and price <= ceiling unless the two conflict, when
the floor wins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Final

from zyenta_ops.domain.fx import Conversion
from zyenta_ops.domain.money import EXPONENTS, MAX_MINOR, Money
from zyenta_ops.domain.pricing.decision import PriceFlag, Step
from zyenta_ops.domain.pricing.endings import Grid, grid_for
from zyenta_ops.domain.pricing.limits import in_bps
from zyenta_ops.domain.pricing.strategy import PricingStrategy
from zyenta_ops.domain.pricing.terms import CompareAtRule, PricingKind, Tier

_SHOWN_DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class Quote:
    """A calculated price with the limits it was put inside; `landed` is in minor units."""

    price: Money
    landed: Fraction
    floor: Money
    ceiling: Money | None
    flags: tuple[PriceFlag, ...]
    compare_at: Money | None = None


class Calculation:
    """One run through the steps, which it writes down; amounts are minor units as fractions."""

    def __init__(self, strategy: PricingStrategy, currency: str) -> None:
        self.strategy = strategy
        self.currency = currency
        self.exponent = EXPONENTS[currency]
        self.grid: Grid = grid_for(strategy.endings, currency)
        self.steps: list[Step] = []

    def run(self, cost: Money, conversion: Conversion, list_price: Money | None) -> Quote:
        """Price a positive cost in `conversion.base`, writing down every step.

        The strategy's exchange buffer applies to the cost alone: a list price is not puffed up.
        """
        buffered = conversion.with_buffer(in_bps(self.strategy.landed_cost.fx_buffer))
        converted = self._convert(cost, buffered)
        landed = self._land(converted)
        target = self._target(converted, landed)
        quote = self._place(target, landed)
        return replace(quote, compare_at=self._compare_at(quote.price, list_price, conversion))

    def _convert(self, cost: Money, conversion: Conversion) -> Fraction:
        self._note("cost", "what the supplier asks", None, f"{cost}")
        converted = conversion.minor(cost)
        if conversion.base != conversion.quote:
            self._note("converted cost", _how_converted(conversion), converted)
        return converted

    def _land(self, converted: Fraction) -> Fraction:
        parts = self.strategy.landed_cost
        shipping = self._minor(parts.shipping)
        goods = converted + shipping
        duty = goods * in_bps(parts.duty) / 10_000
        spent = goods + duty + self._minor(parts.handling)
        landed = spent * 10_000 / (10_000 - in_bps(parts.refunds))
        if shipping:
            self._note("shipping", "supplier shipping", shipping)
        if duty:
            self._note("duty", f"{parts.duty} % of cost and shipping", duty)
        if parts.handling:
            self._note("handling", "per unit", self._minor(parts.handling))
        if parts.refunds:
            self._note("refunds", f"{parts.refunds} % of orders are refunded", landed - spent)
        self._note("landed cost", "what a sold unit costs", landed)
        return landed

    def _target(self, converted: Fraction, landed: Fraction) -> Fraction:
        rule = self._rule_for(converted)
        if rule.kind is PricingKind.TARGET_MARGIN:
            kept = 10_000 - self.strategy.fees.bps - in_bps(rule.value)
            target = (landed + self._fixed_fee) * 10_000 / kept
            self._note("target", f"{rule.value} % of the price stays as profit", target)
            return target
        if rule.kind is PricingKind.FIXED_MARGIN:
            before = landed + self._minor(rule.value)
            detail = f"landed cost + {rule.value} {self.currency}"
        else:
            before = _marked_up(landed, rule.value)
            detail = f"landed cost + {rule.value} % markup"
        self._note("target", detail, before)
        target = self._grossed_up(before)
        if target != before:
            fees = self.strategy.fees
            detail = f"+ {fees.payment_fixed}, then over 1 - {fees.payment + fees.platform} %"
            self._note("fees", detail, target)
        return target

    def _rule_for(self, converted: Fraction) -> Tier:
        for tier in self.strategy.rules:
            if tier.up_to is None:
                break
            if converted <= self._minor(tier.up_to):
                self._note("tier", f"cost up to {tier.up_to} {self.currency}", converted)
                return tier
        if self.strategy.tiers:
            self._note("tier", "cost above the other tiers", converted)
        return self.strategy.rules[-1]

    def _place(self, target: Fraction, landed: Fraction) -> Quote:
        least, most = self._floor(landed), self._ceiling(landed)
        flags: set[PriceFlag] = set()
        if most is not None and most < least:
            flags.add(PriceFlag.CONFLICT)
            self._note("conflict", "the ceiling is below the floor; the floor wins", least)
            most = least
        wanted = self.grid.nearest(target)
        price = self._inside(target, least, most)
        if price != self.grid.at_or_below(price):
            flags.add(PriceFlag.NO_ENDING)
        if price > wanted:
            flags.add(PriceFlag.RAISED_TO_FLOOR)
        elif price < wanted:
            flags.add(PriceFlag.LOWERED_TO_CEILING)
        ceiling = None if most is None else Money(most, self.currency)
        return Quote(
            price=Money(price, self.currency),
            landed=landed,
            floor=Money(least, self.currency),
            ceiling=ceiling,
            flags=tuple(flags),
        )

    def _inside(self, target: Fraction, least: int, most: int | None) -> int:
        """The ending nearest to the target within the limits, or the target where none fits."""
        low = self.grid.at_or_above(least)
        high = None if most is None else self.grid.at_or_below(most)
        if most is not None and high is not None and high < low:
            price = min(max(_half_up(target), least), most)
            self._note("ending", "no ending fits between floor and ceiling", Fraction(price))
            return price
        price = max(self.grid.nearest(target), low)
        if high is not None:
            price = min(price, high)
        detail = "rounded to the minor unit" if self.grid.free else "nearest ending within limits"
        self._note("ending", detail, Fraction(price))
        return price

    def _floor(self, landed: Fraction) -> int:
        strategy = self.strategy
        limits = [("break-even", "landed cost and fees", self._grossed_up(landed))]
        if strategy.min_margin is not None:
            exact = self._grossed_up(_marked_up(landed, strategy.min_margin))
            limits.append(("minimum margin", f"{strategy.min_margin} % markup after fees", exact))
        if strategy.min_price is not None:
            limits.append(("minimum price", "absolute", self._minor(strategy.min_price)))
        if strategy.minimum_advertised_price is not None:
            exact = self._minor(strategy.minimum_advertised_price)
            limits.append(("minimum advertised price", "set by the brand", exact))
        for name, detail, exact in limits:
            self._note(name, detail, exact)
        least = max(1, *(ceil(exact) for _, _, exact in limits))
        self._note("floor", "the highest of these, rounded up", Fraction(least))
        return least

    def _ceiling(self, landed: Fraction) -> int | None:
        limits = []
        if self.strategy.max_margin is not None:
            exact = self._grossed_up(_marked_up(landed, self.strategy.max_margin))
            self._note("maximum margin", f"{self.strategy.max_margin} % markup after fees", exact)
            limits.append(floor(exact))
        if self.strategy.max_price is not None:
            exact = self._minor(self.strategy.max_price)
            self._note("maximum price", "absolute", exact)
            limits.append(floor(exact))
        if not limits:
            return None
        self._note("ceiling", "the lowest of these, rounded down", Fraction(min(limits)))
        return min(limits)

    def _compare_at(
        self, price: Money, list_price: Money | None, conversion: Conversion
    ) -> Money | None:
        rule = self.strategy.compare_at
        if rule.rule is CompareAtRule.NONE:
            return None
        if rule.rule is CompareAtRule.PERCENT_ABOVE:
            exact = _marked_up(Fraction(price.minor), rule.percent)
            beside = max(self.grid.nearest(exact), self.grid.at_or_above(price.minor + 1))
            detail = f"{rule.percent} % above the price"
        else:
            listed = self._listed(list_price, conversion)
            beside = self.grid.at_or_below(floor(listed)) if listed else 0
            detail = "the supplier's list price, down to an ending"
        if not price.minor < beside <= MAX_MINOR:
            self._note("compare-at", "none: no list price above the price")
            return None
        self._note("compare-at", detail, Fraction(beside))
        return Money(beside, self.currency)

    def _listed(self, list_price: Money | None, conversion: Conversion) -> Fraction | None:
        if list_price is None or list_price.minor <= 0:
            return None
        if list_price.currency == conversion.base:
            return conversion.minor(list_price)
        if list_price.currency == self.currency:
            return Fraction(list_price.minor)
        return None

    @property
    def _fixed_fee(self) -> Fraction:
        return self._minor(self.strategy.fees.payment_fixed)

    def _grossed_up(self, net: Fraction) -> Fraction:
        """The price of which `net` is left once the fees are paid."""
        return (net + self._fixed_fee) * 10_000 / (10_000 - self.strategy.fees.bps)

    def _minor(self, amount: Decimal) -> Fraction:
        return Fraction(amount.scaleb(self.exponent))

    def _note(
        self, name: str, detail: str, minor: Fraction | int | None = None, quoted: str = ""
    ) -> None:
        amount = None if minor is None else shown(Fraction(minor), self.exponent)
        self.steps.append(Step(name, f"{detail}: {quoted}" if quoted else detail, amount))


def _marked_up(amount: Fraction, percent: Decimal) -> Fraction:
    return amount * (10_000 + in_bps(percent)) / 10_000


def _half_up(exact: Fraction) -> int:
    return floor(exact + Fraction(1, 2))


def _how_converted(conversion: Conversion) -> str:
    legs = ", ".join(
        f"{leg.base}/{leg.quote} {leg.rate} of {leg.as_of:%Y-%m-%d %H:%M} ({leg.source})"
        for leg in conversion.legs
    )
    buffer = f", plus a buffer of {conversion.buffer_bps} bps" if conversion.buffer_bps else ""
    return f"{legs or f'{conversion.base}/{conversion.quote}'}{buffer}"


def shown(minor: Fraction, exponent: int) -> Decimal:
    """An exact amount of minor units as major units, to four decimals beyond the minor unit."""
    scaled = round(minor * 10**_SHOWN_DECIMALS)
    if scaled % 10**_SHOWN_DECIMALS == 0:
        return Decimal(scaled // 10**_SHOWN_DECIMALS).scaleb(-exponent)
    return Decimal(scaled).scaleb(-exponent - _SHOWN_DECIMALS)
