"""Input that gives no price: the reason is told and the price in force stays."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from zyenta_ops.domain.fx import Conversion, FxTable
from zyenta_ops.domain.money import MAX_MINOR, Money
from zyenta_ops.domain.pricing import PriceOutcome, PricingStrategy, decide_price


@pytest.mark.parametrize("minor", [0, -100])
def test_a_cost_of_zero_or_less_gets_no_price(minor: int) -> None:
    decision = decide_price(
        PricingStrategy(), Money(minor, "USD"), "USD", current=Money(1499, "USD")
    )
    assert decision.outcome is PriceOutcome.REJECTED
    assert decision.price is None
    assert decision.floor is None
    assert "only a cost above zero" in decision.reason
    assert decision.steps[-1].detail.endswith("14.99 USD stays")


def test_a_missing_cost_gets_no_price() -> None:
    decision = decide_price(PricingStrategy(), None, "USD")
    assert (decision.outcome, decision.price) == (PriceOutcome.REJECTED, None)
    assert decision.reason == "the supplier gives no cost"


def test_a_missing_or_stale_rate_gets_no_price() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    missing = FxTable([]).conversion("EUR", "USD", now, timedelta(hours=1))
    for fx in (missing, None):
        decision = decide_price(PricingStrategy(), Money(1000, "EUR"), "USD", fx)
        assert (decision.outcome, decision.price) == (PriceOutcome.REJECTED, None)
        assert "exchange rate" in decision.reason


def test_a_rate_for_another_pair_gets_no_price() -> None:
    fx = Conversion("GBP", "USD", Fraction("1.3"))
    decision = decide_price(PricingStrategy(), Money(1000, "EUR"), "USD", fx)
    assert decision.reason == "a rate from GBP to USD cannot price 10.00 EUR in USD"
    assert decision.price is None


def test_an_unknown_store_currency_gets_no_price() -> None:
    decision = decide_price(PricingStrategy(), Money(1000, "EUR"), "ABC")
    assert decision.outcome is PriceOutcome.REJECTED
    assert "'ABC' is not an ISO 4217 code" in decision.reason


def test_a_current_price_in_another_currency_gets_no_price() -> None:
    decision = decide_price(
        PricingStrategy(), Money(1000, "USD"), "USD", current=Money(1499, "EUR")
    )
    assert decision.outcome is PriceOutcome.REJECTED
    assert decision.price is None


def test_a_price_too_large_to_be_one_is_no_price() -> None:
    decision = decide_price(PricingStrategy(), Money(MAX_MINOR, "USD"), "USD")
    assert decision.outcome is PriceOutcome.REJECTED
    assert "too large" in decision.reason


def test_a_locked_variant_without_a_cost_stays_locked() -> None:
    decision = decide_price(PricingStrategy(), None, "USD", locked=True)
    assert (decision.outcome, decision.price) == (PriceOutcome.LOCKED, None)
