"""A supplier whose sync fails: one alert per store, one for the internal team, and silence.

Everything here happens in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from zyenta_ops.domain.alerts import Alert, AlertType, wording
from zyenta_ops.domain.stores import Document
from zyenta_ops.operations.alerts.mails import Mailroom
from zyenta_ops.ports import NewId, Repositories

_LONGEST_REASON: Final = 1_000


@dataclass(frozen=True)
class SyncFailure:
    """A failed sync of one supplier, to be told of.

    The dedupe keys hold no alert id, so that one alert per store and supplier can be unresolved.
    The whole supplier failing and some of its stores failing are told of internally apart.
    """

    supplier_key: str
    reason: str
    run_id: str | None
    now: datetime

    def tell(
        self,
        records: Repositories,
        store_ids: Collection[str] | None,
        mailroom: Mailroom,
        new_id: NewId,
    ) -> None:
        """Open the alerts that are missing, and queue the internal messages if they are news."""
        supplier_name = records.alert_facts.supplier_name(self.supplier_key)
        selling = records.alert_facts.stores_selling(self.supplier_key)
        stores = [each for each in selling if store_ids is None or each in store_ids]
        for store_id in stores:
            alert = self._alert(
                new_id(),
                wording.SYNC_FAILURE_TITLE,
                wording.SYNC_FAILURE_MESSAGE,
                {"run_id": self.run_id},
                store_id,
            )
            records.alerts.open(alert, store_key(self.supplier_key, store_id))
        whole = supplier_key(self.supplier_key)
        if store_ids is not None and records.alerts.unresolved_keys([whole]):
            return
        reason = self.reason[:_LONGEST_REASON]
        internal = self._alert(
            new_id(),
            wording.internal_failure_title(supplier_name, len(stores)),
            reason,
            {"run_id": self.run_id, "reason": reason, "stores": len(stores)},
        )
        key = whole if store_ids is None else f"{whole}:some"
        if records.alerts.open(internal, key):
            messages = mailroom.internal(internal, supplier_name, len(stores), self.run_id)
            records.outbox.enqueue(messages, self.now)

    def _alert(
        self,
        alert_id: str,
        title: str,
        message: str,
        metadata: Document,
        store_id: str | None = None,
    ) -> Alert:
        return Alert(
            id=alert_id,
            type=AlertType.SYNC_FAILURE,
            title=title,
            message=message,
            metadata=metadata,
            opened_at=self.now,
            store_id=store_id,
            supplier_key=self.supplier_key,
        )


def is_silenced(records: Repositories, supplier: str, store_id: str) -> bool:
    """Whether product alerts of a store wait, since what is known of the supplier may be wrong."""
    keys = [supplier_key(supplier), store_key(supplier, store_id)]
    return bool(records.alerts.unresolved_keys(keys))


def supplier_key(supplier: str) -> str:
    """The dedupe key of the internal alert about the whole supplier."""
    return f"{AlertType.SYNC_FAILURE}:{supplier}"


def store_key(supplier: str, store_id: str) -> str:
    """The dedupe key of a store's alert."""
    return f"{AlertType.SYNC_FAILURE}:{supplier}:store:{store_id}"
