"""Supplier orders: planned, claimed, placed, followed, and what they cost."""

from zyenta_ops.persistence.fulfillment.records import FulfillmentRecords

__all__ = ["FulfillmentRecords"]
