"""The price of one variant with every step: the reference for every other path."""

from __future__ import annotations

from zyenta_ops.domain.fx import Conversion, FxUnavailable
from zyenta_ops.domain.money import EXPONENTS, MAX_MINOR, Money
from zyenta_ops.domain.pricing.calculation import Calculation
from zyenta_ops.domain.pricing.conclusion import conclude, without_price
from zyenta_ops.domain.pricing.decision import PriceDecision
from zyenta_ops.domain.pricing.strategy import PricingStrategy


def decide_price(
    strategy: PricingStrategy,
    cost: Money | None,
    currency: str,
    fx: Conversion | FxUnavailable | None = None,
    current: Money | None = None,
    list_price: Money | None = None,
    locked: bool = False,
) -> PriceDecision:
    """The price of one variant in the store's currency, and what may be done with it.

    Args:
        strategy: how the store prices.
        cost: what the supplier asks; None when it does not say. Zero is not a cost either.
        currency: the store's.
        fx: the conversion from the cost's currency; needed only where the two differ.
        current: the price in force; None or not positive when there is none.
        list_price: the supplier's own, in the currency of the cost or of the store.
        locked: the merchant fixed the price by hand.

    Returns:
        A decision with every step. Missing or unusable input gives REJECTED with the reason (or
        LOCKED, when locked): the price in force stays.
    """
    if current is not None and current.minor <= 0:
        current = None
    conversion = _usable(cost, currency, fx, current)
    if isinstance(conversion, str) or cost is None:
        return without_price(str(conversion), current, locked)
    calculation = Calculation(strategy, conversion)
    quote = calculation.quote(cost, list_price)
    if quote.price.minor > MAX_MINOR:
        reason = f"{cost} would be priced at {quote.price}, which is too large to be a price"
        return without_price(reason, current, locked)
    return conclude(strategy, calculation.grid, quote, current, locked)


def _usable(
    cost: Money | None,
    currency: str,
    fx: Conversion | FxUnavailable | None,
    current: Money | None,
) -> Conversion | str:
    """The conversion to price with, or the sentence that says why there can be no price."""
    if currency not in EXPONENTS:
        return f"the store's currency '{currency}' is not an ISO 4217 code; correct the store"
    if current is not None and current.currency != currency:
        return f"the current price {current} is not in the store's currency {currency}"
    if cost is None:
        return "the supplier gives no cost"
    if cost.minor <= 0:
        return f"the supplier's cost is {cost}; only a cost above zero can be priced"
    if cost.currency == currency:
        return Conversion.identity(currency)
    if fx is None:
        return f"the cost is in {cost.currency} and no exchange rate to {currency} was given"
    if (fx.base, fx.quote) != (cost.currency, currency):
        return f"a rate from {fx.base} to {fx.quote} cannot price {cost} in {currency}"
    return fx.reason if isinstance(fx, FxUnavailable) else fx
