"""Alerts: `facts` reads what they are decided from, `records` keeps them."""

from zyenta_ops.persistence.alerts.facts import AlertFacts
from zyenta_ops.persistence.alerts.records import AlertRecords

__all__ = ["AlertFacts", "AlertRecords"]
