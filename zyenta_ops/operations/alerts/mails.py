"""The messages that alerts give rise to: to merchants, as daily digests, to the internal team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from zyenta_ops.domain.alerts import Alert, AlertType, wording
from zyenta_ops.domain.alerts.accounts import ACCOUNT_TYPES
from zyenta_ops.domain.notifications import INTERNAL_RECIPIENT, Channel, NewMessage
from zyenta_ops.domain.stores import Document
from zyenta_ops.ports import NewId
from zyenta_ops.ports.alerts import StoreToTell

_TEMPLATES = {
    AlertType.STOCK_OUT: "stock-alert",
    AlertType.STOCK_LOW: "stock-alert",
    AlertType.PRICE_CHANGE: "price-alert",
    AlertType.PRICE_MISSING: "price-missing",
    AlertType.AUTH_EXPIRING: "account-alert",
    AlertType.AUTH_REVOKED: "account-alert",
    AlertType.SUPPLIER_BLOCKED: "account-alert",
    AlertType.ORDER_ISSUE: "order-alert",
    AlertType.PAYMENT_ISSUE: "issue-alert",
}
_INTERNAL_TEMPLATES = {AlertType.ORDER_ISSUE: "issue", AlertType.PAYMENT_ISSUE: "issue"} | (
    dict.fromkeys(ACCOUNT_TYPES, "account-failure")
)


def topic(alert_id: str) -> str:
    """What messages about an alert are said to regard."""
    return f"alert:{alert_id}"


@dataclass(frozen=True)
class Mailroom:
    """Writes messages for the outbox.

    Attributes:
        new_id: where message ids come from.
        dashboard_url: base of links; empty = messages hold none.
        internal_email: where internal alerts go.
        internal_webhook: whether internal alerts also go to the Slack-compatible webhook.
    """

    new_id: NewId
    dashboard_url: str
    internal_email: str
    internal_webhook: bool = False

    def merchant(self, alert: Alert, store: StoreToTell) -> list[NewMessage]:
        """One mail about an alert for each of the store's recipients."""
        rows, more = wording.product_rows(alert.type, alert.metadata)
        context = self._greeting(store) | {
            "title": alert.title,
            "message": alert.message,
            "products": rows,
            "more": more,
            "as_of": wording.short_time(alert.opened_at),
        }
        due_at = store.preferences.mail_at(alert.severity, alert.opened_at)
        template = _TEMPLATES[alert.type]
        return self._mails(store, template, context, due_at, topic(alert.id))

    def digest(
        self, alerts: Sequence[Alert], store: StoreToTell, now: datetime
    ) -> list[NewMessage]:
        """One mail about several alerts for each of the store's recipients."""
        entries = []
        for alert in alerts:
            rows, more = wording.product_rows(alert.type, alert.metadata)
            entries.append(
                {
                    "type": alert.type.value,
                    "title": alert.title,
                    "message": alert.message,
                    "since": wording.short_time(alert.opened_at),
                    "remark": wording.remark(alert.metadata),
                    "products": rows,
                    "more": more,
                }
            )
        context = self._greeting(store) | {"alerts": entries, "as_of": wording.short_time(now)}
        return self._mails(store, "digest", context, now, f"digest:{alerts[-1].id}")

    def internal(
        self, alert: Alert, supplier_name: str, stores: int, run_id: str | None
    ) -> list[NewMessage]:
        """The internal team's messages about a failed sync or an account that needs a person."""
        context: Document = {
            "severity": alert.severity.value,
            "service": "zyenta-ops",
            "title": alert.title,
            "supplier_key": alert.supplier_key,
            "supplier_name": supplier_name,
            "reason": alert.message,
            "run_id": run_id or "none",
            "stores": stores,
            "as_of": wording.short_time(alert.opened_at),
        }
        return self._team(alert, context)

    def issue(self, alert: Alert, store: StoreToTell | None) -> list[NewMessage]:
        """The internal team's messages about an issue of a store, or of our own."""
        context: Document = {
            "severity": alert.severity.value,
            "service": "zyenta-ops",
            "title": alert.title,
            "reason": alert.message,
            "store_name": "none" if store is None else store.name,
            "as_of": wording.short_time(alert.opened_at),
        }
        return self._team(alert, context)

    def _team(self, alert: Alert, context: Document) -> list[NewMessage]:
        targets = [(Channel.EMAIL, self.internal_email)] if self.internal_email else []
        if self.internal_webhook:
            targets.append((Channel.WEBHOOK, INTERNAL_RECIPIENT))
        return [
            NewMessage(
                id=self.new_id(),
                dedupe_key=f"{topic(alert.id)}:{channel.value}",
                channel=channel,
                recipient=recipient,
                template=_INTERNAL_TEMPLATES.get(alert.type, "sync-failure"),
                context=context,
                due_at=alert.opened_at,
                regarding=topic(alert.id),
            )
            for channel, recipient in targets
        ]

    def _greeting(self, store: StoreToTell) -> Document:
        base = self.dashboard_url.rstrip("/")
        return {
            "store_name": store.name,
            "user_name": store.owner_name,
            "dashboard_url": f"{base}/stores/{store.id}/products" if base else "",
        }

    def _mails(
        self, store: StoreToTell, template: str, context: Document, due_at: datetime, about: str
    ) -> list[NewMessage]:
        return [
            NewMessage(
                id=self.new_id(),
                dedupe_key=f"{about}:{blake2b(recipient.encode(), digest_size=8).hexdigest()}",
                channel=Channel.EMAIL,
                recipient=recipient,
                template=template,
                context=context,
                due_at=due_at,
                store_id=store.id,
                regarding=about,
            )
            for recipient in store.preferences.recipients_or(store.owner_email)
        ]
