"""Price endings: the grid of amounts a price may end on, such as 14.99 or ¥1,980.

Endings have mixed evidence (Anderson & Simester 2003 found up to 30 % more units for $9 endings,
Filippin 2013 none for .99), so they are configurable and on by default for familiarity, not gain.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import EXPONENTS, exponent_of
from zyenta_ops.domain.pricing.limits import amount

ANY_CURRENCY: Final = "*"

# By the currency's decimals: (step, ending) in major units. Whole-unit currencies follow the yen's
# custom (¥980, ¥1,980); three-decimal ones the dinar's (.990).
_DEFAULTS: Final = {
    0: (Decimal(100), Decimal(80)),
    2: (Decimal(1), Decimal("0.99")),
    3: (Decimal(1), Decimal("0.990")),
    4: (Decimal(1), Decimal("0.9900")),
}


@dataclass(frozen=True, slots=True)
class EndingRule:
    """Which endings prices in one currency may have; no endings means any amount.

    `endings` are offsets within `step`, both in major units: step 1 with .49 and .99; step 1000
    with 980. `currency` may be `*` for every currency without a rule of its own; such a rule gives
    way to the currency's default where its endings cannot be paid (.95 in yen).

    Raises:
        Refused: an unknown currency, a step that is not positive, or an ending outside the step,
            written twice, or finer than the currency's minor unit.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    currency: str
    endings: tuple[Decimal, ...] = ()
    step: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        name = f"endings of {self.currency}"
        step = amount(f"{name}: step", self.step)
        endings = tuple(sorted(amount(f"{name}: ending", ending) for ending in self.endings))
        object.__setattr__(self, "step", step)
        object.__setattr__(self, "endings", endings)
        if step <= 0:
            raise Refused(f"{name}: step is {step}; write a positive amount such as 1")
        if endings and endings[-1] >= step:
            raise Refused(f"{name}: ending {endings[-1]} does not lie within a step of {step}")
        if len(set(endings)) < len(endings):
            raise Refused(f"{name}: an ending is written twice; write each once")
        if self.currency != ANY_CURRENCY:
            exponent_of(self.currency)
            if not self.payable_in(self.currency):
                raise Refused(f"{name} are finer than its minor unit; write amounts one can pay")

    def payable_in(self, currency: str) -> bool:
        """Whether the step and every ending are whole minor units of a currency."""
        exponent = EXPONENTS[currency]
        return all(value.scaleb(exponent) % 1 == 0 for value in (self.step, *self.endings))


@dataclass(frozen=True, slots=True)
class Grid:
    """The amounts a price may take, in minor units: every multiple of `step` plus an offset.

    Without endings the grid is every amount (`step` 1, offset 0). `exponent` is the currency's.
    """

    step: int
    offsets: tuple[int, ...]
    exponent: int

    @property
    def free(self) -> bool:
        """Whether any amount will do."""
        return self.step == 1

    @property
    def gap(self) -> int:
        """The smallest distance between neighbours."""
        following = (*self.offsets[1:], self.offsets[0] + self.step)
        return min(high - low for low, high in zip(self.offsets, following, strict=True))

    def at_or_below(self, amount: int) -> int:
        """The highest amount of the grid that is not above `amount`."""
        whole = amount // self.step * self.step
        return max(
            whole + shift + offset
            for shift in (-self.step, 0)
            for offset in self.offsets
            if whole + shift + offset <= amount
        )

    def at_or_above(self, amount: int) -> int:
        """The lowest amount of the grid that is not below `amount`."""
        below = self.at_or_below(amount)
        return below if below == amount else self._after(below)

    def nearest(self, exact: Fraction) -> int:
        """The amount of the grid nearest to an exact one; half way goes down to an ending.

        Without endings half way goes up, as money is rounded. Between two amounts that end in .99
        the turn is at .50 rather than at the true middle .49: the long-standing rule of this
        ending, so that 15.50 is still 14.99 and 15.51 is 15.99.
        """
        low = self.at_or_below(exact.numerator // exact.denominator)
        high = self._after(low)
        turn = Fraction(self.twice_turn(low, high), 2)
        goes_up = exact >= turn if self.free else exact > turn
        return high if goes_up else low

    def twice_turn(self, low: int, high: int) -> int:
        """Twice the amount at which the choice between two neighbours turns; always whole."""
        if self.exponent == 2 and high - low == 100 and high % 100 == 99:
            return 2 * high - 98
        return low + high

    def _after(self, member: int) -> int:
        later = [offset for offset in self.offsets if offset > member % self.step]
        whole = member // self.step * self.step
        return whole + (later[0] if later else self.step + self.offsets[0])


def grid_for(rules: tuple[EndingRule, ...], currency: str) -> Grid:
    """The grid of a currency: its own rule, else the rule for any currency, else the default.

    Raises:
        Refused: the code is not an ISO 4217 currency.
    """
    exponent = exponent_of(currency)
    own = next((rule for rule in rules if rule.currency == currency), None)
    shared = next((rule for rule in rules if rule.currency == ANY_CURRENCY), None)
    if own is None and shared is not None and shared.payable_in(currency):
        own = shared
    if own is None:
        step, ending = _DEFAULTS[exponent]
        own = EndingRule(currency, (ending,), step)
    if not own.endings:
        return Grid(1, (0,), exponent)
    offsets = tuple(int(ending.scaleb(exponent)) for ending in own.endings)
    return Grid(int(own.step.scaleb(exponent)), offsets, exponent)
