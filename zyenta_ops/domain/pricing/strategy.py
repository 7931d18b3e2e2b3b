"""How a store wants its prices made: a validated, comparable value that JSON can carry.

`pydantic.TypeAdapter(PricingStrategy)` reads and writes it at the edges; unknown keys are refused.
Percentages are written as people write them (`50`, `"12.5"`) and must be whole basis points;
amounts are major units of the store's currency. The defaults make 14.99 out of 10.00.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Any, ClassVar, Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.pricing.endings import EndingRule
from zyenta_ops.domain.pricing.limits import amount, in_bps, percentage
from zyenta_ops.domain.pricing.terms import (
    FORBID_EXTRA,
    ApprovalPolicy,
    CompareAt,
    DeadBand,
    Fees,
    LandedCost,
    PricingKind,
    Tier,
    normalise_rule,
)

# Part of every fingerprint: raised when the same strategy begins to give other prices.
_RULES_VERSION: Final = 1

_WHOLE: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class PricingStrategy:
    """Everything that decides a store's prices, apart from costs and exchange rates.

    `value` is an amount for FIXED_MARGIN and a percentage for the other kinds. `tiers`, when given,
    replace `kind` and `value` by the cost of the item. `min_margin` and `max_margin` are markups
    over the landed cost, after fees; `min_price` and `max_price` are absolute;
    `minimum_advertised_price` is what the brand's owner forbids to undercut. The price is never
    below cost plus fees, whatever the strategy says.

    Raises:
        Refused: a field contradicts itself or another; the sentence names it.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_EXTRA

    kind: PricingKind = PricingKind.PERCENTAGE_MARGIN
    value: Decimal = Decimal(50)
    tiers: tuple[Tier, ...] = ()
    min_margin: Decimal | None = None
    max_margin: Decimal | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    minimum_advertised_price: Decimal | None = None
    endings: tuple[EndingRule, ...] = ()
    compare_at: CompareAt = field(default_factory=CompareAt)
    landed_cost: LandedCost = field(default_factory=LandedCost)
    fees: Fees = field(default_factory=Fees)
    dead_band: DeadBand = field(default_factory=DeadBand)
    approval: ApprovalPolicy = field(default_factory=ApprovalPolicy)

    def __post_init__(self) -> None:
        normalise_rule(self, "")
        for name in ("min_margin", "max_margin"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, percentage(name, value))
        for name in ("min_price", "max_price", "minimum_advertised_price"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, amount(name, value))
        self._check_tiers()
        self._check_bounds()
        self._check_endings()
        self._check_target_margins()

    @property
    def rules(self) -> tuple[Tier, ...]:
        """The tiers, or the one open tier that `kind` and `value` amount to."""
        return self.tiers or (Tier(None, self.kind, self.value),)

    def fingerprint(self) -> str:
        """A digest of the content, the same in every process; another one means: price again."""
        content = repr((_RULES_VERSION, tuple(_canonical(self))))
        return blake2b(content.encode(), digest_size=16).hexdigest()

    def _check_tiers(self) -> None:
        if not self.tiers:
            return
        *bounded, last = (tier.up_to for tier in self.tiers)
        if last is not None:
            raise Refused(
                f"tiers: costs above {last} have no tier; leave up_to of the last one empty (null)"
            )
        reached = Decimal(0)
        for up_to in bounded:
            if up_to is None:
                raise Refused("tiers: only the last tier may leave up_to empty (null)")
            if up_to <= reached:
                raise Refused(
                    f"tiers: up_to {up_to} does not rise above {reached}; ranges must not overlap"
                )
            reached = up_to

    def _check_bounds(self) -> None:
        for low, high in (
            ("min_margin", "max_margin"),
            ("min_price", "max_price"),
            ("minimum_advertised_price", "max_price"),
        ):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                raise Refused(f"{low} {least} is above {high} {most}; lower it or raise {high}")

    def _check_endings(self) -> None:
        currencies = [rule.currency for rule in self.endings]
        twice = next((code for code in currencies if currencies.count(code) > 1), None)
        if twice is not None:
            raise Refused(f"endings: {twice} has two rules; write its endings in one")

    def _check_target_margins(self) -> None:
        for rule in self.rules:
            if rule.kind is not PricingKind.TARGET_MARGIN:
                continue
            if in_bps(rule.value) + self.fees.bps >= in_bps(_WHOLE):
                raise Refused(
                    f"value: a target margin of {rule.value} % and fees of "
                    f"{self.fees.payment + self.fees.platform} % leave nothing of the price for "
                    "the cost; together they must be less than 100 %"
                )


def _canonical(value: Any) -> Iterator[Any]:
    """The content as nested plain values in which equal strategies look the same."""
    for entry in fields(value):
        item = getattr(value, entry.name)
        yield entry.name, _plain(item)


def _plain(item: Any) -> Any:
    if is_dataclass(item):
        return tuple(_canonical(item))
    if isinstance(item, tuple):
        return tuple(_plain(part) for part in item)
    if isinstance(item, Decimal):
        return format(item.normalize(), "f")
    return str(item)
