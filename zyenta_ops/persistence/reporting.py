"""Figures over the history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from zyenta_ops.domain.inventory import ChangeKind
from zyenta_ops.domain.notifications import MessageStatus
from zyenta_ops.domain.stores import StoreStatus
from zyenta_ops.domain.sync import SyncStatus, SyncType
from zyenta_ops.persistence.schema import (
    alert,
    outbox_message,
    product_change,
    product_variant,
    store,
    sync_log,
)
from zyenta_ops.persistence.stores.cadence import frequency
from zyenta_ops.ports.reporting import DailyFigure, StoreFreshness


class ReportingRecords:
    """Satisfies `zyenta_ops.ports.reporting.ReportingRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def daily(self, since: datetime) -> Sequence[DailyFigure]:
        """Syncs, changes, alerts and messages per day, days without any left out."""
        failed = sync_log.c.status == SyncStatus.FAILED.value
        stock = sync_log.c.type != SyncType.PRICE.value
        price = product_change.c.kind == ChangeKind.PRICE.value
        sent = outbox_message.c.status == MessageStatus.SENT.value
        measures = {
            "syncs": self._per_day(sync_log.c.started_at, since, stock),
            "changed": self._per_day(
                sync_log.c.started_at, since, stock, weight=sync_log.c.changed
            ),
            "failed_syncs": self._per_day(sync_log.c.started_at, since, failed),
            "price_changes": self._per_day(product_change.c.occurred_at, since, price),
            "alerts": self._per_day(alert.c.opened_at, since),
            "messages_sent": self._per_day(outbox_message.c.sent_at, since, sent),
        }
        return [
            DailyFigure(day, measure, count)
            for measure, days in measures.items()
            for day, count in sorted(days.items())
            if count
        ]

    def _per_day(
        self,
        moment: ColumnElement[Any],
        since: datetime,
        *where: ColumnElement[bool],
        weight: ColumnElement[Any] | None = None,
    ) -> Counter[date]:
        # Days are cut in Python: the two engines have no common function for a UTC day.
        counted = func.count() if weight is None else func.sum(weight)
        rows = self.connection.execute(
            select(moment, counted).where(moment >= since, *where).group_by(moment)
        )
        days: Counter[date] = Counter()
        for when, count in rows:
            days[when.date()] += int(count)
        return days

    def freshness(self) -> Sequence[StoreFreshness]:
        """Every active store with each supplier it sells from."""
        sells = (
            select(
                product_variant.c.store_id,
                product_variant.c.supplier_key,
                func.min(product_variant.c.created_at).label("since"),
            )
            .group_by(product_variant.c.store_id, product_variant.c.supplier_key)
            .subquery()
        )
        good = (SyncStatus.COMPLETED.value, SyncStatus.PARTIAL.value)
        last = (
            select(func.max(sync_log.c.started_at))
            .where(
                sync_log.c.store_id == sells.c.store_id,
                sync_log.c.supplier_key == sells.c.supplier_key,
                sync_log.c.status.in_(good),
                sync_log.c.type != SyncType.PRICE.value,
            )
            .scalar_subquery()
        )
        rows = self.connection.execute(
            select(
                store.c.id,
                store.c.name,
                sells.c.supplier_key,
                frequency,
                last.label("last_synced_at"),
                sells.c.since,
            )
            .join(sells, sells.c.store_id == store.c.id)
            .where(store.c.status == StoreStatus.ACTIVE.value)
            .order_by(store.c.name, sells.c.supplier_key)
        )
        return [StoreFreshness(*row) for row in rows]
