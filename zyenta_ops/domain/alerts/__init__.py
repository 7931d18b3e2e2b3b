"""Alerts: what a merchant is told, how urgent it is, and when it is over.

`lifecycle` holds the words and the states, `preferences` what a store wants to hear and when,
`decision` what changes give cause for, `contents` what an alert keeps, `wording` what it says.
"""

from zyenta_ops.domain.alerts.decision import (
    Cause,
    Change,
    CostNews,
    News,
    PendingPrice,
    Selling,
    StockNews,
    Subject,
    VariantNow,
    cause_now,
    decide,
    is_over,
)
from zyenta_ops.domain.alerts.lifecycle import (
    SEVERITIES,
    Alert,
    AlertStatus,
    AlertType,
    Severity,
)
from zyenta_ops.domain.alerts.preferences import AlertPreferences, Digest, QuietHours

__all__ = [
    "SEVERITIES",
    "Alert",
    "AlertPreferences",
    "AlertStatus",
    "AlertType",
    "Cause",
    "Change",
    "CostNews",
    "Digest",
    "News",
    "PendingPrice",
    "QuietHours",
    "Selling",
    "Severity",
    "StockNews",
    "Subject",
    "VariantNow",
    "cause_now",
    "decide",
    "is_over",
]
