"""Writing what a verb comes to for a supplier order, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fulfillment import Shipment, Verb
from zyenta_ops.domain.fulfillment.deeds import Deed, Known, deed_of, is_everything, settled
from zyenta_ops.domain.fulfillment.following import parcel_key, shipment_as_told
from zyenta_ops.domain.fulfillment.planning import Source
from zyenta_ops.domain.fulfillment.verbs import chosen
from zyenta_ops.domain.fulfillment.wishes import Wish
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.supplier_orders import ParcelState
from zyenta_ops.operations.fulfillment.desk import Desk
from zyenta_ops.operations.fulfillment.dossier import Dossier
from zyenta_ops.operations.fulfillment.hands import Acted, Hand
from zyenta_ops.operations.fulfillment.planning import Planning
from zyenta_ops.ports import Repositories

# Plans, in the caller's transaction, to give back what was paid for units of items, or everything
# that is left where none are named: order, key, reason, units, who asks.
Refunding = Callable[[Repositories, Order, str, str, tuple[tuple[str, int], ...], str], object]

_BY_HAND: Final = "entered by hand"
_LONGEST_REASON: Final = 200


@dataclass(frozen=True)
class CarryingOut:
    """Carries out the verbs of supplier orders."""

    desk: Desk
    refunding: Refunding | None = None

    def carry_out(self, hand: Hand, wish: Wish) -> Acted:
        """Do it to the supplier order that is meant, and tell of it.

        Raises:
            Refused: it is not allowed as things stand.
            ClaimLost: somebody has taken it up just now; nothing may be stored.
        """
        records = hand.records
        mine = records.fulfillment.of_order(hand.order.id)
        known = [(each, self.desk.dossier(records, hand.order, mine, each).facts) for each in mine]
        it = chosen(wish, hand.order.number, known, hand.now)
        dossier = self._open(hand, it.id)
        deed = deed_of(wish, it, dossier.facts, self._known(dossier, wish))
        self._refund(hand, wish, dossier, deed)
        told = hand.event(self.desk.new_id(), wish, deed.says, {"supplier_order": it.seq})
        dossier.events.append(told)
        if deed.mark_only:
            # Whoever works on it goes on, and finds it unwanted in the end.
            records.fulfillment.call_off(it.id, hand.now)
            records.orders.add_events(dossier.events)
        else:
            self._write(dossier, deed)
            dossier.store_all(self.desk.issues, self.desk.told)
        after = dossier.it
        next_ = deed.says if deed.mark_only else dossier.next_.why
        return Acted(
            hand.order.id,
            hand.order.number,
            wish.verb,
            hand.key,
            (deed.says,),
            it.seq,
            after.stage.value,
            next_,
        )

    def refresh(self, hand: Hand, supplier_order_id: str) -> None:
        """Let what follows from a supplier order follow anew: alerts, the order's status.

        Raises:
            ClaimLost: somebody has taken it up just now; nothing may be stored.
        """
        dossier = self._open(hand, supplier_order_id)
        is_worked_on = dossier.it.lease_until is not None and dossier.it.lease_until > hand.now
        if not is_worked_on:
            dossier.holds_changed = True
            dossier.store_all(self.desk.issues, self.desk.told)

    def _open(self, hand: Hand, supplier_order_id: str) -> Dossier:
        dossier = self.desk.read(hand.records, hand.order.id, supplier_order_id)
        dossier.actor, dossier.run_id = hand.by, hand.run_id
        return dossier

    def _known(self, dossier: Dossier, wish: Wish) -> Known:
        it, records = dossier.it, dossier.records.fulfillment
        sources: dict[str, list[Source]] = {}
        if wish.verb is Verb.RETRY_OTHER_SUPPLIER:
            for source in records.sources(sorted({line.variant_id for line in it.lines})):
                sources.setdefault(source.variant_id, []).append(source)
        line = next((each for each in it.lines if each.item_id == wish.item), None)
        offer = None
        if wish.offer and line is not None:
            offer = records.source_named(wish.offer, line)
        owners = records.owner_of(it.supplier_key, wish.references) if wish.references else {}
        return Known(dossier.now, sources, offer, owners)

    def _refund(self, hand: Hand, wish: Wish, dossier: Dossier, deed: Deed) -> None:
        if not deed.refund:
            return
        if self.refunding is None:
            raise Refused("no Stripe key is set; set ZYENTA_STRIPE_KEY to refund")
        units = tuple(sorted(deed.refund.items()))
        if is_everything(deed.refund, dossier.facts):
            units = ()
        reason = wish.note[:_LONGEST_REASON] or f"supplier order {dossier.it.seq} was cancelled"
        self.refunding(hand.records, hand.order, f"act:{hand.key}", reason, units, hand.by)

    def _write(self, dossier: Dossier, deed: Deed) -> None:
        it = dossier.it
        if deed.settles is not None and it.open_attempt is not None:
            dossier.settle_attempt(it.open_attempt.number, deed.settles, _BY_HAND)
        if deed.external is not None:
            _replace_external(dossier, deed)
        _write_parcels(dossier, deed, self.desk)
        if deed.ends_holds:
            dossier.hold(())
        if deed.lines is not None:
            dossier.change(lines=deed.lines)
            dossier.lines_changed = True
        if deed.drafts:
            Planning(self.desk).add(dossier, deed.drafts, "as a person decided")
        for trigger in deed.moves:
            dossier.move(trigger, deed.says)
        # What was found out by others before a person decided counts no more.
        dossier.change(lease_until=None, claims=0, **deed.changes)


def _replace_external(dossier: Dossier, deed: Deed) -> None:
    kept = deed.external or ()
    ids = {each.external_id for each in kept}
    gone = [each.external_id for each in dossier.it.external if each.external_id not in ids]
    if gone:
        dossier.records.fulfillment.drop_external(dossier.it.id, gone)
        dossier.change(external=tuple(e for e in dossier.it.external if e.external_id in ids))
    dossier.put_external(kept)


def _write_parcels(dossier: Dossier, deed: Deed, desk: Desk) -> None:
    changed: list[Shipment] = []
    if deed.settles_parcels:
        changed += settled(dossier.it.shipments, dossier.now)
    if deed.parcel is not None:
        key = parcel_key(deed.parcel.number)
        if all(parcel_key(each.parcel.number) != key for each in dossier.it.shipments):
            changed.append(Shipment(desk.new_id(), "", deed.parcel, dossier.now))
    if deed.arrived:
        changed += [
            shipment_as_told(
                each,
                replace(each.parcel, state=ParcelState.DELIVERED, raw_state=_BY_HAND, events=()),
                dossier.now,
            )
            for each in dossier.it.shipments
            if each.settled_at is None and each.delivered_at is None
        ]
    dossier.put_shipments(changed)
