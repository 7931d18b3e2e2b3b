"""Issues of orders and payments: each is an alert for as long as it is so.

What should be told is handed over whole each time; what is told are the unresolved alerts about the
same thing. The two are compared, so that telling again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from zyenta_ops.domain.alerts import Alert, AlertType, Severity
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.payments import Issue
from zyenta_ops.operations.alerts.mails import Mailroom, topic
from zyenta_ops.operations.alerts.owners import tell_owner
from zyenta_ops.ports import NewId, Repositories
from zyenta_ops.ports.alerts import StoreToTell


@dataclass(frozen=True)
class IssueAlerts:
    """Compares issues with what is told of them."""

    records: Repositories
    mailroom: Mailroom
    new_id: NewId
    now: datetime
    type_: AlertType = AlertType.PAYMENT_ISSUE

    def settle(self, store_id: str | None, about: str, issues: Sequence[Issue]) -> None:
        """Open what is missing and close what is over."""
        told = self.records.alerts.unresolved_about(about)
        wanted = {f"{self.type_}:{about}:{each.key}": each for each in issues}
        over = [alert_id for key, alert_id in told.items() if key not in wanted]
        self.records.alerts.close(over, self.now)
        self.records.outbox.withdraw([topic(each) for each in over], self.now)
        for key, issue in wanted.items():
            if key not in told:
                self._open(store_id, about, key, issue)

    def _open(self, store_id: str | None, about: str, key: str, issue: Issue) -> None:
        alert = Alert(
            id=self.new_id(),
            type=self.type_,
            title=issue.title,
            message=issue.message,
            metadata={"about": about},
            opened_at=self.now,
            store_id=store_id,
            urgency=issue.severity,
        )
        store = None if store_id is None else self._store(store_id)
        if store is None:
            opened = self.records.alerts.open(alert, key, about=about)
        else:
            opened = tell_owner(self.records, self.mailroom, alert, key, store, about)
        if opened and (store is None or alert.severity is Severity.CRITICAL):
            self.records.outbox.enqueue(self.mailroom.issue(alert, store), self.now)

    def _store(self, store_id: str) -> StoreToTell | None:
        """Whom to tell; None, so that the internal team is told, when it cannot be said."""
        try:
            return self.records.alert_facts.lock_store(store_id)
        except Refused:
            return None
