"""Telling merchants and operators: alerts are opened, kept true, acknowledged and resolved.

A product alert is opened per store, supplier and sweep for each type that has news; it names only
variants that no unresolved alert of its type names yet (costs excepted), and resolves itself once
nothing it names is the case any more. The messages it gives rise to are enqueued in the same
transaction; delivering them is the business of `notifications`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from zyenta_ops.domain.alerts import Alert, AlertStatus, AlertType, Criteria, Severity
from zyenta_ops.domain.errors import Refused, ZyentaError
from zyenta_ops.domain.fx import FxTable
from zyenta_ops.domain.payments import Issue
from zyenta_ops.domain.sync import StoreOutcome, SyncPart
from zyenta_ops.operations.alerts.accounts import AccountAlerts, AccountsTold
from zyenta_ops.operations.alerts.failures import SyncFailures, is_silenced
from zyenta_ops.operations.alerts.issues import IssueAlerts
from zyenta_ops.operations.alerts.mails import Mailroom, topic
from zyenta_ops.operations.alerts.telling import PAGE, Told, Turn
from zyenta_ops.ports import Clock, Database, NewId, Repositories

__all__ = ["AccountsTold", "AlertReport", "AlertRow", "Alerts", "Mailroom"]

_ROWS_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One opened alert, for a table of what happened."""

    store: str
    type: AlertType
    severity: Severity
    title: str
    products: int
    variants: int


@dataclass(slots=True)
class AlertReport:
    """What telling came to.

    Attributes:
        raised: alerts opened, by type.
        resolved: alerts that resolved themselves, by type.
        stores: stores looked at.
        muted: untold changes held back while the supplier's sync fails.
        queued: messages put into the outbox.
        withdrawn: messages taken back because their alert was over before they were sent.
        rows: the first opened alerts.
        faults: stores that could not be told, each a sentence; their changes stay untold.
    """

    raised: Counter[AlertType] = field(default_factory=Counter)
    resolved: Counter[AlertType] = field(default_factory=Counter)
    stores: int = 0
    muted: int = 0
    queued: int = 0
    withdrawn: int = 0
    rows: list[AlertRow] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def add(self, told: Told) -> None:
        """Count one store's turn."""
        self.muted += told.muted
        self.resolved.update(told.closed)
        self.queued += told.queued
        self.withdrawn += told.withdrawn
        for alert in told.opened:
            self.raised[alert.type] += 1
            if len(self.rows) < _ROWS_SHOWN:
                self.rows.append(_row(told.store, alert))


@dataclass(frozen=True)
class Alerts:
    """Everything that opens, changes and closes alerts; takes variants `page` at a time."""

    database: Database
    clock: Clock
    new_id: NewId
    mailroom: Mailroom
    page: int = PAGE

    def tell(
        self, supplier_key: str, scope_store_ids: Sequence[str] | None, run_id: str | None
    ) -> AlertReport:
        """Turn untold changes into alerts and close alerts that are over, store by store.

        Each store is one transaction: alerts, messages and the marks on its changes happen
        together or not at all. While the supplier's sync fails, what is known of it cannot be
        trusted: its changes stay untold until `resolve_sync_failure`.

        Args:
            supplier_key: whose changes to tell of.
            scope_store_ids: only these stores; None = every active one.
            run_id: the run to name in the alerts.
        """
        report = AlertReport()
        # The snapshot stays open meanwhile: SQLite checkpoints a file whenever its last connection
        # closes, which costs more than a store's whole turn.
        with self.database.read() as snapshot:
            rates = FxTable(snapshot.rates.newest(self.clock()))
            for store_id in snapshot.alert_facts.stores_concerned(supplier_key, scope_store_ids):
                report.stores += 1
                try:
                    with self.database.write() as records:
                        told = self._tell_store(records, store_id, supplier_key, run_id, rates)
                except ZyentaError as fault:
                    report.faults.append(str(fault))
                # One store's broken row must not keep the others from their alerts.
                except Exception as error:
                    report.faults.append(f"store {store_id}: {type(error).__name__}")
                else:
                    # Counted once committed: what was rolled back has told nobody anything.
                    report.add(told)
        return report

    def report_sync_failure(
        self,
        supplier_key: str,
        reason: str,
        run_id: str | None,
        part: SyncPart = SyncPart.CATALOGUE,
        kind: str = "",
    ) -> None:
        """Open SYNC_FAILURE alerts for all stores of a supplier, and one for the internal team.

        Merchants find theirs in the dashboard; the internal team gets a message. While these
        alerts are unresolved, reporting again opens only what is missing and sends nothing.

        Args:
            supplier_key: whose sync failed.
            reason: one sentence for operators; it is not shown to merchants.
            run_id: the run that failed.
            part: what of the sync failed.
            kind: of several things that are that part, such as runs, which one.

        Raises:
            NotFound: there is no such supplier.
        """
        with self.database.write() as records:
            self._failures(records, supplier_key, run_id).begin(part, reason, kind)

    def resolve_sync_failure(
        self, supplier_key: str, part: SyncPart = SyncPart.CATALOGUE, kind: str = ""
    ) -> int:
        """Close the SYNC_FAILURE alerts about what has just succeeded; how many.

        Without a `kind` all kinds of the part have succeeded.
        """
        with self.database.write() as records:
            return self._failures(records, supplier_key, None).end(part, kind)

    def report_stores(
        self,
        supplier_key: str,
        part: SyncPart,
        outcomes: Sequence[StoreOutcome],
        run_id: str | None,
    ) -> None:
        """Open SYNC_FAILURE alerts for stores that failed, and close those of stores that did not.

        Stores that begin to fail in one report are told to the internal team in one message. A
        store that the run did not reach, for want of time or because it was not due, is neither
        failing nor well: its alert stays.

        Raises:
            NotFound: there is no such supplier.
        """
        with self.database.write() as records:
            self._failures(records, supplier_key, run_id).settle(part, outcomes)

    def count_accounts_to_tell(self) -> int:
        """Accounts at suppliers for which `tell_accounts` would find something."""
        with self.database.read() as records:
            alerts = self._accounts(records, None)
            return sum(alerts.has_news(each) for each in records.accounts.every())

    def tell_accounts(self, run_id: str | None) -> AccountsTold:
        """Open alerts for accounts at suppliers that need a person, and close those that are over.

        Each account is one transaction. Stores that sell through it find the alert in their list,
        and their owner gets mail about an account of his own; the internal team is told of what is
        critical, and of the platform's own accounts.
        """
        with self.database.read() as records:
            alerts = self._accounts(records, run_id)
            news = [each.id for each in records.accounts.every() if alerts.has_news(each)]
        told = AccountsTold()
        for account_id in news:
            with self.database.write() as records:
                account = records.accounts.find(account_id)
                if account is not None:
                    told = told.plus(self._accounts(records, run_id).settle(account))
        return told

    def settle_issues(
        self,
        records: Repositories,
        store_id: str | None,
        about: str,
        issues: Sequence[Issue],
        now: datetime,
        type_: AlertType = AlertType.PAYMENT_ISSUE,
    ) -> None:
        """Open and close alerts until they are the issues there are, in the caller's transaction.

        Args:
            records: the caller's transaction.
            store_id: whose owner is told; None = the internal team.
            about: what the issues are of, "order:01K…"; others about the same are over.
            issues: all there are now.
            now: when they were found.
            type_: what they are issues of.
        """
        alerts = IssueAlerts(records, self.mailroom, self.new_id, now, type_)
        alerts.settle(store_id, about, issues)

    def count_digests_due(self) -> int:
        """Stores for which `queue_digests` would find something."""
        with self.database.read() as records:
            return len(records.alerts.stores_with_digest_due(self.clock()))

    def queue_digests(self) -> int:
        """Enqueue the daily mails that are due, one transaction per store; how many.

        Raises:
            Refused: the preferences of a store cannot be read; the other stores were served.
        """
        now = self.clock()
        with self.database.read() as records:
            stores = records.alerts.stores_with_digest_due(now)
        queued = 0
        faults: list[str] = []
        for store_id in stores:
            try:
                with self.database.write() as records:
                    queued += self._queue_digest(records, store_id, now)
            except Refused as fault:
                faults.append(str(fault))
        if faults:
            raise Refused("; ".join(faults))
        return queued

    def listed(
        self, store_id: str | None = None, status: AlertStatus | None = None, limit: int = 50
    ) -> list[Alert]:
        """Alerts, newest first."""
        with self.database.read() as records:
            return list(records.alerts.listed(store_id, status, limit))

    def show(self, alert_id: str) -> Alert:
        """One alert.

        Raises:
            NotFound: there is no such alert.
        """
        with self.database.read() as records:
            return records.alerts.find(alert_id)

    def mark_read(self, alert_id: str) -> Alert:
        """Note that a person has seen an alert; seeing it again changes nothing.

        Raises:
            NotFound: there is no such alert.
        """
        with self.database.write() as records:
            return self._move(records, alert_id, Alert.marked_read)

    def acknowledge(self, alert_id: str) -> Alert:
        """Note that a person takes care of an open alert.

        Raises:
            NotFound: there is no such alert.
            Refused: it is acknowledged or resolved already.
        """
        with self.database.write() as records:
            return self._move(records, alert_id, Alert.acknowledged)

    def resolve(self, alert_id: str) -> Alert:
        """Close an alert by hand; messages about it that wait are taken back.

        Raises:
            NotFound: there is no such alert.
            Refused: it is resolved already.
        """
        with self.database.write() as records:
            alert = self._move(records, alert_id, Alert.resolved)
            records.outbox.withdraw([topic(alert_id)], self.clock())
            return alert

    def _tell_store(
        self,
        records: Repositories,
        store_id: str,
        supplier_key: str,
        run_id: str | None,
        rates: FxTable,
    ) -> Told:
        store = records.alert_facts.lock_store(store_id)
        if is_silenced(records, supplier_key, store_id):
            untold = records.alert_facts.count_untold(supplier_key, [store_id])
            return Told(store.name, muted=untold)
        criteria = Criteria(store.preferences, self.clock(), rates)
        return Turn(
            records,
            store,
            supplier_key,
            run_id,
            self.mailroom,
            self.new_id,
            criteria,
            self.page,
        ).tell()

    def _accounts(self, records: Repositories, run_id: str | None) -> AccountAlerts:
        return AccountAlerts(records, run_id, self.mailroom, self.new_id, self.clock())

    def _failures(
        self, records: Repositories, supplier_key: str, run_id: str | None
    ) -> SyncFailures:
        return SyncFailures(records, supplier_key, run_id, self.mailroom, self.new_id, self.clock())

    def _queue_digest(self, records: Repositories, store_id: str, now: datetime) -> int:
        store = records.alert_facts.lock_store(store_id)
        muted = store.preferences.muted
        due = records.alerts.take_digest(store_id, now)
        wanted = [alert for alert in due if alert.type not in muted]
        if not wanted:
            return 0
        return records.outbox.enqueue(self.mailroom.digest(wanted, store, now), now)

    def _move(
        self, records: Repositories, alert_id: str, move: Callable[[Alert, datetime], Alert]
    ) -> Alert:
        now = self.clock()
        before = records.alerts.find(alert_id)
        after = move(before, now)
        if after != before and not records.alerts.save_status(after, before.status, now):
            raise Refused(f"alert {alert_id} was changed by somebody else meanwhile; look again")
        return after


def _row(store_name: str, alert: Alert) -> AlertRow:
    return AlertRow(
        store_name,
        alert.type,
        alert.severity,
        alert.title,
        alert.metadata["product_count"],
        alert.metadata["variant_count"],
    )
