"""Alerts: what a merchant is told, how urgent it is, and when it is over.

`lifecycle` holds the words and the states, `preferences` what a store wants to hear and when,
`facts` the values, `decision` what they give cause for, `costs` how far a cost has moved,
`contents` what an alert keeps, `wording` what it says, `accounts` what is told of our accounts at
suppliers.
"""

from zyenta_ops.domain.alerts.decision import cause_now, decide, is_over
from zyenta_ops.domain.alerts.facts import (
    Cause,
    Change,
    CostNews,
    Criteria,
    News,
    PendingPrice,
    PriceNews,
    Selling,
    StockNews,
    Subject,
    VariantNow,
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
    "Criteria",
    "Digest",
    "News",
    "PendingPrice",
    "PriceNews",
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
