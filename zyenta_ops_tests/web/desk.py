"""Use cases of orders in memory, that keep the promises of `zyenta_ops.web.edge`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from zyenta_ops.domain.addresses import Address
from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.domain.orders import (
    Amounts,
    Customer,
    EventKind,
    Hold,
    HoldReason,
    Order,
    OrderEvent,
    OrderItem,
    PaymentStatus,
)
from zyenta_ops.domain.refunds import Refund, RefundStatus
from zyenta_ops.domain.stores import Document
from zyenta_ops.web.edge import RefundWish
from zyenta_ops.web.problems import Fault
from zyenta_ops_tests.builders import THEN


class WrongDocument(Refused):
    """A document with faults."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("the order has faults")
        self.faults = faults


@dataclass(frozen=True)
class Taken:
    order: Order
    created: bool


def an_order(order_id: str, store_id: str, number: str = "1001") -> Order:
    return Order(
        id=order_id,
        store_id=store_id,
        number=number,
        currency="EUR",
        amounts=Amounts(1000, 300, 200, 0, 1500),
        customer=Customer("eve@example.com", "Eve"),
        address=Address("DE", "Eve", "Weg 1", "Kiel", postal_code="24103"),
        items=(OrderItem("item-1", "variant-1", "Mug", None, 1, 1000),),
        placed_at=THEN,
    )


@dataclass
class FakeOrders:
    orders: dict[str, Order] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    done: list[tuple[object, ...]] = field(default_factory=list)

    def receive(self, store_ref: str, document: Document, actor: str) -> Taken:
        number = document.get("number")
        if not isinstance(number, str):
            raise WrongDocument(
                Fault("number", "is missing"), Fault("items", "there is nothing to buy")
            )
        order_id = f"{store_ref}.{len(number)}.{sum(number.encode())}"
        if order_id in self.orders:
            if self.documents[order_id] != document:
                raise Refused("the number belongs to an order with another content")
            return Taken(self.orders[order_id], created=False)
        self.orders[order_id] = an_order(order_id, store_ref, number)
        self.documents[order_id] = document
        self.done.append(("received", order_id, actor))
        return Taken(self.orders[order_id], created=True)

    def show(self, order_id: str) -> Order:
        if order_id not in self.orders:
            raise NotFound(f"no order has the id {order_id}")
        return self.orders[order_id]

    def timeline(self, order_id: str) -> Sequence[OrderEvent]:
        return [OrderEvent("e-1", order_id, THEN, EventKind.RECEIVED, "api:shop", "handed over")]

    def listed(
        self,
        store_ids: Collection[str] | None,
        payment: PaymentStatus | None,
        limit: int,
        before: str | None = None,
    ) -> Sequence[Order]:
        found = [
            each
            for each in self.orders.values()
            if (store_ids is None or each.store_id in store_ids)
            and (payment is None or each.payment_status is payment)
        ]
        return found[:limit]

    def hold(self, order_id: str, note: str, actor: str, expires_at: datetime | None) -> Order:
        order = self.show(order_id)
        hold = Hold(
            f"hold-{len(order.holds)}", order_id, HoldReason.MANUAL, "manual:1", note, THEN, actor,
            expires_at,
        )  # fmt: skip
        self.orders[order_id] = replace(order, holds=(*order.holds, hold))
        self.done.append(("held", order_id, actor))
        return self.orders[order_id]

    def release(self, order_id: str, hold_ids: Collection[str], actor: str) -> Order:
        order = self.show(order_id)
        if not set(hold_ids) <= {each.id for each in order.holds}:
            raise Refused("one of these does not hold the order")
        self.done.append(("released", order_id, actor))
        return order

    def refund(self, order_id: str, wish: RefundWish, actor: str) -> Refund:
        self.done.append(("refund", order_id, wish, actor))
        return Refund(
            "refund-1", order_id, 1, wish.amount_minor or 1500, "EUR", wish.reason, "pi_1", "",
            RefundStatus.PLANNED, actor, THEN,
        )  # fmt: skip
