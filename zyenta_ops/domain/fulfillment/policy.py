"""How far a store lets orders be bought without asking, and what a purchase may cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Final

from zyenta_ops.domain.entitlements import Action, Autonomy, autonomy
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import PlanTier

_FORBID_EXTRA: Final[dict[str, Any]] = {"extra": "forbid"}
_LONGEST_COOLING_OFF: Final = 7 * 24 * 60


class Leash(StrEnum):
    """How far purchases go by themselves; the words of `entitlements.Autonomy`."""

    OFF = "OFF"
    OBSERVE = "OBSERVE"
    PROPOSE = "PROPOSE"
    AUTO = "AUTO"

    @property
    def autonomy(self) -> Autonomy:
        """The same as a rank."""
        return Autonomy[self.value]


@dataclass(frozen=True, slots=True)
class AutomationPolicy:
    """One store's choices; the defaults buy what is paid for and loses no money.

    Amounts are in the store's currency, percentages as people write them.

    Attributes:
        purchases: how far buying goes by itself; the plan may allow less.
        cooling_off_minutes: how long an order waits after it was paid for, so that the customer
            may still change it.
        most_per_order: what one supplier order may cost; beyond it a person approves.
        most_per_day: what a day's supplier orders may cost, in UTC; beyond it orders wait.
        least_margin: percent of what the customer pays for the goods and their shipping that has to
            remain after goods and freight.
        most_cost_rise: percent by which goods may have become dearer since they were planned.
        longest_delivery_days: ways of sending that may take longer are not chosen, where one is
            quicker; None = the cheapest.

    Raises:
        Refused: a value outside its range.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID_EXTRA

    purchases: Leash = Leash.AUTO
    cooling_off_minutes: int = 0
    most_per_order: Decimal | None = None
    most_per_day: Decimal | None = None
    least_margin: Decimal = Decimal(0)
    most_cost_rise: Decimal = Decimal(20)
    longest_delivery_days: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.cooling_off_minutes <= _LONGEST_COOLING_OFF:
            raise Refused(
                f"cooling_off_minutes is {self.cooling_off_minutes}; it must lie between 0 and"
                f" {_LONGEST_COOLING_OFF}"
            )
        for name in ("most_per_order", "most_per_day"):
            cap = getattr(self, name)
            if cap is not None and not (cap.is_finite() and 0 < cap < 10**9):
                raise Refused(f"{name} is {cap}; write an amount such as 500")
        if not (self.least_margin.is_finite() and -100 <= self.least_margin < 100):
            raise Refused(f"least_margin is {self.least_margin} %; it must lie below 100 %")
        if not (self.most_cost_rise.is_finite() and 0 <= self.most_cost_rise <= 1_000):
            raise Refused(f"most_cost_rise is {self.most_cost_rise} %; write 0 to 1000")
        days = self.longest_delivery_days
        if days is not None and not 1 <= days <= 365:
            raise Refused(f"longest_delivery_days is {days}; it must lie between 1 and 365")

    @property
    def cooling_off(self) -> timedelta:
        """How long an order waits after it was paid for."""
        return timedelta(minutes=self.cooling_off_minutes)

    def autonomy(self, tier: PlanTier) -> Autonomy:
        """How far a purchase goes by itself on a plan.

        An order that is placed and not paid for is of no use, so both are judged at once.
        """
        store = self.purchases.autonomy
        return min(
            autonomy(tier, Action.PLACE_ORDERS, store=store),
            autonomy(tier, Action.PAY_SUPPLIERS, store=store),
        )
