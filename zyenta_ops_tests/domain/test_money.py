"""Money: exact amounts, and the currency table against the ISO 4217 list."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import EXPONENTS, MAX_MINOR, Money, exponent_of, shares


def test_the_currency_table_is_the_iso_list() -> None:
    published = {entry.code: entry.exponent for entry in Currency if entry.exponent is not None}
    assert published == EXPONENTS


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "USD", 1250),
        ("0.005", "USD", 1),
        ("0.0049", "USD", 0),
        ("15.005", "USD", 1501),
        ("10.005", "USD", 1001),
        ("1980", "JPY", 1980),
        ("1979.5", "JPY", 1980),
        ("1.234", "KWD", 1234),
        ("1.2345", "CLF", 12345),
        ("-0.01", "USD", -1),
    ],
)
def test_an_amount_is_rounded_half_up_once_to_the_minor_unit(
    text: str, currency: str, minor: int
) -> None:
    assert Money.of(text, currency).minor == minor


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "1,50", "12 USD"])
def test_what_is_no_number_is_no_money(text: str) -> None:
    with pytest.raises(Refused, match="is not an amount of money"):
        Money.of(text, "USD")


def test_a_float_never_becomes_money() -> None:
    with pytest.raises(TypeError, match="float"):
        Money.of(0.1, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["usd", "XXX", "", "EURO"])
def test_an_unknown_currency_is_refused(code: str) -> None:
    with pytest.raises(Refused, match="ISO 4217"):
        Money(1, code)
    with pytest.raises(Refused, match="ISO 4217"):
        exponent_of(code)


def test_an_amount_beyond_the_limit_is_refused() -> None:
    assert Money.of(Decimal(MAX_MINOR - 1).scaleb(-2), "USD").minor == MAX_MINOR - 1
    with pytest.raises(Refused, match="too large"):
        Money.of(Decimal(MAX_MINOR).scaleb(-2), "USD")


def test_an_amount_is_written_with_the_decimals_of_its_currency() -> None:
    assert str(Money(1250, "USD")) == "12.50 USD"
    assert str(Money(1250, "JPY")) == "1250 JPY"
    assert str(Money(1250, "KWD")) == "1.250 KWD"


def test_amounts_of_one_currency_add_and_compare() -> None:
    assert Money(100, "EUR") + Money(50, "EUR") == Money(150, "EUR")
    assert Money(100, "EUR") - Money(150, "EUR") == Money(-50, "EUR")
    assert Money(99, "EUR") < Money(100, "EUR") <= Money(100, "EUR")


def test_amounts_of_different_currencies_never_meet() -> None:
    euro, dollar = Money(100, "EUR"), Money(100, "USD")
    assert euro != dollar
    for meet in (
        lambda: euro + dollar,
        lambda: euro - dollar,
        lambda: euro < dollar,
        lambda: euro <= dollar,
    ):
        with pytest.raises(Refused, match="different currencies"):
            meet()


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), max_size=20))
def test_shares_come_to_the_amount_and_none_is_a_minor_unit_off(
    minor: int, weights: list[int]
) -> None:
    spread = shares(minor, weights)

    assert sum(spread) == (minor if any(weights) else 0)
    whole = sum(weights) or 1
    assert all(
        share * whole - minor * weight in range(-whole + 1, whole)
        for share, weight in zip(spread, weights, strict=True)
        if any(weights)
    )
