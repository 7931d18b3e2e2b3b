"""A million prices in columns against a loop over Decimal, which must agree to the cent.

Three runs over the same costs: first prices by the default strategy with a minimum margin; first
prices through an exchange rate of eight decimals, shipping and fees, which needs more than 64 bits;
and repricing, where both ways also decide what becomes of each price in force.

Both ways use one core, and what is compared is processor time: other work on the machine makes
both slower at the clock, but not by the same factor.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

import numpy as np
from measure import Claim, Report, at_least, at_most, median, options, timed

from zyenta_ops.domain.fx import Conversion
from zyenta_ops.domain.pricing import (
    Fees,
    LandedCost,
    PriceOutcome,
    PricingStrategy,
)
from zyenta_ops.domain.pricing.columns import OUTCOMES, Column, PriceColumns, decide_prices

Answers = tuple[list[int], list[PriceOutcome] | None]

RATE = Decimal("1.08345678")
HALF, FIFTH, CENT, ENDING = Decimal("0.5"), Decimal("0.2"), Decimal("0.01"), Decimal("0.99")


@dataclass(frozen=True)
class Case:
    """One strategy in both forms; the loop gets costs and prices in force."""

    name: str
    strategy: PricingStrategy
    conversion: Conversion
    loop: Callable[[list[int], list[int]], Answers]
    repricing: bool = False


def in_cents(target: Decimal, floor: Decimal) -> int:
    """The .99 ending of a target, one step up where it lies below the floor."""
    whole = target.to_integral_value(ROUND_FLOOR)
    price = whole + ENDING if target - whole > HALF else whole - CENT
    if price < floor:
        price += (floor - price).to_integral_value(ROUND_CEILING)
    return int(price.scaleb(2))


def loop_over_plain_costs(costs: list[int], _current: list[int]) -> Answers:
    """Markup 50 %, at least 30 %."""
    markup, least = Decimal("1.5"), Decimal("1.3")
    prices = []
    for minor in costs:
        cost = Decimal(minor).scaleb(-2)
        prices.append(in_cents(cost * markup, cost * least))
    return prices, None


def loop_over_prices_in_force(costs: list[int], current: list[int]) -> Answers:
    """The same, and what becomes of each price."""
    prices, _ = loop_over_plain_costs(costs, current)
    outcomes = [
        outcome_of(Decimal(price), Decimal(before))
        for price, before in zip(prices, current, strict=True)
    ]
    return prices, outcomes


def outcome_of(price: Decimal, before: Decimal) -> PriceOutcome:
    """Unchanged; applied up to one ending or 20 %; held up to 100 %; else blocked."""
    distance = abs(price - before)
    if distance == 0:
        return PriceOutcome.UNCHANGED
    smaller = min(price, before)
    if distance <= 100 or distance <= smaller * FIFTH:
        return PriceOutcome.APPLIED
    return PriceOutcome.NEEDS_APPROVAL if distance <= smaller else PriceOutcome.BLOCKED


def loop_over_foreign_costs(costs: list[int], _current: list[int]) -> Answers:
    """Converted, 3.00 shipping, markup 50 %, fees of 2.9 % and 0.30."""
    markup, shipping, fixed, kept = Decimal("1.5"), Decimal(3), Decimal("0.30"), Decimal("0.971")
    prices = []
    for minor in costs:
        landed = Decimal(minor).scaleb(-2) * RATE + shipping
        prices.append(in_cents((landed * markup + fixed) / kept, (landed + fixed) / kept))
    return prices, None


CASES = (
    Case(
        "plain",
        PricingStrategy(min_margin=Decimal(30)),
        Conversion.identity("USD"),
        loop_over_plain_costs,
    ),
    Case(
        "foreign",
        PricingStrategy(
            landed_cost=LandedCost(shipping=Decimal(3)),
            fees=Fees(payment=Decimal("2.9"), payment_fixed=Decimal("0.30")),
        ),
        Conversion("EUR", "USD", Fraction(RATE)),
        loop_over_foreign_costs,
    ),
    Case(
        "repricing",
        PricingStrategy(min_margin=Decimal(30)),
        Conversion.identity("USD"),
        loop_over_prices_in_force,
        repricing=True,
    ),
)


def measure(case: Case, cost: Column, runs: int) -> list[Claim]:
    """Both ways in turn, `runs` times, and the claims about them."""
    moved = np.random.default_rng(1).integers(90, 111, len(cost))
    current = cost * 3 // 2 * moved // 100 if case.repricing else None
    costs, in_force = cost.tolist(), [] if current is None else current.tolist()
    slow, fast, wrong = [], [], 0
    for _ in range(runs):
        seconds, columns = timed(
            lambda: decide_prices(case.strategy, cost, "USD", case.conversion, current),
            time.process_time,
        )
        fast.append(seconds)
        seconds, answers = timed(lambda: case.loop(costs, in_force), time.process_time)
        slow.append(seconds)
        wrong = max(wrong, differing(columns, *answers))
    return [
        at_most(f"{case.name}: rows unlike the Decimal loop", wrong, 0, "rows"),
        at_least(f"{case.name}: times as fast", median(slow) / median(fast), 30),
    ]


def differing(columns: PriceColumns, prices: list[int], outcomes: list[PriceOutcome] | None) -> int:
    """Rows on which the two ways disagree."""
    wrong = columns.price_minor != np.array(prices)
    if outcomes is not None:
        wrong |= columns.outcome != np.array([OUTCOMES.index(outcome) for outcome in outcomes])
    return int(wrong.sum())


def main() -> int:
    """Measure, report, and return the exit status."""
    parser = options(__doc__, runs=5)
    parser.add_argument("--rows", type=int, default=1_000_000)
    chosen = parser.parse_args()
    cost = np.random.default_rng(20261120).integers(1, 100_000, chosen.rows)
    report = Report(f"{chosen.rows:,} prices, in processor time", chosen.runs, ("numpy",))
    for case in CASES:
        report.claims += measure(case, cost, chosen.runs)
    return report.tell(chosen.json)


if __name__ == "__main__":
    sys.exit(main())
