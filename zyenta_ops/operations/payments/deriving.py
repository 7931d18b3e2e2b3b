"""Keeping facts, finding the orders they belong to, and deriving those anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from zyenta_ops.domain.entitlements import Feature
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import EventKind, Hold, Order, OrderEvent, PaymentStatus
from zyenta_ops.domain.payments import (
    Assessment,
    FactKind,
    Issue,
    PaymentFact,
    WantedHold,
    assess,
    told,
)
from zyenta_ops.domain.refunds import MADE, Refund, as_seen, given_back
from zyenta_ops.domain.stores import Document
from zyenta_ops.ports import NewId, Repositories

# Says, in the caller's transaction, which issues there are: of a store or, None, of ours; `scope`
# names what they are about. Issues of the scope that are not among them are over.
Issues = Callable[[Repositories, str | None, str, Sequence[Issue], datetime], None]

# Tells the customer, in the caller's transaction: of an order that is paid for, and of money that
# we gave back, so much now and so much in all.
OnPaid = Callable[[Repositories, Order, datetime], None]
OnRefunded = Callable[[Repositories, Order, int, int, datetime], None]
# Notes, in the caller's transaction, what an account used; the effect of the same key counts once.
Use = Callable[[Repositories, str, Feature, str], object]

# An entry of the timeline: kind, reason, before, after.
_Entry = tuple[EventKind, str, Document, Document]

# Who opens and releases the holds that facts give cause for.
ACTOR: Final = "stripe"
_SOURCES: Final = ("payment:", *(f"{kind.lower()}:" for kind in FactKind))
_PAID: Final = (PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED)


def _untold(*_: object) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Derivation:
    """Brings orders to what their facts say; every call is part of the caller's transaction.

    Attributes:
        run_id: the run that does, to name in timelines; None = no run.
    """

    new_id: NewId
    issues: Issues
    use: Use
    run_id: str | None = None
    on_paid: OnPaid = _untold
    on_refunded: OnRefunded = _untold

    def take(
        self, records: Repositories, facts: Sequence[PaymentFact], now: datetime
    ) -> list[Order]:
        """Keep facts and derive the orders they belong to; those orders.

        Facts that belong to no order known are kept for one that may come.
        """
        by_payment: dict[tuple[str, str], list[PaymentFact]] = defaultdict(list)
        for fact in facts:
            by_payment[fact.account, fact.payment_id].append(fact)
        owners = self._owners(records, by_payment)
        # Locked in one order everywhere, so that two processes wait and do not deadlock.
        before = {
            order_id: (records.orders.hold(order_id), records.payments.of_order(order_id))
            for order_id in sorted(set(owners.values()))
        }
        records.payments.keep(facts, now)
        for (account, payment_id), order_id in owners.items():
            records.payments.join(order_id, account, [payment_id], now)
        return [
            self._derive(records, order, known, now)
            for order, known in before.values()
            if order is not None
        ]

    def receive(self, records: Repositories, order_id: str, now: datetime) -> Order | None:
        """Give a new order the facts that came before it; the order, None when there were none."""
        order = records.orders.hold(order_id)
        if order is None:
            return None
        account = records.payments.account_of(order.store_id).charged_on
        store = records.stores.find(order.store_id)
        refs = [order.store_id] if store is None else [order.store_id, store.subdomain]
        waiting = [
            fact
            for fact in records.payments.waiting_for(order.id, refs, order.number)
            if fact.account == account
        ]
        if not waiting:
            return None
        records.payments.join(order.id, account, {fact.payment_id for fact in waiting}, now)
        return self._derive(records, order, (), now)

    def _owners(
        self, records: Repositories, by_payment: Mapping[tuple[str, str], Sequence[PaymentFact]]
    ) -> dict[tuple[str, str], str]:
        owners: dict[tuple[str, str], str] = {}
        for (account, payment_id), facts in by_payment.items():
            known = records.payments.orders_of(account, [payment_id]).get(payment_id)
            found = known or self._named(records, account, facts)
            if found is not None:
                owners[account, payment_id] = found
        return owners

    def _named(
        self, records: Repositories, account: str, facts: Iterable[PaymentFact]
    ) -> str | None:
        """The order that the metadata names.

        Whoever can write metadata on one account must not pay, refund or hold another store's
        orders: the account has to be the one that the order's store is paid through.
        """
        for fact in facts:
            order = None
            if fact.order_ref:
                order = records.orders.find(fact.order_ref)
            elif fact.store_ref and fact.order_number:
                store = records.stores.find(fact.store_ref)
                if store is not None:
                    order = records.orders.find_by_number(store.id, fact.order_number)
            if order and records.payments.account_of(order.store_id).charged_on == account:
                return order.id
        return None

    def _derive(
        self,
        records: Repositories,
        order: Order,
        known: Sequence[PaymentFact],
        now: datetime,
    ) -> Order:
        facts = records.payments.of_order(order.id)
        found = assess(Money(order.amounts.total_minor, order.currency), facts)
        reason = _news(known, facts)
        paid_at = order.paid_at or (now if found.status in _PAID else None)
        derived = replace(
            order,
            payment_status=found.status,
            paid_minor=found.paid_minor,
            refunded_minor=found.refunded_minor,
            paid_at=paid_at,
        )
        events: list[_Entry] = []
        if derived != order:
            records.orders.save_payment(order.id, found, paid_at, now)
            events.append((EventKind.PAYMENT_CHANGED, reason, _said(order), _said(derived)))
        elif reason:
            events.append((EventKind.PAYMENT_NOTED, reason, {}, {}))
        events += self._hold(records, order, found.holds, now)
        events += self._settle_refunds(records, order, facts, now)
        records.orders.add_events(
            [
                OrderEvent(
                    self.new_id(), order.id, now, kind, ACTOR, why, before, after, self.run_id
                )
                for kind, why, before, after in events
            ]
        )
        self._tell(records, order, found, now)
        self._tell_customer(records, order, derived, (known, facts), now)
        return derived

    def _hold(
        self,
        records: Repositories,
        order: Order,
        wanted: Sequence[WantedHold],
        now: datetime,
    ) -> list[_Entry]:
        standing = {each.source: each.note for each in order.holds if each.holds_at(now)}
        new = [
            Hold(self.new_id(), order.id, each.reason, each.source, each.note, now, ACTOR)
            for each in wanted
            if each.source not in standing
        ]
        sources = {each.source for each in wanted}
        over = [source for source in sorted(set(standing) - sources) if source.startswith(_SOURCES)]
        opened = records.orders.add_holds(new, now) if new else ()
        released = records.orders.release(order.id, over, ACTOR, now) if over else ()
        return [
            (EventKind.HELD, each.note, {}, {"hold": each.reason, "source": each.source})
            for each in opened
        ] + [
            (EventKind.RELEASED, f"no more: {standing[source]}", {"source": source}, {})
            for source in released
        ]

    def _settle_refunds(
        self, records: Repositories, order: Order, facts: Sequence[PaymentFact], now: datetime
    ) -> list[_Entry]:
        """Store what became of refunds that we asked for, whoever heard of it first."""
        seen = {fact.refund_ref: fact for fact in facts if fact.refund_ref}
        entries: list[_Entry] = []
        for refund in records.refunds.of_order(order.id) if seen else ():
            fact = seen.get(refund.id)
            if fact is None:
                continue
            stands = as_seen(refund, fact)
            if stands != refund:
                records.refunds.save(stands, now)
                if stands.status in MADE:
                    self._count(records, order, refund)
                reason = f"refund {refund.number}: {told(fact)}"
                after = {"refund": refund.id, "status": stands.status}
                entries.append((EventKind.REFUND_SETTLED, reason, {"status": refund.status}, after))
        return entries

    def _tell_customer(
        self,
        records: Repositories,
        before: Order,
        after: Order,
        facts: tuple[Iterable[PaymentFact], Iterable[PaymentFact]],
        now: datetime,
    ) -> None:
        if after.payment_status is PaymentStatus.PAID and before.payment_status not in _PAID:
            self.on_paid(records, after, now)
        known, total = (given_back(each, after.currency) for each in facts)
        if total > known:
            self.on_refunded(records, after, total - known, total, now)

    def _count(self, records: Repositories, order: Order, refund: Refund) -> None:
        store = records.stores.find(order.store_id)
        if store is not None:
            self.use(records, store.account.id, Feature.REFUNDS, f"refund:{refund.id}")

    def _tell(self, records: Repositories, order: Order, found: Assessment, now: datetime) -> None:
        issues = [
            replace(issue, title=f"{issue.title}: order {order.number}") for issue in found.issues
        ]
        self.issues(records, order.store_id, f"order:{order.id}", issues, now)


def _said(order: Order) -> Document:
    return {
        "payment": order.payment_status,
        "paid_minor": order.paid_minor,
        "refunded_minor": order.refunded_minor,
    }


def _news(known: Iterable[PaymentFact], facts: Iterable[PaymentFact]) -> str:
    """What changed of the facts, in words; "" = nothing."""
    before = {(fact.kind, fact.external_id): (fact.state, fact.amount) for fact in known}
    return ", ".join(
        told(fact)
        for fact in facts
        if before.get((fact.kind, fact.external_id)) != (fact.state, fact.amount)
    )
