"""Customers' orders: handed over by storefronts, looked at, held and released."""

from zyenta_ops.operations.orders.files import Handed, read_orders
from zyenta_ops.operations.orders.orders import Orders
from zyenta_ops.operations.orders.reports import (
    ImportedOrder,
    ImportReport,
    OrderDetails,
    Outcome,
    Received,
)

__all__ = [
    "Handed",
    "ImportReport",
    "ImportedOrder",
    "OrderDetails",
    "Orders",
    "Outcome",
    "Received",
    "read_orders",
]
