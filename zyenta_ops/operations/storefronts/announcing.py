"""Putting into the outbox what an order gives cause to tell.

Every call is part of the transaction that changes the order, which holds it, takes the order as it
stands then, and may be repeated: what was told before is not told again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from zyenta_ops.domain import customer_notices as notices
from zyenta_ops.domain.customer_notices import Shop
from zyenta_ops.domain.fulfillment import SupplierOrder
from zyenta_ops.domain.interventions import Intervention, intervention_messages
from zyenta_ops.domain.notifications import Channel, NewMessage
from zyenta_ops.domain.orders import FulfillmentStatus, Order
from zyenta_ops.domain.storefronts import (
    EventType,
    OrderTracking,
    first_check,
    storefront_event,
    tracking_info,
)
from zyenta_ops.domain.supplier_orders import Parcel
from zyenta_ops.ports import NewId, Repositories


@dataclass(frozen=True)
class Announcements:
    """Tells customers, stores' systems and the internal team.

    Attributes:
        new_id: where message ids come from.
        team: the internal team's channels and recipients.
    """

    new_id: NewId
    team: tuple[tuple[Channel, str], ...] = ()

    def paid(self, records: Repositories, order: Order, now: datetime) -> None:
        """The order is paid for."""
        shop = records.storefronts.shop(order.store_id)
        told = notices.confirmed(order, shop, new_id=self.new_id, now=now)
        if shop.listens:
            told += self._event(EventType.CONFIRMED, order, shop, _tracking(records, order), now)
        records.outbox.enqueue(told, now)

    def moved(
        self,
        records: Repositories,
        order: Order,
        before: SupplierOrder,
        after: SupplierOrder,
        now: datetime,
    ) -> None:
        """A supplier order went on, or its parcels did; the order has its status of now."""
        if after.shipments == before.shipments and after.stage is before.stage:
            return
        stands = records.orders.find(order.id)
        if stands is None:
            return
        parcels = [
            shipment.parcel
            for each in records.fulfillment.of_order(order.id)
            for shipment in each.shipments
        ]
        self.parcels(records, stands, parcels, now)

    def parcels(
        self, records: Repositories, order: Order, parcels: Sequence[Parcel], now: datetime
    ) -> None:
        """What is known of the order's parcels, all of them; the order has its status of now."""
        shop = records.storefronts.shop(order.store_id)
        before = _tracking(records, order)
        promised = {number: date.fromisoformat(day) for number, day in before.promised.items()}
        told, promises = notices.parcel_news(
            order, shop, parcels, promised, new_id=self.new_id, now=now
        )
        after = replace(
            before,
            info=tracking_info(parcels),
            promised={number: day.isoformat() for number, day in promises.items()},
        )
        if after.info != before.info:
            after = replace(
                after, revision=before.revision + 1, check_at=first_check(shop, now), drifts=0
            )
            told += self._tracking_events(order, shop, after, parcels, now)
        if after != before:
            records.storefronts.save_tracking(after, now)
        if order.fulfillment_status is FulfillmentStatus.DELIVERED:
            told += notices.delivered(order, shop, new_id=self.new_id, now=now)
            told += self._event(EventType.DELIVERED, order, shop, after, now)
        records.outbox.enqueue(told, now)

    def delayed(self, records: Repositories, order: Order, expected: date, now: datetime) -> None:
        """An order that has no parcels yet comes later than was said."""
        shop = records.storefronts.shop(order.store_id)
        told = notices.delayed(order, shop, expected, new_id=self.new_id, now=now)
        records.outbox.enqueue(told, now)

    def cancelled(self, records: Repositories, order: Order, now: datetime) -> None:
        """Nothing of the order will be sent."""
        shop = records.storefronts.shop(order.store_id)
        told = notices.cancelled(order, shop, new_id=self.new_id, now=now)
        if shop.listens:
            told += self._event(EventType.CANCELLED, order, shop, _tracking(records, order), now)
        records.outbox.enqueue(told, now)

    def refunded(
        self,
        records: Repositories,
        order: Order,
        amount_minor: int,
        total_minor: int,
        now: datetime,
    ) -> None:
        """We gave money back: so much now, and so much with what went back before."""
        shop = records.storefronts.shop(order.store_id)
        told = notices.refunded(order, shop, amount_minor, total_minor, new_id=self.new_id, now=now)
        records.outbox.enqueue(told, now)

    def needs_a_person(self, records: Repositories, needed: Intervention, now: datetime) -> None:
        """An order cannot go on by itself."""
        told = intervention_messages(needed, self.team, new_id=self.new_id, now=now)
        records.outbox.enqueue(told, now)

    def goes_on(self, records: Repositories, order_id: str, now: datetime) -> None:
        """An order goes on again: what the team was not told yet, it need not be told."""
        records.outbox.withdraw([f"intervention:{order_id}"], now)

    def _tracking_events(
        self,
        order: Order,
        shop: Shop,
        tracking: OrderTracking,
        parcels: Sequence[Parcel],
        now: datetime,
    ) -> list[NewMessage]:
        told: list[NewMessage] = []
        for parcel in parcels:
            told += self._event(EventType.SHIPPED, order, shop, tracking, now, parcel.number)
        revision = str(tracking.revision)
        return told + self._event(EventType.TRACKING_UPDATED, order, shop, tracking, now, revision)

    def _event(
        self,
        type_: EventType,
        order: Order,
        shop: Shop,
        tracking: OrderTracking,
        now: datetime,
        *key: str,
    ) -> list[NewMessage]:
        return storefront_event(type_, order, shop, tracking, key, new_id=self.new_id, now=now)


def _tracking(records: Repositories, order: Order) -> OrderTracking:
    """What was told of the order's parcels; blank when nothing was."""
    return records.storefronts.tracking(order.id) or OrderTracking(order.id, order.store_id)
