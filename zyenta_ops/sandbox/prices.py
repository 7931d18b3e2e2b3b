"""Prices on the wire: from integer US cents to the decimals of a currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

# Invented, near what they were in 2026; vendors convert at rates of their own.
_PER_DOLLAR = {
    "USD": Decimal("1"), "EUR": Decimal("0.92"), "GBP": Decimal("0.79"), "JPY": Decimal("151"),
    "CAD": Decimal("1.37"), "AUD": Decimal("1.52"), "CNY": Decimal("7.20"),
    "BRL": Decimal("5.40"), "SEK": Decimal("10.60"), "PLN": Decimal("3.95"),
}  # fmt: skip
_WITHOUT_CENTS = {"JPY"}


def dollars(cents: int) -> str:
    """US cents as a decimal with two places."""
    return str(Decimal(cents).scaleb(-2).quantize(Decimal("0.01")))


def knows(currency: str) -> bool:
    """Whether prices can be quoted in a currency."""
    return currency in _PER_DOLLAR


def quoted(cents: int, currency: str) -> str:
    """US cents as a decimal in a currency, with the places that it has."""
    places = Decimal(1) if currency in _WITHOUT_CENTS else Decimal("0.01")
    amount = Decimal(cents).scaleb(-2) * _PER_DOLLAR[currency]
    return str(amount.quantize(places, ROUND_HALF_UP))


def number(cents: int) -> float:
    """US cents as the number that some vendors write into JSON; its text is exact to the cent."""
    return cents / 100
