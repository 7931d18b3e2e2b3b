"""The refund table: planning refunds, claiming them under a lease, storing how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from zyenta_ops.domain.refunds import Refund, RefundLine, RefundStatus
from zyenta_ops.persistence.fulfillment.records import wake
from zyenta_ops.persistence.schema import refund as table

_refund = table.c
_OPEN = (RefundStatus.PLANNED.value, RefundStatus.REQUESTED.value)
_READ = (
    *(_refund.id, _refund.order_id, _refund.number, _refund.amount_minor, _refund.currency),
    *(_refund.reason, _refund.intent_id, _refund.account, _refund.status, _refund.requested_by),
    *(_refund.requested_at, _refund.lines, _refund.epoch, _refund.reverse_transfer),
    *(_refund.refund_application_fee, _refund.external_id, _refund.attempts),
    *(_refund.next_attempt_at, _refund.first_asked_at, _refund.error, _refund.request_key),
)


class RefundRecords:
    """Satisfies `zyenta_ops.ports.payments.RefundRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, refund: Refund, now: datetime) -> None:
        """Store a planned refund."""
        self.connection.execute(
            insert(table).values(
                id=refund.id,
                order_id=refund.order_id,
                number=refund.number,
                amount_minor=refund.amount_minor,
                currency=refund.currency,
                reason=refund.reason,
                intent_id=refund.intent_id,
                account=refund.account,
                requested_by=refund.requested_by,
                requested_at=refund.requested_at,
                request_key=refund.request_key,
                lines=[
                    {
                        "item_id": line.item_id,
                        "quantity": line.quantity,
                        "amount_minor": line.amount_minor,
                    }
                    for line in refund.lines
                ],
                reverse_transfer=refund.reverse_transfer,
                refund_application_fee=refund.refund_application_fee,
                created_at=now,
                **_standing(refund, now),
            )
        )
        wake(self.connection, refund.order_id, now)

    def of_order(self, order_id: str) -> Sequence[Refund]:
        """An order's refunds, in the order of their numbers."""
        rows = self.connection.execute(
            select(*_READ).where(_refund.order_id == order_id).order_by(_refund.number)
        )
        return [_read(row) for row in rows]

    def claim(self, limit: int, owner: str, now: datetime, until: datetime) -> Sequence[Refund]:
        """Take due refunds in one statement; SKIP LOCKED keeps PostgreSQL claimers apart."""
        due = (
            select(_refund.id)
            .where(_claimable(now))
            .order_by(_refund.next_attempt_at, _refund.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        rows = self.connection.execute(
            update(table)
            .where(_refund.id.in_(select(due.c.id)))
            .values(attempts=_refund.attempts + 1, lease_owner=owner, lease_until=until)
            .returning(*_READ)
        ).all()
        return sorted(map(_read, rows), key=lambda each: each.id)

    def still_ours(self, refund_id: str, owner: str) -> bool:
        """Whether a claim is still the owner's; nobody else can take it in this transaction."""
        ours = select(_refund.id).where(_refund.id == refund_id, _refund.lease_owner == owner)
        return self.connection.execute(ours.with_for_update()).one_or_none() is not None

    def save(self, refund: Refund, now: datetime) -> None:
        """Store how a refund stands."""
        self.connection.execute(
            update(table).where(_refund.id == refund.id).values(**_standing(refund, now))
        )
        wake(self.connection, refund.order_id, now)

    def let_go(self, refund_id: str, owner: str) -> None:
        """End a claim."""
        self.connection.execute(
            update(table)
            .where(_refund.id == refund_id, _refund.lease_owner == owner)
            .values(lease_owner=None, lease_until=None)
        )

    def count_due(self, now: datetime) -> int:
        """Refunds that could be claimed now."""
        return self.connection.execute(
            select(func.count()).select_from(table).where(_claimable(now))
        ).scalar_one()


def _claimable(now: datetime) -> ColumnElement[bool]:
    return and_(
        _refund.status.in_(_OPEN),
        _refund.next_attempt_at <= now,
        or_(_refund.lease_until.is_(None), _refund.lease_until <= now),
    )


def _standing(refund: Refund, now: datetime) -> dict[str, Any]:
    return {
        "status": refund.status.value,
        "epoch": refund.epoch,
        "external_id": refund.external_id,
        "next_attempt_at": refund.next_attempt_at,
        "first_asked_at": refund.first_asked_at,
        "error": refund.error,
        "updated_at": now,
    }


def _read(row: Any) -> Refund:
    values = dict(row._mapping)
    values["status"] = RefundStatus(row.status)
    values["lines"] = tuple(RefundLine(**line) for line in row.lines)
    return Refund(**values)
