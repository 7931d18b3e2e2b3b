"""What the internal team is told when an order cannot go on without a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from zyenta_ops.domain.customer_notices import dedupe_key
from zyenta_ops.domain.notifications import Channel, NewMessage
from zyenta_ops.domain.stores import Document

TEMPLATE = "intervention"


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that may be done about it: what it does, and the line to type."""

    does: str
    line: str


@dataclass(frozen=True, slots=True)
class Intervention:
    """An order that waits for a person.

    Attributes:
        order_id: ours.
        order_ref: as commands name it, STORE:NUMBER.
        store_name: for people.
        supplier_order: our reference of the supplier order that waits; "" = the order itself.
        supplier_name: whom it was to be bought from; "" = nobody yet.
        reason: the sentence that says why it waits.
        verbs: what may be done about it now.
        episode: tells this need from an earlier one of the same order, such as a version.
        since: when it came up.
    """

    order_id: str
    order_ref: str
    store_name: str
    supplier_order: str
    supplier_name: str
    reason: str
    verbs: tuple[Verb, ...]
    episode: str
    since: datetime


def intervention_messages(
    needed: Intervention,
    targets: Sequence[tuple[Channel, str]],
    *,
    new_id: Callable[[], str],
    now: datetime,
) -> list[NewMessage]:
    """A message to each of the internal team's channels; it names no customer."""
    show = Verb("see all there is to know", f"zyenta-ops orders show {needed.order_ref}")
    context: Document = {
        "severity": "HIGH",
        "service": "zyenta-ops",
        "title": f"Order {needed.order_ref} needs a person",
        "reason": needed.reason,
        "store_name": needed.store_name,
        "order": needed.order_ref,
        "supplier_order": needed.supplier_order or "none",
        "supplier_name": needed.supplier_name or "none",
        "verbs": [{"does": each.does, "line": each.line} for each in (show, *needed.verbs)],
        "as_of": f"{needed.since.astimezone(UTC):%-d %B %Y, %H:%M} UTC",
    }
    return [
        NewMessage(
            id=new_id(),
            dedupe_key=dedupe_key(
                TEMPLATE, needed.order_id, needed.supplier_order, needed.episode, channel.value
            ),
            channel=channel,
            recipient=recipient,
            template=TEMPLATE,
            context=context,
            due_at=now,
            regarding=f"intervention:{needed.order_id}",
        )
        for channel, recipient in targets
    ]
