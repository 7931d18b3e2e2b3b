"""Customers' orders: stored once, looked up, held, and told of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, insert, select, update

from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.orders import (
    EventKind,
    Hold,
    NewOrder,
    Order,
    OrderEvent,
    PayableVariant,
    PaymentStatus,
)
from zyenta_ops.domain.payments import Assessment
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.fulfillment.records import wake
from zyenta_ops.persistence.orders.rows import (
    event_row,
    event_value,
    hold_row,
    hold_value,
    item_row,
    order_row,
    payable_variant,
)
from zyenta_ops.persistence.orders.whole import whole_orders
from zyenta_ops.persistence.schema import (
    customer,
    order,
    order_event,
    order_hold,
    order_item,
    product,
    product_variant,
)

_PAYABLE: Select[Any] = select(
    product_variant.c.id,
    product_variant.c.sku,
    product_variant.c.title.label("variant_title"),
    product.c.title.label("product_title"),
).join(product, product.c.id == product_variant.c.product_id)


class OrderRecords:
    """Satisfies `zyenta_ops.ports.payments.OrderRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def variants_named(
        self, store_id: str, variant_ids: Collection[str], skus: Collection[str]
    ) -> Sequence[PayableVariant]:
        """The store's variants with one of these ids or SKUs, by id."""
        named = (
            (product_variant.c.id, variant_ids),
            # No index: every sync would have to write it, and an order in a store of 100,000
            # variants waits only some tens of milliseconds for its lack.
            (product_variant.c.sku, skus),
        )
        found = {
            row.id: payable_variant(row)
            for column, names in named
            if names
            for row in self.connection.execute(
                _PAYABLE.where(product_variant.c.store_id == store_id, column.in_(names))
            )
        }
        return [found[variant_id] for variant_id in sorted(found)]

    def add(self, order_id: str, store_id: str, new: NewOrder, new_id: str, now: datetime) -> str:
        """Insert an order with its items, unless its number is there; then that order's id."""
        customer_id = self._customer_of(store_id, new, new_id, now)
        added = self.connection.execute(
            upsert(self.connection.dialect, order)
            .values(
                id=order_id,
                store_id=store_id,
                customer_id=customer_id,
                **order_row(new),
                created_at=now,
                updated_at=now,
            )
            .on_conflict_do_nothing(index_elements=[order.c.store_id, order.c.number])
            .returning(order.c.id)
        ).scalar_one_or_none()
        if added is None:
            return self._text(
                select(order.c.id).where(order.c.store_id == store_id, order.c.number == new.number)
            )
        self.connection.execute(
            insert(order_item),
            [
                item_row(item)
                | {"order_id": order_id, "position": place}
                | {"created_at": now, "updated_at": now}
                for place, item in enumerate(new.items)
            ],
        )
        return order_id

    def fingerprint(self, order_id: str) -> str:
        """What an order was made of."""
        return self._text(select(order.c.fingerprint).where(order.c.id == order_id))

    def hold(self, order_id: str) -> Order | None:
        """Lock the order's row, not against rows that refer to it; then read it."""
        wanted = order.c.id == order_id
        self.connection.execute(select(order.c.id).where(wanted).with_for_update(key_share=True))
        return self._one(wanted)

    def find(self, order_id: str) -> Order | None:
        """The order as it stands."""
        return self._one(order.c.id == order_id)

    def find_by_number(self, store_id: str, number: str) -> Order | None:
        """The order that the storefront calls so."""
        return self._one(order.c.store_id == store_id, order.c.number == number)

    def listed(
        self,
        store_ids: Collection[str] | None,
        payment: PaymentStatus | None,
        limit: int,
        before: str | None = None,
    ) -> Sequence[Order]:
        """Orders by id, newest first."""
        wanted: list[ColumnElement[bool]] = []
        if store_ids is not None:
            wanted.append(order.c.store_id.in_(store_ids))
        if payment is not None:
            wanted.append(order.c.payment_status == payment.value)
        if before is not None:
            wanted.append(order.c.id < before)
        return whole_orders(self.connection, *wanted, limit=limit)

    def save_payment(
        self, order_id: str, assessment: Assessment, paid_at: datetime | None, now: datetime
    ) -> None:
        """Update what concerns the payment, and the version; what waits for it is due."""
        self.connection.execute(
            update(order)
            .where(order.c.id == order_id)
            .values(
                payment_status=assessment.status.value,
                paid_minor=assessment.paid_minor,
                refunded_minor=assessment.refunded_minor,
                paid_at=paid_at,
                version=order.c.version + 1,
                updated_at=now,
            )
        )
        wake(self.connection, order_id, now)

    def set_address(self, order_id: str, address: Address, now: datetime) -> None:
        """Replace the address, and raise the version."""
        self._set(order_id, now, address=asdict(address))

    def assign(self, order_id: str, to: str, now: datetime) -> None:
        """Note who takes care of it, and raise the version."""
        self._set(order_id, now, assigned_to=to)

    def snooze(self, order_id: str, until: datetime, now: datetime) -> None:
        """Note since when and until when it is out of sight, and raise the version."""
        self._set(order_id, now, snoozed_at=now, snoozed_until=until)

    def add_holds(self, holds: Sequence[Hold], now: datetime) -> Sequence[Hold]:
        """Insert holds; one that its own actor released is opened again under its old id."""
        if not holds:
            return ()
        statement = upsert(self.connection.dialect, order_hold)
        given = statement.excluded
        rows = self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=[order_hold.c.order_id, order_hold.c.source],
                set_={
                    name: given[name]
                    for name in ("reason", "note", "opened_at", "opened_by", "expires_at")
                }
                | {"released_at": None, "released_by": None, "updated_at": now},
                where=order_hold.c.released_by == given.opened_by,
            ).returning(order_hold),
            [hold_row(each) | {"created_at": now, "updated_at": now} for each in holds],
        ).all()
        return [hold_value(row) for row in sorted(rows, key=lambda row: row.id)]

    def release(
        self, order_id: str, sources: Collection[str], by: str, now: datetime
    ) -> Sequence[str]:
        """Release open holds; their sources, sorted. What they held back is due."""
        released = self.connection.execute(
            update(order_hold)
            .where(
                order_hold.c.order_id == order_id,
                order_hold.c.source.in_(sources),
                order_hold.c.released_at.is_(None),
            )
            .values(released_at=now, released_by=by, updated_at=now)
            .returning(order_hold.c.source)
        )
        sources = sorted(released.scalars())
        if sources:
            wake(self.connection, order_id, now)
        return sources

    def add_events(self, events: Sequence[OrderEvent]) -> None:
        """Insert entries of timelines."""
        if events:
            self.connection.execute(insert(order_event), [event_row(each) for each in events])

    def timeline(self, order_id: str) -> Sequence[OrderEvent]:
        """What happened to an order, oldest first.

        What an order brings about as it is received has the same time, and ids made within a
        millisecond are in no order.
        """
        came_later = order_event.c.kind != EventKind.RECEIVED.value
        rows = self.connection.execute(
            select(order_event)
            .where(order_event.c.order_id == order_id)
            .order_by(came_later, order_event.c.at, order_event.c.id)
        )
        return [event_value(row) for row in rows]

    def _customer_of(self, store_id: str, new: NewOrder, new_id: str, now: datetime) -> str:
        """The id of the store's customer with this address, made when absent."""
        email = new.customer.email
        added = self.connection.execute(
            upsert(self.connection.dialect, customer)
            .values(
                id=new_id,
                store_id=store_id,
                email=email,
                name=new.customer.name,
                phone=new.customer.phone,
                created_at=now,
                updated_at=now,
            )
            .on_conflict_do_nothing(index_elements=[customer.c.store_id, customer.c.email])
            .returning(customer.c.id)
        ).scalar_one_or_none()
        if added is not None:
            return new_id
        return self._text(
            select(customer.c.id).where(customer.c.store_id == store_id, customer.c.email == email)
        )

    def _set(self, order_id: str, now: datetime, **values: object) -> None:
        self.connection.execute(
            update(order)
            .where(order.c.id == order_id)
            .values(**values, version=order.c.version + 1, updated_at=now)
        )

    def _text(self, statement: Select[Any]) -> str:
        """The one text that a query finds."""
        return str(self.connection.execute(statement).scalar_one())

    def _one(self, *wanted: Any) -> Order | None:
        return next(iter(whole_orders(self.connection, *wanted, limit=1)), None)
