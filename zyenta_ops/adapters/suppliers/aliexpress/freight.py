"""`aliexpress.ds.freight.query`: ways of sending one variant, and what an order has in common.

`shipping_fee_cent` is ambiguous. The official example holds "172.71" beside "US $172.71", so a
point means major units; whole numbers are believed only where the formatted fee tells which they
are. A fee that cannot be told is no offer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from zyenta_ops.adapters.suppliers.aliexpress.products import is_number
from zyenta_ops.adapters.suppliers.aliexpress.shapes import objects, truth
from zyenta_ops.adapters.suppliers.aliexpress.wire import nested
from zyenta_ops.adapters.suppliers.answers import name, whole, words
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import Money, exponent_of
from zyenta_ops.domain.supplier_errors import AnswerInvalid, RequestInvalid
from zyenta_ops.domain.supplier_orders import OrderLine, ShippingQuote, ShippingRequest

METHOD: Final = "aliexpress.ds.freight.query"

_NUMBER: Final = re.compile(r"\d(?:[\d.,'\s]*\d)?")
_MARKS: Final = re.compile(r"[.,'\s]")


def params(request: ShippingRequest, line: OrderLine, language: str) -> dict[str, str]:
    """What to ask for one line.

    Raises:
        RequestInvalid: AliExpress could not understand it.
    """
    if not is_number(line.product_ref) or not is_number(line.variant_ref) or line.quantity < 1:
        raise RequestInvalid("shipping is quoted for at least one unit of a numbered variant")
    query = {
        "quantity": str(line.quantity),
        "shipToCountry": request.country,
        "productId": line.product_ref,
        "selectedSkuId": line.variant_ref,
        "provinceCode": request.province,
        "cityCode": request.city,
        "language": language,
        "locale": language,
        "currency": request.currency,
    }
    return {"queryDeliveryReq": nested({key: value for key, value in query.items() if value})}


def options(result: Mapping[str, Any], currency: str) -> dict[str, ShippingQuote]:
    """The ways of sending a line, by their code; `currency` is what was asked for.

    Raises:
        AnswerInvalid: there are some, and of none the fee can be told.
    """
    listed = objects(result.get("delivery_options"))
    if not listed:
        raise AnswerInvalid("AliExpress's answer holds no way of sending and says no reason")
    quotes = [quote for each in listed if (quote := _quote(each, currency))]
    if not quotes:
        raise AnswerInvalid("it cannot be told what AliExpress asks for sending this")
    return {each.service_code: each for each in reversed(quotes)}


def in_common(lines: Sequence[Mapping[str, ShippingQuote]]) -> tuple[ShippingQuote, ...]:
    """The ways that serve every line, cheapest first: each line pays, the slowest counts."""
    codes = [code for code in lines[0] if all(code in line for line in lines)]
    joined = [_joined([line[code] for line in lines]) for code in codes]
    quotes = [each for each in joined if each is not None]
    return tuple(sorted(quotes, key=lambda each: (each.cost.currency, each.cost.minor)))


def _quote(option: Mapping[str, Any], asked: str) -> ShippingQuote | None:
    code = name(option.get("code"))
    try:
        cost = _fee(option, words(option.get("shipping_fee_currency")).upper() or asked)
    except Refused:
        return None
    if not code or cost is None:
        return None
    return ShippingQuote(
        service_code=code,
        service_name=words(option.get("company")) or code,
        cost=cost,
        min_days=_days(option.get("min_delivery_days")),
        max_days=_days(option.get("max_delivery_days")),
        tracked=truth(option.get("tracking")) is True,
        ships_from=words(option.get("ship_from_country")).upper() or None,
    )


def _fee(option: Mapping[str, Any], currency: str) -> Money | None:
    """What sending costs; None = it cannot be told. Raises Refused for no amount of money."""
    if truth(option.get("free_shipping")) is True:
        return Money(0, currency)
    fee = name(option.get("shipping_fee_cent"))
    if "." in fee:
        cost = Money.of(fee, currency)
        return cost if cost.minor >= 0 else None
    if not (fee.isascii() and fee.isdigit()):
        return None
    shown = _shown(words(option.get("shipping_fee_format")), currency)
    exact = Money.of(fee, currency)
    readings = (exact, Money(int(fee), currency))
    return shown if shown in readings else None


def _shown(text: str, currency: str) -> Money | None:
    """The amount in a text such as "US $172.71" or "1.234,50 €"; None = there is not just one.

    What follows the last mark is a fraction unless it is longer than the currency's; between the
    other marks are thousands.
    """
    numbers = _NUMBER.findall(text)
    if len(numbers) != 1:
        return None
    parts = _MARKS.split(numbers[0])
    fraction = parts.pop() if len(parts) > 1 and len(parts[-1]) <= exponent_of(currency) else ""
    if any(len(each) != 3 for each in parts[1:]):
        return None
    return Money.of(Decimal(f"{''.join(parts)}.{fraction or '0'}"), currency)


def _days(value: Any) -> int | None:
    try:
        return whole(value, "days")
    except Refused:
        return None


def _joined(quotes: Sequence[ShippingQuote]) -> ShippingQuote | None:
    """One way of sending several lines; None = their fees are in different currencies."""
    first = quotes[0]
    if len({each.cost.currency for each in quotes}) > 1:
        return None
    origins = {each.ships_from for each in quotes}
    return ShippingQuote(
        service_code=first.service_code,
        service_name=first.service_name,
        cost=Money(sum(each.cost.minor for each in quotes), first.cost.currency),
        min_days=_slowest([each.min_days for each in quotes]),
        max_days=_slowest([each.max_days for each in quotes]),
        tracked=all(each.tracked for each in quotes),
        ships_from=first.ships_from if len(origins) == 1 else None,
    )


def _slowest(days: Sequence[int | None]) -> int | None:
    said = [each for each in days if each is not None]
    return max(said) if len(said) == len(days) else None
