"""Defects of an earlier calculator, D1 to D14, each kept out by the test that bears its number."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fx import Conversion
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.pricing import (
    DeadBand,
    EndingRule,
    Fees,
    LandedCost,
    PriceOutcome,
    PricingKind,
    PricingStrategy,
    decide_price,
)
from zyenta_ops.domain.pricing.columns import Column, PriceColumns, decide_prices

USD = Conversion.identity("USD")
ALL_COSTS = np.arange(1, 100_001, dtype=np.int64)
NO_ENDINGS = (EndingRule("*"),)


def all_prices(strategy: PricingStrategy) -> PriceColumns:
    return decide_prices(strategy, ALL_COSTS, "USD", USD)


def cents(strategy: PricingStrategy, cost: int) -> int:
    decision = decide_price(strategy, Money(cost, "USD"), "USD")
    assert decision.price is not None
    return decision.price.minor


def test_d1_no_price_is_ever_negative_or_zero() -> None:
    assert int(all_prices(PricingStrategy()).price_minor.min()) == 99
    nothing = decide_price(PricingStrategy(), Money(0, "USD"), "USD")
    assert (nothing.outcome, nothing.price) == (PriceOutcome.REJECTED, None)


def test_d2_no_price_is_below_cost_and_only_34_costs_are_priced_otherwise_than_before() -> None:
    prices = all_prices(PricingStrategy()).price_minor
    assert int((prices < ALL_COSTS).sum()) == 0
    assert cents(PricingStrategy(), 100) == 199
    differs = ALL_COSTS[prices != former(ALL_COSTS)]
    assert differs.tolist() == [*range(1, 34), 100]


def former(cost: Column) -> Column:
    """The earlier default in cents: cost x 1.5, then .99 below or above by the half."""
    tripled = cost * 3  # half cents
    whole, part = tripled // 200, tripled % 200
    return np.where(part > 100, whole * 100 + 99, whole * 100 - 1)


@pytest.mark.parametrize("margin", [10, 20, 30, 40, 50])
def test_d3_an_ending_never_breaks_the_minimum_margin(margin: int) -> None:
    strategy = PricingStrategy(value=Decimal(margin), min_margin=Decimal(margin))
    prices = all_prices(strategy).price_minor
    assert int((prices * 100 < ALL_COSTS * (100 + margin)).sum()) == 0


def test_d4_an_ending_never_breaks_the_maximum_margin() -> None:
    strategy = PricingStrategy(value=Decimal(200), max_margin=Decimal(50))
    prices = all_prices(strategy).price_minor
    too_dear = (prices * 2 > ALL_COSTS * 3) & (prices > ALL_COSTS)
    assert int(too_dear.sum()) == 0


def test_d5_a_minimum_above_the_maximum_is_refused() -> None:
    with pytest.raises(Refused, match=r"^min_margin 60 is above max_margin 20"):
        PricingStrategy(min_margin=Decimal(60), max_margin=Decimal(20))


def test_d6_a_margin_is_not_a_markup() -> None:
    markup = PricingStrategy(PricingKind.PERCENTAGE_MARGIN, Decimal(50), endings=NO_ENDINGS)
    margin = replace(markup, kind=PricingKind.TARGET_MARGIN)
    assert (cents(markup, 1000), cents(margin, 1000)) == (1500, 2000)


@pytest.mark.parametrize("ending", ["0.50", "0.49", "0.25", "0.95", "0.99", "0.00"])
def test_d7_an_ending_applied_again_does_not_drift(ending: str) -> None:
    strategy = PricingStrategy(
        PricingKind.FIXED_MARGIN, Decimal(0), endings=(EndingRule("USD", (Decimal(ending),)),)
    )
    once = all_prices(strategy).price_minor
    assert decide_prices(strategy, once, "USD", USD).price_minor.tolist() == once.tolist()


@pytest.mark.parametrize("ending", ["1.00", "9.99", "-0.01"])
def test_d7_an_ending_outside_its_step_is_refused(ending: str) -> None:
    with pytest.raises(Refused, match="endings of USD"):
        EndingRule("USD", (Decimal(ending),))


def test_d8_more_endings_distort_low_prices_less() -> None:
    exact = ALL_COSTS[:500] * 3 / 2
    one = all_prices(PricingStrategy()).price_minor[:500]
    quarters = tuple(Decimal(ending) for ending in ("0.24", "0.49", "0.74", "0.99"))
    four = all_prices(PricingStrategy(endings=(EndingRule("USD", quarters),))).price_minor[:500]
    assert np.abs(four - exact).max() < np.abs(one - exact).max()
    assert np.abs(four / exact - 1).mean() < np.abs(one / exact - 1).mean() / 2


@pytest.mark.parametrize(
    ("value", "cost", "expected"),
    [("10", 2500, 2699), ("35", 9000, 12099)],
)
def test_d9_no_float_moves_an_ending(value: str, cost: int, expected: int) -> None:
    assert cents(PricingStrategy(value=Decimal(value)), cost) == expected


@pytest.mark.parametrize("value", ["15", "45", "30", "65", "70"])
def test_d9_no_float_moves_a_cent(value: str) -> None:
    strategy = PricingStrategy(value=Decimal(value), endings=NO_ENDINGS)
    exact = (ALL_COSTS * (100 + int(value)) * 2 + 100) // 200
    assert all_prices(strategy).price_minor.tolist() == exact.tolist()
    assert cents(PricingStrategy(value=Decimal(15), endings=NO_ENDINGS), 50) == 58


def test_d10_the_decimals_are_those_of_the_currency() -> None:
    strategy = PricingStrategy(endings=NO_ENDINGS)
    dinar = decide_price(strategy, Money.of("1.234", "KWD"), "KWD").price
    yen = decide_price(strategy, Money.of("1001", "JPY"), "JPY").price
    assert str(dinar) == "1.851 KWD"
    assert str(yen) == "1502 JPY"


def test_d11_no_order_loses_money_to_shipping_and_fees() -> None:
    strategy = PricingStrategy(
        landed_cost=LandedCost(shipping=Decimal(3)),
        fees=Fees(payment=Decimal("2.9"), payment_fixed=Decimal("0.30")),
    )
    for cost in (100, 200, 300, 500, 800):
        sold = Decimal(cents(strategy, cost))
        assert sold * Decimal("0.971") - 30 - 300 - cost > 0


@pytest.mark.parametrize("kind", ["COMPETITIVE", "DYNAMIC"])
def test_d12_a_kind_that_is_not_available_is_refused_and_not_guessed(kind: str) -> None:
    with pytest.raises(Refused, match=f"kind {kind} is not available yet; use FIXED_MARGIN"):
        PricingStrategy(PricingKind(kind))


def test_d12_an_unknown_kind_is_refused_and_not_priced_at_half() -> None:
    with pytest.raises(Refused, match="kind 'CHEAP' is unknown; use FIXED_MARGIN"):
        PricingStrategy("CHEAP")  # type: ignore[arg-type]


def test_d12_text_is_read_as_a_number_and_never_concatenated() -> None:
    strategy = PricingStrategy(PricingKind.FIXED_MARGIN, "5", endings=NO_ENDINGS)  # type: ignore[arg-type]
    assert cents(strategy, 1000) == 1500


def test_d13_an_edited_strategy_has_another_fingerprint() -> None:
    before = PricingStrategy()
    assert replace(before, value=Decimal(51)).fingerprint() != before.fingerprint()
    assert PricingStrategy(value=Decimal("50.00")).fingerprint() == before.fingerprint()


def test_d14_a_tenfold_supplier_error_is_blocked_in_both_directions() -> None:
    current = Money(1499, "USD")
    for cost in (10_000, 100):
        decision = decide_price(PricingStrategy(), Money(cost, "USD"), "USD", current=current)
        assert decision.outcome is PriceOutcome.BLOCKED


def test_d14_a_current_price_of_zero_divides_nothing() -> None:
    decision = decide_price(PricingStrategy(), Money(1000, "USD"), "USD", current=Money(0, "USD"))
    assert decision.outcome is PriceOutcome.APPLIED
    assert decision.change_bps is None


def test_d14_small_changes_add_up_because_they_are_measured_on_the_published_price() -> None:
    strategy = PricingStrategy(endings=NO_ENDINGS, dead_band=DeadBand(Decimal(10)))
    current, cost = Money(1500, "USD"), 1000
    outcomes = []
    for _ in range(4):
        cost = cost * 104 // 100
        outcomes.append(decide_price(strategy, Money(cost, "USD"), "USD", current=current).outcome)
    assert outcomes == [
        PriceOutcome.UNCHANGED,
        PriceOutcome.UNCHANGED,
        PriceOutcome.APPLIED,
        PriceOutcome.APPLIED,
    ]
