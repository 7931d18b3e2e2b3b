"""Looking after stores, suppliers and what stores sell."""

from zyenta_ops.operations.stores.products import Products
from zyenta_ops.operations.stores.stores import Stores
from zyenta_ops.operations.stores.suppliers import Suppliers

__all__ = ["Products", "Stores", "Suppliers"]
