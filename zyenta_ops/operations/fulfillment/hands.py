"""Who does what to an order, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zyenta_ops.domain.fulfillment import Verb
from zyenta_ops.domain.fulfillment.wishes import Wish, spoken
from zyenta_ops.domain.orders import EventKind, Order, OrderEvent
from zyenta_ops.domain.stores import Document
from zyenta_ops.ports import Repositories


@dataclass(frozen=True, slots=True)
class Acted:
    """What a verb did, or would do.

    Attributes:
        key: of the request.
        says: what happened, in sentences.
        which: the number of the supplier order; None = it was about the whole order.
        stage: of the supplier order afterwards.
        next: what comes next about it, in words.
        rehearsed: nothing was changed.
        repeated: it was done before under this key, and not again.
    """

    order_id: str
    number: str
    verb: Verb
    key: str
    says: tuple[str, ...]
    which: int | None = None
    stage: str = ""
    next: str = ""
    rehearsed: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does what to an order, in an open transaction that holds it."""

    records: Repositories
    order: Order
    by: str
    now: datetime
    key: str
    run_id: str | None = None

    def event(self, event_id: str, wish: Wish, says: str, after: Document) -> OrderEvent:
        """The entry of the timeline that says who did what, and why."""
        reason = f"{spoken(wish.verb)}: {says}" + (
            f" ({wish.note})" if wish.note not in ("", says) else ""
        )
        told = {"verb": wish.verb.value} | after
        return OrderEvent(
            event_id,
            self.order.id,
            self.now,
            EventKind.ACTED,
            self.by,
            reason,
            {},
            told,
            self.run_id,
        )
