"""Suppliers and our own logins at them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, select, update

from zyenta_ops.domain.stores import Document, Supplier, SupplierKind, SupplierStatus
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.schema import supplier, supplier_account

_WITH_LOGIN = select(
    supplier,
    exists()
    .where(
        supplier_account.c.supplier_key == supplier.c.key,
        supplier_account.c.account_id.is_(None),
    )
    .label("has_credentials"),
)


class SupplierRecords:
    """Satisfies `zyenta_ops.ports.stores.SupplierRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, new: Supplier) -> bool:
        """Insert a supplier; False when its key is taken."""
        inserted = self.connection.execute(
            upsert(self.connection.dialect, supplier)
            .values(
                key=new.key,
                name=new.name,
                kind=new.kind.value,
                status=new.status.value,
                config=new.config,
                capabilities={},
                country=new.country,
                currency=new.currency,
                created_at=new.created_at,
                updated_at=new.created_at,
            )
            .on_conflict_do_nothing(index_elements=[supplier.c.key])
            .returning(supplier.c.key)
        )
        return inserted.one_or_none() is not None

    def find(self, key: str) -> Supplier | None:
        """The supplier with this key."""
        row = self.connection.execute(_WITH_LOGIN.where(supplier.c.key == key)).one_or_none()
        return _supplier(row) if row else None

    def every(self) -> tuple[Supplier, ...]:
        """All suppliers by key."""
        rows = self.connection.execute(_WITH_LOGIN.order_by(supplier.c.key))
        return tuple(_supplier(row) for row in rows)

    def keys(self) -> Collection[str]:
        """Key of every supplier."""
        return self.connection.execute(select(supplier.c.key)).scalars().all()

    def set_status(self, key: str, status: SupplierStatus, at: datetime) -> None:
        """Set the status of a supplier."""
        self._update(key, at, status=status.value)

    def set_config(self, key: str, config: Document, at: datetime) -> None:
        """Set the configuration."""
        self._update(key, at, config=config)

    def credentials(self, key: str) -> tuple[str, str] | None:
        """Id and sealed credentials of the platform's own login."""
        row = self.connection.execute(
            select(supplier_account.c.id, supplier_account.c.credentials).where(
                supplier_account.c.supplier_key == key, supplier_account.c.account_id.is_(None)
            )
        ).one_or_none()
        return (row[0], row[1]) if row else None

    def credentials_row(self, key: str, new_id: str, at: datetime) -> str:
        """The id of the platform's own login, or `new_id`; locks the supplier."""
        self._update(key, at)
        stored = self.credentials(key)
        return stored[0] if stored else new_id

    def set_credentials(self, key: str, row: str, sealed: str, at: datetime) -> None:
        """Insert or replace the platform's own login."""
        statement = upsert(self.connection.dialect, supplier_account).values(
            id=row, supplier_key=key, credentials=sealed, created_at=at, updated_at=at
        )
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=[supplier_account.c.id],
                set_={"credentials": sealed, "updated_at": at},
            )
        )

    def _update(self, key: str, at: datetime, **values: Any) -> None:
        self.connection.execute(
            update(supplier).where(supplier.c.key == key).values(**values, updated_at=at)
        )


def _supplier(row: Row[Any]) -> Supplier:
    return Supplier(
        key=row.key,
        name=row.name,
        kind=SupplierKind(row.kind),
        config=row.config,
        country=row.country,
        currency=row.currency,
        created_at=row.created_at,
        status=SupplierStatus(row.status),
        has_credentials=bool(row.has_credentials),
        blocked_until=row.blocked_until,
        blocked_reason=row.blocked_reason,
        last_sequence=row.last_sequence,
        promoted_sequence=row.promoted_sequence,
    )
