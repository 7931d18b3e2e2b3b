"""The words of alerts, and the life of one: OPEN, ACKNOWLEDGED, RESOLVED."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import Document


class AlertType(StrEnum):
    """What an alert is about."""

    STOCK_OUT = "STOCK_OUT"
    STOCK_LOW = "STOCK_LOW"
    PRICE_CHANGE = "PRICE_CHANGE"
    PRICE_MISSING = "PRICE_MISSING"
    SYNC_FAILURE = "SYNC_FAILURE"
    AUTH_EXPIRING = "AUTH_EXPIRING"
    AUTH_REVOKED = "AUTH_REVOKED"
    SUPPLIER_BLOCKED = "SUPPLIER_BLOCKED"
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


SEVERITIES: Final = {
    AlertType.STOCK_OUT: Severity.HIGH,
    AlertType.STOCK_LOW: Severity.MEDIUM,
    AlertType.PRICE_CHANGE: Severity.MEDIUM,
    AlertType.PRICE_MISSING: Severity.HIGH,
    AlertType.SYNC_FAILURE: Severity.CRITICAL,
    AlertType.AUTH_EXPIRING: Severity.HIGH,
    AlertType.AUTH_REVOKED: Severity.CRITICAL,
    AlertType.SUPPLIER_BLOCKED: Severity.HIGH,
    AlertType.ORDER_ISSUE: Severity.HIGH,
    AlertType.PAYMENT_ISSUE: Severity.HIGH,
}


@dataclass(frozen=True, slots=True)
class Alert:
    """Something a merchant, or the operators when `store_id` is None, should know.

    `metadata` is JSON: for product alerts the document of `contents`, kept at what is still the
    case; for SYNC_FAILURE the supplier, the run and, internally, the reason; for alerts about an
    account at a supplier that account and the run. `urgency` is given where not every alert of the
    type is equally urgent.
    """

    id: str
    type: AlertType
    title: str
    message: str
    metadata: Document
    opened_at: datetime
    store_id: str | None = None
    supplier_key: str | None = None
    status: AlertStatus = AlertStatus.OPEN
    read_at: datetime | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    urgency: Severity | None = None

    @property
    def severity(self) -> Severity:
        """How urgent it is: as its type is, unless it was given an urgency of its own."""
        return self.urgency or SEVERITIES[self.type]

    @property
    def read(self) -> bool:
        """Whether a person has seen it."""
        return self.read_at is not None

    def marked_read(self, now: datetime) -> Alert:
        """The alert as seen by a person at `now`; the first time counts."""
        return self if self.read else replace(self, read_at=now)

    def acknowledged(self, now: datetime) -> Alert:
        """The alert as taken note of by a person, which also marks it read.

        Raises:
            Refused: it is acknowledged or resolved already.
        """
        if self.status is not AlertStatus.OPEN:
            raise Refused(
                f"alert {self.id} is {self.status.lower()} already; only an open one can be"
                " acknowledged"
            )
        return replace(self.marked_read(now), status=AlertStatus.ACKNOWLEDGED, acknowledged_at=now)

    def resolved(self, now: datetime) -> Alert:
        """The alert as closed by a person, which also marks it read.

        Raises:
            Refused: it is resolved already.
        """
        if self.status is AlertStatus.RESOLVED:
            raise Refused(f"alert {self.id} is resolved already; there is nothing left to resolve")
        return replace(self.marked_read(now), status=AlertStatus.RESOLVED, resolved_at=now)
