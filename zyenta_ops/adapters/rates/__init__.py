"""Exchange rates from those who publish them."""

from zyenta_ops.adapters.rates.ecb import ECB_DAILY, open_ecb_rates

__all__ = ["ECB_DAILY", "open_ecb_rates"]
