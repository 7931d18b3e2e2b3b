"""Stripe's amounts against ISO 4217's minor units, where the two disagree.

Source: docs.stripe.com/currencies, "Zero-decimal currencies" and "Special cases".
"""

from __future__ import annotations

from typing import Final

from zyenta_ops.domain.money import Money

# ISO counts no decimals, Stripe counts two that are always zero.
_HUNDREDS_AT_STRIPE: Final = frozenset({"ISK", "UGX"})
# ISO counts two decimals, Stripe none.
_WHOLE_AT_STRIPE: Final = frozenset({"MGA"})


def from_stripe(amount: int, currency: str) -> Money:
    """What an amount in Stripe's smallest unit is.

    Raises:
        Refused: the currency is unknown.
    """
    code = currency.upper()
    if code in _HUNDREDS_AT_STRIPE:
        return Money(amount // 100, code)
    if code in _WHOLE_AT_STRIPE:
        return Money(amount * 100, code)
    return Money(amount, code)


def to_stripe(money: Money) -> int:
    """An amount in Stripe's smallest unit; MGA is rounded down to what can be charged."""
    if money.currency in _HUNDREDS_AT_STRIPE:
        return money.minor * 100
    if money.currency in _WHOLE_AT_STRIPE:
        return money.minor // 100
    return money.minor
