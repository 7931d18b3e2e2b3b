"""Money as integer minor units of an ISO 4217 currency. Exchange rates and prices live elsewhere.

No float is accepted anywhere: amounts enter as text, `int` or `Decimal` and are rounded once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from zyenta_ops.domain.errors import Refused

# ISO 4217, list of 2026-01-01: codes of circulating and fund currencies by number of decimals.
# CLDR disagrees for 13 of them; CLDR is about display and never decides a minor unit.
_CODES_BY_EXPONENT: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
        "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
        "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK "
        "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO "
        "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
        "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST "
        "XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

EXPONENTS: Final[dict[str, int]] = {
    code: exponent for exponent, codes in _CODES_BY_EXPONENT.items() for code in codes.split()
}

# The largest amount that survives two bps multiplications in int64 and fits BIGINT with room.
MAX_MINOR: Final = 10**12


def exponent_of(currency: str) -> int:
    """The number of decimals of a currency.

    Raises:
        Refused: the code is not an ISO 4217 currency in upper case.
    """
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise Refused(
            f"'{currency}' is not an ISO 4217 currency code; write one such as EUR or USD"
        ) from None


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `minor` counts the smallest units (cents, yen, fils) of `currency`."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            exponent_of(self.currency)

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str, rounding: str = ROUND_HALF_UP) -> Money:
        """An amount in major units ("12.50" EUR), rounded once to the minor unit.

        Raises:
            Refused: not a finite number, beyond `MAX_MINOR`, or an unknown currency.
        """
        if isinstance(amount, float):
            raise TypeError("money never meets a float; pass text or Decimal")
        try:
            value = Decimal(amount)
        except InvalidOperation:
            raise Refused(f"'{amount}' is not an amount of money") from None
        if not value.is_finite():
            raise Refused(f"'{amount}' is not an amount of money")
        exponent = exponent_of(currency)
        # `copy_abs`, for `abs` overflows on exponents that a text can write.
        if value.copy_abs() >= Decimal(MAX_MINOR).scaleb(-exponent):
            raise Refused(f"{str(amount)[:40]} {currency} is too large to be a price")
        return cls(int(value.scaleb(exponent).to_integral_value(rounding)), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with exactly the currency's decimals."""
        return Decimal(self.minor).scaleb(-EXPONENTS[self.currency])

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def __add__(self, other: Money) -> Money:
        self._must_share_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._must_share_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._must_share_currency(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._must_share_currency(other)
        return self.minor <= other.minor

    def _must_share_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise Refused(f"{self} and {other} are in different currencies; convert one first")


def shares(minor: int, weights: Sequence[int]) -> list[int]:
    """An amount spread over weights, to the last minor unit, by largest remainder.

    Without any weight nobody gets anything.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    spread = [minor * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(minor * weights[i] % whole), i))
    for place in by_remainder[: minor - sum(spread)]:
        spread[place] += 1
    return spread
