"""What a merchant should know of a supplier order, for as long as it is so."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from zyenta_ops.domain.alerts import Severity
from zyenta_ops.domain.fulfillment import VERBS, ActionReason, Facts, Stage, SupplierOrder
from zyenta_ops.domain.fulfillment import holds as held
from zyenta_ops.domain.orders import Hold, HoldReason, Order
from zyenta_ops.domain.payments import Issue
from zyenta_ops.domain.supplier_orders import Ability, SupplierOrderState

_URGENT: Final = frozenset({ActionReason.OUTCOME_UNKNOWN, ActionReason.DUPLICATE})


def issues_of(
    it: SupplierOrder, order: Order, supplier_name: str, facts: Facts, now: datetime
) -> list[Issue]:
    """Every issue of a supplier order as it stands."""
    found = [hold_issue(each, order) for each in _holds(it, order, now)]
    if it.stage is Stage.NEEDS_ACTION and it.reason is not None:
        found.append(_decision(it, order, it.reason))
    elif it.stage is Stage.AWAITING_SUPPLIER_PAYMENT and not facts.can(Ability.PAY_ORDERS):
        found.append(_to_be_paid(it, order, supplier_name))
    if any(each.state is SupplierOrderState.ON_HOLD for each in it.external):
        message = f"{supplier_name} waits for something before it goes on; see it on its site"
        found.append(
            Issue(
                "on-hold", Severity.HIGH, f"Held by {supplier_name}: order {order.number}", message
            )
        )
    return found


def _holds(it: SupplierOrder, order: Order, now: datetime) -> list[Hold]:
    """What keeps it from being bought; what keeps the whole order is told once."""
    own = held.own(order.holds, it.id)
    whole = [each for each in order.holds if each.source == held.APPROVAL and it.seq == 1]
    return [each for each in (*own, *whole) if each.holds_at(now) and not it.is_over]


def hold_issue(hold: Hold, order: Order) -> Issue:
    """What a hold of ours means for a merchant."""
    what = {
        HoldReason.STOCK: "Out of stock",
        HoldReason.MARGIN: "Too dear",
        HoldReason.BALANCE: "Money is short",
        HoldReason.APPROVAL: "To be approved",
    }.get(hold.reason, "Waits")
    message = f"{hold.note}; `zyenta-ops orders release {order.id} {hold.source}` lets it go on"
    return Issue(
        f"hold:{hold.source}"[:80], Severity.MEDIUM, f"{what}: order {order.number}", message
    )


def _decision(it: SupplierOrder, order: Order, reason: ActionReason) -> Issue:
    severity = Severity.CRITICAL if reason in _URGENT else Severity.HIGH
    verbs = ", ".join(sorted(VERBS[reason]))
    return Issue(
        f"action:{reason}",
        severity,
        f"Order {order.number} needs a decision",
        f"{reason}: {it.note}; a person may: {verbs}",
    )


def _to_be_paid(it: SupplierOrder, order: Order, supplier_name: str) -> Issue:
    numbers = ", ".join(each.external_id for each in it.external)
    return Issue(
        "to-be-paid",
        Severity.HIGH,
        f"To be paid at {supplier_name}: order {order.number}",
        f"{supplier_name} takes no payment from programs; pay {numbers} on its site",
    )
