"""What becomes of a computed price: applied, held for approval, blocked, kept or locked."""

from dataclasses import replace
from decimal import Decimal

import pytest

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.pricing import (
    ApprovalPolicy,
    DeadBand,
    EndingRule,
    PriceDecision,
    PriceFlag,
    PriceOutcome,
    PricingStrategy,
    decide_price,
)

PLAIN = PricingStrategy(value=Decimal(0), endings=(EndingRule("*"),))


def moved(
    strategy: PricingStrategy, price: int, current: int, locked: bool = False
) -> PriceDecision:
    """The decision for a move from `current` to `price`, the strategy selling at cost."""
    return decide_price(
        strategy, Money(price, "USD"), "USD", current=Money(current, "USD"), locked=locked
    )


def test_the_first_price_is_applied_however_high() -> None:
    decision = decide_price(PLAIN, Money(9_999_999, "USD"), "USD")
    assert decision.outcome is PriceOutcome.APPLIED
    assert decision.change_bps is None


@pytest.mark.parametrize(
    ("price", "current", "outcome"),
    [
        (1200, 1000, PriceOutcome.APPLIED),
        (1201, 1000, PriceOutcome.NEEDS_APPROVAL),
        (2000, 1000, PriceOutcome.NEEDS_APPROVAL),
        (2001, 1000, PriceOutcome.BLOCKED),
        (1000, 1200, PriceOutcome.APPLIED),
        (1000, 1201, PriceOutcome.NEEDS_APPROVAL),
        (1000, 2000, PriceOutcome.NEEDS_APPROVAL),
        (1000, 2001, PriceOutcome.BLOCKED),
        (1000, 1000, PriceOutcome.UNCHANGED),
    ],
)
def test_a_move_is_judged_against_the_smaller_price(
    price: int, current: int, outcome: PriceOutcome
) -> None:
    decision = moved(PLAIN, price, current)
    assert decision.outcome is outcome
    assert decision.price == Money(price, "USD")


def test_a_move_of_one_ending_is_applied_even_when_it_doubles_a_price() -> None:
    decision = decide_price(PricingStrategy(), Money(100, "USD"), "USD", current=Money(99, "USD"))
    assert decision.price == Money(199, "USD")
    assert decision.outcome is PriceOutcome.APPLIED
    assert decision.change_bps == 10_101


def test_a_policy_without_limits_applies_every_move() -> None:
    strategy = replace(PLAIN, approval=ApprovalPolicy(None, None))
    assert moved(strategy, 100_000, 1000).outcome is PriceOutcome.APPLIED


def test_a_policy_without_a_block_asks_for_every_large_move() -> None:
    strategy = replace(PLAIN, approval=ApprovalPolicy(Decimal(5), None))
    assert moved(strategy, 100_000, 1000).outcome is PriceOutcome.NEEDS_APPROVAL


def test_a_change_inside_the_dead_band_leaves_the_price() -> None:
    strategy = replace(PLAIN, dead_band=DeadBand(Decimal(1)))
    inside = decide_price(strategy, Money(1000, "USD"), "USD", current=Money(1010, "USD"))
    assert inside.outcome is PriceOutcome.UNCHANGED
    assert inside.flags == (PriceFlag.DEAD_BAND,)
    assert inside.price == Money(1000, "USD")
    outside = decide_price(strategy, Money(1000, "USD"), "USD", current=Money(1011, "USD"))
    assert outside.outcome is PriceOutcome.APPLIED


def test_a_change_of_exactly_the_dead_band_is_applied() -> None:
    strategy = replace(PLAIN, dead_band=DeadBand(Decimal(1)))
    assert moved(strategy, 990, 1000).outcome is PriceOutcome.APPLIED
    assert moved(strategy, 991, 1000).outcome is PriceOutcome.UNCHANGED


def test_a_change_of_less_than_one_ending_can_be_left_alone() -> None:
    strategy = replace(PricingStrategy(), dead_band=DeadBand(one_ending=True))
    near = decide_price(strategy, Money(1000, "USD"), "USD", current=Money(1550, "USD"))
    assert (near.outcome, near.flags) == (PriceOutcome.UNCHANGED, (PriceFlag.DEAD_BAND,))
    far = decide_price(strategy, Money(1000, "USD"), "USD", current=Money(1599, "USD"))
    assert far.outcome is PriceOutcome.APPLIED


def test_a_dead_band_does_not_keep_a_price_that_loses_money() -> None:
    strategy = replace(PLAIN, dead_band=DeadBand(Decimal(10)))
    decision = moved(strategy, 1000, 999)
    assert decision.outcome is PriceOutcome.APPLIED
    assert decision.flags == (PriceFlag.CURRENT_BELOW_FLOOR,)


def test_a_dead_band_does_not_keep_a_price_above_its_ceiling() -> None:
    strategy = replace(PLAIN, max_price=Decimal(10), dead_band=DeadBand(Decimal(10)))
    assert moved(strategy, 990, 1001).outcome is PriceOutcome.APPLIED


def test_a_locked_price_stays_and_shows_what_it_would_be() -> None:
    decision = moved(PLAIN, 1200, 1000, locked=True)
    assert decision.outcome is PriceOutcome.LOCKED
    assert decision.price == Money(1200, "USD")
    assert decision.flags == (PriceFlag.CURRENT_BELOW_FLOOR,)
    assert decision.reason == "the merchant locked the price at 10.00 USD"


def test_a_blocked_move_tells_that_the_price_in_force_loses_money() -> None:
    decision = moved(PLAIN, 10_000, 1000)
    assert decision.outcome is PriceOutcome.BLOCKED
    assert PriceFlag.CURRENT_BELOW_FLOOR in decision.flags
    assert decision.reason == (
        "from 10.00 USD to 100.00 USD moves more than 100 % of the smaller price; check the"
        " supplier's cost"
    )
