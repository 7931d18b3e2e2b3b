"""The machine of a supplier order: its stages, what moves it, and which moves are legal.

The table is data: the diagram is drawn from it and every pair is tested. A stage says where we are
with an order; `supplier_orders.SupplierOrderState` says what the supplier says of it. What keeps an
order from being bought (holds) is no stage.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from zyenta_ops.domain.errors import Refused


class Stage(StrEnum):
    """Where we are with a supplier order."""

    PLANNED = "PLANNED"  # split off, not to be bought yet
    READY = "READY"  # to be bought
    PLACING = "PLACING"  # the supplier is being asked; after a crash nobody knows the outcome
    UNKNOWN = "UNKNOWN"  # the answer was lost; it may have been placed
    RETRY_WAIT = "RETRY_WAIT"  # not placed; tried again later
    NEEDS_ACTION = "NEEDS_ACTION"  # a person decides; the reason says what about
    PLACED = "PLACED"  # the supplier has accepted it
    AWAITING_SUPPLIER_PAYMENT = "AWAITING_SUPPLIER_PAYMENT"
    CONFIRMED = "CONFIRMED"  # paid for
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCEL_REQUESTED = "CANCEL_REQUESTED"  # the supplier is being asked to take it back
    CANCELLED = "CANCELLED"


class Trigger(StrEnum):
    """What moves a supplier order from stage to stage."""

    CLEARED = "CLEARED"  # nothing keeps it from being bought
    SENT = "SENT"  # the intent is stored; the supplier is asked next
    ACCEPTED = "ACCEPTED"  # the supplier has it, whoever found out and however late
    POSTPONED = "POSTPONED"  # provably not placed; tried again later
    RETRIED = "RETRIED"  # the wait is over
    LOST = "LOST"  # nobody knows whether it was placed
    ABSENT = "ABSENT"  # the supplier provably does not have it
    STUCK = "STUCK"  # a person has to decide
    RESUMED = "RESUMED"  # a person has decided: place it
    CALLED_OFF = "CALLED_OFF"  # not wanted any more, and never placed
    PAYMENT_DUE = "PAYMENT_DUE"
    CONFIRMED = "CONFIRMED"
    PART_SHIPPED = "PART_SHIPPED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCEL_ASKED = "CANCEL_ASKED"  # the intent to cancel is stored
    CANCELLED = "CANCELLED"  # the supplier has taken it back


_S, _T = Stage, Trigger
# What the supplier says of an order that it has.
_NEWS: Final = {
    _T.PAYMENT_DUE: _S.AWAITING_SUPPLIER_PAYMENT,
    _T.CONFIRMED: _S.CONFIRMED,
    _T.PART_SHIPPED: _S.PARTIALLY_SHIPPED,
    _T.SHIPPED: _S.SHIPPED,
    _T.DELIVERED: _S.DELIVERED,
}
_STUCK: Final = {_T.STUCK: _S.NEEDS_ACTION}
_ASKED: Final = {_T.CANCEL_ASKED: _S.CANCEL_REQUESTED}
# Before the supplier has it an order can be called off, and be found to have been placed after all.
_OPEN: Final = {_T.CALLED_OFF: _S.CANCELLED, _T.ACCEPTED: _S.PLACED} | _STUCK


def _news_after(stage: Stage) -> dict[Trigger, Stage]:
    """What the supplier may say from here on: it never goes back."""
    order = [None, *_NEWS.values()]
    later = order[order.index(stage if stage in order else None) + 1 :]
    return {trigger: target for trigger, target in _NEWS.items() if target in later}


TRANSITIONS: Final[Mapping[Stage, Mapping[Trigger, Stage]]] = MappingProxyType(
    {
        _S.PLANNED: _OPEN | {_T.CLEARED: _S.READY},
        _S.READY: _OPEN | {_T.SENT: _S.PLACING, _T.POSTPONED: _S.RETRY_WAIT},
        _S.PLACING: {_T.ACCEPTED: _S.PLACED, _T.POSTPONED: _S.RETRY_WAIT, _T.LOST: _S.UNKNOWN}
        | _STUCK,
        _S.UNKNOWN: {_T.ACCEPTED: _S.PLACED, _T.ABSENT: _S.READY} | _STUCK,
        _S.RETRY_WAIT: _OPEN | {_T.RETRIED: _S.READY},
        _S.NEEDS_ACTION: _OPEN | {_T.RESUMED: _S.READY} | _NEWS | _ASKED,
        _S.PLACED: _NEWS | _ASKED | _STUCK,
        _S.AWAITING_SUPPLIER_PAYMENT: _news_after(_S.AWAITING_SUPPLIER_PAYMENT) | _ASKED | _STUCK,
        _S.CONFIRMED: _news_after(_S.CONFIRMED) | _ASKED | _STUCK,
        _S.PARTIALLY_SHIPPED: _news_after(_S.PARTIALLY_SHIPPED) | _STUCK,
        _S.SHIPPED: _news_after(_S.SHIPPED) | _STUCK,
        _S.CANCEL_REQUESTED: _NEWS | {_T.CANCELLED: _S.CANCELLED} | _STUCK,
        _S.DELIVERED: {},
        _S.CANCELLED: {},
    }
)

TERMINAL: Final = frozenset(stage for stage, moves in TRANSITIONS.items() if not moves)
# The supplier does not have it, or nobody knows that it does.
BEFORE_PLACED: Final = frozenset({_S.PLANNED, _S.READY, _S.PLACING, _S.UNKNOWN, _S.RETRY_WAIT})
ON_ITS_WAY: Final = frozenset({_S.PARTIALLY_SHIPPED, _S.SHIPPED})


def is_legal(stage: Stage, trigger: Trigger) -> bool:
    """Whether a trigger moves a supplier order out of a stage."""
    return trigger in TRANSITIONS[stage]


def after(stage: Stage, trigger: Trigger) -> Stage:
    """The stage that a trigger leads to.

    Raises:
        Refused: there is no such move.
    """
    target = TRANSITIONS[stage].get(trigger)
    if target is None:
        over = "is over and stays" if stage in TERMINAL else "stays"
        raise Refused(f"a supplier order that is {stage} {over} so; {trigger} does not move it")
    return target


def mermaid() -> str:
    """The machine as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {Stage.PLANNED}"]
    for stage, moves in TRANSITIONS.items():
        by_target: dict[Stage, list[str]] = {}
        for trigger, target in moves.items():
            by_target.setdefault(target, []).append(trigger.lower().replace("_", " "))
        lines += [
            f"    {stage} --> {target}: {', '.join(triggers)}"
            for target, triggers in by_target.items()
        ]
    lines += [f"    {stage} --> [*]" for stage in TRANSITIONS if stage in TERMINAL]
    return "\n".join(lines)
