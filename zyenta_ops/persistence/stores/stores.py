"""Accounts and their stores."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Unpack

from sqlalchemy import Connection, Row, select, update

from zyenta_ops.domain.stores import (
    Account,
    PlanTier,
    Store,
    StoreStatus,
    SyncFrequency,
)
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.schema import account, store
from zyenta_ops.ports.stores import StoreChange

_WITH_OWNER = select(
    store,
    account.c.email,
    account.c.name.label("owner_name"),
    account.c.plan_tier,
).join(account, account.c.id == store.c.account_id)


class StoreRecords:
    """Satisfies `zyenta_ops.ports.stores.StoreRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def account_of(self, owner: Account, at: datetime) -> Account:
        """The stored account with this e-mail address, made when absent."""
        self.connection.execute(
            upsert(self.connection.dialect, account)
            .values(
                id=owner.id,
                email=owner.email,
                name=owner.name,
                plan_tier=owner.plan_tier.value,
                created_at=at,
                updated_at=at,
            )
            .on_conflict_do_nothing(index_elements=[account.c.email])
        )
        row = self.connection.execute(select(account).where(account.c.email == owner.email)).one()
        return Account(row.id, row.email, row.name, PlanTier(row.plan_tier))

    def add(self, new: Store) -> bool:
        """Insert a store; False when its subdomain is taken."""
        inserted = self.connection.execute(
            upsert(self.connection.dialect, store)
            .values(
                id=new.id,
                account_id=new.account.id,
                name=new.name,
                subdomain=new.subdomain,
                custom_domain=new.custom_domain,
                status=new.status.value,
                currency=new.currency,
                ship_to_country=new.ship_to_country,
                sync_frequency=new.sync_frequency.value,
                pricing_strategy=new.pricing_strategy,
                alert_preferences=new.alert_preferences,
                automation_policy=new.automation_policy,
                voice=new.voice,
                created_at=new.created_at,
                updated_at=new.created_at,
            )
            .on_conflict_do_nothing(index_elements=[store.c.subdomain])
            .returning(store.c.id)
        )
        return inserted.one_or_none() is not None

    def find(self, ref: str) -> Store | None:
        """The store with this id or subdomain; an id wins."""
        rows = self.connection.execute(
            _WITH_OWNER.where((store.c.id == ref) | (store.c.subdomain == ref))
        ).all()
        return _store(max(rows, key=lambda row: row.id == ref)) if rows else None

    def every(self, account_id: str | None = None) -> tuple[Store, ...]:
        """All stores, or those of an account, by subdomain."""
        query = _WITH_OWNER.order_by(store.c.subdomain)
        if account_id is not None:
            query = query.where(store.c.account_id == account_id)
        return tuple(_store(row) for row in self.connection.execute(query))

    def refs(self) -> Collection[str]:
        """Subdomain of every store."""
        return self.connection.execute(select(store.c.subdomain)).scalars().all()

    def change(self, store_id: str, at: datetime, **change: Unpack[StoreChange]) -> None:
        """Update the given columns only, so that two people changing one store keep both."""
        self.connection.execute(
            update(store).where(store.c.id == store_id).values(**change, updated_at=at)
        )


def _store(row: Row[Any]) -> Store:
    return Store(
        id=row.id,
        account=Account(row.account_id, row.email, row.owner_name, PlanTier(row.plan_tier)),
        name=row.name,
        subdomain=row.subdomain,
        currency=row.currency,
        ship_to_country=row.ship_to_country,
        pricing_strategy=row.pricing_strategy,
        alert_preferences=row.alert_preferences,
        created_at=row.created_at,
        status=StoreStatus(row.status),
        sync_frequency=SyncFrequency(row.sync_frequency),
        custom_domain=row.custom_domain,
        automation_policy=row.automation_policy,
        voice=row.voice,
    )
