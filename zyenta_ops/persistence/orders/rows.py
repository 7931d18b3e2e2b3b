"""Orders, items, holds and events as rows, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.orders import (
    Amounts,
    Customer,
    EventKind,
    FulfillmentStatus,
    Hold,
    HoldReason,
    NewOrder,
    Order,
    OrderEvent,
    OrderItem,
    PayableVariant,
    PaymentStatus,
)


def payable_variant(row: Any) -> PayableVariant:
    """A variant called by its product and by what sets it apart."""
    title = row.product_title
    if row.variant_title != title:
        title = f"{title} ({row.variant_title})"
    return PayableVariant(row.id, title, row.sku)


def order_row(new: NewOrder) -> dict[str, Any]:
    """An order's own columns."""
    return {
        "number": new.number,
        "fingerprint": new.fingerprint,
        "currency": new.currency,
        **asdict(new.amounts),
        "address": asdict(new.address),
        "placed_at": new.placed_at,
        "locale": new.locale,
    }


def item_row(item: OrderItem) -> dict[str, Any]:
    """An item's own columns."""
    return asdict(item)


def order_value(row: Row[Any], items: Sequence[OrderItem], holds: Sequence[Hold]) -> Order:
    """An order from its row, joined with that of its customer."""
    return Order(
        id=row.id,
        store_id=row.store_id,
        number=row.number,
        currency=row.currency,
        amounts=Amounts(
            subtotal_minor=row.subtotal_minor,
            shipping_minor=row.shipping_minor,
            tax_minor=row.tax_minor,
            discount_minor=row.discount_minor,
            total_minor=row.total_minor,
        ),
        customer=Customer(row.email, row.name, row.phone),
        address=Address(**row.address),
        items=tuple(items),
        placed_at=row.placed_at,
        payment_status=PaymentStatus(row.payment_status),
        fulfillment_status=FulfillmentStatus(row.fulfillment_status),
        paid_at=row.paid_at,
        paid_minor=row.paid_minor,
        refunded_minor=row.refunded_minor,
        version=row.version,
        holds=tuple(holds),
        locale=row.locale,
        assigned_to=row.assigned_to,
        snoozed_at=row.snoozed_at,
        snoozed_until=row.snoozed_until,
    )


def item_value(row: Row[Any]) -> OrderItem:
    """An item from its row."""
    return OrderItem(row.id, row.variant_id, row.title, row.sku, row.quantity, row.unit_price_minor)


def hold_row(hold: Hold) -> dict[str, Any]:
    """A hold's columns."""
    return asdict(hold) | {"reason": hold.reason.value}


def hold_value(row: Row[Any]) -> Hold:
    """A hold from its row."""
    return Hold(
        id=row.id,
        order_id=row.order_id,
        reason=HoldReason(row.reason),
        source=row.source,
        note=row.note,
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        expires_at=row.expires_at,
        released_at=row.released_at,
        released_by=row.released_by,
    )


def event_row(event: OrderEvent) -> dict[str, Any]:
    """An event's columns."""
    return asdict(event) | {"kind": event.kind.value}


def event_value(row: Row[Any]) -> OrderEvent:
    """An event from its row."""
    return OrderEvent(
        id=row.id,
        order_id=row.order_id,
        at=row.at,
        kind=EventKind(row.kind),
        actor=row.actor,
        reason=row.reason,
        before=row.before,
        after=row.after,
        run_id=row.run_id,
    )
