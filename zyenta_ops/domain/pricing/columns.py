"""Prices of whole columns of variants at once: the answers of `decide_price`, in int64.

Work goes block by block so that intermediate columns stay in the processor's cache. A row whose
amounts could leave int64 is decided by the scalar path instead of being wrong.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fx import Conversion, FxUnavailable
from zyenta_ops.domain.money import MAX_MINOR, Money, exponent_of
from zyenta_ops.domain.pricing.block import decide_block
from zyenta_ops.domain.pricing.plan import PricePlan
from zyenta_ops.domain.pricing.rows import OUTCOMES, Mask, PriceColumns, PriceRows
from zyenta_ops.domain.pricing.scalar import decide_price
from zyenta_ops.domain.pricing.staircase import Column
from zyenta_ops.domain.pricing.strategy import PricingStrategy

__all__ = ["OUTCOMES", "Column", "Mask", "PriceColumns", "decide_prices"]

# A few int64 columns of this many rows fit a common second-level cache, and a block costs far more
# than the calls it is made of.
_BLOCK: Final = 1 << 15


def decide_prices(
    strategy: PricingStrategy,
    cost_minor: Column,
    currency: str,
    fx: Conversion | FxUnavailable,
    current_minor: Column | None = None,
    list_price_minor: Column | None = None,
    locked: Mask | None = None,
) -> PriceColumns:
    """Decide the prices of many variants of one store whose costs share a currency.

    Args:
        strategy: how the store prices.
        cost_minor: int64, minor units of `fx.base`; zero or less means the supplier gives none.
        currency: the store's.
        fx: the conversion from the costs' currency; `Conversion.identity` where it is the store's.
        current_minor: int64, the prices in force in the store's currency; zero or less for none.
        list_price_minor: int64, the supplier's list prices in `fx.base`; zero or less for none.
        locked: rows whose price the merchant fixed by hand.

    Returns:
        Row by row what `decide_price` answers for the same input.

    Raises:
        Refused: the conversion does not lead to `currency`, or columns differ in length or type.
    """
    exponent_of(currency)
    if fx.quote != currency:
        raise Refused(f"a rate from {fx.base} to {fx.quote} cannot price a store in {currency}")
    rows = PriceRows.of(cost_minor, current_minor, list_price_minor, locked)
    result = PriceColumns.unpriced(rows)
    if isinstance(fx, FxUnavailable):
        return result
    plan = PricePlan.of(strategy, fx)
    if plan.safe_cost > 0:
        for start in range(0, len(rows), _BLOCK):
            block = slice(start, start + _BLOCK)
            decide_block(strategy, plan, rows.part(block), result.part(block))
    _decide_wide_rows(strategy, plan, fx, rows, result)
    return result


def _decide_wide_rows(
    strategy: PricingStrategy,
    plan: PricePlan,
    fx: Conversion,
    rows: PriceRows,
    result: PriceColumns,
) -> None:
    """Decide one by one the rows whose amounts are too large for exact columns."""
    wide = rows.cost > plan.safe_cost
    wide |= rows.current > MAX_MINOR
    wide |= rows.listed > plan.safe_list
    for row in np.flatnonzero(wide).tolist():
        current, listed = int(rows.current[row]), int(rows.listed[row])
        decision = decide_price(
            strategy,
            Money(int(rows.cost[row]), fx.base),
            fx.quote,
            fx,
            Money(current, fx.quote) if current > 0 else None,
            Money(listed, fx.base) if listed > 0 else None,
            bool(rows.locked[row]),
        )
        result.record(row, decision)
