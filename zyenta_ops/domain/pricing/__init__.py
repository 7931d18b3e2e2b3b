"""How a cost becomes a price: strategies, the decision for one variant, and whole columns of them.

`decide_price` is the reference and records every step; `decide_prices` gives the same answers for
columns of variants at once, and `explain_prices` the steps of those that somebody may ask about.
All are pure: rates and current prices are arguments. The names that
bring numpy along (a quarter of what importing Dagster costs) are loaded when first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zyenta_ops.domain.pricing.decision import (
    PriceDecision,
    PriceFlag,
    PriceOutcome,
    Step,
    flags_in,
)
from zyenta_ops.domain.pricing.endings import ANY_CURRENCY, EndingRule
from zyenta_ops.domain.pricing.scalar import decide_price
from zyenta_ops.domain.pricing.strategy import PricingStrategy
from zyenta_ops.domain.pricing.terms import (
    ApprovalPolicy,
    CompareAt,
    CompareAtRule,
    DeadBand,
    Fees,
    LandedCost,
    PricingKind,
    Tier,
)

if TYPE_CHECKING:
    from zyenta_ops.domain.pricing.columns import decide_prices
    from zyenta_ops.domain.pricing.explanation import explain_prices
    from zyenta_ops.domain.pricing.rows import OUTCOMES, PriceColumns, PriceRows

__all__ = [
    "ANY_CURRENCY",
    "OUTCOMES",
    "ApprovalPolicy",
    "CompareAt",
    "CompareAtRule",
    "DeadBand",
    "EndingRule",
    "Fees",
    "LandedCost",
    "PriceColumns",
    "PriceDecision",
    "PriceFlag",
    "PriceOutcome",
    "PriceRows",
    "PricingKind",
    "PricingStrategy",
    "Step",
    "Tier",
    "decide_price",
    "decide_prices",
    "explain_prices",
    "flags_in",
]


_WITH_NUMPY = {
    "OUTCOMES": "rows",
    "PriceColumns": "rows",
    "PriceRows": "rows",
    "decide_prices": "columns",
    "explain_prices": "explanation",
}


def __getattr__(name: str) -> Any:
    if name not in _WITH_NUMPY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WITH_NUMPY[name]}"), name)
