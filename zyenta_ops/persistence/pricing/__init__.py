"""Prices, the decisions about them and exchange rates, as the pricing operations use them."""

from zyenta_ops.persistence.pricing.decisions import PriceDecisionRecords
from zyenta_ops.persistence.pricing.prices import PriceRecords
from zyenta_ops.persistence.pricing.rates import RateRecords
from zyenta_ops.persistence.pricing.strategies import read_strategy

__all__ = ["PriceDecisionRecords", "PriceRecords", "RateRecords", "read_strategy"]
