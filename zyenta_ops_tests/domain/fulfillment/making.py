"""Supplier orders and facts for tests: everything unsaid is chosen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from zyenta_ops.domain.accounts import AccountStatus, SupplierAccount
from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.fulfillment import (
    ActionReason,
    External,
    Facts,
    Stage,
    SupplierLine,
    SupplierOrder,
)
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import (
    Amounts,
    Customer,
    Hold,
    HoldReason,
    Order,
    OrderItem,
    PaymentStatus,
)
from zyenta_ops.domain.supplier_orders import (
    Ability,
    Capabilities,
    Placement,
    SupplierOrderState,
)

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ALL = Capabilities(frozenset(Ability), Placement.SEARCHABLE_REF)
ACCOUNT = SupplierAccount(
    "account-1", "cj", "owner-1", "Ann at CJ", AccountStatus.ACTIVE, NOW - timedelta(days=30)
)
ADDRESS = Address(
    "DE", "Ann Buyer", "Chausseestraße 1", "Berlin", postal_code="10115", phone="+49151234567"
)


def an_item(item_id: str = "item-1", quantity: int = 2, price: int = 1_999) -> OrderItem:
    return OrderItem(item_id, f"variant-{item_id}", "Shirt", None, quantity, price)


def an_order(*items: OrderItem, **fields: Any) -> Order:
    """Paid an hour ago."""
    whole = items or (an_item(),)
    subtotal = sum(each.total_minor for each in whole)
    values: dict[str, Any] = {
        "id": "order-1",
        "store_id": "store-1",
        "number": "1001",
        "currency": "EUR",
        "amounts": Amounts(subtotal, 490, 0, 0, subtotal + 490),
        "customer": Customer("ann@example.com", "Ann Buyer"),
        "address": ADDRESS,
        "items": whole,
        "placed_at": NOW - timedelta(hours=2),
        "payment_status": PaymentStatus.PAID,
        "paid_at": NOW - timedelta(hours=1),
    }
    return Order(**values | fields)


def a_line(item: OrderItem | None = None, cost: int = 800, **fields: Any) -> SupplierLine:
    of = item or an_item()
    values: dict[str, Any] = {
        "item_id": of.id,
        "variant_id": of.variant_id,
        "offer_id": f"offer-{of.id}",
        "product_ref": f"p-{of.id}",
        "variant_ref": f"v-{of.id}",
        "order_ref": f"o-{of.id}",
        "quantity": of.quantity,
        "unit_cost": Money(cost, "USD"),
        "revenue_minor": of.unit_price_minor,
    }
    return SupplierLine(**values | fields)


def a_supplier_order(stage: Stage = Stage.READY, **fields: Any) -> SupplierOrder:
    """Of the order of `an_order`; a placed one has an order at the supplier."""
    values: dict[str, Any] = {
        "id": "so-1",
        "order_id": "order-1",
        "store_id": "store-1",
        "supplier_key": "cj",
        "seq": 1,
        "client_ref": "zy-order-1-1",
        "stage": stage,
        "lines": (a_line(),),
        "created_at": NOW - timedelta(minutes=30),
        "claims": 1,
        "reason": ActionReason.REJECTED if stage is Stage.NEEDS_ACTION else None,
    }
    return SupplierOrder(**values | fields)


def an_external(state: SupplierOrderState = SupplierOrderState.PAID, **fields: Any) -> External:
    values: dict[str, Any] = {"external_id": "F1", "state": state, "seen_at": NOW}
    return External(**values | fields)


def facts(*supplier_orders: SupplierOrder, **fields: Any) -> Facts:
    values: dict[str, Any] = {
        "order": an_order(),
        "supplier_orders": supplier_orders,
        "account": ACCOUNT,
        "capabilities": ALL,
    }
    return Facts(**values | fields)


def a_hold(source: str = "dispute:dp_1", **fields: Any) -> Hold:
    values: dict[str, Any] = {
        "id": f"hold-{source}",
        "order_id": "order-1",
        "reason": HoldReason.FRAUD,
        "source": source,
        "note": "disputed",
        "opened_at": NOW,
        "opened_by": "stripe",
    }
    return Hold(**values | fields)
