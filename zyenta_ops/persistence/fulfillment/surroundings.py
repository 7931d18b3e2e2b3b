"""What supplier orders touch besides themselves: orders, offers, stock kept back, money spent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, delete, func, literal, select, text, update

from zyenta_ops.domain.fulfillment import AutomationPolicy, SpendState, SupplierOrder
from zyenta_ops.domain.fulfillment.planning import PAID, Source
from zyenta_ops.domain.inventory import Listing
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import FulfillmentStatus, PaymentStatus
from zyenta_ops.persistence.catalog import upsert
from zyenta_ops.persistence.documents import read_document
from zyenta_ops.persistence.schema import (
    order,
    product_variant,
    spend,
    store,
    supplier_offer,
    variant_source,
)
from zyenta_ops.persistence.schema.orders import UNPLANNED

# The very text of the index, so that both engines see that it serves. The payment is asked for in
# a way that no index can answer: SQLite would prefer one that holds every order ever paid.
_UNPLANNED: Final = and_(
    text(UNPLANNED),
    func.coalesce(order.c.payment_status, "").in_(
        [each.value for each in (*PAID, PaymentStatus.REFUNDED)]
    ),
)
_OFFER: Final = (
    supplier_offer.c.supplier_key,
    supplier_offer.c.id,
    supplier_offer.c.product_ref,
    supplier_offer.c.variant_ref,
    supplier_offer.c.order_ref,
    supplier_offer.c.cost_minor,
    supplier_offer.c.cost_currency,
    supplier_offer.c.stock,
    supplier_offer.c.saleable,
    supplier_offer.c.listing,
)


class Surroundings:
    """A part of `FulfillmentRecords`."""

    connection: Connection

    def unplanned(self, limit: int) -> Sequence[str]:
        """Paid orders of which nothing is planned yet, the longest paid first."""
        return (
            self.connection.execute(
                select(order.c.id).where(_UNPLANNED).order_by(order.c.paid_at).limit(limit)
            )
            .scalars()
            .all()
        )

    def count_unplanned(self) -> int:
        """How many paid orders wait for being planned."""
        return self.connection.execute(
            select(func.count()).select_from(order).where(_UNPLANNED)
        ).scalar_one()

    def sources(self, variant_ids: Collection[str]) -> Sequence[Source]:
        """Each variant's own offer with rank 0, then others."""
        own = (
            select(product_variant.c.id, *_OFFER, literal(0).label("rank"))
            .join(supplier_offer, supplier_offer.c.id == product_variant.c.offer_id)
            .where(product_variant.c.id.in_(variant_ids))
        )
        others = (
            select(variant_source.c.variant_id, *_OFFER, variant_source.c.rank)
            .join(supplier_offer, supplier_offer.c.id == variant_source.c.offer_id)
            .where(variant_source.c.variant_id.in_(variant_ids))
        )
        found = [*self.connection.execute(own), *self.connection.execute(others)]
        return sorted(
            (_source(row) for row in found),
            key=lambda each: (each.variant_id, each.rank, each.offer_id),
        )

    def add_source(self, variant_id: str, offer_id: str, rank: int, now: datetime) -> None:
        """Insert another offer of a variant, or give it another rank."""
        self.connection.execute(
            upsert(self.connection.dialect, variant_source)
            .values(
                variant_id=variant_id, offer_id=offer_id, rank=rank, created_at=now, updated_at=now
            )
            .on_conflict_do_update(
                index_elements=["variant_id", "offer_id"], set_={"rank": rank, "updated_at": now}
            )
        )

    def policy_of(self, store_id: str) -> AutomationPolicy:
        """How far a store lets orders be bought by themselves."""
        document = self.connection.execute(
            select(store.c.automation_policy).where(store.c.id == store_id)
        ).scalar_one()
        where = f"the document of the automation policy of store {store_id}"
        return read_document(AutomationPolicy, document, where)

    def set_status(self, order_id: str, status: FulfillmentStatus, now: datetime) -> None:
        """Update the status, unless it is that already."""
        self.connection.execute(
            update(order)
            .where(order.c.id == order_id, order.c.fulfillment_status != status.value)
            .values(fulfillment_status=status.value, version=order.c.version + 1, updated_at=now)
        )

    def reserve_units(self, units: Mapping[str, int], now: datetime) -> None:
        """Add to `reserved_units`, variant by variant in one order everywhere."""
        changes = [{"variant": key, "more": units[key]} for key in sorted(units) if units[key]]
        if changes:
            self.connection.execute(
                update(product_variant)
                .where(product_variant.c.id == bindparam("variant"))
                .values(
                    reserved_units=product_variant.c.reserved_units + bindparam("more"),
                    updated_at=now,
                ),
                changes,
            )

    def spent_on(self, store_id: str, day: str, but: str) -> int:
        """Lock the store, not against rows that refer to it, and sum up its day."""
        self.connection.execute(
            select(store.c.id).where(store.c.id == store_id).with_for_update(key_share=True)
        )
        spent = func.coalesce(func.sum(spend.c.amount_minor), 0)
        return int(
            self.connection.execute(
                select(spent).where(
                    spend.c.store_id == store_id,
                    spend.c.day == day,
                    spend.c.supplier_order_id != but,
                )
            ).scalar_one()
        )

    def reserve_spend(self, it: SupplierOrder, cost: Money, day: str, now: datetime) -> None:
        """One row a supplier order, however often it is tried."""
        values = {"day": day, "amount_minor": cost.minor, "currency": cost.currency}
        self.connection.execute(
            upsert(self.connection.dialect, spend)
            .values(
                supplier_order_id=it.id,
                store_id=it.store_id,
                state=SpendState.RESERVED.value,
                created_at=now,
                updated_at=now,
                **values,
            )
            .on_conflict_do_update(
                index_elements=[spend.c.supplier_order_id], set_=values | {"updated_at": now}
            )
        )

    def settle_spend(self, supplier_order_id: str, state: SpendState | None, now: datetime) -> None:
        """Move the row on, or delete it."""
        mine = spend.c.supplier_order_id == supplier_order_id
        if state is None:
            self.connection.execute(delete(spend).where(mine))
        else:
            self.connection.execute(
                update(spend).where(mine).values(state=state.value, updated_at=now)
            )


def _source(row: Any) -> Source:
    return Source(
        row[0],
        row.supplier_key,
        row[2],
        row.product_ref,
        row.variant_ref,
        row.order_ref,
        Money(row.cost_minor, row.cost_currency),
        row.rank,
        row.stock,
        row.saleable and row.listing == Listing.LISTED.value,
    )
