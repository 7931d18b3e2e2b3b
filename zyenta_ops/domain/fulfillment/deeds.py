"""What a verb comes to for one supplier order: how it moves, what changes, what else is bought.

Pure: a deed is carried out by whoever has the transaction. That the verb is legal was seen before
(`verbs.refusal`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fulfillment.facts import Facts
from zyenta_ops.domain.fulfillment.following import parcel_key
from zyenta_ops.domain.fulfillment.planning import Draft, Source, line_of, trimmed
from zyenta_ops.domain.fulfillment.reasons import ActionReason, Verb
from zyenta_ops.domain.fulfillment.stages import BEFORE_PLACED, Stage, Trigger, is_legal
from zyenta_ops.domain.fulfillment.supplier_order import (
    AttemptKind,
    AttemptOutcome,
    External,
    Shipment,
    SupplierLine,
    SupplierOrder,
)
from zyenta_ops.domain.fulfillment.verbs import still_to_buy
from zyenta_ops.domain.fulfillment.wishes import Wish
from zyenta_ops.domain.supplier_orders import Parcel, ParcelState, SupplierOrderState

_UNPLACED: Final = BEFORE_PLACED | {Stage.NEEDS_ACTION}
# The news that lead back to where it was.
_BACK_TO: Final = {
    Stage.PLACED: Trigger.ACCEPTED,
    Stage.AWAITING_SUPPLIER_PAYMENT: Trigger.PAYMENT_DUE,
    Stage.CONFIRMED: Trigger.CONFIRMED,
    Stage.PARTIALLY_SHIPPED: Trigger.PART_SHIPPED,
    Stage.SHIPPED: Trigger.SHIPPED,
    Stage.CANCEL_REQUESTED: Trigger.CANCEL_ASKED,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known besides the facts.

    Attributes:
        sources: of each variant of the supplier order, the best first.
        offer: the one that was named, as a source of its line's variant; None = there is none.
        owners: the supplier orders that named orders at the supplier belong to already.
        now: when.
    """

    now: datetime
    sources: Mapping[str, Sequence[Source]] = field(default_factory=dict)
    offer: Source | None = None
    owners: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be written.

    Attributes:
        says: in one sentence, for people.
        moves: triggers, one after the other.
        changes: of the supplier order.
        mark_only: nothing but that it is unwanted is noted: somebody is working on it.
        external: its orders at the supplier from now on; None = as they are.
        lines: what it buys from now on; None = what it did.
        drafts: further supplier orders to plan.
        parcel: a parcel to follow.
        settles: what its open attempt came to.
        ends_holds: whether the holds that it gave cause for are over.
        settles_parcels: whether what became of its parcels is dealt with by this.
        arrived: whether its parcels have arrived.
        refund: units of items to refund.
    """

    says: str
    moves: tuple[Trigger, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    mark_only: bool = False
    external: tuple[External, ...] | None = None
    lines: tuple[SupplierLine, ...] | None = None
    drafts: tuple[Draft, ...] = ()
    parcel: Parcel | None = None
    settles: AttemptOutcome | None = None
    ends_holds: bool = False
    settles_parcels: bool = False
    arrived: bool = False
    refund: Mapping[str, int] = field(default_factory=dict)


def deed_of(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    """What a verb comes to.

    Raises:
        Refused: what it needs is not there, or not enough of it.
    """
    return _DEEDS[wish.verb](wish, it, facts, known)


def _retry(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    now = known.now
    if it.stage is not Stage.NEEDS_ACTION:
        return Deed("it is looked at again at once", changes={"next_check_at": now})
    if it.external:
        back = it.stuck_in if it.stuck_in in _BACK_TO else Stage.PLACED
        asked = back is Stage.CANCEL_REQUESTED or it.reason is ActionReason.CANCEL_REFUSED
        trigger = Trigger.CANCEL_ASKED if asked else _BACK_TO[back or Stage.PLACED]
        says = (
            "the supplier is asked once more to take it back"
            if asked
            else "it goes on where it was, with fresh patience"
        )
        fresh = {"next_check_at": now, "failures": 0, "cancel_refused_at": None}
        return Deed(says, (trigger,), fresh)
    return _fresh("it is placed again, with three tries", now)


def _fresh(says: str, now: datetime, **deed: Any) -> Deed:
    """To be bought from the beginning."""
    changes = {"attempts": 0, "failures": 0, "next_check_at": now}
    return Deed(says, (Trigger.RESUMED,), changes, **deed)


def _retry_other_supplier(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    wanted = still_to_buy(it, facts)
    by_supplier: dict[str, list[SupplierLine]] = {}
    for line in trimmed(it, wanted):
        source = _other(line, it.supplier_key, wish.supplier, known)
        bought = line_of(line.item_id, source, line.quantity, line.revenue_minor)
        by_supplier.setdefault(source.supplier_key, []).append(bought)
    drafts = tuple(Draft(key, tuple(by_supplier[key])) for key in sorted(by_supplier))
    says = f"it is bought from {' and '.join(sorted(by_supplier))} instead of {it.supplier_key}"
    return Deed(says, (Trigger.CALLED_OFF,), drafts=drafts, ends_holds=True)


def _other(line: SupplierLine, but: str, supplier: str, known: Known) -> Source:
    """The best source of a line at another supplier; at a named one what it is said to lack, too.

    Raises:
        Refused: there is none.
    """
    sources = [each for each in known.sources.get(line.variant_id, ()) if each.supplier_key != but]
    if supplier:
        sources = [each for each in sources if each.supplier_key == supplier]
    having = [each for each in sources if each.has(line.quantity)]
    found = next(iter(having or (sources if supplier else [])), None)
    if found is None:
        where = f"supplier '{supplier}'" if supplier else f"another supplier than '{but}'"
        raise Refused(
            f"{where} has no {line.quantity} of variant {line.variant_id}, as far as is known;"
            " name an offer with remap"
        )
    return found


def _remap_variant(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    line = next((each for each in it.lines if each.item_id == wish.item), None)
    if line is None:
        items = ", ".join(each.item_id for each in it.lines)
        raise Refused(f"supplier order {it.seq} buys no item {wish.item}; it buys {items}")
    offer = known.offer
    if offer is None:
        raise Refused(f"there is no offer '{wish.offer}'; name it as SUPPLIER:PRODUCT:VARIANT")
    if offer.offer_id == line.offer_id:
        raise Refused(f"item {wish.item} is bought as offer {wish.offer} already")
    new = line_of(line.item_id, offer, line.quantity, line.revenue_minor)
    says = f"item {wish.item} is bought as {offer.variant_ref} of {offer.supplier_key}"
    others = [each for each in it.lines if each is not line]
    if offer.supplier_key == it.supplier_key:
        lines = tuple(new if each is line else each for each in it.lines)
        return _bought_anew(it, says, known.now, lines)
    draft = (Draft(offer.supplier_key, (new,)),)
    if not others:
        return Deed(says, (Trigger.CALLED_OFF,), drafts=draft, ends_holds=True)
    return _bought_anew(it, says, known.now, tuple(others), draft)


def _split(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    out, rest = dict(wish.units), []
    moved = []
    for line in it.lines:
        units = min(line.quantity, out.get(line.item_id, 0))
        if units:
            out[line.item_id] -= units
            moved.append(replace(line, quantity=units))
        if line.quantity > units:
            rest.append(replace(line, quantity=line.quantity - units))
    if any(out.values()):
        item = next(each for each, units in out.items() if units)
        has = sum(line.quantity for line in it.lines if line.item_id == item)
        raise Refused(f"supplier order {it.seq} has {has} of item {item} to give away")
    if not rest:
        raise Refused(f"nothing would be left of supplier order {it.seq}; leave some of it")
    says = f"{sum(line.quantity for line in moved)} units are bought by a supplier order of theirs"
    draft = Draft(it.supplier_key, tuple(moved))
    return _bought_anew(it, says, known.now, tuple(rest), (draft,))


def _bought_anew(
    it: SupplierOrder,
    says: str,
    now: datetime,
    lines: tuple[SupplierLine, ...],
    drafts: tuple[Draft, ...] = (),
) -> Deed:
    """Other lines than before: what was found out of them is over."""
    if it.stage is Stage.NEEDS_ACTION:
        return _fresh(says, now, lines=lines, drafts=drafts, ends_holds=True)
    changes = {"next_check_at": now}
    return Deed(says, changes=changes, lines=lines, drafts=drafts, ends_holds=True)


def _mark_placed(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    taken = {ref: owner for ref, owner in known.owners.items() if owner != it.id}
    if taken:
        raise Refused(f"{', '.join(sorted(taken))} belongs to another supplier order of ours")
    before = {each.external_id: each for each in it.external}
    external = tuple(
        before.get(ref) or External(ref, SupplierOrderState.UNKNOWN) for ref in wish.references
    )
    changes = {
        "sent_at": it.sent_at or known.now,
        "next_check_at": known.now,
        "failures": 0,
        "negatives": 0,
        "settle_until": None,
    }
    names = ", ".join(wish.references)
    return Deed(
        f"the supplier has it as {names}; it is followed there",
        (Trigger.ACCEPTED,),
        changes,
        external=external,
        settles=AttemptOutcome.ACCEPTED if _is_open(it, AttemptKind.PLACE) else None,
        ends_holds=True,
    )


def _confirm_not_placed(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    over = {"sent_at": None, "settle_until": None, "negatives": 0}
    fresh = _fresh("the supplier does not have it; it is placed again", known.now)
    trigger = Trigger.ABSENT if it.stage is Stage.UNKNOWN else Trigger.RESUMED
    return replace(
        fresh,
        moves=(trigger,),
        changes=dict(fresh.changes) | over,
        settles=AttemptOutcome.NOT_SENT if _is_open(it, AttemptKind.PLACE) else None,
    )


def _mark_paid(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    waiting = (
        SupplierOrderState.CREATED,
        SupplierOrderState.AWAITING_PAYMENT,
        SupplierOrderState.UNKNOWN,
    )
    external = tuple(
        replace(each, state=SupplierOrderState.PAID) if each.state in waiting else each
        for each in it.external
    )
    return Deed(
        "the supplier has its payment; it is followed from now on",
        (Trigger.CONFIRMED,),
        {"failures": 0},
        external=external,
        settles=AttemptOutcome.ACCEPTED if _is_open(it, AttemptKind.PAY) else None,
        ends_holds=True,
    )


def _reorder(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    lines = trimmed(it, still_to_buy(it, facts))
    units = sum(line.quantity for line in lines)
    over = it.stage is Stage.CANCELLED
    return Deed(
        f"{units} units are bought once more from {it.supplier_key}; this one is given up",
        () if over else (Trigger.CALLED_OFF,),
        {"unwanted_at": None},
        drafts=(Draft(it.supplier_key, lines),),
        settles_parcels=True,
        ends_holds=True,
    )


def _cancel(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    now = known.now
    unwanted = {"unwanted_at": it.unwanted_at or now}
    if it.stage in (Stage.PLACING, Stage.UNKNOWN):
        return Deed("once it is known what became of it, it is taken back", mark_only=True)
    if it.stage is Stage.CANCELLED:
        return Deed("it is over already", changes=unwanted)
    if it.stage in _UNPLACED and not it.external:
        return Deed("nothing is bought of it", (Trigger.CALLED_OFF,), unwanted, ends_holds=True)
    gone = all(each.state is SupplierOrderState.CANCELLED for each in it.external)
    if wish.done or gone or it.reason in _GIVEN_UP:
        return _given_up(it, unwanted)
    asked = is_legal(it.stage, Trigger.CANCEL_ASKED)
    return Deed(
        "the supplier is asked to take it back",
        (Trigger.CANCEL_ASKED,) if asked and it.stage is Stage.NEEDS_ACTION else (),
        unwanted | {"cancel_refused_at": None, "next_check_at": now},
    )


def _given_up(it: SupplierOrder, unwanted: Mapping[str, Any]) -> Deed:
    """It is over, as a person says or the supplier has said."""
    moves: tuple[Trigger, ...] = (Trigger.CALLED_OFF,)
    if it.stage is Stage.CANCEL_REQUESTED:
        moves = (Trigger.CANCELLED,)
    elif it.stage is not Stage.NEEDS_ACTION:
        moves = (Trigger.CANCEL_ASKED, Trigger.CANCELLED)
    lost = it.reason in _GIVEN_UP
    external = tuple(replace(each, state=SupplierOrderState.CANCELLED) for each in it.external)
    return Deed(
        "it is given up; nothing more is expected of it" if lost else "it is cancelled",
        moves,
        unwanted,
        # What was sent and lost was not cancelled: its money is gone.
        external=None if lost else external,
        ends_holds=True,
        settles_parcels=True,
    )


def _cancel_and_refund(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    deed = _cancel(wish, it, facts, known)
    refund = still_to_buy(it, facts)
    changes = dict(deed.changes)
    if not is_everything(refund, facts):
        # Refunded items are not wanted any more by themselves.
        changes["unwanted_at"] = it.unwanted_at
    says = f"{deed.says}, and the customer gets the money for it back"
    return replace(deed, says=says, changes=changes, refund=refund)


def is_everything(refund: Mapping[str, int], facts: Facts) -> bool:
    """Whether nothing is left for the customer to get but these units."""
    return dict(refund) == {item: units for item, units in facts.wanted.items() if units}


def _add_tracking(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    trigger = Trigger.PART_SHIPPED if wish.partial else Trigger.SHIPPED
    moves = (trigger,) if is_legal(it.stage, trigger) else ()
    key = parcel_key(wish.number)
    if not moves and any(parcel_key(each.parcel.number) == key for each in it.shipments):
        raise Refused(f"the parcel {wish.number} is known already")
    parcel = Parcel(wish.number.strip(), wish.carrier, wish.url, ParcelState.ANNOUNCED)
    return Deed(
        f"the parcel {parcel.number} is followed",
        moves,
        {"next_check_at": known.now},
        parcel=parcel,
        settles_parcels=True,
    )


def _mark_delivered(wish: Wish, it: SupplierOrder, facts: Facts, known: Known) -> Deed:
    return Deed("it has arrived", (Trigger.DELIVERED,), arrived=True)


def _is_open(it: SupplierOrder, kind: AttemptKind) -> bool:
    return it.open_attempt is not None and it.open_attempt.kind is kind


_GIVEN_UP: Final = frozenset(
    {ActionReason.LATE_DELIVERY, ActionReason.PARCEL_LOST, ActionReason.PARCEL_RETURNED}
)
_Do = Callable[[Wish, SupplierOrder, Facts, Known], Deed]
_DEEDS: Final[Mapping[Verb, _Do]] = MappingProxyType(
    {
        Verb.RETRY: _retry,
        Verb.RETRY_OTHER_SUPPLIER: _retry_other_supplier,
        Verb.REMAP_VARIANT: _remap_variant,
        Verb.SPLIT: _split,
        Verb.MARK_PLACED: _mark_placed,
        Verb.CONFIRM_NOT_PLACED: _confirm_not_placed,
        Verb.MARK_PAID: _mark_paid,
        Verb.REORDER: _reorder,
        Verb.CANCEL: _cancel,
        Verb.CANCEL_AND_REFUND: _cancel_and_refund,
        Verb.ADD_TRACKING: _add_tracking,
        Verb.MARK_DELIVERED: _mark_delivered,
    }
)


def settled(shipments: Sequence[Shipment], now: datetime) -> list[Shipment]:
    """Parcels that did not arrive as they should, with that being dealt with."""
    mishaps = (ParcelState.LOST, ParcelState.RETURNING, ParcelState.RETURNED)
    return [
        replace(each, settled_at=now)
        for each in shipments
        if each.settled_at is None and each.parcel.state in mishaps
    ]
