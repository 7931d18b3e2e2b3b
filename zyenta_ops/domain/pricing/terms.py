"""The parts of a pricing strategy: tiers, landed cost, fees, and what may be published.

Percentages are written as people write them (`50`, `"12.5"`) and must be whole basis points;
amounts are major units of the store's currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Final, Protocol

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.pricing.limits import amount, in_bps, percentage

FORBID_EXTRA: Final[dict[str, Any]] = {"extra": "forbid"}

_WHOLE: Final = Decimal(100)
_OFFERED: Final = "FIXED_MARGIN, PERCENTAGE_MARGIN or TARGET_MARGIN"


class PricingKind(StrEnum):
    """What turns a landed cost into a target price; `MARKUP` is read as PERCENTAGE_MARGIN."""

    FIXED_MARGIN = "FIXED_MARGIN"  # an amount on top of the landed cost
    PERCENTAGE_MARGIN = "PERCENTAGE_MARGIN"  # a markup: percent of the landed cost on top of it
    TARGET_MARGIN = "TARGET_MARGIN"  # a true margin: percent of the price that stays as profit
    COMPETITIVE = "COMPETITIVE"  # follows the market; known, not available
    DYNAMIC = "DYNAMIC"  # follows demand; known, not available

    @classmethod
    def _missing_(cls, value: object) -> PricingKind:
        if value == "MARKUP":
            return cls.PERCENTAGE_MARGIN
        raise Refused(f"kind '{value}' is unknown; use {_OFFERED}")


class CompareAtRule(StrEnum):
    """Where the crossed-out price beside the selling price comes from."""

    NONE = "NONE"  # there is none
    PERCENT_ABOVE = "PERCENT_ABOVE"  # a percentage above the selling price
    LIST_PRICE = "LIST_PRICE"  # the supplier's list price where it is higher


class Rule(Protocol):
    """Anything with a kind and a value: a tier, or the strategy itself."""

    @property
    def kind(self) -> PricingKind:
        """What turns a landed cost into a target."""

    @property
    def value(self) -> Decimal:
        """An amount for FIXED_MARGIN, else a percentage."""


@dataclass(frozen=True, slots=True)
class Tier:
    """The rule for costs up to and including `up_to`; None means for all that is left.

    A tier begins where the one before it ends, so ranges can neither overlap nor leave a gap. The
    cost compared is the converted unit cost before shipping, unrounded.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_EXTRA

    up_to: Decimal | None
    kind: PricingKind
    value: Decimal

    def __post_init__(self) -> None:
        if self.up_to is not None:
            object.__setattr__(self, "up_to", amount("tiers: up_to", self.up_to))
        normalise_rule(self, "tiers: ")


@dataclass(frozen=True, slots=True)
class LandedCost:
    """What a unit costs by the time the customer has it, beyond the supplier's price.

    `duty` is charged on cost plus shipping; `refunds` is the share of orders expected to be
    refunded with the goods lost, carried by the rest; `fx_buffer` makes foreign costs dearer.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_EXTRA

    shipping: Decimal = Decimal(0)
    handling: Decimal = Decimal(0)
    duty: Decimal = Decimal(0)
    refunds: Decimal = Decimal(0)
    fx_buffer: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        for name in ("shipping", "handling"):
            object.__setattr__(self, name, amount(f"landed_cost: {name}", getattr(self, name)))
        for name, below in (("duty", None), ("refunds", _WHOLE), ("fx_buffer", _WHOLE)):
            value = percentage(f"landed_cost: {name}", getattr(self, name), below)
            object.__setattr__(self, name, value)


@dataclass(frozen=True, slots=True)
class Fees:
    """What is taken from the selling price: percentages of it and a fixed amount per sale."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_EXTRA

    payment: Decimal = Decimal(0)
    payment_fixed: Decimal = Decimal(0)
    platform: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "payment_fixed", amount("fees: payment_fixed", self.payment_fixed))
        for name in ("payment", "platform"):
            object.__setattr__(self, name, percentage(f"fees: {name}", getattr(self, name), _WHOLE))
        if self.payment + self.platform >= _WHOLE:
            raise Refused(
                f"fees: payment {self.payment} % and platform {self.platform} % take the whole "
                "price; together they must be less than 100 %"
            )

    @property
    def bps(self) -> int:
        """The share of the selling price that fees take."""
        return in_bps(self.payment + self.platform)


@dataclass(frozen=True, slots=True)
class CompareAt:
    """The crossed-out price; `percent` is used by PERCENT_ABOVE alone."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_EXTRA

    rule: CompareAtRule = CompareAtRule.NONE
    percent: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        percent = percentage("compare_at: percent", self.percent)
        object.__setattr__(self, "percent", percent)
        if self.rule is CompareAtRule.PERCENT_ABOVE and percent == 0:
            raise Refused("compare_at: percent is 0 %; write how far above the price it stands")


@dataclass(frozen=True, slots=True)
class DeadBand:
    """Changes too small to publish: under `percent` of the current price, or under one ending.

    A current price outside its floor or ceiling is corrected however small the change.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_EXTRA

    percent: Decimal = Decimal(0)
    one_ending: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "percent", percentage("dead_band: percent", self.percent))


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """How far a price may move on its own; None means without limit.

    Moves are measured against the smaller of the two prices, so that a fall to a tenth counts like
    a tenfold rise. Up to `auto_up_to` they are applied, up to `blocked_above` they wait for a
    person, beyond that they are taken for an error in the feed. A move of one ending is always
    applied: cheap goods cannot move by less. The defaults let ordinary supplier and exchange moves
    through (20 % is the most an automatic repricer should move a price in a day) and stop whatever
    more than doubles or halves a price.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_EXTRA

    auto_up_to: Decimal | None = Decimal(20)
    blocked_above: Decimal | None = Decimal(100)

    def __post_init__(self) -> None:
        for name in ("auto_up_to", "blocked_above"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, percentage(f"approval: {name}", value))
        if self.blocked_above is None:
            return
        if self.auto_up_to is None or self.auto_up_to > self.blocked_above:
            auto = "no limit" if self.auto_up_to is None else f"{self.auto_up_to} %"
            raise Refused(
                f"approval: auto_up_to ({auto}) is above blocked_above ({self.blocked_above} %); "
                "raise the one or lower the other"
            )


def normalise_rule(rule: Rule, where: str) -> None:
    """Check the kind and value of a frozen rule under construction, and normalise both.

    Raises:
        Refused: the kind is unknown or not available, or the value does not suit it.
    """
    kind = _available(rule.kind, where)
    if kind is PricingKind.FIXED_MARGIN:
        value = amount(f"{where}value", rule.value)
    elif kind is PricingKind.TARGET_MARGIN:
        value = percentage(f"{where}value (a target margin)", rule.value, below=_WHOLE)
    else:
        value = percentage(f"{where}value", rule.value)
    object.__setattr__(rule, "kind", kind)
    object.__setattr__(rule, "value", value)


def _available(kind: PricingKind | str, where: str) -> PricingKind:
    known = PricingKind(kind)
    if known in (PricingKind.COMPETITIVE, PricingKind.DYNAMIC):
        raise Refused(f"{where}kind {known} is not available yet; use {_OFFERED}")
    return known
