"""Printful: print on demand, through its API v1.

Products are those of a store at Printful ("sync products"); what their variants cost and whether
they can be made is asked of the catalogue. The client speaks v1, for v2 cannot order store
products. It was written from the published reference and from what public projects report of the
live service, not tried against it; docstrings name what is unverified.
"""

from zyenta_ops.adapters.suppliers.printful.config import PrintfulConfig
from zyenta_ops.adapters.suppliers.printful.connector import PrintfulConnector
from zyenta_ops.adapters.suppliers.printful.gateway import PrintfulGateway

__all__ = ["PrintfulConfig", "PrintfulConnector", "PrintfulGateway"]
