"""Turning paid orders into supplier orders, once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from zyenta_ops.domain.entitlements import Autonomy
from zyenta_ops.domain.fulfillment import (
    Stage,
    SupplierOrder,
    client_ref,
    fulfillment_status,
)
from zyenta_ops.domain.fulfillment.guards import approval
from zyenta_ops.domain.fulfillment.holds import ACTOR
from zyenta_ops.domain.fulfillment.planning import (
    PAID,
    Draft,
    Source,
    plan,
    uncovered,
    wanted_units,
)
from zyenta_ops.domain.orders import EventKind, Hold, Order, OrderEvent, PaymentStatus
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.fulfillment.failpoints import Failpoint
from zyenta_ops.operations.fulfillment.issues import hold_issue
from zyenta_ops.ports import Repositories

_PAID_ONCE: Final = PAID | {PaymentStatus.REFUNDED}


@dataclass(frozen=True)
class Planning:
    """Splits orders by supplier. Doing it again plans only what nothing buys yet."""

    desk: Desk

    def plan_due(self, limit: int) -> int:
        """Plan paid orders of which nothing is planned, at most so many; how many were."""
        with self.desk.database.read() as records:
            waiting = records.fulfillment.unplanned(limit)
        return sum(self.plan(order_id) for order_id in waiting)

    def plan(self, order_id: str) -> bool:
        """Plan what nothing buys yet of an order; whether there was anything."""
        with self.desk.database.write() as records:
            order = records.orders.hold(order_id)
            if order is None or order.payment_status not in _PAID_ONCE:
                return False
            planned = self._plan(records, order, self.desk.clock())
            self.desk.failpoint(Failpoint.PLAN_COMMIT)
        self.desk.failpoint(Failpoint.PLANNED)
        return planned

    def _plan(self, records: Repositories, order: Order, now: datetime) -> bool:
        before = records.fulfillment.of_order(order.id)
        wanted = wanted_units(order, records.refunds.of_order(order.id))
        open_units = uncovered(wanted, before)
        if not open_units:
            status = fulfillment_status(wanted, before)
            records.fulfillment.set_status(order.id, status, now)
            return False
        variants = sorted({item.variant_id for item in order.items if item.id in open_units})
        own: dict[str, Source] = {}
        for source in records.fulfillment.sources(variants):
            own.setdefault(source.variant_id, source)
        drafts = plan(order, open_units, own)
        seq = max((each.seq for each in before), default=0)
        new = [
            self.supplier_order(order, draft, seq + place, now)
            for place, draft in enumerate(drafts, start=1)
        ]
        records.fulfillment.add(new, now)
        kept = Counter[str]()
        for each in new:
            for line in each.lines:
                kept[line.variant_id] += line.quantity
        records.fulfillment.reserve_units(kept, now)
        status = fulfillment_status(wanted, (*before, *new))
        records.fulfillment.set_status(order.id, status, now)
        records.orders.add_events([self._event(order, each, now) for each in new])
        self._ask_for_approval(records, order, new[0], now)
        return True

    def supplier_order(self, order: Order, draft: Draft, seq: int, now: datetime) -> SupplierOrder:
        """A planned supplier order, due at once."""
        return SupplierOrder(
            id=self.desk.new_id(),
            order_id=order.id,
            store_id=order.store_id,
            supplier_key=draft.supplier_key,
            seq=seq,
            client_ref=client_ref(order.id, seq),
            stage=Stage.PLANNED,
            lines=draft.lines,
            created_at=now,
            next_check_at=now,
        )

    def _ask_for_approval(
        self, records: Repositories, order: Order, first: SupplierOrder, now: datetime
    ) -> None:
        store = records.stores.find(order.store_id)
        if store is None:
            return
        policy = records.fulfillment.policy_of(store.id)
        autonomy: Autonomy = policy.autonomy(store.account.plan_tier)
        wanted = approval(autonomy)
        if wanted is None:
            return
        hold = Hold(
            self.desk.new_id(), order.id, wanted.reason, wanted.word, wanted.note, now, ACTOR
        )
        if not records.orders.add_holds([hold], now):
            return
        said = {"hold": hold.reason.value, "source": hold.source}
        event = OrderEvent(
            self.desk.new_id(), order.id, now, EventKind.HELD, ACTOR, hold.note, {}, said
        )
        records.orders.add_events([event])
        about = f"supplier_order:{first.id}"
        self.desk.issues(records, order.store_id, about, [hold_issue(hold, order)], now)

    def _event(self, order: Order, it: SupplierOrder, now: datetime) -> OrderEvent:
        return OrderEvent(
            self.desk.new_id(),
            order.id,
            now,
            EventKind.PLANNED,
            ACTOR,
            f"{it.units()} units are to be bought from {it.supplier_key}",
            {},
            {"supplier_order": it.seq, "reference": it.client_ref, "units": it.units()},
        )
