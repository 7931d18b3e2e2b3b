"""Pricing what stores sell, and the decisions that wait for a person."""

from zyenta_ops.operations.pricing.pricing import Pricing
from zyenta_ops.operations.pricing.report import Approvals, PriceMove, PricingReport, StorePrices

__all__ = ["Approvals", "PriceMove", "Pricing", "PricingReport", "StorePrices"]
