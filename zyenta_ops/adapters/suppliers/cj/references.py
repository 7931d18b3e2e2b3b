"""How lines name what to order: a variant at CJ and the warehouse that sends it.

An order at CJ comes from one country, and price and stock of an offer hold for one. So what an
order quotes of an offer is both: `vid@CN`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from zyenta_ops.domain.supplier_errors import RequestInvalid
from zyenta_ops.domain.supplier_orders import OrderLine

_REFERENCE: Final = re.compile(r"([A-Za-z0-9-]{1,64})(?:@([A-Z]{2}))?")


def order_ref(vid: str, country: str) -> str:
    """What an order quotes of a variant."""
    return f"{vid}@{country}"


def origin(lines: Sequence[OrderLine], ships_from: str | None, otherwise: str) -> str:
    """The country that all lines are sent from.

    Args:
        lines: of one order.
        ships_from: what the request says; None = what the lines say.
        otherwise: for lines that say nothing.

    Raises:
        RequestInvalid: there is no line, or there are several countries.
    """
    if not lines:
        raise RequestInvalid("there are no lines to order")
    said = {_parts(line)[1] for line in lines} | {ships_from or ""}
    countries = sorted(said - {""})
    if len(countries) > 1:
        raise RequestInvalid(
            f"an order at CJ comes from one warehouse; split this one, which comes from"
            f" {', '.join(countries)}"
        )
    return countries[0] if countries else otherwise


def products(lines: Sequence[OrderLine]) -> list[dict[str, str | int]]:
    """The lines as CJ wants them.

    Raises:
        RequestInvalid: a line names no variant, or no units.
    """
    wanted: list[dict[str, str | int]] = []
    for line in lines:
        if line.quantity < 1:
            raise RequestInvalid("a line orders no units")
        wanted.append({"vid": _parts(line)[0], "quantity": line.quantity})
    return wanted


def _parts(line: OrderLine) -> tuple[str, str]:
    found = _REFERENCE.fullmatch(line.order_ref)
    if found is None:
        raise RequestInvalid("a line does not name a variant of CJ's")
    return found[1], found[2] or ""
