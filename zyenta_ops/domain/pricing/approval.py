"""Whether a computed price may replace the current one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from zyenta_ops.domain.money import Money
from zyenta_ops.domain.pricing.decision import PriceFlag, PriceOutcome
from zyenta_ops.domain.pricing.limits import in_bps
from zyenta_ops.domain.pricing.strategy import PricingStrategy
from zyenta_ops.domain.pricing.terms import ApprovalPolicy, DeadBand


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a price, why, by how much it moves, and what is worth a look."""

    outcome: PriceOutcome
    reason: str
    change_bps: int | None = None
    flags: tuple[PriceFlag, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """A price about to replace `current`, with the limits it was computed under.

    `gap` is the smallest distance between two endings in minor units; `ceiling` is None when there
    is none, and never below `floor`.
    """

    price: Money
    current: Money
    floor: Money
    ceiling: Money | None
    gap: int

    @property
    def distance(self) -> int:
        """How far the price moves, in minor units and without its sign."""
        return abs(self.price.minor - self.current.minor)

    @property
    def change_bps(self) -> int:
        """How far it moves relative to the current price, in basis points."""
        return round(Fraction(self.price.minor - self.current.minor, self.current.minor) * 10_000)

    @property
    def current_is_sound(self) -> bool:
        """Whether the current price respects today's floor and ceiling."""
        return self.floor <= self.current and (self.ceiling is None or self.current <= self.ceiling)


def judge(strategy: PricingStrategy, move: Move, locked: bool) -> Verdict:
    """What becomes of a computed price: lock, then equality, then dead-band, then approval."""
    flags: tuple[PriceFlag, ...] = ()
    if move.current < move.floor:
        flags = (PriceFlag.CURRENT_BELOW_FLOOR,)
    if locked:
        outcome, reason = PriceOutcome.LOCKED, f"the merchant locked the price at {move.current}"
    elif move.distance == 0:
        outcome, reason = PriceOutcome.UNCHANGED, f"{move.price} is already the price"
    elif move.current_is_sound and _too_small(strategy.dead_band, move):
        outcome = PriceOutcome.UNCHANGED
        reason = f"{move.current} stays: a move to {move.price} is inside the dead-band"
        flags = (PriceFlag.DEAD_BAND, *flags)
    else:
        outcome, reason = _approve(strategy.approval, move)
    return Verdict(outcome, reason, move.change_bps, flags)


def _too_small(band: DeadBand, move: Move) -> bool:
    if band.one_ending and move.distance < move.gap:
        return True
    return move.distance * 10_000 < in_bps(band.percent) * move.current.minor


def _approve(policy: ApprovalPolicy, move: Move) -> tuple[PriceOutcome, str]:
    step = f"from {move.current} to {move.price}"
    if move.distance <= move.gap:
        return PriceOutcome.APPLIED, f"{step} is within one ending"
    if _within(policy.auto_up_to, move):
        return PriceOutcome.APPLIED, f"{step} is a move that needs no approval"
    if _within(policy.blocked_above, move):
        return (
            PriceOutcome.NEEDS_APPROVAL,
            f"{step} moves more than {policy.auto_up_to} % of the smaller price; a person must"
            " approve it",
        )
    return (
        PriceOutcome.BLOCKED,
        f"{step} moves more than {policy.blocked_above} % of the smaller price; check the"
        " supplier's cost",
    )


def _within(limit: Decimal | None, move: Move) -> bool:
    if limit is None:
        return True
    smaller = min(move.price.minor, move.current.minor)
    return move.distance * 10_000 <= in_bps(limit) * smaller
