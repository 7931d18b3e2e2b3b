"""Stripe, through its official SDK.

Sources: docs.stripe.com/api and the SDK's own behaviour (16.1, API version pinned by the SDK): a
client without `max_network_retries` never retries; 429 is never retried; telemetry writes a file
into the home folder unless it is turned off.
"""

from zyenta_ops.adapters.payments.stripe.provider import StripeProvider

__all__ = ["StripeProvider"]
