"""The tables of supplier orders: planned, claimed under a lease, stored under a version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Column,
    Connection,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from zyenta_ops.domain.fulfillment import (
    Attempt,
    External,
    Shipment,
    SupplierOrder,
)
from zyenta_ops.domain.fulfillment.following import parcel_key
from zyenta_ops.domain.fulfillment.stages import TERMINAL
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.fulfillment import rows
from zyenta_ops.persistence.fulfillment.deciding import Deciding
from zyenta_ops.persistence.fulfillment.surroundings import Surroundings
from zyenta_ops.persistence.schema import (
    external_order,
    placement_attempt,
    shipment,
    supplier,
    supplier_order,
    supplier_order_line,
)
from zyenta_ops.ports.fulfillment import Claimed

Value = TypeVar("Value")

_ours = supplier_order.c
_REFS_AT_ONCE: Final = 1_000
_OVER: Final = [stage.value for stage in TERMINAL]


class FulfillmentRecords(Surroundings, Deciding):
    """Satisfies `zyenta_ops.ports.fulfillment.FulfillmentRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, supplier_orders: Sequence[SupplierOrder], now: datetime) -> None:
        """Insert supplier orders and their lines."""
        if not supplier_orders:
            return
        self.connection.execute(
            insert(supplier_order),
            [
                rows.supplier_order_row(each)
                | {"id": each.id, "created_at": each.created_at, "updated_at": now}
                for each in supplier_orders
            ],
        )
        for each in supplier_orders:
            self._add_lines(each)

    def of_order(self, order_id: str) -> tuple[SupplierOrder, ...]:
        """Five queries, however many there are."""
        found = self.connection.execute(
            select(supplier_order).where(_ours.order_id == order_id).order_by(_ours.seq)
        ).all()
        ids = [row.id for row in found]
        if not ids:
            return ()
        lines = self._belonging(supplier_order_line, "position", ids, rows.line_value)
        external = self._belonging(external_order, "external_id", ids, rows.external_value)
        parcels = self._belonging(shipment, "id", ids, rows.shipment_value)
        attempts = self._belonging(placement_attempt, "number", ids, rows.attempt_value)
        return tuple(
            rows.supplier_order_value(
                row,
                lines[row.id],
                external[row.id],
                parcels[row.id],
                attempts[row.id][-1] if attempts[row.id] else None,
            )
            for row in found
        )

    def claim(self, limit: int, now: datetime, until: datetime) -> Sequence[Claimed]:
        """Take due rows in one statement; SKIP LOCKED keeps PostgreSQL claimers apart."""
        due = (
            select(_ours.id)
            .where(_claimable(now))
            .order_by(_ours.next_check_at, _ours.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        taken = self.connection.execute(
            update(supplier_order)
            .where(_ours.id.in_(select(due.c.id)))
            .values(
                claims=_ours.claims + 1,
                lease_until=until,
                version=_ours.version + 1,
                updated_at=now,
            )
            .returning(_ours.next_check_at, _ours.id, _ours.order_id, _ours.version)
        ).all()
        return [Claimed(*row[1:]) for row in sorted(taken, key=lambda row: row[:2])]

    def save(self, it: SupplierOrder, version: int, now: datetime) -> bool:
        """Update the row of this version."""
        saved = self.connection.execute(
            update(supplier_order)
            .where(_ours.id == it.id, _ours.version == version)
            .values(**rows.supplier_order_row(it), updated_at=now)
        )
        return saved.rowcount == 1

    def save_lines(self, it: SupplierOrder) -> None:
        """Delete the lines and insert them anew."""
        mine = supplier_order_line.c.supplier_order_id == it.id
        self.connection.execute(delete(supplier_order_line).where(mine))
        self._add_lines(it)

    def put_external(self, it: SupplierOrder, external: Sequence[External], now: datetime) -> None:
        """Insert or update orders at the supplier; whose they are never changes."""
        self._put(
            external_order,
            ("supplier_key", "external_id"),
            [
                rows.external_row(each)
                | {"supplier_key": it.supplier_key, "supplier_order_id": it.id}
                for each in external
            ],
            now,
            keep=("supplier_order_id", "attempt"),
        )

    def put_shipments(
        self, it: SupplierOrder, shipments: Sequence[Shipment], now: datetime
    ) -> None:
        """Insert or update parcels by their numbers."""
        self._put(
            shipment,
            ("supplier_order_id", "key"),
            [
                rows.shipment_row(each) | {"supplier_order_id": it.id, "order_id": it.order_id}
                for each in shipments
            ],
            now,
            keep=("id", "order_id", "first_seen_at"),
        )

    def put_attempt(self, supplier_order_id: str, attempt: Attempt) -> None:
        """Insert an attempt, or settle it."""
        statement = upsert(self.connection.dialect, placement_attempt)
        given = statement.excluded
        self.connection.execute(
            statement.values(
                supplier_order_id=supplier_order_id, **rows.attempt_row(attempt)
            ).on_conflict_do_update(
                index_elements=["supplier_order_id", "number"],
                set_={name: given[name] for name in ("settled_at", "outcome", "error")},
            )
        )

    def owner_of(self, supplier_key: str, external_ids: Collection[str]) -> Mapping[str, str]:
        """By the supplier's ids."""
        known = external_order.c
        found = self.connection.execute(
            select(known.external_id, known.supplier_order_id).where(
                known.supplier_key == supplier_key, known.external_id.in_(external_ids)
            )
        )
        return {row[0]: row[1] for row in found}

    def wake(self, order_id: str, now: datetime) -> None:
        """Move `next_check_at` of what is not over to now."""
        wake(self.connection, order_id, now)

    def wake_named(self, kind: SupplierKind, refs: Collection[str], now: datetime) -> int:
        """By our references, the supplier's ids, or the numbers of parcels."""
        of_kind = select(supplier.c.key).where(supplier.c.kind == kind.value)
        known = external_order.c
        wanted = sorted(refs)
        woken = 0
        for start in range(0, len(wanted), _REFS_AT_ONCE):
            some = wanted[start : start + _REFS_AT_ONCE]
            by_id = select(known.supplier_order_id).where(known.external_id.in_(some))
            keys = [parcel_key(each) for each in some]
            by_number = select(shipment.c.supplier_order_id).where(shipment.c.key.in_(keys))
            woken += self._wake(
                and_(
                    _ours.supplier_key.in_(of_kind),
                    or_(
                        _ours.client_ref.in_(some),
                        _ours.id.in_(by_id),
                        _ours.id.in_(by_number),
                    ),
                ),
                now,
            )
        return woken

    def wake_parcels(self, numbers: Collection[str], now: datetime) -> int:
        """By the numbers of parcels."""
        keys = [parcel_key(each) for each in sorted(numbers)]
        mine = select(shipment.c.supplier_order_id).where(shipment.c.key.in_(keys))
        return self._wake(_ours.id.in_(mine), now)

    def count_due(self, now: datetime) -> int:
        """Supplier orders that could be claimed now."""
        return self.connection.execute(
            select(func.count()).select_from(supplier_order).where(_claimable(now))
        ).scalar_one()

    def _wake(self, which: Any, now: datetime) -> int:
        return self.connection.execute(
            update(supplier_order).where(which, _ours.stage.not_in(_OVER)).values(next_check_at=now)
        ).rowcount

    def _add_lines(self, it: SupplierOrder) -> None:
        lines = [
            rows.line_row(line) | {"supplier_order_id": it.id, "position": place}
            for place, line in enumerate(it.lines)
        ]
        if lines:
            self.connection.execute(insert(supplier_order_line), lines)

    def _put(
        self,
        table: Table,
        key: Sequence[str],
        values: Sequence[dict[str, Any]],
        now: datetime,
        keep: Sequence[str],
    ) -> None:
        if not values:
            return
        statement = upsert(self.connection.dialect, table)
        given = statement.excluded
        changing = [name for name in values[0] if name not in (*key, *keep)]
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(key),
                set_={name: given[name] for name in changing} | {"updated_at": now},
            ),
            [each | {"created_at": now, "updated_at": now} for each in values],
        )

    def _belonging(
        self, table: Table, order_by: str, ids: Sequence[str], value: Callable[[Any], Value]
    ) -> Mapping[str, list[Value]]:
        owner: Column[str] = table.c.supplier_order_id
        found: dict[str, list[Value]] = defaultdict(list)
        for row in self.connection.execute(
            select(table).where(owner.in_(ids)).order_by(table.c[order_by])
        ):
            found[row.supplier_order_id].append(value(row))
        return found


def wake(connection: Connection, order_id: str, now: datetime) -> None:
    """Make every supplier order of a customer order due that is not over.

    Called by whatever changes what they wait for: payments, holds, refunds.
    """
    connection.execute(
        update(supplier_order)
        .where(_ours.order_id == order_id, _ours.stage.not_in(_OVER))
        .values(next_check_at=now)
    )


def _claimable(now: datetime) -> Any:
    return and_(
        _ours.next_check_at <= now,
        or_(_ours.lease_until.is_(None), _ours.lease_until <= now),
    )
