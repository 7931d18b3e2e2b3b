"""What is done next about a supplier order: a pure function of it, the facts and the time.

`outlook` says the next step, or why there is none and when there may be one without anything new
being heard. Asking twice with the same facts gives the same answer; a step that was taken is not
asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from zyenta_ops.domain.fulfillment import holds, timing
from zyenta_ops.domain.fulfillment.facts import Facts
from zyenta_ops.domain.fulfillment.reasons import VERBS, ActionReason
from zyenta_ops.domain.fulfillment.stages import Stage
from zyenta_ops.domain.fulfillment.supplier_order import AttemptKind, External, SupplierOrder
from zyenta_ops.domain.supplier_orders import Ability, Placement, SupplierOrderState


class Step(StrEnum):
    """Something to do."""

    CLEAR = "CLEAR"  # nothing keeps it from being bought any more
    TRIM = "TRIM"  # buy no more than is still wanted
    CALL_OFF = "CALL_OFF"
    RETRY = "RETRY"
    PLACE = "PLACE"
    PRESUME_LOST = "PRESUME_LOST"  # whoever was placing it has died
    ADOPT = "ADOPT"  # the supplier has it: take it over
    SEARCH = "SEARCH"  # ask the supplier for our reference
    RESEND = "RESEND"  # the same order once more, which places nothing twice
    PAY = "PAY"
    ASK_BACK = "ASK_BACK"  # cancel at the supplier
    FOLLOW = "FOLLOW"  # read the order and its parcels
    GIVE_UP = "GIVE_UP"  # leave it to a person


@dataclass(frozen=True, slots=True)
class Outlook:
    """What comes next.

    Attributes:
        step: None = nothing for now.
        why: one sentence on why it waits, or what is done.
        at: when there may be a step without anything new; None = not before something new.
        reason: with GIVE_UP, what a person has to decide.
    """

    step: Step | None
    why: str
    at: datetime | None = None
    reason: ActionReason | None = None


# A person who connects an account is not waited for longer than this.
_ACCOUNT_AGAIN: Final = timedelta(minutes=15)
# Placed again under its reference only while the supplier is sure to remember it.
_WINDOW_MARGIN: Final = timedelta(hours=1)
_PAYABLE: Final = frozenset({SupplierOrderState.CREATED, SupplierOrderState.AWAITING_PAYMENT})
_NOT_TO_BE_ADOPTED: Final = frozenset({ActionReason.DUPLICATE, ActionReason.CRASHES})
_NOT_FOLLOWED: Final = _NOT_TO_BE_ADOPTED | {ActionReason.SUPPLIER_CANCELLED}
_LOOK_FIRST: Final = frozenset(
    {ActionReason.OUTCOME_UNKNOWN, ActionReason.DUPLICATE, ActionReason.CRASHES}
)


def next_step(supplier_order: SupplierOrder, facts: Facts, now: datetime) -> Step | None:
    """What to do about a supplier order now; None = nothing."""
    return outlook(supplier_order, facts, now).step


def outlook(supplier_order: SupplierOrder, facts: Facts, now: datetime) -> Outlook:
    """What comes next, why, and when."""
    it = supplier_order
    if it.is_over:
        return Outlook(None, it.note or f"it is {it.stage.lower()}")
    if it.claims > timing.MOST_CRASHES and it.reason is not ActionReason.CRASHES:
        why = f"work on it was broken off {it.claims - 1} times in a row"
        return _give_up(ActionReason.CRASHES, why)
    return _BY_STAGE[it.stage](it, facts, now)


def _unplaced(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook:
    """PLANNED, READY and RETRY_WAIT: whether it is to be bought, and whether now."""
    if it.external:
        return Outlook(Step.ADOPT, "the supplier has it")
    if facts.is_unwanted(it):
        return Outlook(Step.CALL_OFF, "it was refunded or called off before it was placed")
    if sum(facts.units_of(it).values()) < it.units():
        return Outlook(Step.TRIM, "some of it was refunded")
    if not facts.is_paid:
        return Outlook(None, f"the customer's payment is {facts.order.payment_status}")
    others, mine = holds.standing(facts.order.holds, it.id, now)
    if others:
        ends = [each.expires_at for each in others if each.expires_at is not None]
        return Outlook(None, holds.words(others), max(ends) if len(ends) == len(others) else None)
    if mine and _is_early(it, now):
        return Outlook(None, holds.words(mine), it.next_check_at)
    cool = facts.order.paid_at and facts.order.paid_at + facts.policy.cooling_off
    if cool and now < cool:
        return Outlook(None, "the customer may still change the order", cool)
    if it.attempts >= timing.MOST_ATTEMPTS:
        return _give_up(ActionReason.ATTEMPTS_SPENT, f"tried {it.attempts} times: {it.note}")
    return _TO_BE_BOUGHT[it.stage](it, facts, now)


def _planned(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook:
    return Outlook(Step.CLEAR, "it is to be bought")


def _retry_wait(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook:
    if it.failures >= timing.MOST_FAILURES:
        why = f"not reached {it.failures} times in a row: {it.note}"
        return _give_up(ActionReason.SUPPLIER_DOWN, why)
    if _is_early(it, now):
        return Outlook(None, it.note or "it is tried again", it.next_check_at)
    return Outlook(Step.RETRY, "the wait is over")


def _ready(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook:
    if not facts.can(Ability.PLACE_ORDERS):
        return _give_up(ActionReason.BY_HAND, "the supplier takes no orders from programs")
    return _when_usable(facts, now) or Outlook(Step.PLACE, "it is placed")


def _placing(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook:
    if it.external:
        return Outlook(Step.ADOPT, "the supplier has it")
    return Outlook(Step.PRESUME_LOST, "whoever was placing it did not say how it ended")


def _unknown(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook:
    if it.external:
        return Outlook(Step.ADOPT, "the supplier has it")
    placement = Placement.BLIND if facts.capabilities is None else facts.capabilities.placement
    if placement is Placement.BLIND:
        return _give_up(
            ActionReason.OUTCOME_UNKNOWN,
            "the answer was lost, and the supplier cannot be asked for our reference",
        )
    if placement is Placement.IDEMPOTENT_REF:
        return _resend(it, facts, now)
    if _is_early(it, now):
        return Outlook(None, "the answer was lost; the supplier is asked again", it.next_check_at)
    rest = _when_followable(facts, now)
    return rest or Outlook(Step.SEARCH, "the supplier is asked for our reference")


def _resend(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook:
    """The same order again, while that is safe and the order still wanted."""
    window = None if facts.capabilities is None else facts.capabilities.reference_window
    closes = None if window is None else (it.sent_at or it.created_at) + window - _WINDOW_MARGIN
    if closes is not None and now >= closes:
        why = "the answer was lost, and the supplier may have forgotten our reference"
        return _give_up(ActionReason.OUTCOME_UNKNOWN, why)
    if facts.is_unwanted(it) or not facts.is_paid or it.attempts >= timing.MOST_ATTEMPTS:
        why = "the answer was lost; asking again could place what must not be placed now"
        return _give_up(ActionReason.OUTCOME_UNKNOWN, why)
    others, _ = holds.standing(facts.order.holds, it.id, now)
    if others:
        return Outlook(None, f"the answer was lost; {holds.words(others)}", closes)
    if _is_early(it, now):
        return Outlook(None, "the answer was lost; it is sent again", it.next_check_at)
    return _when_usable(facts, now) or Outlook(
        Step.RESEND, "the same reference places nothing twice"
    )


def _needs_action(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook:
    if it.external and it.placed_at is None and it.reason not in _NOT_TO_BE_ADOPTED:
        return Outlook(Step.ADOPT, "the supplier has it")
    if not it.external:
        if facts.is_unwanted(it) and it.reason not in _LOOK_FIRST:
            return Outlook(Step.CALL_OFF, "it was refunded or called off before it was placed")
    elif it.reason not in _NOT_FOLLOWED and not _is_early(it, now):
        rest = _when_followable(facts, now)
        return rest or Outlook(Step.FOLLOW, "its parcels are looked for all the same")
    verbs = ", ".join(sorted(VERBS[it.reason])) if it.reason else "none"
    followed = it.external and it.reason not in _NOT_FOLLOWED
    at = it.next_check_at if followed and _is_early(it, now) else None
    return Outlook(None, f"{it.note}; a person may: {verbs}", at)


def _unpaid(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook:
    """PLACED and AWAITING_SUPPLIER_PAYMENT."""
    back = _take_back(it, facts, now)
    if back is not None:
        return back
    late = _overdue(it, facts, now)
    if late is not None:
        return late
    others, mine = holds.standing(facts.order.holds, it.id, now)
    asked = it.attempt is not None and it.attempt.kind is AttemptKind.PAY and it.open_attempt
    may_pay = (
        payable(it) is not None
        and facts.can(Ability.PAY_ORDERS)
        and facts.is_paid
        and not (others or asked)
    )
    if may_pay and (not (mine or it.failures) or not _is_early(it, now)):
        return _when_usable(facts, now) or Outlook(Step.PAY, "the supplier is paid")
    if others:
        why = f"it is not paid for: {holds.words(others)}"
    elif mine:
        why = f"it is not paid for: {holds.words(mine)}"
    elif facts.can(Ability.PAY_ORDERS):
        why = "the payment is being looked into"
    else:
        why = "the supplier waits for its payment, which is made on its site"
    return _followed(it, facts, now, why)


def payable(it: SupplierOrder) -> External | None:
    """The next order at the supplier that waits for being paid."""
    return next((each for each in it.external if each.state in _PAYABLE), None)


def _under_way(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook:
    """CONFIRMED, PARTIALLY_SHIPPED and SHIPPED."""
    if it.stage is Stage.CONFIRMED:
        back = _take_back(it, facts, now)
        if back is not None:
            return back
    late = _overdue(it, facts, now)
    words = {
        Stage.CONFIRMED: "the supplier is packing it",
        Stage.PARTIALLY_SHIPPED: "some of it is on its way",
        Stage.SHIPPED: "it is on its way",
    }
    return late or _followed(it, facts, now, words[it.stage])


def _cancel_requested(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook:
    settled = it.open_attempt is None
    if settled and not _is_early(it, now):
        return _when_followable(facts, now) or Outlook(Step.ASK_BACK, "the supplier is asked again")
    return _followed(it, facts, now, "the supplier is asked to take it back")


def _take_back(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook | None:
    """What is done about a placed order that is not wanted any more; None = it is wanted."""
    if not facts.is_unwanted(it):
        return None
    if it.cancel_refused_at is not None:
        why = f"it is not wanted any more and the supplier keeps it: {it.note}"
        return _give_up(ActionReason.CANCEL_REFUSED, why)
    if not facts.can(Ability.CANCEL_ORDERS):
        why = "it is not wanted any more; cancel it on the supplier's site"
        return _give_up(ActionReason.CANCEL_REFUSED, why)
    return _when_followable(facts, now) or Outlook(
        Step.ASK_BACK, "it is not wanted any more and taken back"
    )


_LATE: Final = {
    Stage.PLACED: (ActionReason.UNPAID, "the supplier was not paid in time"),
    Stage.AWAITING_SUPPLIER_PAYMENT: (ActionReason.UNPAID, "the supplier was not paid in time"),
    Stage.CONFIRMED: (ActionReason.NO_TRACKING, "nothing was sent within seven days"),
    Stage.PARTIALLY_SHIPPED: (ActionReason.NO_TRACKING, "the rest was not sent within seven days"),
    Stage.SHIPPED: (ActionReason.LATE_DELIVERY, "it has not arrived in the time its way takes"),
}


def _overdue(it: SupplierOrder, facts: Facts, now: datetime) -> Outlook | None:
    """A stage that lasts too long is a person's business, once the supplier was asked after it."""
    if it.deadline_at is None or now < it.deadline_at:
        return None
    seen = [each.seen_at for each in it.external if each.seen_at is not None]
    if len(seen) < len(it.external) or any(each < it.deadline_at for each in seen):
        return _when_followable(facts, now) or Outlook(Step.FOLLOW, "its deadline has passed")
    reason, why = _LATE[it.stage]
    return _give_up(reason, why)


def _followed(it: SupplierOrder, facts: Facts, now: datetime, why: str) -> Outlook:
    if _is_early(it, now):
        return Outlook(None, why, it.next_check_at)
    return _when_followable(facts, now) or Outlook(Step.FOLLOW, why)


def _when_usable(facts: Facts, now: datetime) -> Outlook | None:
    """Why nothing can be bought with the account now; None = it can."""
    if facts.account is None:
        return Outlook(
            None,
            "the store's owner has no account at the supplier; connect one with"
            " `zyenta-ops supplier connect`",
            now + _ACCOUNT_AGAIN,
        )
    if facts.rests_until is not None and now < facts.rests_until:
        return Outlook(None, f"the supplier rests: {facts.rest_reason}", facts.rests_until)
    if not facts.account.may_place(now):
        why = facts.account.blocked_reason or f"the account is {facts.account.status.lower()}"
        at = facts.account.blocked_until if facts.account.is_blocked(now) else None
        return Outlook(None, f"the account cannot be used now: {why}", at or now + _ACCOUNT_AGAIN)
    return None


def _when_followable(facts: Facts, now: datetime) -> Outlook | None:
    """Why nothing can be asked with the account now; None = it can."""
    if facts.account is not None and facts.account.may_follow(now):
        return None
    return Outlook(
        None, "the account at the supplier has to be connected again", now + _ACCOUNT_AGAIN
    )


def _is_early(it: SupplierOrder, now: datetime) -> bool:
    return it.next_check_at is not None and now < it.next_check_at


def _give_up(reason: ActionReason, why: str) -> Outlook:
    return Outlook(Step.GIVE_UP, why, reason=reason)


_Decide = Callable[[SupplierOrder, Facts, datetime], Outlook]
_TO_BE_BOUGHT: Final[Mapping[Stage, _Decide]] = {
    Stage.PLANNED: _planned,
    Stage.READY: _ready,
    Stage.RETRY_WAIT: _retry_wait,
}
_BY_STAGE: Final[Mapping[Stage, _Decide]] = {
    Stage.PLANNED: _unplaced,
    Stage.READY: _unplaced,
    Stage.RETRY_WAIT: _unplaced,
    Stage.PLACING: _placing,
    Stage.UNKNOWN: _unknown,
    Stage.NEEDS_ACTION: _needs_action,
    Stage.PLACED: _unpaid,
    Stage.AWAITING_SUPPLIER_PAYMENT: _unpaid,
    Stage.CONFIRMED: _under_way,
    Stage.PARTIALLY_SHIPPED: _under_way,
    Stage.SHIPPED: _under_way,
    Stage.CANCEL_REQUESTED: _cancel_requested,
}
