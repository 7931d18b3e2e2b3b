"""Opening a store's alert and telling its owner, as the store wants to be told."""

from __future__ import annotations

from zyenta_ops.domain.alerts import Alert
from zyenta_ops.operations.alerts.mails import Mailroom
from zyenta_ops.ports import Repositories
from zyenta_ops.ports.alerts import StoreToTell


def tell_owner(
    records: Repositories,
    mailroom: Mailroom,
    alert: Alert,
    key: str,
    store: StoreToTell,
    about: str | None = None,
) -> bool:
    """Open an alert, with a mail now, in the daily one, or in none; False when it was open."""
    preferences = store.preferences
    muted = alert.type in preferences.muted
    digested = not muted and preferences.waits_for_digest(alert.severity)
    digest_at = preferences.digest_at(alert.opened_at) if digested else None
    if not records.alerts.open(alert, key, digest_at, about):
        return False
    if not muted and not digested:
        records.outbox.enqueue(mailroom.merchant(alert, store), alert.opened_at)
    return True
