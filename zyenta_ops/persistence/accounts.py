"""Our accounts at suppliers with an API."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    exists,
    func,
    or_,
    select,
    update,
)

from zyenta_ops.domain.accounts import AccountStatus, SupplierAccount
from zyenta_ops.domain.stores import SupplierKind
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.schema import (
    supplier,
    supplier_account,
)
from zyenta_ops.ports.accounts import Expiries

_account = supplier_account.c


class AccountRecords:
    """Satisfies `zyenta_ops.ports.accounts.AccountRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def of_supplier(self, supplier_key: str) -> tuple[SupplierAccount, ...]:
        """Every account of a supplier, the platform's own first."""
        return self._read(_accounts().where(_account.supplier_key == supplier_key))

    def every(self) -> tuple[SupplierAccount, ...]:
        """The accounts at all suppliers with an API."""
        return self._read(_accounts())

    def find(self, account_id: str) -> SupplierAccount | None:
        """The account with this id."""
        found = self._read(_accounts().where(_account.id == account_id))
        return found[0] if found else None

    def hold(self, supplier_key: str, owner_id: str | None, new_id: str, at: datetime) -> str:
        """The id of the owner's account; locks the supplier."""
        self.connection.execute(
            update(supplier).where(supplier.c.key == supplier_key).values(updated_at=at)
        )
        stored = self.connection.execute(
            select(_account.id).where(
                _account.supplier_key == supplier_key,
                _account.account_id.is_not_distinct_from(owner_id),
            )
        ).scalar_one_or_none()
        return stored or new_id

    def connect(self, account: SupplierAccount, sealed: str, at: datetime) -> None:
        """Insert or replace an account."""
        values = {
            "credentials": sealed,
            "label": account.label,
            "access_expires_at": account.access_expires_at,
            "refresh_expires_at": account.refresh_expires_at,
            "status": account.status.value,
            "connected_at": account.connected_at,
            "blocked_until": None,
            "blocked_reason": None,
            "paused_until": None,
            "renewing_until": None,
            "updated_at": at,
        }
        statement = upsert(self.connection.dialect, supplier_account).values(
            id=account.id,
            supplier_key=account.supplier_key,
            account_id=account.owner_id,
            created_at=at,
            **values,
        )
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=[_account.id], set_=values)
        )

    def sealed(self, account_id: str) -> str:
        """The sealed secrets."""
        return str(
            self.connection.execute(
                select(_account.credentials).where(_account.id == account_id)
            ).scalar_one()
        )

    def sealed_page(self, after: str, limit: int) -> list[tuple[str, str]]:
        """Ids and sealed secrets, feeds' logins included; what was disconnected has none."""
        rows = self.connection.execute(
            select(_account.id, _account.credentials)
            .where(_account.id > after, _account.credentials != "")
            .order_by(_account.id)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in rows]

    def reseal(self, account_id: str, before: str, sealed: str, at: datetime) -> bool:
        """Compare and set the sealed secrets."""
        done = self.connection.execute(
            update(supplier_account)
            .where(_account.id == account_id, _account.credentials == before)
            .values(credentials=sealed, updated_at=at)
        )
        return done.rowcount == 1

    def begin_renewal(self, account_id: str, sealed: str, now: datetime, until: datetime) -> bool:
        """Compare and set the lease of a renewal."""
        return self._set(
            (
                _account.id == account_id,
                _account.status == AccountStatus.ACTIVE.value,
                _account.credentials == sealed,
                or_(_account.renewing_until.is_(None), _account.renewing_until <= now),
            ),
            renewing_until=until,
            updated_at=now,
        )

    def end_renewal(
        self,
        account: SupplierAccount,
        until: datetime,
        sealed: str | None,
        expiries: Expiries | None,
        now: datetime,
    ) -> bool:
        """Store new secrets and give the lease back, to whoever still has it."""
        values: dict[str, Any] = {"renewing_until": None, "updated_at": now}
        if sealed is not None:
            values["credentials"] = sealed
        if expiries is not None:
            values["access_expires_at"] = expiries.access
            values["refresh_expires_at"] = expiries.refresh
        return self._set((*_as_seen(account), _account.renewing_until == until), **values)

    def note_check(self, account: SupplierAccount, label: str, now: datetime) -> bool:
        """Set the label and close the circuit."""
        return self._set(
            _as_seen(account),
            label=label,
            blocked_until=None,
            blocked_reason=None,
            paused_until=None,
            updated_at=now,
        )

    def revoke(self, account: SupplierAccount, now: datetime) -> bool:
        """Set the status, unless the account was connected again."""
        return self._set(_as_seen(account), status=AccountStatus.REVOKED.value, updated_at=now)

    def disconnect(self, account_id: str, now: datetime) -> None:
        """Set the status and drop the secrets, and with them the lease of whoever renews them."""
        self._set(
            (_account.id == account_id,),
            status=AccountStatus.DISCONNECTED.value,
            credentials="",
            renewing_until=None,
            blocked_until=None,
            blocked_reason=None,
            paused_until=None,
            updated_at=now,
        )

    def block(self, account: SupplierAccount, until: datetime, reason: str) -> bool:
        """Open the circuit."""
        return self._set(_as_seen(account), blocked_until=until, blocked_reason=reason)

    def pause(self, account_id: str, until: datetime | None) -> None:
        """Set or clear until when it rests."""
        self._set((_account.id == account_id,), paused_until=until)

    def _set(self, where: Iterable[ColumnElement[bool]], **values: Any) -> bool:
        done = self.connection.execute(update(supplier_account).where(*where).values(**values))
        return done.rowcount == 1

    def _read(self, query: Select[Any]) -> tuple[SupplierAccount, ...]:
        ordered = query.order_by(
            _account.supplier_key, _account.account_id.is_not(None), _account.id
        )
        return tuple(_supplier_account(row) for row in self.connection.execute(ordered))


def _as_seen(account: SupplierAccount) -> tuple[ColumnElement[bool], ...]:
    """The account, unless a person has connected or disconnected it since it was read."""
    return (
        _account.id == account.id,
        _account.status == AccountStatus.ACTIVE.value,
        func.coalesce(_account.connected_at, _account.created_at) == account.connected_at,
    )


def _accounts() -> Select[Any]:
    of_api = exists().where(
        supplier.c.key == _account.supplier_key, supplier.c.kind != SupplierKind.FEED.value
    )
    return select(supplier_account).where(of_api)


def _supplier_account(row: Row[Any]) -> SupplierAccount:
    return SupplierAccount(
        id=row.id,
        supplier_key=row.supplier_key,
        owner_id=row.account_id,
        label=row.label,
        status=AccountStatus(row.status),
        connected_at=row.connected_at or row.created_at,
        access_expires_at=row.access_expires_at,
        refresh_expires_at=row.refresh_expires_at,
        blocked_until=row.blocked_until,
        blocked_reason=row.blocked_reason,
        paused_until=row.paused_until,
    )
