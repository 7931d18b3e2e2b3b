"""Hooks of stores' own systems, and what was told of orders' parcels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, update

from zyenta_ops.domain.customer_notices import Shop
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.notifications import Channel, MessageStatus
from zyenta_ops.domain.store_voice import StoreVoice
from zyenta_ops.domain.storefronts import OrderTracking
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.documents import read_document
from zyenta_ops.persistence.schema import order_tracking, outbox_message, store, storefront_hook
from zyenta_ops.ports.storefronts import SealedHook

_ON_THEIR_WAY = (MessageStatus.PENDING.value, MessageStatus.SENDING.value)


class StorefrontRecords:
    """Satisfies `zyenta_ops.ports.storefronts.StorefrontRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def shop(self, store_id: str) -> Shop:
        """A store with its voice and whether its system listens."""
        row = self.connection.execute(
            select(
                store.c.name,
                store.c.voice,
                storefront_hook.c.store_id.label("hooked"),
                storefront_hook.c.off_since,
                storefront_hook.c.reads_back,
            )
            .join(storefront_hook, storefront_hook.c.store_id == store.c.id, isouter=True)
            .where(store.c.id == store_id)
        ).one_or_none()
        if row is None:
            raise NotFound(f"there is no store with the id {store_id}")
        try:
            voice = read_document(StoreVoice, row.voice, "the voice of the store")
        except Refused:
            # Whoever has paid is told so, in whichever voice.
            voice = StoreVoice()
        listens = row.hooked is not None and row.off_since is None
        return Shop(store_id, row.name, voice, listens, listens and row.reads_back)

    def hook(self, store_id: str) -> SealedHook | None:
        """The hook of a store."""
        row = self.connection.execute(
            select(storefront_hook).where(storefront_hook.c.store_id == store_id)
        ).one_or_none()
        return None if row is None else _hook(row)

    def hooks(self) -> Sequence[SealedHook]:
        """Every hook, by store."""
        rows = self.connection.execute(select(storefront_hook).order_by(storefront_hook.c.store_id))
        return [_hook(row) for row in rows]

    def save_hook(self, hook: SealedHook, now: datetime) -> None:
        """Insert a hook, or replace the one there is."""
        values = asdict(hook)
        statement = upsert(self.connection.dialect, storefront_hook).values(
            **values, updated_at=now
        )
        kept = {"store_id", "created_at"}
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=[storefront_hook.c.store_id],
                set_={name: each for name, each in values.items() if name not in kept}
                | {"updated_at": now},
            )
        )

    def tracking(self, order_id: str) -> OrderTracking | None:
        """What was told of an order's parcels."""
        row = self.connection.execute(
            select(order_tracking).where(order_tracking.c.order_id == order_id)
        ).one_or_none()
        return None if row is None else _tracking(row)

    def save_tracking(self, tracking: OrderTracking, now: datetime) -> None:
        """Insert what was told, or replace what was told before."""
        values = asdict(tracking)
        statement = upsert(self.connection.dialect, order_tracking).values(
            **values, created_at=now, updated_at=now
        )
        self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=[order_tracking.c.order_id],
                set_={name: each for name, each in values.items() if name != "order_id"}
                | {"updated_at": now},
            )
        )

    def due(self, limit: int, now: datetime) -> Sequence[OrderTracking]:
        """Orders to be looked at, longest waiting first."""
        rows = self.connection.execute(
            _due(select(order_tracking), now)
            .order_by(order_tracking.c.check_at, order_tracking.c.order_id)
            .limit(limit)
        )
        return [_tracking(row) for row in rows]

    def count_due(self, now: datetime) -> int:
        """Orders that `due` would give."""
        wanted = _due(select(func.count()).select_from(order_tracking), now)
        return int(self.connection.execute(wanted).scalar_one())

    def check_all(self, store_id: str, now: datetime) -> None:
        """Have everything that a storefront was told looked at."""
        self.connection.execute(
            update(order_tracking)
            .where(order_tracking.c.store_id == store_id, order_tracking.c.revision > 0)
            .values(check_at=now, drifts=0, updated_at=now)
        )

    def drifting(self, store_id: str, at_least: int) -> int:
        """Orders of a store that were seen to differ so often in a row."""
        return self.connection.execute(
            select(func.count())
            .select_from(order_tracking)
            .where(order_tracking.c.store_id == store_id, order_tracking.c.drifts >= at_least)
        ).scalar_one()


def _due(query: Select[Any], now: datetime) -> Select[Any]:
    return query.join(
        storefront_hook, storefront_hook.c.store_id == order_tracking.c.store_id
    ).where(
        order_tracking.c.check_at <= now,
        storefront_hook.c.off_since.is_(None),
        storefront_hook.c.reads_back,
        ~_is_on_its_way(),
    )


def _is_on_its_way() -> ColumnElement[bool]:
    """Whether an event about the order has not ended."""
    # The names of `zyenta_ops.domain.storefronts.storefront_topic`, made in the database.
    return (
        select(outbox_message.c.id)
        .where(
            outbox_message.c.regarding == "storefront:" + order_tracking.c.order_id,
            outbox_message.c.channel == Channel.STOREFRONT.value,
            outbox_message.c.status.in_(_ON_THEIR_WAY),
        )
        .exists()
    )


def _hook(row: Row[Any]) -> SealedHook:
    return SealedHook(
        store_id=row.store_id,
        sealed=row.sealed,
        reads_back=row.reads_back,
        created_at=row.created_at,
        off_since=row.off_since,
        off_reason=row.off_reason,
    )


def _tracking(row: Row[Any]) -> OrderTracking:
    return OrderTracking(
        order_id=row.order_id,
        store_id=row.store_id,
        info=row.info,
        promised=row.promised,
        revision=row.revision,
        check_at=row.check_at,
        drifts=row.drifts,
    )
