"""Prices of single variants: the default's table, limits, endings, vectors of other repricers."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from zyenta_ops.domain.fx import Conversion
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.pricing import (
    CompareAt,
    CompareAtRule,
    EndingRule,
    Fees,
    LandedCost,
    PriceDecision,
    PriceFlag,
    PriceOutcome,
    PricingKind,
    PricingStrategy,
    Tier,
    decide_price,
)

NO_ENDINGS = (EndingRule("*"),)
PLAIN = PricingStrategy(endings=NO_ENDINGS)

GOLDEN = """
0.34->0.99 0.50->0.99 0.66->0.99 0.67->0.99 0.99->0.99 1.00->1.99 1.01->1.99 1.33->1.99
1.34->1.99 1.50->1.99 1.67->2.99 1.68->2.99 2.00->2.99 2.33->2.99 2.34->3.99 2.50->3.99
3.00->3.99 3.33->4.99 3.34->4.99 3.99->5.99 4.00->5.99 4.99->6.99 5.00->6.99 5.33->7.99
5.34->7.99 6.66->9.99 7.00->9.99 7.77->11.99 8.20->11.99 9.00->12.99 9.99->14.99 10.00->14.99
10.33->14.99 10.34->15.99 11.11->16.99 12.00->17.99 12.34->18.99 12.50->18.99 13.00->18.99
14.99->21.99 15.00->21.99 17.25->25.99 19.99->29.99 20.00->29.99 24.99->36.99 25.00->36.99
29.99->44.99 33.33->49.99 39.95->59.99 45.00->66.99 49.99->74.99 50.00->74.99 66.66->99.99
75.00->111.99 79.90->119.99 99.99->149.99 100.00->149.99 123.45->184.99 149.99->224.99
199.99->299.99 250.00->374.99 333.33->499.99 499.00->747.99 999.99->1499.99 1234.56->1851.99
5000.00->7499.99 0.01->0.99 0.10->0.99 0.33->0.99
"""


def priced(strategy: PricingStrategy, cost: str, currency: str = "USD") -> PriceDecision:
    return decide_price(strategy, Money.of(cost, currency), currency)


def price(strategy: PricingStrategy, cost: str, currency: str = "USD") -> str:
    decision = priced(strategy, cost, currency)
    assert decision.price is not None
    return str(decision.price.amount)


def percent(value: str, **fields: object) -> PricingStrategy:
    return replace(PricingStrategy(value=Decimal(value)), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("vector", GOLDEN.split())
def test_the_default_strategy_prices_as_its_table_says(vector: str) -> None:
    cost, expected = vector.split("->")
    decision = priced(PricingStrategy(), cost)
    assert str(decision.price) == f"{expected} USD"
    assert decision.outcome is PriceOutcome.APPLIED


@pytest.mark.parametrize("vector", ["10.00->15.00", "0.01->0.02", "1.00->1.50", "0.99->1.49"])
def test_without_endings_a_price_is_rounded_half_up(vector: str) -> None:
    cost, expected = vector.split("->")
    assert price(PLAIN, cost) == expected


class TestKinds:
    def test_a_fixed_margin_adds_an_amount(self) -> None:
        strategy = PricingStrategy(PricingKind.FIXED_MARGIN, Decimal(5), endings=NO_ENDINGS)
        assert price(strategy, "10") == "15.00"

    def test_a_percentage_margin_is_a_markup(self) -> None:
        assert price(percent("40", endings=NO_ENDINGS), "10") == "14.00"
        assert price(percent("45", endings=NO_ENDINGS), "10") == "14.50"
        assert price(percent("45"), "10") == "13.99"

    def test_a_target_margin_stays_of_the_price(self) -> None:
        strategy = PricingStrategy(PricingKind.TARGET_MARGIN, Decimal(50), endings=NO_ENDINGS)
        assert price(strategy, "10") == "20.00"

    def test_a_target_margin_stays_after_fees_too(self) -> None:
        fees = Fees(payment=Decimal("2.9"), payment_fixed=Decimal("0.30"))
        strategy = PricingStrategy(
            PricingKind.TARGET_MARGIN, Decimal(50), endings=NO_ENDINGS, fees=fees
        )
        sold = Decimal(price(strategy, "10"))
        profit = sold - sold * Decimal("0.029") - Decimal("0.30") - 10
        assert sold == Decimal("21.87")
        assert abs(profit / sold - Decimal("0.5")) < Decimal("0.001")

    def test_tiers_choose_the_rule_by_cost(self) -> None:
        strategy = PricingStrategy(
            tiers=(
                Tier(Decimal(5), PricingKind.PERCENTAGE_MARGIN, Decimal(100)),
                Tier(Decimal(15), PricingKind.FIXED_MARGIN, Decimal(10)),
                Tier(None, PricingKind.PERCENTAGE_MARGIN, Decimal(50)),
            ),
            endings=NO_ENDINGS,
        )
        costs = ("0.01", "5", "5.01", "15", "15.01", "100")
        assert [price(strategy, cost) for cost in costs] == [
            "0.02",
            "10.00",
            "15.01",
            "25.00",
            "22.52",
            "150.00",
        ]

    def test_a_tier_looks_at_the_converted_cost_unrounded(self) -> None:
        strategy = PricingStrategy(
            tiers=(
                Tier(Decimal(5), PricingKind.FIXED_MARGIN, Decimal(1)),
                Tier(None, PricingKind.FIXED_MARGIN, Decimal(100)),
            ),
            endings=NO_ENDINGS,
        )
        fx = Conversion("EUR", "USD", Fraction("1.001"))
        decision = decide_price(strategy, Money(500, "EUR"), "USD", fx)
        assert decision.price == Money(10501, "USD")


class TestOtherRepricers:
    """Published formulas and worked examples of DSers and AutoDS."""

    def test_dsers_grosses_up_by_fees_on_the_listing_price(self) -> None:
        """[(cost + shipping)(1 + profit) + fixed] / (1 - fees), with 10 + 2, 50 %, 1 and 10 %."""
        strategy = percent(
            "50",
            endings=NO_ENDINGS,
            landed_cost=LandedCost(shipping=Decimal(2)),
            fees=Fees(payment_fixed=Decimal(1), platform=Decimal(10)),
        )
        assert price(strategy, "10") == "21.11"

    def test_dsers_raises_to_the_minimum_profit(self) -> None:
        """[(cost + shipping) + minimum profit] / (1 - fees), the minimum here being 100 %."""
        strategy = percent(
            "50",
            endings=NO_ENDINGS,
            min_margin=Decimal(100),
            landed_cost=LandedCost(shipping=Decimal(2)),
            fees=Fees(platform=Decimal(10)),
        )
        assert price(strategy, "10") == "26.67"

    def test_dsers_ranges_multiply_and_add(self) -> None:
        strategy = PricingStrategy(
            tiers=(
                Tier(Decimal(5), PricingKind.PERCENTAGE_MARGIN, Decimal(100)),
                Tier(Decimal(15), PricingKind.FIXED_MARGIN, Decimal(10)),
                Tier(Decimal(50), PricingKind.PERCENTAGE_MARGIN, Decimal(50)),
                Tier(None, PricingKind.PERCENTAGE_MARGIN, Decimal(30)),
            ),
        )
        assert [price(strategy, cost) for cost in ("4", "10", "20", "60")] == [
            "7.99",
            "19.99",
            "29.99",
            "77.99",
        ]

    def test_autods_profit_after_a_fifth_of_fees_is_reached_again(self) -> None:
        """AutoDS: selling at 50 with 20 % fees and a buy price of 10.99 leaves 29.01."""
        strategy = PricingStrategy(
            PricingKind.FIXED_MARGIN,
            Decimal("29.01"),
            endings=NO_ENDINGS,
            fees=Fees(platform=Decimal(20)),
        )
        assert price(strategy, "10.99") == "50.00"


class TestLandedCost:
    def test_every_part_is_in_the_landed_cost(self) -> None:
        strategy = percent(
            "0",
            endings=NO_ENDINGS,
            landed_cost=LandedCost(
                shipping=Decimal(3), handling=Decimal("0.50"), duty=Decimal(10), refunds=Decimal(5)
            ),
        )
        decision = priced(strategy, "10")
        assert decision.landed == Decimal("15.578947")
        assert decision.price == Money(1558, "USD")

    def test_an_exchange_buffer_makes_foreign_costs_dearer(self) -> None:
        strategy = percent(
            "0", endings=NO_ENDINGS, landed_cost=LandedCost(fx_buffer=Decimal("1.5"))
        )
        fx = Conversion("EUR", "USD", Fraction("1.10"))
        assert decide_price(strategy, Money(1000, "EUR"), "USD", fx).price == Money(1117, "USD")
        assert decide_price(strategy, Money(1000, "USD"), "USD").price == Money(1000, "USD")

    def test_a_cost_is_converted_unrounded_and_the_price_rounded_once(self) -> None:
        fx = Conversion("EUR", "USD", Fraction("1.004"))
        decision = decide_price(percent("200", endings=NO_ENDINGS), Money(1, "EUR"), "USD", fx)
        thousand = decide_price(percent("9900", endings=NO_ENDINGS), Money(1, "EUR"), "USD", fx)
        assert decision.price == Money(3, "USD")
        assert thousand.price == Money(100, "USD")
        assert decision.landed == Decimal("0.010040")


class TestLimits:
    def test_an_ending_is_chosen_inside_the_minimum_margin(self) -> None:
        strategy = percent("30", min_margin=Decimal(30))
        assert [price(strategy, cost) for cost in ("1", "4", "10")] == ["1.99", "5.99", "13.99"]

    def test_more_endings_make_smaller_steps_above_the_floor(self) -> None:
        both = (EndingRule("USD", (Decimal("0.99"), Decimal("0.49"))),)
        strategy = percent("30", min_margin=Decimal(30), endings=both)
        assert price(strategy, "10") == "13.49"

    def test_an_ending_is_chosen_inside_the_maximum_margin(self) -> None:
        strategy = percent("200", max_margin=Decimal(50))
        decision = priced(strategy, "5.10")
        assert decision.price == Money(699, "USD")
        assert decision.ceiling == Money(765, "USD")
        assert decision.flags == (PriceFlag.LOWERED_TO_CEILING,)

    def test_where_no_ending_fits_the_price_stays_inside_and_says_so(self) -> None:
        decision = priced(percent("200", max_margin=Decimal(50)), "0.45")
        assert decision.price == Money(67, "USD")
        assert PriceFlag.NO_ENDING in decision.flags

    def test_the_floor_wins_over_the_ceiling(self) -> None:
        strategy = PricingStrategy(min_price=Decimal(20), max_margin=Decimal(50))
        decision = priced(strategy, "10")
        assert decision.price == Money(2000, "USD")
        assert decision.flags == (
            PriceFlag.CONFLICT,
            PriceFlag.NO_ENDING,
            PriceFlag.RAISED_TO_FLOOR,
        )

    def test_a_minimum_advertised_price_is_a_floor(self) -> None:
        strategy = PricingStrategy(minimum_advertised_price=Decimal("17.50"))
        decision = priced(strategy, "10")
        assert decision.price == Money(1799, "USD")
        assert decision.floor == Money(1750, "USD")

    def test_a_maximum_price_is_a_ceiling(self) -> None:
        assert price(PricingStrategy(max_price=Decimal(13)), "10") == "12.99"

    def test_a_maximum_price_below_cost_does_not_sell_at_a_loss(self) -> None:
        decision = priced(PricingStrategy(max_price=Decimal(8)), "10")
        assert decision.price == Money(1000, "USD")
        assert PriceFlag.CONFLICT in decision.flags

    def test_break_even_covers_the_fees(self) -> None:
        fees = Fees(payment=Decimal("2.9"), payment_fixed=Decimal("0.30"))
        decision = priced(percent("0", endings=NO_ENDINGS, fees=fees), "10")
        assert decision.floor == Money(1061, "USD")
        assert decision.price == Money(1061, "USD")


class TestEndings:
    def test_the_turn_to_the_next_99_is_above_one_half(self) -> None:
        free = PricingStrategy(PricingKind.FIXED_MARGIN, Decimal("5.00"))
        assert price(free, "10.49") == "14.99"
        assert price(free, "10.50") == "14.99"
        assert price(free, "10.51") == "15.99"

    def test_other_endings_turn_at_the_true_middle(self) -> None:
        half = PricingStrategy(
            PricingKind.FIXED_MARGIN,
            Decimal(5),
            endings=(EndingRule("USD", (Decimal("0.50"),)),),
        )
        assert price(half, "10.00") == "14.50"
        assert price(half, "10.01") == "15.50"

    def test_yen_end_in_80_by_default_and_dinars_in_990(self) -> None:
        assert price(PricingStrategy(), "1000", "JPY") == "1480"
        assert price(PricingStrategy(), "1.234", "KWD") == "1.990"

    def test_yen_may_end_in_980(self) -> None:
        rule = EndingRule("JPY", (Decimal(980),), Decimal(1000))
        strategy = PricingStrategy(endings=(rule,))
        assert price(strategy, "1000", "JPY") == "1980"
        assert price(strategy, "2900", "JPY") == "3980"
        assert price(strategy, "3000", "JPY") == "4980"

    def test_a_rule_for_any_currency_gives_way_where_it_cannot_be_paid(self) -> None:
        strategy = PricingStrategy(endings=(EndingRule("*", (Decimal("0.95"),)),))
        assert price(strategy, "10", "USD") == "14.95"
        assert price(strategy, "1000", "JPY") == "1480"


class TestCompareAt:
    def test_a_percentage_above_the_price_has_an_ending_too(self) -> None:
        strategy = PricingStrategy(compare_at=CompareAt(CompareAtRule.PERCENT_ABOVE, Decimal(25)))
        assert priced(strategy, "10").compare_at == Money(1899, "USD")

    def test_a_percentage_too_small_for_an_ending_takes_the_next_one(self) -> None:
        strategy = PricingStrategy(
            compare_at=CompareAt(CompareAtRule.PERCENT_ABOVE, Decimal("0.01"))
        )
        assert priced(strategy, "10").compare_at == Money(1599, "USD")

    def test_a_list_price_is_converted_and_never_exaggerated(self) -> None:
        strategy = PricingStrategy(
            compare_at=CompareAt(CompareAtRule.LIST_PRICE),
            landed_cost=LandedCost(fx_buffer=Decimal(10)),
        )
        fx = Conversion("EUR", "USD", Fraction("1.10"))
        decision = decide_price(
            strategy, Money(1000, "EUR"), "USD", fx, list_price=Money(4000, "EUR")
        )
        assert decision.compare_at == Money(4399, "USD")

    @pytest.mark.parametrize("listed", [None, Money(0, "USD"), Money(1520, "USD")])
    def test_without_a_list_price_above_the_price_there_is_none(self, listed: Money | None) -> None:
        strategy = PricingStrategy(compare_at=CompareAt(CompareAtRule.LIST_PRICE))
        decision = decide_price(strategy, Money(1000, "USD"), "USD", list_price=listed)
        assert decision.compare_at is None


def test_every_step_is_recorded_in_order_with_its_amount() -> None:
    strategy = PricingStrategy(
        fees=Fees(payment=Decimal("2.9"), payment_fixed=Decimal("0.30")),
        landed_cost=LandedCost(shipping=Decimal(3)),
        min_margin=Decimal(40),
        max_margin=Decimal(60),
        compare_at=CompareAt(CompareAtRule.PERCENT_ABOVE, Decimal(20)),
    )
    fx = Conversion("EUR", "USD", Fraction("1.10"))
    decision = decide_price(strategy, Money(1000, "EUR"), "USD", fx, current=Money(2000, "USD"))
    assert [(step.name, step.amount) for step in decision.steps] == [
        ("cost", None),
        ("converted cost", Decimal("11.00")),
        ("shipping", Decimal("3.00")),
        ("landed cost", Decimal("14.00")),
        ("target", Decimal("21.00")),
        ("fees", Decimal("21.936148")),
        ("break-even", Decimal("14.727085")),
        ("minimum margin", Decimal("20.494336")),
        ("floor", Decimal("20.50")),
        ("maximum margin", Decimal("23.377961")),
        ("ceiling", Decimal("23.37")),
        ("ending", Decimal("21.99")),
        ("compare-at", Decimal("25.99")),
        ("outcome", Decimal("21.99")),
    ]
    assert decision.change_bps == 995
