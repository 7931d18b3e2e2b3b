"""Which verb may be used on which supplier order: for a person who is asked, and for one who asks.

What waits for a person has its verbs by its reason (`reasons.VERBS`); everything else by its stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fulfillment.facts import Facts
from zyenta_ops.domain.fulfillment.planning import uncovered
from zyenta_ops.domain.fulfillment.reasons import (
    ALWAYS,
    CANCELS,
    OF_THE_ORDER,
    VERBS,
    ActionReason,
    Verb,
)
from zyenta_ops.domain.fulfillment.stages import BEFORE_PLACED, Stage
from zyenta_ops.domain.fulfillment.supplier_order import SupplierOrder
from zyenta_ops.domain.fulfillment.wishes import Wish, spoken
from zyenta_ops.domain.refunds import OVER
from zyenta_ops.domain.supplier_orders import Ability, SupplierOrderState

_V = Verb
_TO_BE_BOUGHT: Final = (
    frozenset(
        {_V.RETRY, _V.RETRY_OTHER_SUPPLIER, _V.REMAP_VARIANT, _V.SPLIT, _V.MARK_PLACED}
        | {_V.EDIT_ADDRESS}
    )
    | CANCELS
)
_TO_BE_PAID: Final = frozenset({_V.RETRY, _V.MARK_PAID, _V.ADD_TRACKING}) | CANCELS
_UNDER_WAY: Final = frozenset({_V.RETRY, _V.ADD_TRACKING, _V.MARK_DELIVERED})

IN_STAGE: Final[Mapping[Stage, frozenset[Verb]]] = MappingProxyType(
    {
        Stage.PLANNED: _TO_BE_BOUGHT,
        Stage.READY: _TO_BE_BOUGHT,
        Stage.RETRY_WAIT: _TO_BE_BOUGHT,
        Stage.PLACING: CANCELS,
        Stage.UNKNOWN: CANCELS | {_V.RETRY, _V.MARK_PLACED, _V.CONFIRM_NOT_PLACED},
        Stage.PLACED: _TO_BE_PAID,
        Stage.AWAITING_SUPPLIER_PAYMENT: _TO_BE_PAID,
        Stage.CONFIRMED: _UNDER_WAY | CANCELS,
        Stage.PARTIALLY_SHIPPED: _UNDER_WAY,
        Stage.SHIPPED: _UNDER_WAY,
        Stage.CANCEL_REQUESTED: frozenset({_V.RETRY, _V.CANCEL}),
        Stage.DELIVERED: frozenset(),
        Stage.CANCELLED: frozenset({_V.REORDER, _V.CANCEL_AND_REFUND}),
    }
)
_GONE: Final = SupplierOrderState.CANCELLED


def legal(it: SupplierOrder, facts: Facts, now: datetime) -> tuple[Verb, ...]:
    """What may be done about a supplier order, in the order of `Verb`."""
    return tuple(each for each in Verb if not refusal(each, it, facts, now))


def legal_of_order(facts: Facts, now: datetime) -> tuple[Verb, ...]:
    """What may be done about the whole order."""
    found = set(ALWAYS)
    if any(each.holds_at(now) for each in facts.order.holds):
        found.add(_V.APPROVE)
    if not address_refusal(facts):
        found.add(_V.EDIT_ADDRESS)
    return tuple(each for each in Verb if each in found)


def chosen(
    wish: Wish, number: str, known: Sequence[tuple[SupplierOrder, Facts]], now: datetime
) -> SupplierOrder:
    """The supplier order that a wish is for.

    Args:
        wish: the verb, and maybe which supplier order.
        number: of the order, for sentences.
        known: every supplier order of it, with what is known of that one.
        now: when.

    Raises:
        Refused: there is none that it may be done to, or several and none was named.
    """
    verb = wish.verb
    why = {it.seq: refusal(verb, it, facts, now, done=wish.done) for it, facts in known}
    its = {it.seq: it for it, _ in known}
    if not its:
        raise Refused(f"nothing is planned for order {number} yet; {spoken(verb)} has to wait")
    if wish.which is not None:
        if wish.which not in its:
            there = ", ".join(map(str, its))
            raise Refused(
                f"order {number} has no supplier order {wish.which}; its numbers are {there}"
            )
        why = {wish.which: why[wish.which]}
    fit = [its[seq] for seq, refused in why.items() if not refused]
    # What waits for a person is meant, not what could be disturbed besides.
    meant = [each for each in fit if each.stage is Stage.NEEDS_ACTION] or fit
    if len(meant) == 1:
        return meant[0]
    if meant:
        numbers = ", ".join(str(each.seq) for each in meant)
        raise Refused(
            f"{spoken(verb)} could be done to supplier orders {numbers} of order {number};"
            " say to which"
        )
    raise Refused(
        f"{spoken(verb)} cannot be done to order {number}: "
        + "; ".join(f"supplier order {seq}: {refused}" for seq, refused in why.items())
    )


def refusal(
    verb: Verb, it: SupplierOrder, facts: Facts, now: datetime, *, done: bool = False
) -> str:
    """Why a verb may not be used on a supplier order, as the end of a sentence; "" = it may be.

    Args:
        verb: what to do.
        it: one of the order's supplier orders.
        facts: of the order.
        now: when.
        done: whether a person says that it was cancelled on the supplier's site.
    """
    if verb in ALWAYS:
        return ""
    if verb is _V.APPROVE:
        holding = any(each.holds_at(now) for each in facts.order.holds)
        return "" if holding else "nothing holds it"
    if verb not in _allowed(it):
        return _not_here(it)
    if verb in OF_THE_ORDER:
        return address_refusal(facts)
    is_busy = it.lease_until is not None and it.lease_until > now
    if is_busy and it.stage is Stage.UNKNOWN and verb not in CANCELS:
        return "it is being worked on; try again in some minutes"
    if verb in CANCELS:
        return _not_to_be_cancelled(verb, it, facts, done=done)
    check = _CHECKS.get(verb)
    return "" if check is None else check(it, facts, now)


def address_refusal(facts: Facts) -> str:
    """Why the address may not be changed; "" = it may be."""
    for each in facts.supplier_orders:
        if each.stage in (Stage.PLACING, Stage.UNKNOWN) or _may_have_it(each):
            return (
                f"supplier order {each.seq} may have been placed with the old address;"
                " find that out first"
            )
    live = [each for each in facts.supplier_orders if each.is_live]
    if facts.supplier_orders and all(each.was_placed for each in live):
        return "everything was ordered with the old address, or is over; ask the supplier"
    return ""


def is_whole(it: SupplierOrder) -> bool:
    """Whether the supplier has cancelled all that it had, or never had any."""
    return all(each.state is _GONE for each in it.external)


def still_to_buy(it: SupplierOrder, facts: Facts) -> dict[str, int]:
    """Units of a supplier order, by item, that the customer is to get and no other one buys."""
    others = [each for each in facts.supplier_orders if each.id != it.id]
    open_units = uncovered(facts.wanted, others)
    found: dict[str, int] = {}
    for line in it.lines:
        units = min(line.quantity, open_units.get(line.item_id, 0) - found.get(line.item_id, 0))
        if units > 0:
            found[line.item_id] = found.get(line.item_id, 0) + units
    return found


def _allowed(it: SupplierOrder) -> frozenset[Verb]:
    return IN_STAGE[it.stage] if it.reason is None else VERBS[it.reason]


def _not_here(it: SupplierOrder) -> str:
    verbs = ", ".join(spoken(each) for each in Verb if each in _allowed(it))
    stands = it.stage if it.reason is None else f"{it.stage} ({it.reason})"
    return f"it is {stands}; it allows {verbs or 'nothing any more'}"


def _may_have_it(it: SupplierOrder) -> bool:
    """Whether the supplier may have it without our knowing."""
    return it.stage is Stage.NEEDS_ACTION and not it.external and it.sent_at is not None


def _unwanted(it: SupplierOrder, facts: Facts) -> str:
    return "" if still_to_buy(it, facts) else "nothing of it is wanted any more"


def _retry(it: SupplierOrder, facts: Facts, now: datetime) -> str:
    if _may_have_it(it):
        return "it may have been placed; look on the supplier's site and say which"
    return _unwanted(it, facts) if it.stage is Stage.NEEDS_ACTION and not it.external else ""


def _elsewhere(it: SupplierOrder, facts: Facts, now: datetime) -> str:
    if it.external and not is_whole(it):
        return "the supplier still has some of it; cancel that first"
    return _retry(it, facts, now) or _unwanted(it, facts)


def _split(it: SupplierOrder, facts: Facts, now: datetime) -> str:
    return _elsewhere(it, facts, now) or ("" if it.units() > 1 else "it is one unit")


def _mark_placed(it: SupplierOrder, facts: Facts, now: datetime) -> str:
    known = it.external and it.reason is not ActionReason.DUPLICATE
    return "the supplier is known to have it" if known else ""


def _confirm_not_placed(it: SupplierOrder, facts: Facts, now: datetime) -> str:
    if it.external:
        return "the supplier is known to have it"
    if it.sent_at is None:
        return "it was never sent; retry it"
    ends = [] if it.settle_until is None else [it.settle_until]
    if it.attempt is not None and facts.capabilities is not None:
        ends.append(it.attempt.started_at + facts.capabilities.settle)
    if any(each > now for each in ends):
        return f"it may still show at the supplier; look again after {max(ends):%H:%M} UTC"
    return ""


def _reorder(it: SupplierOrder, facts: Facts, now: datetime) -> str:
    if it.reason is ActionReason.SUPPLIER_CANCELLED and not is_whole(it):
        return "the supplier still has some of it; cancel that first"
    if not facts.is_paid:
        return f"the customer's payment is {facts.order.payment_status}"
    return _unwanted(it, facts)


def _not_to_be_cancelled(verb: Verb, it: SupplierOrder, facts: Facts, *, done: bool) -> str:
    if verb is _V.CANCEL_AND_REFUND and not still_to_buy(it, facts):
        return "its units are refunded already, or another supplier order buys them"
    if done and (it.stage in BEFORE_PLACED or not it.external):
        return "" if it.stage is not Stage.PLACING else "the supplier is being asked at this moment"
    waits = it.stage in (Stage.NEEDS_ACTION, Stage.CANCEL_REQUESTED)
    if done or it.stage in BEFORE_PLACED or (waits and is_whole(it)):
        return ""
    if it.reason in _WRITTEN_OFF or it.stage is Stage.CANCELLED:
        return ""
    if it.stage is Stage.CANCEL_REQUESTED:
        return "the supplier is being asked already; --done says that it has agreed"
    if not facts.can(Ability.CANCEL_ORDERS):
        return "the supplier takes no cancellations from programs; cancel on its site, then --done"
    if it.stuck_in is Stage.PARTIALLY_SHIPPED:
        return "some of it is on its way; agree with the supplier, then --done"
    return ""


# The goods went out and will not arrive as they should: nothing is left to be cancelled.
_WRITTEN_OFF: Final = frozenset(
    {ActionReason.LATE_DELIVERY, ActionReason.PARCEL_LOST, ActionReason.PARCEL_RETURNED}
)
_CHECKS: Final = {
    _V.RETRY: _retry,
    _V.RETRY_OTHER_SUPPLIER: _elsewhere,
    _V.REMAP_VARIANT: _elsewhere,
    _V.SPLIT: _split,
    _V.MARK_PLACED: _mark_placed,
    _V.CONFIRM_NOT_PLACED: _confirm_not_placed,
    _V.REORDER: _reorder,
}


def waiting_reason(it: SupplierOrder, facts: Facts) -> str:
    """Why a supplier order waits for a person, in one word; "" = it does not."""
    if it.reason is not None:
        return it.reason.value
    by_hand = not facts.can(Ability.PAY_ORDERS)
    if it.stage is Stage.AWAITING_SUPPLIER_PAYMENT and by_hand:
        return "TO_BE_PAID"
    if it.stage is Stage.CANCELLED and it.unwanted_at is not None and facts.is_paid:
        given_back = any(each.status not in OVER for each in facts.refunds)
        return "NOT_BOUGHT" if still_to_buy(it, facts) and not given_back else ""
    return ""
