"""Customers' orders, their holds and their timelines."""

from zyenta_ops.persistence.orders.records import OrderRecords

__all__ = ["OrderRecords"]
