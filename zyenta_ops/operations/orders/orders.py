"""Taking over, showing, holding and releasing customers' orders.

A `ref` is an order's id, or STORE:NUMBER with the store's id or subdomain. `within` are the stores
that whoever asks may see, None = all: what lies outside is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from zyenta_ops.domain.documents import text_problem
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fulfillment.standing import Standing
from zyenta_ops.domain.order_intake import OrderConflict, OrderRefused, read_order
from zyenta_ops.domain.orders import (
    EventKind,
    Hold,
    HoldReason,
    NewOrder,
    Order,
    OrderEvent,
    PaymentStatus,
)
from zyenta_ops.domain.refunds import Refund
from zyenta_ops.domain.stores import Document, StoreStatus
from zyenta_ops.operations.lookup import find_order, find_store
from zyenta_ops.operations.orders.files import Handed
from zyenta_ops.operations.orders.finding import (
    existing,
    held_order,
    store_for,
    told_before,
    visible_store,
)
from zyenta_ops.operations.orders.reports import (
    ImportedOrder,
    ImportReport,
    OrderDetails,
    Outcome,
    Received,
)
from zyenta_ops.ports import Clock, Database, NewId, Repositories

LONGEST_NOTE: Final = 1_000


def _nothing(records: Repositories, order_id: str, now: datetime) -> None:
    """No payment is known before its order."""


def _no_refunds(records: Repositories, order_id: str) -> Sequence[Refund]:
    return ()


def _nothing_bought(records: Repositories, order_id: str) -> Sequence[Standing]:
    return ()


@dataclass(frozen=True)
class Orders:
    """Customers' orders.

    Attributes:
        on_received: what else a new order brings about, in the transaction that stores it; payments
            look for what was paid before the order came.
        refunds_of: the refunds of an order.
        supplier_orders_of: what is bought for an order, and what comes next.
    """

    database: Database
    clock: Clock
    new_id: NewId
    on_received: Callable[[Repositories, str, datetime], object] = field(default=_nothing)
    refunds_of: Callable[[Repositories, str], Sequence[Refund]] = field(default=_no_refunds)
    supplier_orders_of: Callable[[Repositories, str], Sequence[Standing]] = field(
        default=_nothing_bought
    )

    def receive(
        self,
        store_ref: str | None,
        document: object,
        actor: str,
        *,
        within: Collection[str] | None = None,
    ) -> Received:
        """Take over an order; the same one told again changes nothing.

        Args:
            store_ref: the store's id or subdomain; None = the one that the document names.
            document: parsed JSON.
            actor: who hands it over ("cli", "api:LABEL").
            within: the stores that may be handed orders.

        Raises:
            NotFound: there is no such store.
            OrderRefused: the document has faults, all of which are named.
            OrderConflict: the store has an order of this number and other content.
            Refused: the store is closed.
        """
        now = self.clock()
        with self.database.read() as records:
            store = store_for(records, store_ref, document, within)
            reading = read_order(document, store.currency, now)
            known = told_before(records, store, reading)
            if known is not None:
                return Received(known, created=False)
            variants = records.orders.variants_named(store.id, reading.variant_ids, reading.skus)
        new = reading.order(variants, self.new_id)
        if store.status is StoreStatus.CLOSED:
            raise Refused(f"the store '{store.subdomain}' is closed; it takes no more orders")
        with self.database.write() as records:
            order_id = self.new_id()
            stored_id = records.orders.add(order_id, store.id, new, self.new_id(), now)
            created = stored_id == order_id
            if created:
                self._tell(
                    records, order_id, now, EventKind.RECEIVED, actor, "handed over", {}, _said(new)
                )
                self.on_received(records, order_id, now)
            elif records.orders.fingerprint(stored_id) != new.fingerprint:
                raise OrderConflict(new.number, stored_id)
            return Received(existing(records.orders.find(stored_id)), created)

    def import_many(
        self, store_ref: str | None, handed: Iterable[Handed], actor: str
    ) -> ImportReport:
        """Take over many orders, each by itself: one that is refused does not stop the others.

        Raises:
            NotFound: `store_ref` is given and there is no such store.
        """
        if store_ref is not None:
            with self.database.read() as records:
                find_store(records, store_ref)
        results = tuple(self._import(store_ref, each, actor) for each in handed)
        outcomes = [each.outcome for each in results]
        return ImportReport(
            created=outcomes.count(Outcome.CREATED),
            known=outcomes.count(Outcome.KNOWN),
            refused=outcomes.count(Outcome.REFUSED),
            orders=results,
        )

    def show(self, ref: str, *, within: Collection[str] | None = None) -> OrderDetails:
        """An order with its holds, timeline and refunds.

        Raises:
            NotFound: there is no such order; so for every method with a `ref`.
        """
        with self.database.read() as records:
            return self._details(records, find_order(records, ref, within))

    def list(
        self,
        store_ref: str | None = None,
        payment: PaymentStatus | None = None,
        limit: int = 50,
        *,
        before: str | None = None,
        within: Collection[str] | None = None,
    ) -> tuple[Order, ...]:
        """Orders, newest first, of one store or of all; those before the order `before`.

        Raises:
            NotFound: there is no such store, or no such order.
        """
        with self.database.read() as records:
            wanted = within
            if store_ref is not None:
                wanted = [visible_store(records, store_ref, within).id]
            if before is not None:
                before = find_order(records, before, within).id
            return tuple(records.orders.listed(wanted, payment, limit, before))

    def hold(
        self,
        ref: str,
        note: str,
        by: str,
        expires_at: datetime | None = None,
        *,
        within: Collection[str] | None = None,
    ) -> OrderDetails:
        """Keep an order from being bought until it is released, or until `expires_at`.

        Raises:
            Refused: there is no note, or the hold would be over already.
        """
        now = self.clock()
        if problem := text_problem(note, LONGEST_NOTE) or ("" if note.strip() else "is missing"):
            raise Refused(f"the note of the hold {problem}; say in one line why the order waits")
        if expires_at is not None and expires_at <= now:
            raise Refused(f"the hold would have ended at {expires_at:%Y-%m-%d %H:%M %Z} already")
        with self.database.write() as records:
            order = held_order(records, ref, within)
            hold_id = self.new_id()
            source = f"manual:{hold_id}"
            hold = Hold(
                hold_id, order.id, HoldReason.MANUAL, source, note.strip(), now, by, expires_at
            )
            records.orders.add_holds([hold], now)
            self._tell(records, order.id, now, EventKind.HELD, by, hold.note, {}, _named(hold))
            return self._details(records, existing(records.orders.find(order.id)))

    def release(
        self, ref: str, source: str, by: str, *, within: Collection[str] | None = None
    ) -> OrderDetails:
        """End a hold, whoever opened it; it is not opened again by what it came from.

        Raises:
            Refused: no open hold of the order has this source.
        """
        now = self.clock()
        with self.database.write() as records:
            order = held_order(records, ref, within)
            open_holds = {each.source: each for each in order.holds if each.released_at is None}
            if source not in open_holds:
                names = " and ".join(f"'{each}'" for each in open_holds) or "nothing"
                raise Refused(f"no such hold is open; order '{order.number}' is held by {names}")
            records.orders.release(order.id, [source], by, now)
            before, reason = _named(open_holds[source]), f"released: {open_holds[source].note}"
            self._tell(records, order.id, now, EventKind.RELEASED, by, reason, before, {})
            return self._details(records, existing(records.orders.find(order.id)))

    def _import(self, store_ref: str | None, handed: Handed, actor: str) -> ImportedOrder:
        if handed.problem is not None:
            return ImportedOrder(handed.where, Outcome.REFUSED, reason=handed.problem)
        try:
            received = self.receive(store_ref, handed.document, actor)
        except Refused as error:
            faults = error.faults if isinstance(error, OrderRefused) else ()
            return ImportedOrder(handed.where, Outcome.REFUSED, None, str(error), faults)
        outcome = Outcome.CREATED if received.created else Outcome.KNOWN
        return ImportedOrder(handed.where, outcome, received.order.id)

    def _details(self, records: Repositories, order: Order) -> OrderDetails:
        store = records.stores.find(order.store_id)
        return OrderDetails(
            order=order,
            store=order.store_id if store is None else store.subdomain,
            timeline=tuple(records.orders.timeline(order.id)),
            refunds=tuple(self.refunds_of(records, order.id)),
            supplier_orders=tuple(self.supplier_orders_of(records, order.id)),
        )

    def _tell(
        self,
        records: Repositories,
        order_id: str,
        now: datetime,
        kind: EventKind,
        actor: str,
        reason: str,
        before: Document,
        after: Document,
    ) -> None:
        event = OrderEvent(self.new_id(), order_id, now, kind, actor, reason, before, after)
        records.orders.add_events([event])


def _said(new: NewOrder) -> Document:
    return {
        "total_minor": new.amounts.total_minor,
        "currency": new.currency,
        "units": sum(item.quantity for item in new.items),
    }


def _named(hold: Hold) -> Document:
    return {"hold": hold.reason.value, "source": hold.source}
