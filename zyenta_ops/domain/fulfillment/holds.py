"""Holds that fulfilment opens and ends by itself, and what a person's release of one means.

A hold whose source begins with `fulfillment:` concerns one supplier order; the others go on. When
a person releases one that names a cost, that cost is accepted, and whatever is below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from zyenta_ops.domain.orders import Hold, HoldReason

ACTOR: Final = "fulfillment"
# Concerns the whole order: one decision for all of its supplier orders.
APPROVAL: Final = "approval"
_PREFIX: Final = "fulfillment:"


@dataclass(frozen=True, slots=True)
class WantedHold:
    """A hold that a supplier order gives cause for.

    Attributes:
        word: what about, within the supplier order: "stock", "margin".
        cost_minor: what a person accepts by releasing it, in the supplier's currency.
    """

    word: str
    reason: HoldReason
    note: str
    cost_minor: int | None = None
    expires_at: datetime | None = None

    def source(self, supplier_order_id: str) -> str:
        """Names it among the holds of the order."""
        if self.word == APPROVAL:
            return APPROVAL
        named = f"{_PREFIX}{supplier_order_id}:{self.word}"
        return named if self.cost_minor is None else f"{named}:{self.cost_minor}"


def concerning(holds: Iterable[Hold], supplier_order_id: str) -> list[Hold]:
    """The holds of the order that are not about another of its supplier orders."""
    mine = f"{_PREFIX}{supplier_order_id}:"
    return [each for each in holds if each.source.startswith(mine) or not _is_ours(each)]


def own(holds: Iterable[Hold], supplier_order_id: str) -> list[Hold]:
    """The holds that this supplier order has given cause for."""
    mine = f"{_PREFIX}{supplier_order_id}:"
    return [each for each in holds if each.source.startswith(mine)]


def standing(
    holds: Iterable[Hold], supplier_order_id: str, now: datetime
) -> tuple[list[Hold], list[Hold]]:
    """What keeps a supplier order waiting: what others opened, and what it opened itself."""
    active = [each for each in concerning(holds, supplier_order_id) if each.holds_at(now)]
    mine = own(active, supplier_order_id)
    return [each for each in active if each not in mine], mine


def is_released(holds: Iterable[Hold], wanted: WantedHold, supplier_order_id: str) -> bool:
    """Whether a person has released this hold, or one that accepted at least its cost."""
    exact = wanted.source(supplier_order_id)
    prefix = f"{_PREFIX}{supplier_order_id}:{wanted.word}:"
    for hold in holds:
        if hold.released_by in (None, ACTOR):
            continue
        if hold.source == exact:
            return True
        accepted = hold.source.removeprefix(prefix)
        names_cost = hold.source.startswith(prefix) and accepted.isdecimal()
        if names_cost and wanted.cost_minor is not None and int(accepted) >= wanted.cost_minor:
            return True
    return False


def words(holds: Sequence[Hold]) -> str:
    """The holds in words, for people."""
    return "; ".join(f"{each.reason}: {each.note}" for each in holds)


def _is_ours(hold: Hold) -> bool:
    return hold.source.startswith(_PREFIX)
