"""Properties of pricing over random strategies and costs; columns against the reference."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fx import Conversion, FxRate, FxTable
from zyenta_ops.domain.money import EXPONENTS, MAX_MINOR, Money
from zyenta_ops.domain.pricing import (
    ApprovalPolicy,
    CompareAt,
    CompareAtRule,
    DeadBand,
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
from zyenta_ops.domain.pricing.columns import decide_prices
from zyenta_ops.domain.pricing.explanation import explain_prices
from zyenta_ops.domain.pricing.rows import PriceRows

NOW = datetime(2026, 11, 20, 16, tzinfo=UTC)
CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD", "CLF"])


def percents(low: str, high: str) -> st.SearchStrategy[Decimal]:
    return st.one_of(
        st.sampled_from([Decimal(low), Decimal(high)]),
        st.decimals(low, high, places=2),
    )


def amounts(high: str) -> st.SearchStrategy[Decimal]:
    return st.one_of(st.just(Decimal(0)), st.decimals("0", high, places=2))


@st.composite
def rules(draw: st.DrawFn) -> tuple[PricingKind, Decimal]:
    kind = draw(
        st.sampled_from(
            [PricingKind.FIXED_MARGIN, PricingKind.PERCENTAGE_MARGIN, PricingKind.TARGET_MARGIN]
        )
    )
    if kind is PricingKind.TARGET_MARGIN:
        return kind, draw(percents("0", "60"))
    return kind, draw(percents("0", "300"))


@st.composite
def endings(draw: st.DrawFn, currency: str) -> tuple[EndingRule, ...]:
    exponent = EXPONENTS[currency]
    form = draw(st.sampled_from(["default", "none", "own"]))
    if form == "default":
        return ()
    if form == "none":
        return (EndingRule(currency),)
    step = draw(st.sampled_from([1, 7, 10, 50, 100, 1000]))
    offsets = draw(st.lists(st.integers(0, step - 1), min_size=1, max_size=4, unique=True))
    in_major = [Decimal(offset).scaleb(-exponent) for offset in offsets]
    return (EndingRule(currency, tuple(in_major), Decimal(step).scaleb(-exponent)),)


@st.composite
def strategies(draw: st.DrawFn, currency: str, tiered: bool = True) -> PricingStrategy:
    kind, value = draw(rules())
    tiers: tuple[Tier, ...] = ()
    if tiered and draw(st.booleans()):
        tops = sorted(draw(st.sets(st.decimals("0.01", "500", places=2), max_size=3)))
        tiers = tuple(Tier(top, *draw(rules())) for top in [*tops, None])
    bounds = draw(st.lists(percents("0", "200"), min_size=2, max_size=2).map(sorted))
    prices = draw(st.lists(st.decimals("0", "500", places=2), min_size=3, max_size=3).map(sorted))
    keep = draw(st.lists(st.booleans(), min_size=5, max_size=5))
    compare = draw(st.sampled_from(CompareAtRule))
    approval = draw(st.lists(percents("0", "300"), min_size=2, max_size=2).map(sorted))
    return PricingStrategy(
        kind=kind,
        value=value,
        tiers=tiers,
        min_margin=bounds[0] if keep[0] else None,
        max_margin=bounds[1] if keep[1] else None,
        min_price=prices[0] if keep[2] else None,
        minimum_advertised_price=prices[1] if keep[3] else None,
        max_price=prices[2] if keep[4] else None,
        endings=draw(endings(currency)),
        compare_at=CompareAt(compare, draw(percents("0.01", "120"))),
        landed_cost=LandedCost(
            shipping=draw(amounts("20")),
            handling=draw(amounts("5")),
            duty=draw(percents("0", "40")),
            refunds=draw(percents("0", "20")),
            fx_buffer=draw(percents("0", "5")),
        ),
        fees=Fees(draw(percents("0", "15")), draw(amounts("1")), draw(percents("0", "15"))),
        dead_band=DeadBand(draw(percents("0", "10")), draw(st.booleans())),
        approval=ApprovalPolicy(
            approval[0] if draw(st.booleans()) else None if not keep[0] else approval[0],
            approval[1] if keep[0] else None,
        ),
    )


@st.composite
def conversions(draw: st.DrawFn, currency: str) -> Conversion:
    base = draw(CURRENCIES)
    if base == currency:
        return Conversion.identity(currency)
    rate = draw(st.decimals("0.00010000", "2000", places=8))
    table = FxTable([FxRate(base, currency, rate, NOW, "test")])
    if draw(st.booleans()):
        table = FxTable([FxRate(currency, base, rate, NOW, "test")])
    found = table.conversion(base, currency, NOW)
    assert isinstance(found, Conversion)
    return found


COSTS = st.one_of(
    st.integers(1, 500),
    st.integers(1, 200_000),
    st.sampled_from([0, -1, 499, 500, 501, 1499, 1500, 1501]),
    st.integers(1, MAX_MINOR * 3),
)
OTHERS = st.one_of(st.just(0), st.integers(1, 100_000), st.integers(-5, MAX_MINOR * 2))


def one(
    strategy: PricingStrategy, cost: int, fx: Conversion, current: int, listed: int, locked: bool
) -> PriceDecision:
    return decide_price(
        strategy,
        Money(cost, fx.base),
        fx.quote,
        fx,
        Money(current, fx.quote) if current > 0 else None,
        Money(listed, fx.base) if listed > 0 else None,
        locked,
    )


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_columns_decide_exactly_as_the_reference_does(data: st.DataObject) -> None:
    currency = data.draw(CURRENCIES)
    strategy = data.draw(strategies(currency))
    fx = data.draw(conversions(currency))
    rows = data.draw(
        st.lists(st.tuples(COSTS, OTHERS, OTHERS, st.booleans()), min_size=1, max_size=12)
    )
    near = [  # prices in force around the computed ones, where dead-band and approval turn
        (cost, max(0, decision.price.minor + shift), listed, locked)
        for (cost, _, listed, locked) in rows
        if (decision := one(strategy, cost, fx, 0, listed, locked)).price
        for shift in (-1, 0, 1, decision.price.minor // 5)
    ]
    rows += near
    cost, current, listed, locked = (list(column) for column in zip(*rows, strict=True))
    columns = decide_prices(
        strategy,
        np.array(cost, np.int64),
        currency,
        fx,
        np.array(current, np.int64),
        np.array(listed, np.int64),
        np.array(locked, np.bool_),
    )
    for row, entry in enumerate(rows):
        expected = one(strategy, entry[0], fx, *entry[1:])
        assert (
            columns.price_minor[row],
            columns.compare_at_minor[row],
            columns.floor_minor[row],
            columns.outcome_of(row),
            columns.flags_of(row),
        ) == (
            expected.price.minor if expected.price else 0,
            expected.compare_at.minor if expected.compare_at else 0,
            expected.floor.minor if expected.floor else 0,
            expected.outcome,
            expected.flags,
        ), entry
    wanted = np.arange(len(rows))
    explained = explain_prices(strategy, fx, as_rows(rows), columns, wanted)
    assert explained == [one(strategy, entry[0], fx, *entry[1:]) for entry in rows]


def as_rows(rows: Sequence[tuple[int, int, int, bool]]) -> PriceRows:
    cost, current, listed, locked = (list(column) for column in zip(*rows, strict=True))
    return PriceRows.of(
        np.array(cost, np.int64),
        np.array(current, np.int64),
        np.array(listed, np.int64),
        np.array(locked, np.bool_),
    )


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_price_is_positive_and_inside_its_limits(data: st.DataObject) -> None:
    currency = data.draw(CURRENCIES)
    strategy = data.draw(strategies(currency))
    fx = data.draw(conversions(currency))
    decision = one(strategy, data.draw(st.integers(1, 200_000)), fx, 0, 0, False)
    assume(decision.outcome is not PriceOutcome.REJECTED)
    assert decision.price is not None
    assert decision.floor is not None
    assert decision.price.minor > 0
    assert decision.floor <= decision.price
    if decision.ceiling is not None:
        assert decision.price <= decision.ceiling
        assert decision.floor <= decision.ceiling
    if decision.compare_at is not None:
        assert decision.price < decision.compare_at


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_price_does_not_fall_when_the_cost_rises(data: st.DataObject) -> None:
    currency = data.draw(CURRENCIES)
    strategy = data.draw(strategies(currency, tiered=False))
    fx = data.draw(conversions(currency))
    cost = data.draw(st.integers(1, 200_000))
    rise = data.draw(st.one_of(st.integers(1, 3), st.integers(1, 100_000)))
    lower = one(strategy, cost, fx, 0, 0, False).price
    higher = one(strategy, cost + rise, fx, 0, 0, False).price
    assume(lower is not None and higher is not None)
    assert lower is not None
    assert higher is not None
    assert lower <= higher


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_an_ending_given_to_a_price_with_that_ending_changes_nothing(data: st.DataObject) -> None:
    currency = data.draw(CURRENCIES)
    rules = data.draw(endings(currency))
    strategy = PricingStrategy(PricingKind.FIXED_MARGIN, Decimal(0), endings=rules)
    price = decide_price(strategy, Money(data.draw(st.integers(1, 10**6)), currency), currency)
    again = decide_price(strategy, price.price, currency)
    assert again.price == price.price


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_pricing_again_from_the_result_leaves_it_unchanged(data: st.DataObject) -> None:
    currency = data.draw(CURRENCIES)
    strategy = data.draw(strategies(currency))
    fx = data.draw(conversions(currency))
    cost = data.draw(st.integers(1, 200_000))
    first = one(strategy, cost, fx, 0, 0, False)
    assume(first.price is not None)
    assert first.price is not None
    again = one(strategy, cost, fx, first.price.minor, 0, False)
    assert again.outcome is PriceOutcome.UNCHANGED
    assert again.price == first.price
    assert again.change_bps == 0


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_dead_band_never_keeps_a_price_below_its_floor(data: st.DataObject) -> None:
    strategy = replace(data.draw(strategies("USD")), dead_band=DeadBand(Decimal(100), True))
    fx = Conversion.identity("USD")
    cost = data.draw(st.integers(1, 20_000))
    floor = one(strategy, cost, fx, 0, 0, False).floor
    assert floor is not None
    assume(floor.minor > 1)
    decision = one(strategy, cost, fx, floor.minor - 1, 0, False)
    assert decision.outcome is not PriceOutcome.UNCHANGED
    assert PriceFlag.CURRENT_BELOW_FLOOR in decision.flags


def test_every_cent_cost_to_a_thousand_is_priced_alike_by_both_paths() -> None:
    strategy = PricingStrategy()
    cost = np.arange(0, 100_001, dtype=np.int64)
    columns = decide_prices(strategy, cost, "USD", Conversion.identity("USD"))
    for minor in range(1, 100_001, 7):
        price = decide_price(strategy, Money(minor, "USD"), "USD").price
        assert price == Money(int(columns.price_minor[minor]), "USD")
    assert columns.outcome_of(0) is PriceOutcome.REJECTED
    assert bool((columns.price_minor[1:] >= cost[1:]).all())


def test_columns_of_another_length_or_type_are_refused() -> None:
    fx = Conversion.identity("USD")
    cost = np.array([1000, 2000], np.int64)
    with pytest.raises(Refused, match="column 'current' is int64 of shape"):
        decide_prices(PricingStrategy(), cost, "USD", fx, np.array([1], np.int64))
    with pytest.raises(Refused, match="column 'cost' is float64"):
        decide_prices(PricingStrategy(), np.array([1.5]), "USD", fx)
    with pytest.raises(Refused, match="cannot price a store in EUR"):
        decide_prices(PricingStrategy(), cost, "EUR", fx)


def test_columns_without_a_rate_are_rejected_or_stay_locked() -> None:
    missing = FxTable([]).conversion("EUR", "USD", NOW)
    columns = decide_prices(
        PricingStrategy(),
        np.array([1000, 2000], np.int64),
        "USD",
        missing,
        locked=np.array([False, True]),
    )
    assert columns.price_minor.tolist() == [0, 0]
    assert columns.where(PriceOutcome.REJECTED).tolist() == [True, False]
    assert columns.where(PriceOutcome.LOCKED).tolist() == [False, True]


@pytest.mark.parametrize(
    "strategy",
    [
        PricingStrategy(min_price=Decimal(10**9)),
        PricingStrategy(PricingKind.FIXED_MARGIN, Decimal(10**9)),
        PricingStrategy(max_price=Decimal(10**9)),
        PricingStrategy(value=Decimal(10_000), compare_at=CompareAt(CompareAtRule.LIST_PRICE)),
    ],
)
def test_amounts_that_leave_no_room_in_columns_are_decided_one_by_one(
    strategy: PricingStrategy,
) -> None:
    fx = Conversion("USD", "CLF", Fraction(1, 3))
    cost = np.array([0, 1, 1000, MAX_MINOR, 2**62], np.int64)
    current = np.array([0, 1, 2**62, 0, MAX_MINOR], np.int64)
    listed = np.array([0, 2**62, 5000, MAX_MINOR, 1], np.int64)
    columns = decide_prices(strategy, cost, "CLF", fx, current, listed)
    for row in range(len(cost)):
        expected = one(strategy, int(cost[row]), fx, int(current[row]), int(listed[row]), False)
        assert columns.outcome_of(row) is expected.outcome
        assert columns.price_minor[row] == (expected.price.minor if expected.price else 0)
        assert columns.flags_of(row) == expected.flags


def test_a_cost_beyond_the_columns_range_is_priced_all_the_same() -> None:
    fx = Conversion("USD", "EUR", Fraction(1, 10_000))
    cost = MAX_MINOR * 3 // 2
    columns = decide_prices(PricingStrategy(), np.array([cost], np.int64), "EUR", fx)
    assert columns.price_minor.tolist() == [224_999_999]
    assert one(PricingStrategy(), cost, fx, 0, 0, False).price == Money(224_999_999, "EUR")


@pytest.mark.parametrize("current", [1199, 1200, 1201, 2000, 2001, 990, 1010, 1011])
def test_columns_turn_at_the_same_limits_as_the_reference(current: int) -> None:
    strategy = PricingStrategy(
        value=Decimal(0), endings=(EndingRule("*"),), dead_band=DeadBand(Decimal(1))
    )
    fx = Conversion.identity("USD")
    for cost in (1000, current * 99 // 100, current * 101 // 100, current * 6 // 5, current * 2):
        columns = decide_prices(
            strategy, np.array([cost], np.int64), "USD", fx, np.array([current], np.int64)
        )
        assert columns.outcome_of(0) is one(strategy, cost, fx, current, 0, False).outcome


def test_no_columns_give_no_decisions() -> None:
    empty = np.array([], np.int64)
    columns = decide_prices(PricingStrategy(), empty, "USD", Conversion.identity("USD"))
    assert columns.price_minor.tolist() == []
