"""How far a supplier's price has moved, also from one currency to another."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from zyenta_ops.domain.alerts.facts import Cause, Criteria
from zyenta_ops.domain.money import Money

_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class CostMove:
    """A step from one cost to another.

    `beyond` tells whether it is further than the store's threshold. `base` is the cost before in
    the currency of the cost after; None without a rate between the two.
    """

    cause: Cause
    beyond: bool
    percent: Decimal | None
    base: Money | None


def cost_move(before: Money, after: Money, criteria: Criteria) -> CostMove:
    """The step from one cost to another, converted at the rate of now.

    Without a usable rate nobody can say how far it is, so it counts as beyond any threshold.
    """
    worth = criteria.worth(before, after.currency)
    if worth is None:
        return CostMove(Cause.COST_CURRENCY, beyond=True, percent=None, base=None)
    difference = after.minor - worth
    percent = None
    if worth:
        exact = difference * 100 / worth
        percent = (Decimal(exact.numerator) / exact.denominator).quantize(_TENTH)
    return CostMove(
        Cause.COST_UP if difference > 0 else Cause.COST_DOWN,
        beyond=abs(difference) * 100 > criteria.preferences.cost_change_percent * abs(worth),
        percent=percent,
        base=Money(round(worth), after.currency),
    )
