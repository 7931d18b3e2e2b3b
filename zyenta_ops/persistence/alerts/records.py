"""Alerts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, text, update

from zyenta_ops.domain.alerts import SEVERITIES, Alert, AlertStatus, AlertType, Severity
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.schema import alert
from zyenta_ops.ports.alerts import OpenAlert

_UNRESOLVED = alert.c.status != AlertStatus.RESOLVED.value


class AlertRecords:
    """Satisfies `zyenta_ops.ports.alerts.AlertRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def open(
        self,
        alert_: Alert,
        dedupe_key: str,
        digest_due_at: datetime | None = None,
        about: str | None = None,
    ) -> bool:
        """Store a new alert, unless an unresolved one has this key."""
        opened = self.connection.execute(
            upsert(self.connection.dialect, alert)
            .values(
                id=alert_.id,
                store_id=alert_.store_id,
                supplier_key=alert_.supplier_key,
                type=alert_.type.value,
                severity=alert_.severity.value,
                dedupe_key=dedupe_key,
                about=about,
                title=alert_.title,
                message=alert_.message,
                metadata=alert_.metadata,
                status=alert_.status.value,
                opened_at=alert_.opened_at,
                digest_due_at=digest_due_at,
                created_at=alert_.opened_at,
                updated_at=alert_.opened_at,
            )
            .on_conflict_do_nothing(
                index_elements=[alert.c.dedupe_key], index_where=text("status <> 'RESOLVED'")
            )
            .returning(alert.c.id)
        ).scalar_one_or_none()
        return opened is not None

    def rewrite(self, alert_: Alert, now: datetime) -> None:
        """Replace title, message and metadata of an alert."""
        self.connection.execute(
            update(alert)
            .where(alert.c.id == alert_.id)
            .values(
                title=alert_.title,
                message=alert_.message,
                metadata=alert_.metadata,
                updated_at=now,
            )
        )

    def close(self, alert_ids: Collection[str], now: datetime) -> None:
        """Resolve alerts because their cause is over; whether they were read stays as it is."""
        if alert_ids:
            self.connection.execute(
                update(alert)
                .where(alert.c.id.in_(alert_ids), _UNRESOLVED)
                .values(
                    status=AlertStatus.RESOLVED.value,
                    resolved_at=now,
                    updated_at=now,
                    digest_due_at=None,
                )
            )

    def unresolved_keys(self, dedupe_keys: Collection[str]) -> Collection[str]:
        """Which of these dedupe keys an unresolved alert has."""
        return set(
            self.connection.execute(
                select(alert.c.dedupe_key).where(alert.c.dedupe_key.in_(dedupe_keys), _UNRESOLVED)
            ).scalars()
        )

    def unresolved(self, dedupe_key: str) -> Alert | None:
        """The unresolved alert with this dedupe key."""
        row = self.connection.execute(
            select(alert).where(alert.c.dedupe_key == dedupe_key, _UNRESOLVED)
        ).one_or_none()
        return None if row is None else _alert(row)

    def unresolved_of(self, supplier_key: str, types: Collection[AlertType]) -> Sequence[OpenAlert]:
        """The supplier's unresolved alerts of these types."""
        rows = self.connection.execute(
            select(alert.c.id, alert.c.type, alert.c.dedupe_key, alert.c.store_id, alert.c.metadata)
            .where(
                alert.c.supplier_key == supplier_key,
                alert.c.type.in_([each.value for each in types]),
                _UNRESOLVED,
            )
            .order_by(alert.c.id)
        )
        return [OpenAlert(row[0], AlertType(row[1]), *row[2:]) for row in rows]

    def unresolved_about(self, about: str) -> Mapping[str, str]:
        """The unresolved alerts about something: their ids by dedupe key."""
        rows = self.connection.execute(
            select(alert.c.dedupe_key, alert.c.id).where(alert.c.about == about, _UNRESOLVED)
        )
        return {row[0]: row[1] for row in rows}

    def find(self, alert_id: str) -> Alert:
        """One alert."""
        row = self.connection.execute(select(alert).where(alert.c.id == alert_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no alert '{alert_id}'; list the alerts to see their ids")
        return _alert(row)

    def listed(
        self, store_id: str | None, status: AlertStatus | None, limit: int
    ) -> Sequence[Alert]:
        """Alerts, newest first."""
        query = select(alert).order_by(alert.c.opened_at.desc(), alert.c.id.desc()).limit(limit)
        if store_id is not None:
            query = query.where(alert.c.store_id == store_id)
        if status is not None:
            query = query.where(alert.c.status == status.value)
        return [_alert(row) for row in self.connection.execute(query)]

    def save_status(self, alert_: Alert, before: AlertStatus, now: datetime) -> bool:
        """Store status, read and times of an alert, if nobody moved it meanwhile."""
        values: dict[str, Any] = {
            "status": alert_.status.value,
            "read": alert_.read,
            "read_at": alert_.read_at,
            "acknowledged_at": alert_.acknowledged_at,
            "resolved_at": alert_.resolved_at,
            "updated_at": now,
        }
        if alert_.status is AlertStatus.RESOLVED:
            values["digest_due_at"] = None
        changed = self.connection.execute(
            update(alert)
            .where(alert.c.id == alert_.id, alert.c.status == before.value)
            .values(**values)
        )
        return changed.rowcount == 1

    def stores_with_digest_due(self, now: datetime) -> Sequence[str]:
        """Stores with alerts whose daily mail is due."""
        return (
            self.connection.execute(
                select(alert.c.store_id)
                .where(alert.c.digest_due_at <= now)
                .distinct()
                .order_by(alert.c.store_id)
            )
            .scalars()
            .all()
        )

    def take_digest(self, store_id: str, now: datetime) -> Sequence[Alert]:
        """The alerts whose daily mail is due, oldest first; they are not handed out again."""
        rows = self.connection.execute(
            update(alert)
            .where(alert.c.store_id == store_id, alert.c.digest_due_at <= now)
            .values(digest_due_at=None)
            .returning(*alert.c)
        ).all()
        return sorted((_alert(row) for row in rows), key=lambda each: (each.opened_at, each.id))


def _alert(row: Any) -> Alert:
    type_, severity = AlertType(row.type), Severity(row.severity)
    return Alert(
        id=row.id,
        type=type_,
        title=row.title,
        message=row.message,
        metadata=row.metadata,
        opened_at=row.opened_at,
        store_id=row.store_id,
        supplier_key=row.supplier_key,
        status=AlertStatus(row.status),
        read_at=row.read_at,
        acknowledged_at=row.acknowledged_at,
        resolved_at=row.resolved_at,
        urgency=None if severity is SEVERITIES[type_] else severity,
    )
