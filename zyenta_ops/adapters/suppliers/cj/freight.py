"""What CJ wants for sending lines, and how long that takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from zyenta_ops.adapters.suppliers.answers import entries, money, words
from zyenta_ops.adapters.suppliers.cj.config import CjConfig
from zyenta_ops.adapters.suppliers.cj.products import CURRENCY
from zyenta_ops.adapters.suppliers.cj.references import origin, products
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import AnswerInvalid
from zyenta_ops.domain.supplier_orders import ShippingQuote, ShippingRequest

_DAYS: Final = re.compile(r"(\d{1,3})(?:\s*[-~]\s*(\d{1,3}))?")
_NOTHING: Final = Money(0, CURRENCY)


def freight_body(request: ShippingRequest, config: CjConfig) -> dict[str, Any]:
    """A question to `logistic/freightCalculate`.

    Raises:
        RequestInvalid: CJ could not take it.
    """
    body = {
        "startCountryCode": origin(request.lines, request.ships_from, config.from_country[0]),
        "endCountryCode": request.country,
        "zip": request.postal_code,
        "products": products(request.lines),
    }
    return {key: value for key, value in body.items() if value}


def quotes(document: Any, ships_from: str) -> tuple[ShippingQuote, ...]:
    """The data of `logistic/freightCalculate`, cheapest first, each method once."""
    cheapest: dict[str, ShippingQuote] = {}
    found = [_quote(each, ships_from) for each in entries(document)]
    for quote in sorted(found, key=lambda quote: quote.cost.minor):
        cheapest.setdefault(quote.service_code, quote)
    return tuple(cheapest.values())


def _quote(option: Mapping[str, Any], ships_from: str) -> ShippingQuote:
    method = words(option.get("logisticName"))
    price = money(option.get("logisticPrice"), CURRENCY, "freight")
    if not method or price is None:
        raise AnswerInvalid("CJ's shipping method has no name or no price")
    clearance = money(option.get("clearanceOperationFee"), CURRENCY, "clearance fee")
    taxes = money(option.get("taxesFee"), CURRENCY, "taxes")
    cost = price + (clearance or _NOTHING)
    whole = money(option.get("totalPostageFee"), CURRENCY, "total of the freight")
    if whole is not None and cost + (taxes or _NOTHING) < whole:
        cost = whole - (taxes or _NOTHING)  # there are fees in it that are not listed
    days = _DAYS.search(words(option.get("logisticAging")))
    return ShippingQuote(
        service_code=method,
        service_name=method,
        cost=cost,
        min_days=int(days[1]) if days else None,
        max_days=int(days[2] or days[1]) if days else None,
        ships_from=ships_from,
        taxes=taxes,
    )
