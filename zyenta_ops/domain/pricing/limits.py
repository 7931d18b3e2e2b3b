"""What may be written in a pricing strategy: percentages and amounts, exact and within bounds."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from zyenta_ops.domain.errors import Refused

# Wide enough for any markup seen in trade (x101), narrow enough that a price of `MAX_MINOR` times
# a rate in basis points still fits int64.
MAX_PERCENT: Final = Decimal(10_000)

# No currency has more than four decimals, so neither has an amount written without its currency.
MAX_DECIMALS: Final = 4
MAX_AMOUNT: Final = Decimal(10**9)


def in_bps(percent: Decimal) -> int:
    """A validated percentage as basis points: 12.5 % is 1250."""
    return int(percent * 100)


def percentage(field: str, value: Decimal | int | str, below: Decimal | None = None) -> Decimal:
    """A percentage from 0 to `MAX_PERCENT` with at most two decimals, or under `below`.

    Raises:
        Refused: anything else; the sentence names `field`.
    """
    percent = _number(field, value)
    if not 0 <= percent <= MAX_PERCENT:
        raise Refused(f"{field} is {percent} %; write a percentage from 0 to {MAX_PERCENT}")
    if below is not None and percent >= below:
        raise Refused(f"{field} is {percent} %; it must be less than {below} %")
    if percent * 100 % 1:
        raise Refused(f"{field} is {percent} %; write at most two decimals (basis points)")
    return percent


def amount(field: str, value: Decimal | int | str) -> Decimal:
    """An amount from 0 to `MAX_AMOUNT` major units with at most four decimals.

    Raises:
        Refused: anything else; the sentence names `field`.
    """
    number = _number(field, value)
    if not 0 <= number <= MAX_AMOUNT:
        raise Refused(f"{field} is {number}; write an amount from 0 to {MAX_AMOUNT}")
    if number.scaleb(MAX_DECIMALS) % 1:
        raise Refused(f"{field} is {number}; write at most {MAX_DECIMALS} decimals")
    return number


def _number(field: str, value: Decimal | int | str) -> Decimal:
    if isinstance(value, float):
        raise TypeError(f"{field}: prices never meet a float; pass text, int or Decimal")
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError):
        raise Refused(f"{field} is '{value}'; write a number") from None
    if not number.is_finite():
        raise Refused(f"{field} is '{value}'; write a finite number")
    return number
