"""Alerts: what a merchant is told, how urgent it is, and when it is over."""

from __future__ import annotations

from enum import StrEnum


class AlertType(StrEnum):
    """What an alert is about."""

    STOCK_OUT = "STOCK_OUT"
    STOCK_LOW = "STOCK_LOW"
    PRICE_CHANGE = "PRICE_CHANGE"
    SYNC_FAILURE = "SYNC_FAILURE"
    ORDER_ISSUE = "ORDER_ISSUE"
    PAYMENT_ISSUE = "PAYMENT_ISSUE"


class Severity(StrEnum):
    """How urgent an alert is."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"  # passes quiet hours and digests


class AlertStatus(StrEnum):
    """Where an alert stands."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"  # seen by a person; still the case
    RESOLVED = "RESOLVED"  # no longer the case
