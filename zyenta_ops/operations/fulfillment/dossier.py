"""All about one supplier order within one transaction, and how it leaves it.

Opening a dossier locks the customer's order and reads everything anew, so that what is decided
holds when it is committed. What changes is written at the end, once, together with what follows
from it: the order's status, stock kept back, money set aside, the timeline, alerts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from zyenta_ops.domain.entitlements import Feature
from zyenta_ops.domain.fulfillment import (
    ActionReason,
    Attempt,
    AttemptOutcome,
    External,
    Facts,
    Outlook,
    Shipment,
    SpendState,
    Stage,
    SupplierOrder,
    Trigger,
    fulfillment_status,
    outlook,
)
from zyenta_ops.domain.fulfillment import holds as held
from zyenta_ops.domain.fulfillment.following import expected_at
from zyenta_ops.domain.fulfillment.stages import after
from zyenta_ops.domain.fulfillment.timing import deadline_of, look_again
from zyenta_ops.domain.orders import EventKind, Hold, Order, OrderEvent
from zyenta_ops.domain.payments import Issue
from zyenta_ops.domain.stores import Document, Store, Supplier
from zyenta_ops.domain.supplier_orders import SupplierOrderState
from zyenta_ops.operations.fulfillment.issues import issues_of
from zyenta_ops.ports import NewId, Repositories
from zyenta_ops.ports.fulfillment import Claimed

# Says, in the caller's transaction, which issues there are of a store about something.
Issues = Callable[[Repositories, str, str, Sequence[Issue], datetime], None]
# Told, in the caller's transaction, of a supplier order that moved or whose parcels did.
Told = Callable[[Repositories, Order, SupplierOrder, SupplierOrder, datetime], None]

_FOLLOWED: Final = frozenset(
    {
        Stage.PLACED,
        Stage.AWAITING_SUPPLIER_PAYMENT,
        Stage.CONFIRMED,
        Stage.PARTIALLY_SHIPPED,
        Stage.SHIPPED,
        Stage.CANCEL_REQUESTED,
    }
)
_TIME_OF: Final = {
    Stage.READY: "eligible_at",
    Stage.PLACED: "placed_at",
    Stage.CONFIRMED: "confirmed_at",
    Stage.SHIPPED: "shipped_at",
    Stage.DELIVERED: "delivered_at",
}


class ClaimLost(Exception):
    """Another process has taken the supplier order over; nothing may be written about it."""


@dataclass
class Dossier:
    """A supplier order with everything around it, as of an open transaction.

    Attributes:
        it: as it stands now; `stored` is how it was read.
        facts: everything else; its supplier orders are those that were read.
        store, supplier: whose it is and who delivers.
        actor: who does what is done.
        next_: what comes next, once the transaction is over.
    """

    records: Repositories
    new_id: NewId
    now: datetime
    claimed: Claimed
    order: Order
    it: SupplierOrder
    facts: Facts
    store: Store
    supplier: Supplier
    run_id: str | None = None
    actor: str = held.ACTOR
    stored: SupplierOrder = field(init=False)
    next_: Outlook = field(init=False)
    added: list[SupplierOrder] = field(default_factory=list)
    events: list[OrderEvent] = field(default_factory=list)
    lines_changed: bool = False
    holds_changed: bool = False

    def __post_init__(self) -> None:
        self.stored = self.it

    def outlook(self) -> Outlook:
        """What comes next, with all that was changed so far."""
        return outlook(self.it, self.current_facts(), self.now)

    def current_facts(self) -> Facts:
        """The facts with the supplier orders as they stand now."""
        others = (self.it if each.id == self.it.id else each for each in self.facts.supplier_orders)
        return replace(self.facts, supplier_orders=(*others, *self.added), order=self.order)

    def move(
        self,
        trigger: Trigger,
        note: str,
        reason: ActionReason | None = None,
        **changes: Any,
    ) -> None:
        """Move to another stage; times, timers and the timeline follow.

        Raises:
            Refused: there is no such move.
        """
        stage = after(self.it.stage, trigger)
        before = self.it
        times = {}
        if stage in _TIME_OF and getattr(before, _TIME_OF[stage]) is None:
            times[_TIME_OF[stage]] = self.now
        timer = look_again(stage, self.now, expected_at(before.shipments))
        self.it = replace(
            before,
            **{
                "stage": stage,
                "reason": reason,
                "stuck_in": _stuck_in(before, stage),
                "stuck_at": self._stuck_at(stage, reason),
                "note": note,
                "next_check_at": timer if stage in _FOLLOWED or before.external else None,
                "deadline_at": self._deadline(stage),
                "reserves": before.reserves and not _takes_stock(stage),
            }
            | times
            | changes,
        )
        self.tell(
            EventKind.ADVANCED,
            note,
            {"supplier_order": before.seq, "stage": before.stage.value},
            {"supplier_order": before.seq, "stage": stage.value}
            | ({"reason": reason.value} if reason else {}),
        )

    def change(self, **changes: Any) -> None:
        """Change what is no stage."""
        self.it = replace(self.it, **changes)

    def attempt(self, attempt: Attempt) -> None:
        """Store an intent, which is the newest from now on, or what it came to."""
        self.records.fulfillment.put_attempt(self.it.id, attempt)
        self.change(attempt=attempt)

    def settle_attempt(self, number: int, outcome: AttemptOutcome, error: str = "") -> None:
        """Say what an attempt came to, if it is the newest."""
        attempt = self.it.attempt
        if attempt is not None and attempt.number == number:
            self.attempt(replace(attempt, settled_at=self.now, outcome=outcome, error=error))

    def put_external(self, found: Sequence[External]) -> None:
        """Store orders at the supplier."""
        self.records.fulfillment.put_external(self.it, found, self.now)
        known = {each.external_id: each for each in self.it.external}
        known |= {each.external_id: each for each in found}
        self.change(external=tuple(known[key] for key in sorted(known)))

    def put_shipments(self, shipments: Sequence[Shipment]) -> None:
        """Store parcels."""
        self.records.fulfillment.put_shipments(self.it, shipments, self.now)
        known = {each.id: each for each in self.it.shipments}
        known |= {each.id: each for each in shipments}
        self.change(shipments=tuple(known[key] for key in sorted(known)))

    def hold(self, wanted: Sequence[held.WantedHold]) -> None:
        """Open the holds that there is cause for, and end those of ours that there is not."""
        sources = {each.source(self.it.id) for each in wanted}
        mine = held.own(self.order.holds, self.it.id)
        over = [
            each.source for each in mine if each.released_at is None and each.source not in sources
        ]
        standing = {each.source for each in self.order.holds if each.released_at is None}
        new = [
            Hold(
                self.new_id(),
                self.order.id,
                each.reason,
                each.source(self.it.id),
                each.note,
                self.now,
                held.ACTOR,
                each.expires_at,
            )
            for each in wanted
            if each.source(self.it.id) not in standing
        ]
        opened = self.records.orders.add_holds(new, self.now) if new else ()
        if over:
            self.records.orders.release(self.order.id, over, held.ACTOR, self.now)
        for hold in opened:
            self.tell(
                EventKind.HELD, hold.note, {}, {"hold": hold.reason.value, "source": hold.source}
            )
        for source in over:
            self.tell(EventKind.RELEASED, f"{source} is settled", {"source": source}, {})
        if opened or over:
            self.holds_changed = True
            fresh = self.records.orders.find(self.order.id)
            self.order = fresh or self.order

    def tell(self, kind: EventKind, reason: str, before: Document, after: Document) -> None:
        """Add to the order's timeline."""
        self.events.append(
            OrderEvent(
                self.new_id(),
                self.order.id,
                self.now,
                kind,
                self.actor,
                reason,
                before,
                after,
                self.run_id,
            )
        )

    def store_all(self, issues: Issues, told: Told) -> None:
        """Write what changed, and see what comes next. Without a next step the claim ends.

        Raises:
            ClaimLost: another process has taken it over; the transaction must not be committed.
        """
        self.next_ = self.outlook()
        self.it = replace(self.it, version=self.claimed.version + 1)
        if self.next_.step is None:
            self.change(next_check_at=self.next_.at, lease_until=None, claims=0)
        else:
            # Due, should this process not get to it; the lease keeps others away until then.
            self.change(next_check_at=self.now)
        if self.lines_changed:
            self.records.fulfillment.save_lines(self.it)
        if not self.records.fulfillment.save(self.it, self.claimed.version, self.now):
            raise ClaimLost
        self.claimed = replace(self.claimed, version=self.it.version)
        self._follow_up()
        if self.events or self.holds_changed:
            facts = self.current_facts()
            status = fulfillment_status(facts.wanted, facts.supplier_orders)
            if status is not self.order.fulfillment_status:
                self.records.fulfillment.set_status(self.order.id, status, self.now)
            self.records.orders.add_events(self.events)
            found = issues_of(self.it, self.order, self.supplier.name, facts, self.now)
            issues(
                self.records, self.order.store_id, f"supplier_order:{self.it.id}", found, self.now
            )
            told(self.records, self.order, self.stored, self.it, self.now)

    def _follow_up(self) -> None:
        """Stock and money that a supplier order keeps back follow from where it is."""
        units = Counter(_kept(self.it))
        for each in self.added:
            units.update(_kept(each))
        units.subtract(_kept(self.stored))
        if any(units.values()):
            self.records.fulfillment.reserve_units(units, self.now)
        if self.it.stage is self.stored.stage:
            return
        if self.it.stage is Stage.CANCELLED:
            # What a supplier keeps, for a parcel that was lost, is spent all the same.
            if all(each.state is SupplierOrderState.CANCELLED for each in self.it.external):
                self.records.fulfillment.settle_spend(self.it.id, None, self.now)
        elif self.it.placed_at is not None and self.stored.placed_at is None:
            self.records.fulfillment.settle_spend(self.it.id, SpendState.SPENT, self.now)
            refs = sorted({line.product_ref for line in self.it.lines})
            self.records.watches.note_sold(self.it.supplier_key, refs, self.now)
            # Counted once for a customer's order, however many supplier orders it takes.
            owner, key = self.store.account.id, f"order:{self.order.id}"
            self.records.entitlements.use(self.new_id(), owner, Feature.ORDERS, key, 1, self.now)

    def _stuck_at(self, stage: Stage, reason: ActionReason | None) -> datetime | None:
        if stage is not Stage.NEEDS_ACTION:
            return None
        return self.it.stuck_at if reason is self.it.reason else self.now

    def _deadline(self, stage: Stage) -> datetime | None:
        quote = self.it.quote
        ends = [each.pay_until for each in self.it.external if each.pay_until is not None]
        return deadline_of(
            stage,
            now=self.now,
            most_days=None if quote is None else quote.most_days,
            pay_until=min(ends, default=None),
        )


def _stuck_in(before: SupplierOrder, stage: Stage) -> Stage | None:
    if stage is not Stage.NEEDS_ACTION:
        return None
    return before.stuck_in if before.stage is Stage.NEEDS_ACTION else before.stage


def _takes_stock(stage: Stage) -> bool:
    """Whether the supplier has taken the units off its own stock, or they are not sold."""
    return stage is Stage.CANCELLED or stage in _FOLLOWED or stage is Stage.DELIVERED


def _kept(it: SupplierOrder) -> dict[str, int]:
    kept: dict[str, int] = {}
    if it.reserves:
        for line in it.lines:
            kept[line.variant_id] = kept.get(line.variant_id, 0) + line.quantity
    return kept
