"""CJ Dropshipping, through its API 2.0.

Products come with price and stock in one request. An order goes through `buying` in steps that
can be taken again; what it quotes of an offer names the variant and the warehouse (`references`).
Search, batch tracking and disputes are methods of the gateway beyond the port.

It was written from CJ's documentation and from what public projects report of the live service, not
tried against it; docstrings name what is unverified.
"""

from zyenta_ops.adapters.suppliers.cj.config import CjConfig
from zyenta_ops.adapters.suppliers.cj.connector import CjConnector
from zyenta_ops.adapters.suppliers.cj.disputes import (
    Dispute,
    DisputeOptions,
    DisputeRequest,
    Remedy,
)
from zyenta_ops.adapters.suppliers.cj.gateway import CjGateway
from zyenta_ops.adapters.suppliers.cj.search import Found, FoundPage

__all__ = [
    "CjConfig",
    "CjConnector",
    "CjGateway",
    "Dispute",
    "DisputeOptions",
    "DisputeRequest",
    "Found",
    "FoundPage",
    "Remedy",
]
