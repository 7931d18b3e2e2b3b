"""Stores, suppliers and products in SQL."""

from zyenta_ops.persistence.stores.products import ProductRecords
from zyenta_ops.persistence.stores.stores import StoreRecords
from zyenta_ops.persistence.stores.suppliers import SupplierRecords

__all__ = ["ProductRecords", "StoreRecords", "SupplierRecords"]
