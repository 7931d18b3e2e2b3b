"""The variants that alerts name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, select, update

from zyenta_ops.domain.alerts import AlertStatus, AlertType, Cause, Subject
from zyenta_ops.domain.alerts.contents import Reach
from zyenta_ops.domain.alerts.facts import HIDDEN
from zyenta_ops.persistence.alerts.columns import in_chunks, money
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.schema import alert, alert_subject, product
from zyenta_ops.ports.alerts import NewSubject, StoreToTell

_CURRENT = alert_subject.c.cleared_at.is_(None)


class AlertSubjects:
    """Satisfies `zyenta_ops.ports.alerts.AlertSubjects`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(
        self, alert_id: str, store: StoreToTell, supplier_key: str, subjects: Sequence[NewSubject]
    ) -> None:
        """Name variants in an alert; one that it named before is the case again."""
        if not subjects:
            return
        statement = upsert(self.connection.dialect, alert_subject)
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=[alert_subject.c.alert_id, alert_subject.c.variant_id],
                set_={"cause": statement.excluded.cause, "cleared_at": None},
            ),
            [
                {
                    "alert_id": alert_id,
                    "store_id": store.id,
                    "supplier_key": supplier_key,
                    "variant_id": each.variant_id,
                    "product_id": each.product_id,
                    "cause": each.cause.value,
                    "cost_before_minor": each.cost_before and each.cost_before.minor,
                    "cost_currency": each.cost_before and each.cost_before.currency,
                }
                for each in subjects
            ],
        )

    def current(self, variant_ids: Sequence[str]) -> Sequence[Subject]:
        """What alerts name of these variants and is not over, whether or not they are resolved."""
        query = (
            select(
                alert_subject.c.alert_id,
                alert.c.type,
                alert.c.status,
                alert_subject.c.variant_id,
                alert_subject.c.cause,
                alert_subject.c.cost_before_minor,
                alert_subject.c.cost_currency,
            )
            .join(alert, alert.c.id == alert_subject.c.alert_id)
            .where(_CURRENT)
            .order_by(alert_subject.c.alert_id, alert_subject.c.variant_id)
        )
        return [
            Subject(
                row[0],
                AlertType(row[1]),
                row[2] != AlertStatus.RESOLVED.value,
                row[3],
                Cause(row[4]),
                money(row[5], row[6]),
            )
            for chunk in in_chunks(variant_ids)
            for row in self.connection.execute(query.where(alert_subject.c.variant_id.in_(chunk)))
        ]

    def clear(self, over: Collection[tuple[str, str]], now: datetime) -> None:
        """Note that the word of alerts about variants is over."""
        rows = [{"of_alert": each[0], "of_variant": each[1], "at": now} for each in sorted(over)]
        self._update(rows, cleared_at=bindparam("at"))

    def set_causes(self, causes: Mapping[tuple[str, str], Cause]) -> None:
        """Change why alerts name variants."""
        rows = [
            {"of_alert": alert_id, "of_variant": variant_id, "new": cause.value}
            for (alert_id, variant_id), cause in sorted(causes.items())
        ]
        self._update(rows, cause=bindparam("new"))

    def _update(self, rows: list[dict[str, Any]], **values: Any) -> None:
        if rows:
            of_row = and_(
                alert_subject.c.alert_id == bindparam("of_alert"),
                alert_subject.c.variant_id == bindparam("of_variant"),
            )
            self.connection.execute(update(alert_subject).where(of_row).values(**values), rows)

    def reach(self, alert_id: str) -> Reach:
        """How much an alert still names."""
        hidden = product.c.status.in_([each.value for each in HIDDEN])
        row = self.connection.execute(
            select(
                func.count(),
                _count_products(),
                _count_products(hidden),
            )
            .select_from(alert_subject)
            .join(product, product.c.id == alert_subject.c.product_id)
            .where(alert_subject.c.alert_id == alert_id, _CURRENT)
        ).one()
        return Reach(*row)

    def causes(self, alert_id: str, variant_ids: Sequence[str]) -> Mapping[str, Cause]:
        """Why an alert still names these of its variants; those that are over are left out."""
        query = select(alert_subject.c.variant_id, alert_subject.c.cause).where(
            alert_subject.c.alert_id == alert_id, _CURRENT
        )
        return {
            variant_id: Cause(cause)
            for chunk in in_chunks(variant_ids)
            for variant_id, cause in self.connection.execute(
                query.where(alert_subject.c.variant_id.in_(chunk))
            )
        }


def _count_products(where: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    product_id = alert_subject.c.product_id
    counted = product_id if where is None else case((where, product_id))
    return func.count(counted.distinct())
