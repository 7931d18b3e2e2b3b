"""Buying what customers paid for: supplier orders, what moves them, and what is done next.

`stages` is the machine, `supplier_order` the values, `steps` decides what comes next from `facts`.
`planning` splits orders, `guards` are checked before one is placed, `outcomes` says what errors
mean, `following` what the supplier tells of it later, `statuses` where the whole order stands.
`timing` holds all waits and deadlines, `policy` what a store allows, `reasons` what people decide.
"""

from zyenta_ops.domain.fulfillment.facts import Facts
from zyenta_ops.domain.fulfillment.policy import AutomationPolicy, Leash
from zyenta_ops.domain.fulfillment.reasons import VERBS, ActionReason, Verb
from zyenta_ops.domain.fulfillment.stages import TRANSITIONS, Stage, Trigger, mermaid
from zyenta_ops.domain.fulfillment.statuses import fulfillment_status
from zyenta_ops.domain.fulfillment.steps import Outlook, Step, next_step, outlook
from zyenta_ops.domain.fulfillment.supplier_order import (
    Attempt,
    AttemptKind,
    AttemptOutcome,
    External,
    Quote,
    Shipment,
    SpendState,
    SupplierLine,
    SupplierOrder,
    client_ref,
)

__all__ = [
    "TRANSITIONS",
    "VERBS",
    "ActionReason",
    "Attempt",
    "AttemptKind",
    "AttemptOutcome",
    "AutomationPolicy",
    "External",
    "Facts",
    "Leash",
    "Outlook",
    "Quote",
    "Shipment",
    "SpendState",
    "Stage",
    "Step",
    "SupplierLine",
    "SupplierOrder",
    "Trigger",
    "Verb",
    "client_ref",
    "fulfillment_status",
    "mermaid",
    "next_step",
    "outlook",
]
