"""Why a supplier order waits for a person, and what the person may do about it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from zyenta_ops.domain.supplier_errors import RejectionReason


class ActionReason(StrEnum):
    """What a person has to decide about."""

    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"  # it may or may not have been placed
    DUPLICATE = "DUPLICATE"  # the supplier has it more than once
    BY_HAND = "BY_HAND"  # the supplier takes no orders through an API
    ADDRESS = "ADDRESS"
    REGION = "REGION"  # not sent to that country
    VARIANT_UNKNOWN = "VARIANT_UNKNOWN"
    ACCOUNT = "ACCOUNT"  # the supplier does not let our account order
    REJECTED = "REJECTED"  # refused, for a reason that we have no remedy for
    ATTEMPTS_SPENT = "ATTEMPTS_SPENT"
    SUPPLIER_DOWN = "SUPPLIER_DOWN"  # not reached for too long
    CRASHES = "CRASHES"  # what works on it dies
    UNPAID = "UNPAID"  # the supplier was not paid, and we cannot or must not pay
    SUPPLIER_CANCELLED = "SUPPLIER_CANCELLED"
    CANCEL_REFUSED = "CANCEL_REFUSED"  # not wanted any more, and the supplier keeps it
    NO_TRACKING = "NO_TRACKING"
    LATE_DELIVERY = "LATE_DELIVERY"
    PARCEL_LOST = "PARCEL_LOST"
    PARCEL_RETURNED = "PARCEL_RETURNED"


class Verb(StrEnum):
    """What an operator may do; those of one supplier order first, then those of the whole order."""

    RETRY = "RETRY"  # go on where it was, now and with fresh patience
    RETRY_OTHER_SUPPLIER = "RETRY_OTHER_SUPPLIER"
    REMAP_VARIANT = "REMAP_VARIANT"  # buy an item as another offer
    SPLIT = "SPLIT"  # buy some units by a supplier order of their own
    MARK_PLACED = "MARK_PLACED"
    CONFIRM_NOT_PLACED = "CONFIRM_NOT_PLACED"
    MARK_PAID = "MARK_PAID"
    REORDER = "REORDER"  # a new supplier order for the same lines, under a reference of its own
    CANCEL = "CANCEL"
    CANCEL_AND_REFUND = "CANCEL_AND_REFUND"
    ADD_TRACKING = "ADD_TRACKING"
    MARK_DELIVERED = "MARK_DELIVERED"
    EDIT_ADDRESS = "EDIT_ADDRESS"
    APPROVE = "APPROVE"  # end holds: buy all the same
    SNOOZE = "SNOOZE"
    ASSIGN = "ASSIGN"
    NOTE = "NOTE"


OF_THE_ORDER: Final = frozenset(
    {Verb.EDIT_ADDRESS, Verb.APPROVE, Verb.SNOOZE, Verb.ASSIGN, Verb.NOTE}
)
# None of them changes what becomes of the goods.
ALWAYS: Final = frozenset({Verb.SNOOZE, Verb.ASSIGN, Verb.NOTE})
CANCELS: Final = frozenset({Verb.CANCEL, Verb.CANCEL_AND_REFUND})
_ELSEWHERE: Final = frozenset({Verb.RETRY_OTHER_SUPPLIER, Verb.REMAP_VARIANT, Verb.SPLIT})
_UNPLACED: Final = frozenset({Verb.RETRY, Verb.MARK_PLACED}) | CANCELS | ALWAYS
_SENT: Final = (
    frozenset({Verb.ADD_TRACKING, Verb.MARK_DELIVERED, Verb.REORDER, Verb.CANCEL_AND_REFUND})
    | ALWAYS
)

VERBS: Final[Mapping[ActionReason, frozenset[Verb]]] = MappingProxyType(
    {
        # Neither retried nor cancelled before somebody has looked whether it exists.
        ActionReason.OUTCOME_UNKNOWN: ALWAYS | {Verb.MARK_PLACED, Verb.CONFIRM_NOT_PLACED},
        ActionReason.DUPLICATE: ALWAYS | {Verb.MARK_PLACED},
        ActionReason.BY_HAND: _UNPLACED - {Verb.RETRY} | _ELSEWHERE,
        ActionReason.ADDRESS: _UNPLACED | {Verb.EDIT_ADDRESS},
        ActionReason.REGION: _UNPLACED | _ELSEWHERE | {Verb.EDIT_ADDRESS},
        ActionReason.VARIANT_UNKNOWN: _UNPLACED | _ELSEWHERE,
        ActionReason.ACCOUNT: _UNPLACED | _ELSEWHERE,
        ActionReason.REJECTED: _UNPLACED | _ELSEWHERE | {Verb.EDIT_ADDRESS},
        ActionReason.ATTEMPTS_SPENT: _UNPLACED | _ELSEWHERE,
        ActionReason.SUPPLIER_DOWN: _UNPLACED | _ELSEWHERE,
        ActionReason.CRASHES: ALWAYS | {Verb.RETRY, Verb.MARK_PLACED, Verb.CONFIRM_NOT_PLACED},
        ActionReason.UNPAID: ALWAYS | CANCELS | {Verb.RETRY, Verb.MARK_PAID},
        ActionReason.SUPPLIER_CANCELLED: ALWAYS
        | CANCELS
        | {Verb.REORDER, Verb.RETRY_OTHER_SUPPLIER},
        ActionReason.CANCEL_REFUSED: ALWAYS | {Verb.CANCEL, Verb.RETRY},
        ActionReason.NO_TRACKING: ALWAYS
        | CANCELS
        | {Verb.ADD_TRACKING, Verb.MARK_DELIVERED, Verb.RETRY},
        ActionReason.LATE_DELIVERY: _SENT | {Verb.RETRY},
        ActionReason.PARCEL_LOST: _SENT,
        ActionReason.PARCEL_RETURNED: _SENT,
    }
)

# What a supplier's refusal of an order comes to where only a person can help. Stock, price, way of
# sending and money have remedies of their own.
OF_REJECTION: Final[Mapping[RejectionReason, ActionReason]] = MappingProxyType(
    {
        RejectionReason.ADDRESS: ActionReason.ADDRESS,
        RejectionReason.REGION: ActionReason.REGION,
        RejectionReason.ACCOUNT: ActionReason.ACCOUNT,
        RejectionReason.UNKNOWN: ActionReason.REJECTED,
    }
)
