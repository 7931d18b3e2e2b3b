"""Products and variants as the inventory operation reads and writes them."""

from zyenta_ops.persistence.inventory.records import InventoryRecords

__all__ = ["InventoryRecords"]
