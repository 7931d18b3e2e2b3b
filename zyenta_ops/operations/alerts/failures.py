"""What fails of a supplier's sync: alerts for the stores concerned, and one for the internal team.

Each failure has a cause, a `SyncPart`, and is over when that part succeeds, whatever else does. The
catalogue and the run concern every store that sells from the supplier; inventory and prices fail
store by store. Everything here happens in the caller's transaction.

The dedupe keys say what fails, so that a failure that goes on is one alert:

    SYNC_FAILURE:<supplier>:CATALOGUE                  internal
    SYNC_FAILURE:<supplier>:RUN:<kind of run>          internal
    SYNC_FAILURE:<supplier>:INVENTORY:<its own id>     internal, of stores that began together
    <key of what fails>:store:<store>                  a store's
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from zyenta_ops.domain.alerts import Alert, AlertType, wording
from zyenta_ops.domain.stores import Document
from zyenta_ops.domain.sync import StoreOutcome, SyncPart
from zyenta_ops.operations.alerts.mails import Mailroom, topic
from zyenta_ops.ports import NewId, Repositories
from zyenta_ops.ports.alerts import OpenAlert

_LONGEST_REASON: Final = 1_000
_INTERNAL: Final = "internal_alert_id"


@dataclass(frozen=True)
class SyncFailures:
    """The failures of one supplier's sync, as one report changes them."""

    records: Repositories
    supplier_key: str
    run_id: str | None
    mailroom: Mailroom
    new_id: NewId
    now: datetime

    def begin(self, part: SyncPart, reason: str, kind: str = "") -> None:
        """Open the alerts of a failure of the whole supplier that are missing."""
        key = failure_key(self.supplier_key, part, kind)
        stores = self.records.alert_facts.stores_selling(self.supplier_key)
        for store_id in stores:
            self.records.alerts.open(
                self._merchants(part, store_id, {"run_id": self.run_id}), _of_store(key, store_id)
            )
        self._tell_team(self.new_id(), key, part, reason, len(stores))

    def end(self, part: SyncPart, kind: str = "") -> int:
        """Close the alerts of a part, of one kind or of all; how many."""
        key = failure_key(self.supplier_key, part, kind)
        return self._close(self._unresolved(key))

    def settle(self, part: SyncPart, outcomes: Iterable[StoreOutcome]) -> None:
        """Open the alerts of stores that began to fail, close those of stores that are well.

        Stores that are not among the outcomes stay as they are, except those that no longer sell
        from the supplier.
        """
        key = failure_key(self.supplier_key, part)
        unresolved = self._unresolved(key)
        failed = [each for each in outcomes if each.error is not None]
        if not failed and not unresolved:
            return
        well = {each.store_id for each in outcomes if each.error is None}
        selling = set(self.records.alert_facts.stores_selling(self.supplier_key))
        failing = [
            each
            for each in unresolved
            if each.store_id and each.store_id not in well and each.store_id in selling
        ]
        told = {each.metadata.get(_INTERNAL) for each in failing}
        left = {each.alert_id for each in failing} | told
        self._close([each for each in unresolved if each.alert_id not in left])
        self._begin_stores(part, key, failed)

    def _begin_stores(self, part: SyncPart, key: str, failed: Sequence[StoreOutcome]) -> None:
        internal = self.new_id()
        about: Document = {"run_id": self.run_id, _INTERNAL: internal}
        news = [
            each
            for each in failed
            if self.records.alerts.open(
                self._merchants(part, each.store_id, about), _of_store(key, each.store_id)
            )
        ]
        if news:
            reason = wording.failed_stores([(each.store, str(each.error)) for each in news])
            self._tell_team(internal, f"{key}:{internal}", part, reason, len(news))

    def _tell_team(self, alert_id: str, key: str, part: SyncPart, reason: str, stores: int) -> None:
        name = self.records.alert_facts.supplier_name(self.supplier_key)
        reason = reason[:_LONGEST_REASON]
        internal = self._alert(
            alert_id,
            wording.internal_failure_title(part, name, stores),
            reason,
            {"run_id": self.run_id, "reason": reason, "stores": stores},
        )
        if self.records.alerts.open(internal, key):
            messages = self.mailroom.internal(internal, name, stores, self.run_id)
            self.records.outbox.enqueue(messages, self.now)

    def _merchants(self, part: SyncPart, store_id: str, metadata: Document) -> Alert:
        title, message = wording.merchants_failure(part)
        return self._alert(self.new_id(), title, message, metadata, store_id)

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

    def _unresolved(self, key: str) -> list[OpenAlert]:
        return [
            each
            for each in self.records.alerts.unresolved_of(
                self.supplier_key, [AlertType.SYNC_FAILURE]
            )
            if each.dedupe_key == key or each.dedupe_key.startswith(f"{key}:")
        ]

    def _close(self, failures: Sequence[OpenAlert]) -> int:
        alert_ids = [each.alert_id for each in failures]
        self.records.alerts.close(alert_ids, self.now)
        self.records.outbox.withdraw([topic(each) for each in alert_ids], self.now)
        return len(alert_ids)


def is_silenced(records: Repositories, supplier: str, store_id: str) -> bool:
    """Whether product alerts of a store wait, since what is known of its stock may be wrong.

    Prices that cannot be made leave the stock true, and a run that was killed is spoken for by the
    next one.
    """
    catalogue = failure_key(supplier, SyncPart.CATALOGUE)
    inventory = failure_key(supplier, SyncPart.INVENTORY)
    keys = [catalogue, _of_store(catalogue, store_id), _of_store(inventory, store_id)]
    return bool(records.alerts.unresolved_keys(keys))


def failure_key(supplier: str, part: SyncPart, kind: str = "") -> str:
    """The dedupe key of what fails; without a kind also the beginning of those of all kinds."""
    return ":".join([AlertType.SYNC_FAILURE, supplier, part, *([kind] if kind else [])])


def _of_store(key: str, store_id: str) -> str:
    return f"{key}:store:{store_id}"
