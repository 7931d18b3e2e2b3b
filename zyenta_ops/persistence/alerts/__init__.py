"""Alerts: `facts` reads what decides them, `records` keeps them, `subjects` what they name."""

from zyenta_ops.persistence.alerts.facts import AlertFacts
from zyenta_ops.persistence.alerts.records import AlertRecords
from zyenta_ops.persistence.alerts.subjects import AlertSubjects

__all__ = ["AlertFacts", "AlertRecords", "AlertSubjects"]
