from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.adapters.suppliers.feed.amounts import AmountReader, Unusable, decimal_of
from zyenta_ops.domain.money import EXPONENTS, Money


def read(value: Any, currency: str = "EUR", decimal: str | None = None, **how: Any) -> Money:
    reader = AmountReader(currency, decimal, how.get("usual"))
    return reader.read(value, how.get("stated", ""), "price")


def refusal(value: Any, currency: str = "EUR", decimal: str | None = None, **how: Any) -> str:
    with pytest.raises(Unusable) as caught:
        read(value, currency, decimal, **how)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12", 1200),
        ("12.5", 1250),
        ("12.50", 1250),
        (" 12.50 ", 1250),
        ("+12.50", 1250),
        ("12,50", 1250),
        ("1.234,56", 123456),
        ("1,234.56", 123456),
        ("1 234,56", 123456),
        ("1\u00a0234,56", 123456),
        ("1\u202f234.56", 123456),
        ("1'234.50", 123450),
        ("1\u2019234\u2019567.50", 123456750),
        ("1.234.567", 123456700),
        ("1,234,567.891", 123456789),
        ("12.345678", 1235),
        ("0.125", 13),
        ("1234.567", 123457),
        (".50", 50),
        ("€12,50", 1250),
        ("12,50 €", 1250),
        ("EUR 12.50", 1250),
        ("12.50eur", 1250),
        ("12,-", 1200),
        ("12.-", 1200),
        ("12.", 1200),
        ("00012.50", 1250),
    ],
)
def test_an_amount_is_read_however_it_is_spelt(text: str, cents: int) -> None:
    assert read(text) == Money(cents, "EUR")


@pytest.mark.parametrize(
    ("text", "market", "expected"),
    [
        ("USD 15.00", "EUR", Money(1500, "USD")),
        ("15.00 USD", "EUR", Money(1500, "USD")),
        ("£15", "EUR", None),
        ("$15", "CAD", Money(1500, "CAD")),
        ("US$15", "CAD", Money(1500, "USD")),
        ("kr. 100", "DKK", Money(10000, "DKK")),
        ("100 kr", "SEK", Money(10000, "SEK")),
        ("¥ 1500", "JPY", Money(1500, "JPY")),
        ("1500", "JPY", Money(1500, "JPY")),
        ("1500.40", "JPY", Money(1500, "JPY")),
        ("1.234", "KWD", Money(1234, "KWD")),
        ("12 zł", "PLN", Money(1200, "PLN")),
        ("€5", "USD", Money(500, "EUR")),
    ],
)
def test_a_code_or_symbol_decides_the_currency(
    text: str, market: str, expected: Money | None
) -> None:
    if expected is None:
        assert refusal(text, market) == f"the price '{text}' is not in {market}"
    else:
        assert read(text, market) == expected


def test_a_dollar_sign_in_a_euro_market_is_not_guessed() -> None:
    assert refusal("$12") == "the price '$12' is not in EUR"


def test_a_code_that_contradicts_the_rows_currency_is_refused() -> None:
    assert refusal("12 USD", stated="GBP") == "the price '12 USD' is not in GBP"


@pytest.mark.parametrize("text", ["1.234", "1,234", "999.000"])
def test_what_can_be_read_in_two_ways_is_not_guessed(text: str) -> None:
    assert refusal(text) == (
        f"the price '{text}' can be read in two ways; set the feed's decimal separator"
    )


@pytest.mark.parametrize(
    ("text", "decimal", "cents"),
    [("1.234", ".", 123), ("1.234", ",", 123400), ("1,234", ",", 123), ("1,234", ".", 123400)],
)
def test_the_decimal_separator_settles_it(text: str, decimal: str, cents: int) -> None:
    assert read(text, decimal=decimal) == Money(cents, "EUR")
    assert read(text, usual=decimal) == Money(cents, "EUR")


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (["12.50", "1.234"], "."),
        (["12,50", "1.234", ""], ","),
        (["12.50", "12,50"], None),
        (["1.234", "12", "call us", Decimal("1.5")], None),
    ],
)
def test_a_feed_shows_its_decimal_separator(samples: list[Any], expected: str | None) -> None:
    assert decimal_of(samples, 2) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "call us",
        "1.2.3",
        "12 50",
        "12,50.00,1",
        "1,23,456",
        "12..5",
        "5-10",
        "1e5",
        "٣",
        "NaN",
        "inf",
        "1/2",
        "12 XX$ 3",
        "1" * 60,
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    assert refusal(text) == f"the price '{text[:40]}' is not an amount"


@pytest.mark.parametrize("text", ["-5", "-5.00", "\u22125", "(5.00)", "5-", "€ -5", "-€5"])
def test_a_negative_amount_is_refused(text: str) -> None:
    assert refusal(text) == f"the price '{text}' is negative"


@pytest.mark.parametrize("text", ["0", "0.00", "0,00 €", "0.001"])
def test_an_amount_of_nothing_is_refused(text: str) -> None:
    assert refusal(text) == "the price is zero"


def test_an_absurd_amount_is_refused() -> None:
    assert "too large to be a price" in refusal("123456789012345")


def test_an_unknown_currency_is_refused() -> None:
    assert refusal("5", stated="XXQ") == "the currency 'XXQ' is not an ISO 4217 code"
    assert refusal("5 XXQ") == "the price '5 XXQ' is in 'XXQ', which is not an ISO 4217 code"


def test_numbers_of_json_are_never_in_doubt() -> None:
    assert read(Decimal("1.234")) == Money(123, "EUR")
    assert read(1234) == Money(123400, "EUR")
    assert refusal(Decimal(-1)) == "the price '-1' is negative"
    assert refusal(True) == "the price 'True' is not an amount"


@given(
    st.integers(1, 10**11),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.sampled_from([".", ","]),
    st.booleans(),
)
def test_what_is_written_out_is_read_back(
    minor: int, currency: str, decimal: str, grouped: bool
) -> None:
    exponent = EXPONENTS[currency]
    whole, rest = divmod(minor, 10**exponent)
    text = f"{whole:,}" if grouped else str(whole)
    if decimal == ",":
        text = text.replace(",", ".")
    if exponent:
        text = f"{text}{decimal}{rest:0{exponent}}"
    assert read(text, currency, decimal) == Money(minor, currency)
