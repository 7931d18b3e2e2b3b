"""Amounts of money as feeds write them: "12.50", "1.234,56 €", "USD 15".

How a point or comma is read, in this order:

1. The feed's `decimal` is set: that mark separates decimals, the other one groups of three.
2. Both occur: the last one separates decimals ("1.234,56", "1,234.56").
3. One occurs several times: it separates groups ("1.234.567").
4. One occurs once, and three digits do not follow, or what precedes cannot be a group ("0.125",
   "1234.567"), or the currency has three decimals: it separates decimals.
5. What remains ("1.234") is either: the rest of the feed decides where it leaves no doubt
   (`decimal_of`), else the amount is refused rather than guessed. JSON numbers are never in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import EXPONENTS, Money

_SYMBOLS: Final[dict[str, frozenset[str]]] = {
    symbol: frozenset(codes.split())
    for symbol, codes in {
        "€": "EUR",
        "£": "GBP EGP FKP GIP SHP LBP SYP",
        "$": "USD CAD AUD NZD SGD HKD MXN TWD BBD BSD BZD BMD FJD GYD JMD LRD NAD SRD TTD XCD CLP "
        "COP ARS UYU DOP",
        "us$": "USD",
        "r$": "BRL",
        "¥": "JPY CNY",
        "₹": "INR",
        "₩": "KRW",
        "₺": "TRY",
        "₽": "RUB",
        "₴": "UAH",
        "zł": "PLN",
        "kč": "CZK",
        "ft": "HUF",
        "kr": "SEK NOK DKK ISK",
        "kr.": "SEK NOK DKK ISK",
        "fr.": "CHF",
        "r": "ZAR",
    }.items()
}
_LONGEST: Final = 40
_SPACES: Final = re.compile(r"[\s'\u2019]+")
_NUMBER: Final = re.compile(r"[.,]?[0-9](?:[0-9.,\s'\u2019]*[0-9])?")
_SIGNS: Final = str.maketrans("", "", "-\u2212+()")
_ROUND: Final = re.compile(r"[.,][-\u2013\u2014]?")  # what follows the number in "12,-" and "12."


class Unusable(Exception):
    """A value cannot be taken over; the text says which and why, for a `Rejection`."""


class _Written(NamedTuple):
    number: str
    marks: tuple[str, ...]
    negative: bool


class AmountReader:
    """Reads the amounts of one feed.

    Args:
        currency: ISO 4217 code of amounts that state none.
        decimal: the decimal separator, or None to tell from each amount.
        usual: the separator to assume where an amount leaves it open, or None to refuse it.
    """

    def __init__(self, currency: str, decimal: str | None, usual: str | None) -> None:
        self._currency = currency
        self._decimal = decimal
        self._usual = usual
        # Prices repeat; the bound keeps memory flat where they do not.
        self._cached = lru_cache(maxsize=32_768, typed=True)(self._read)

    def read(self, value: Any, stated: str, name: str) -> Money:
        """The amount in a cell.

        Args:
            value: text, or a number as JSON gives it.
            stated: the currency the row states, "" for none.
            name: what the amount is, for the reason: "price", "cost".

        Raises:
            Unusable: not an amount, negative, zero, absurdly large, or of an unknown currency.
        """
        return self._cached(value, stated, name)

    def _read(self, value: Any, stated: str, name: str) -> Money:
        currency = self._currency_of(stated)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return _money(value, currency, name)
        value = str(value)
        if (minor := _plain_minor(value, EXPONENTS[currency])) is not None:
            return Money(minor, currency)
        try:
            written = _written(value)
            for mark in written.marks:
                currency = _agreed(currency, mark, bool(stated))
            decimal = self._decimal or decimal_mark(written.number, EXPONENTS[currency])
            amount = _normal(written.number, decimal or self._usual)
        except ValueError as error:
            raise Unusable(f"the {name} '{value[:_LONGEST]}' {error}") from None
        if written.negative:
            raise Unusable(f"the {name} '{value[:_LONGEST]}' is negative")
        return _money(amount, currency, name)

    def _currency_of(self, stated: str) -> str:
        currency = stated.upper() or self._currency
        if currency not in EXPONENTS:
            raise Unusable(f"the currency '{stated[:20]}' is not an ISO 4217 code")
        return currency


def decimal_mark(number: str, exponent: int) -> str | None:
    """The decimal separator of a number that shows it by itself, else None."""
    points, commas = number.count("."), number.count(",")
    if points and commas:
        return "." if number.rfind(".") > number.rfind(",") else ","
    if points > 1 or commas > 1:
        return "," if points else "."
    if not points and not commas:
        return "."
    mark = "." if points else ","
    whole, _, rest = number.partition(mark)
    if len(rest) != 3 or exponent == 3 or whole.strip("0") == "" or len(whole) > 3:
        return mark
    return None


def decimal_of(samples: Iterable[Any], exponent: int) -> str | None:
    """The decimal separator that the amounts of a sample agree on, else None."""
    seen = set()
    for sample in samples:
        if isinstance(sample, str):
            try:
                number = _written(sample).number
            except ValueError:
                continue
            mark = decimal_mark(number, exponent)
            if mark is not None and mark in number:
                seen.add(mark)
    return seen.pop() if len(seen) == 1 else None


@lru_cache(maxsize=8192)
def _written(text: str) -> _Written:
    """A text taken apart: the number, the currency marks beside it, whether it is negative."""
    found = list(_NUMBER.finditer(text[: _LONGEST + 1]))
    if len(found) != 1 or len(text) > _LONGEST:
        raise ValueError("is not an amount")
    start, end = found[0].span()
    before, after = text[:start].strip(), text[end:].strip()
    number = found[0][0]
    if number[0] == "." and before[-1:].isalpha():  # the point of "kr. 100", not of ".50"
        before, number = f"{before}.", number[1:]
    if rest := _ROUND.match(after):
        after = after[rest.end() :].strip()
    beside = f"{before} {after}"
    return _Written(
        number=_without_spaces(number),
        marks=tuple(beside.translate(_SIGNS).split()),
        negative="-" in beside or "\u2212" in beside or ("(" in before and ")" in after),
    )


def _without_spaces(number: str) -> str:
    parts = _SPACES.split(number)
    last_whole = re.split("[.,]", parts[-1])[0]
    groups = [*parts[1:-1], last_whole]
    if len(parts) > 1 and (len(parts[0]) > 3 or any(len(group) != 3 for group in groups)):
        raise ValueError("is not an amount")
    return "".join(parts)


def _agreed(currency: str, mark: str, stated: bool) -> str:
    """The currency that a code or symbol beside the number means."""
    if mark.upper() in EXPONENTS:
        meant = frozenset({mark.upper()})
    elif mark.lower() in _SYMBOLS:
        meant = _SYMBOLS[mark.lower()]
    elif len(mark) == 3 and mark.isalpha():
        raise ValueError(f"is in '{mark}', which is not an ISO 4217 code")
    else:
        raise ValueError("is not an amount")
    if currency in meant:
        return currency
    if len(meant) == 1 and not stated:
        return next(iter(meant))
    raise ValueError(f"is not in {currency}")


def _normal(number: str, decimal: str | None) -> str:
    """The number with a point as decimal separator and no groups."""
    if decimal is None:
        raise ValueError("can be read in two ways; set the feed's decimal separator")
    group = "," if decimal == "." else "."
    whole, _, rest = number.partition(decimal)
    groups = whole.split(group)
    well_grouped = len(groups[0]) <= 3 and all(len(each) == 3 for each in groups[1:])
    if not (len(groups) == 1 or (groups[0] and well_grouped)) or not (rest.isdecimal() or not rest):
        raise ValueError("is not an amount")
    return f"{''.join(groups) or '0'}.{rest or '0'}"


def _plain_minor(text: str, exponent: int) -> int | None:
    """Minor units of the common spelling, digits with up to two decimals, when exact and above 0.

    Everything else, whatever it is, takes the long way.
    """
    whole, _, rest = text.partition(".")
    decimals = len(rest)
    if decimals > 2 or decimals > exponent or len(whole) > 9 or not text.isascii():
        return None
    if not whole.isdecimal() or not (rest.isdecimal() or text == whole):
        return None
    return int(whole + rest) * 10 ** (exponent - decimals) or None


def _money(amount: str | int | Decimal, currency: str, name: str) -> Money:
    try:
        money = Money.of(amount, currency)
    except Refused as error:
        raise Unusable(f"the {name} is not usable: {error}") from None
    if money.minor < 0:
        raise Unusable(f"the {name} '{amount}' is negative")
    if money.minor == 0:
        raise Unusable(f"the {name} is zero")
    return money
