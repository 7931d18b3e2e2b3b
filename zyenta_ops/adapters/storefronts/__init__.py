"""Stores' own systems: events are posted to them, and they are asked what they show.

`signing` proves that we speak, `transport` posts, `reading` asks.
"""

from zyenta_ops.adapters.storefronts.reading import HttpStorefrontReader
from zyenta_ops.adapters.storefronts.transport import StorefrontTransport

__all__ = ["HttpStorefrontReader", "StorefrontTransport"]
