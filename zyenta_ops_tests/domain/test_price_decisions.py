from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.fx import Conversion, FxRate, FxTable, FxUnavailable
from zyenta_ops.domain.price_decisions import (
    ASKING,
    OPEN,
    DecisionStatus,
    OnSale,
    PriceBasis,
    first_status,
    on_sale,
)
from zyenta_ops.domain.pricing import OUTCOMES, PriceColumns, PriceOutcome, PricingStrategy

DEFAULT = PricingStrategy()
DEARER = PricingStrategy(value=Decimal(60))
EURO = Conversion.identity("EUR")
NOW = datetime(2026, 11, 2, tzinfo=UTC)
NONE = FxUnavailable("USD", "EUR", "there is none")


def rate(number: str, as_of: datetime = NOW, source: str = "test") -> Conversion:
    table = FxTable([FxRate("EUR", "USD", Decimal(number), as_of, source)])
    conversion = table.conversion("USD", "EUR", NOW)
    assert isinstance(conversion, Conversion)
    return conversion


def row(
    outcome: PriceOutcome,
    *,
    price: int = 0,
    floor: int = 0,
    compare_at: int = 0,
    agreed: int = 0,
    before: tuple[int, int, int] = (0, 0, 0),
) -> tuple[int, int, int]:
    """Price, compare-at and floor on sale after one decision."""
    decided = PriceColumns(
        np.array([price]),
        np.array([compare_at]),
        np.array([floor]),
        np.array([OUTCOMES.index(outcome)], np.uint8),
        np.zeros(1, np.uint8),
    )
    columns = OnSale(*(np.array([amount]) for amount in before))
    after = on_sale(decided, np.array([agreed]), columns)
    return (
        int(after.price_minor[0]),
        int(after.compare_at_minor[0]),
        int(after.floor_minor[0]),
    )


def test_an_applied_price_is_on_sale() -> None:
    applied = row(PriceOutcome.APPLIED, price=1499, floor=1000, compare_at=1999)
    assert applied == (1499, 1999, 1000)


@pytest.mark.parametrize("outcome", [PriceOutcome.NEEDS_APPROVAL, PriceOutcome.BLOCKED])
@pytest.mark.parametrize(("floor", "sold_at"), [(1000, 1499), (1499, 1499), (1800, 1800)])
def test_while_a_person_decides_the_agreed_price_or_a_higher_floor_is_on_sale(
    outcome: PriceOutcome, floor: int, sold_at: int
) -> None:
    after = row(outcome, price=2699, floor=floor, agreed=1499, before=(1499, 0, 900))
    assert after == (sold_at, 0, floor)


def test_a_price_raised_to_its_floor_comes_back_when_the_agreed_one_is_right_again() -> None:
    after = row(PriceOutcome.UNCHANGED, price=1499, floor=1000, agreed=1499, before=(1800, 0, 1800))
    assert after == (1499, 0, 1000)


def test_a_locked_price_stays_below_todays_floor() -> None:
    after = row(PriceOutcome.LOCKED, price=2699, floor=1800, agreed=1499, before=(1499, 1999, 1000))
    assert after == (1499, 1999, 1800)


def test_a_rejected_variant_keeps_everything() -> None:
    after = row(PriceOutcome.REJECTED, agreed=1499, before=(1499, 1999, 1000))
    assert after == (1499, 1999, 1000)


@pytest.mark.parametrize("compare_at", [1800, 1799])
def test_no_crossed_out_price_is_shown_that_is_not_above_the_price(compare_at: int) -> None:
    after = row(
        PriceOutcome.BLOCKED, price=2699, floor=1800, agreed=1499, before=(1499, compare_at, 1000)
    )
    assert after == (1800, 0, 1800)


@given(
    st.sampled_from([each for each in OUTCOMES if each is not PriceOutcome.LOCKED]),
    *(st.integers(1, 10_000) for _ in range(5)),
)
def test_nothing_decided_today_is_on_sale_below_todays_floor(
    outcome: PriceOutcome, price: int, floor: int, agreed: int, before: int, compare_at: int
) -> None:
    if outcome in (PriceOutcome.APPLIED, PriceOutcome.UNCHANGED):
        price, agreed = max(price, floor), max(agreed, floor)  # as `decide_prices` promises
    if outcome is PriceOutcome.REJECTED:
        price = floor = 0
    after = row(
        outcome, price=price, floor=floor, agreed=agreed, before=(before, compare_at, before)
    )
    assert after[0] >= after[2]


def test_equal_strategies_and_rates_give_equal_marks() -> None:
    again = PricingStrategy(value=Decimal("50.00"))
    yesterday = rate("1.250", datetime(2026, 11, 1, tzinfo=UTC), "another source")
    assert PriceBasis.of(DEFAULT, rate("1.25")) == PriceBasis.of(again, yesterday)


def test_another_strategy_or_rate_or_currency_gives_another_mark() -> None:
    bases = [
        PriceBasis.of(DEFAULT, EURO),
        PriceBasis.of(DEFAULT, Conversion.identity("USD")),
        PriceBasis.of(DEFAULT, rate("1.25")),
        PriceBasis.of(DEFAULT, rate("1.26")),
        PriceBasis.of(DEARER, EURO),
    ]
    assert len({basis.mark for basis in bases}) == len(bases)
    for basis in bases:
        assert [each.mark for each in bases if basis.covers(each.mark)] == [basis.mark]


def test_without_a_rate_every_price_of_the_strategy_stays() -> None:
    basis = PriceBasis.of(DEFAULT, NONE)
    assert basis.covers(basis.mark)
    assert basis.covers(PriceBasis.of(DEFAULT, rate("1.25")).mark)
    assert not basis.covers(PriceBasis.of(DEARER, rate("1.25")).mark)


def test_a_variant_rejected_for_want_of_a_rate_is_due_once_there_is_one() -> None:
    rejected = PriceBasis.of(DEFAULT, NONE).mark
    assert not PriceBasis.of(DEFAULT, rate("1.25")).covers(rejected)


def test_the_strategy_of_a_mark_is_known_apart_from_its_rate() -> None:
    basis = PriceBasis.of(DEFAULT, rate("1.25"))
    assert basis.same_strategy(PriceBasis.of(DEFAULT, rate("1.26")).mark)
    assert not basis.same_strategy(PriceBasis.of(DEARER, rate("1.25")).mark)


def test_marks_hold_nothing_that_sorts_differently_elsewhere() -> None:
    basis = PriceBasis.of(DEFAULT, NONE)
    for text in (basis.mark, basis.lowest, basis.highest):
        assert set(text) <= set("0123456789abcdefg")
        assert len(text) <= 64


def test_every_outcome_but_locked_begins_with_a_status() -> None:
    assert {each: first_status(each) for each in OUTCOMES if each is not PriceOutcome.LOCKED} == {
        PriceOutcome.APPLIED: DecisionStatus.APPLIED,
        PriceOutcome.NEEDS_APPROVAL: DecisionStatus.WAITING,
        PriceOutcome.BLOCKED: DecisionStatus.BLOCKED,
        PriceOutcome.UNCHANGED: DecisionStatus.APPLIED,
        PriceOutcome.REJECTED: DecisionStatus.REJECTED,
    }
    assert set(ASKING) < set(OPEN)
