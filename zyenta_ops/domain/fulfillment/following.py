"""What an order and its parcels at the supplier say about where a supplier order is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from zyenta_ops.domain.fulfillment.reasons import ActionReason
from zyenta_ops.domain.fulfillment.stages import Stage, Trigger, is_legal
from zyenta_ops.domain.fulfillment.supplier_order import External, Shipment, SupplierOrder
from zyenta_ops.domain.supplier_orders import (
    ExternalOrder,
    Parcel,
    ParcelState,
    SupplierOrderState,
)

_State = SupplierOrderState
_SENT: Final = frozenset({_State.SHIPPED, _State.DELIVERED})
_PAID: Final = frozenset({_State.PAID, _State.PARTIALLY_SHIPPED}) | _SENT
_UNDER_WAY: Final = frozenset({_State.PARTIALLY_SHIPPED}) | _SENT

# How far along a parcel is; news of an earlier state are late and change nothing. What is beside
# the way (a failed attempt, customs) has the rank of the way.
_RANK: Final = {
    ParcelState.UNKNOWN: 0,
    ParcelState.ANNOUNCED: 1,
    ParcelState.IN_TRANSIT: 2,
    ParcelState.CUSTOMS: 2,
    ParcelState.CUSTOMS_ACTION: 2,
    ParcelState.EXPIRED: 2,
    ParcelState.OUT_FOR_DELIVERY: 3,
    ParcelState.READY_FOR_PICKUP: 3,
    ParcelState.FAILED_ATTEMPT: 3,
    ParcelState.EXCEPTION: 3,
    ParcelState.LOST: 4,
    ParcelState.DELIVERED: 5,
    ParcelState.RETURNING: 6,
    ParcelState.RETURNED: 7,
}
_MOVING: Final = 2
_MISHAPS: Final = {
    ParcelState.LOST: ActionReason.PARCEL_LOST,
    ParcelState.RETURNED: ActionReason.PARCEL_RETURNED,
}


@dataclass(frozen=True, slots=True)
class News:
    """What moved; `reason` with STUCK."""

    trigger: Trigger
    note: str
    reason: ActionReason | None = None


def as_seen(known: External, seen: ExternalOrder, now: datetime) -> External:
    """An order at the supplier as it was read; what it no longer tells stays as it was."""
    unread = seen.state is _State.UNKNOWN
    return replace(
        known,
        state=known.state if unread else seen.state,
        total=seen.total or known.total,
        pay_until=seen.pay_until or known.pay_until,
        seen_at=now,
    )


def merged(known: Parcel, told: Parcel) -> Parcel:
    """A parcel with what was told of it: never further back, and no event lost."""
    ahead = _RANK[told.state] >= _RANK[known.state]
    events = {(each.at, each.text): each for each in (*known.events, *told.events)}
    return replace(
        told,
        carrier=told.carrier or known.carrier,
        url=told.url or known.url,
        state=told.state if ahead else known.state,
        raw_state=told.raw_state if ahead else known.raw_state,
        events=tuple(sorted(events.values(), key=lambda each: each.at, reverse=True)),
        expected_at=told.expected_at or known.expected_at,
    )


def parcel_key(number: str) -> str:
    """What two spellings of one number have in common; suppliers name one carrier differently."""
    return "".join(number.split()).upper()


def shipment_as_told(shipment: Shipment, told: Parcel, now: datetime) -> Shipment:
    """A parcel that is followed, with what was told of it."""
    parcel = merged(shipment.parcel, told)
    moving = _RANK[parcel.state] >= _MOVING
    arrived = parcel.state is ParcelState.DELIVERED
    return replace(
        shipment,
        parcel=parcel,
        shipped_at=shipment.shipped_at or (now if moving else None),
        delivered_at=shipment.delivered_at or (now if arrived else None),
    )


def news_of(it: SupplierOrder, *, cancel_asked: bool) -> News | None:
    """What the supplier's orders and parcels say that we did not know; None = nothing.

    Args:
        it: with its orders and parcels as they were just read.
        cancel_asked: whether the supplier was asked to take it back.
    """
    states = [each.state for each in it.external]
    if not states:
        return None
    if _State.CANCELLED in states:
        return _cancelled(it, states, cancel_asked=cancel_asked)
    open_ = [each for each in it.shipments if each.settled_at is None]
    said = _said(states, open_)
    if said is None:
        return None
    mishap = _mishap(open_)
    return _legal(it, said if mishap is None or said.trigger is Trigger.DELIVERED else mishap)


def _said(states: Sequence[SupplierOrderState], shipments: Sequence[Shipment]) -> News | None:
    """How far orders and parcels are together; None = the states say nothing."""
    all_sent = all(each in _SENT for each in states)
    arrived = bool(shipments) and all(
        each.parcel.state is ParcelState.DELIVERED for each in shipments
    )
    if all(each is _State.DELIVERED for each in states) or (all_sent and arrived):
        return News(Trigger.DELIVERED, "it has arrived")
    if all_sent:
        return News(Trigger.SHIPPED, "the supplier has sent it")
    if any(each in _UNDER_WAY for each in states) or shipments:
        return News(Trigger.PART_SHIPPED, "the supplier has sent some of it")
    if all(each in _PAID for each in states):
        return News(Trigger.CONFIRMED, "the supplier has its payment")
    if _State.AWAITING_PAYMENT in states:
        return News(Trigger.PAYMENT_DUE, "the supplier waits for its payment")
    return None


def _cancelled(
    it: SupplierOrder, states: Sequence[SupplierOrderState], *, cancel_asked: bool
) -> News | None:
    if cancel_asked and all(each is _State.CANCELLED for each in states):
        return _legal(it, News(Trigger.CANCELLED, "the supplier has taken it back"))
    note = "the supplier has cancelled " + (
        "it" if all(each is _State.CANCELLED for each in states) else "some of it"
    )
    return _legal(it, News(Trigger.STUCK, note, ActionReason.SUPPLIER_CANCELLED))


def _mishap(shipments: Iterable[Shipment]) -> News | None:
    for each in shipments:
        reason = _MISHAPS.get(each.parcel.state)
        if reason is not None:
            note = f"the parcel {each.parcel.number} was {each.parcel.state.lower()}"
            return News(Trigger.STUCK, note, reason)
    return None


def _legal(it: SupplierOrder, news: News) -> News | None:
    """The news, unless it is none: not beyond where it is, or was when it came to need action."""
    if it.stage is not Stage.NEEDS_ACTION:
        return news if is_legal(it.stage, news.trigger) else None
    if news.trigger is Trigger.STUCK:
        return news if news.reason is not it.reason else None
    before = it.stuck_in or Stage.PLACED
    since = Stage.CONFIRMED if before is Stage.CANCEL_REQUESTED else before
    return news if is_legal(since, news.trigger) else None


def expected_at(shipments: Iterable[Shipment]) -> datetime | None:
    """When the first parcel that is still on its way should arrive; None = not said."""
    times = [
        each.parcel.expected_at
        for each in shipments
        if each.delivered_at is None and each.parcel.expected_at is not None
    ]
    return min(times, default=None)
