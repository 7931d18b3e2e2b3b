"""A shop with somebody at the counter: orders that wait, and what is done about them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from zyenta_ops.domain.fulfillment import ActionReason, External, Stage, SupplierOrder, Verb
from zyenta_ops.domain.fulfillment.wishes import Wish
from zyenta_ops.domain.orders import Order, OrderEvent
from zyenta_ops.domain.refunds import Refund, RefundLine, RefundStatus
from zyenta_ops.domain.supplier_orders import SupplierOrderState
from zyenta_ops.operations.fulfillment import Acted, Operators, Queue, Waiting
from zyenta_ops.persistence.schema import supplier_order
from zyenta_ops.ports import Repositories
from zyenta_ops_tests.operations.fulfillment.shop import Shop

# In which stage a reason comes up: what was placed by then has an order at the supplier.
CAME_UP_IN = {
    ActionReason.OUTCOME_UNKNOWN: Stage.UNKNOWN,
    ActionReason.DUPLICATE: Stage.UNKNOWN,
    ActionReason.UNPAID: Stage.AWAITING_SUPPLIER_PAYMENT,
    ActionReason.SUPPLIER_CANCELLED: Stage.CONFIRMED,
    ActionReason.CANCEL_REFUSED: Stage.CANCEL_REQUESTED,
    ActionReason.NO_TRACKING: Stage.CONFIRMED,
    ActionReason.LATE_DELIVERY: Stage.SHIPPED,
    ActionReason.PARCEL_LOST: Stage.SHIPPED,
    ActionReason.PARCEL_RETURNED: Stage.SHIPPED,
}
_PLACED = {reason for reason, stage in CAME_UP_IN.items() if stage is not Stage.UNKNOWN}


@dataclass
class Counter:
    """What operators do in a shop.

    Attributes:
        refunds: what was asked to be refunded: units by item, none = everything.
    """

    shop: Shop
    refunds: list[tuple[str, tuple[tuple[str, int], ...]]] = field(default_factory=list)
    keys: int = 0

    @property
    def operators(self) -> Operators:
        return Operators(self.shop.desk(), self._refund)

    def act(self, order: Order, verb: Verb, *, key: str = "", **given: Any) -> Acted:
        """Done by Ann, under a key of its own."""
        rehearse = given.pop("rehearse", False)
        self.keys += 1
        return self.operators.act(
            order.id, Wish(verb, **given), "ann", key or f"k{self.keys}", rehearse=rehearse
        )

    def waiting(self, **given: Any) -> tuple[Waiting, ...]:
        return Queue(self.shop.desk()).listed(**given)

    def acts(self, order: Order) -> list[OrderEvent]:
        """Who did what, as the timeline has it."""
        timeline = self.shop.orders.show(order.id).timeline
        return [each for each in timeline if each.kind == "ACTED"]

    def stuck(self, reason: ActionReason, **changes: Any) -> tuple[Order, SupplierOrder]:
        """An order of two shirts that waits for a person, for this reason."""
        order = self.shop.order(shirt=2)
        if reason in _PLACED:
            self.shop.tick()
        else:
            self.shop.fulfillment._planning.plan(order.id)
        it = self.shop.of(order)["cj"]
        now = self.shop.clock()
        values: dict[str, Any] = {
            "stage": Stage.NEEDS_ACTION,
            "reason": reason,
            "stuck_in": CAME_UP_IN.get(reason, Stage.READY),
            "stuck_at": now,
            "note": "it waits",
            "next_check_at": None,
            "version": it.version + 1,
        }
        if CAME_UP_IN.get(reason) is Stage.UNKNOWN:
            values["sent_at"] = now - timedelta(hours=2)
        known = tuple(self._external(reason, it))
        with self.shop.database.write() as records:
            records.fulfillment.put_external(it, known, now)
            assert records.fulfillment.save(replace(it, **values | changes), it.version, now)
        return order, self.shop.of(order)["cj"]

    def put(self, it: SupplierOrder, **columns: Any) -> None:
        with self.shop.database.write() as records:
            records.connection.execute(
                update(supplier_order).where(supplier_order.c.id == it.id).values(**columns)
            )

    def _external(self, reason: ActionReason, it: SupplierOrder) -> list[External]:
        if reason is ActionReason.DUPLICATE:
            return [External(name, SupplierOrderState.PAID, 1) for name in ("F8", "F9")]
        if reason is ActionReason.SUPPLIER_CANCELLED:
            return [replace(each, state=SupplierOrderState.CANCELLED) for each in it.external]
        return list(it.external)

    def _refund(
        self,
        records: Repositories,
        order: Order,
        key: str,
        reason: str,
        units: tuple[tuple[str, int], ...],
        by: str,
    ) -> None:
        self.refunds.append((reason, units))
        now, number = self.shop.clock(), len(records.refunds.of_order(order.id)) + 1
        lines = tuple(RefundLine(item, count, count * 3_000) for item, count in units)
        records.refunds.add(
            Refund(
                self.shop.new_id(),
                order.id,
                number,
                1_000,
                "USD",
                reason,
                "pi_1",
                "",
                RefundStatus.PLANNED,
                by,
                now,
                lines,
                request_key=key,
            ),
            now,
        )
