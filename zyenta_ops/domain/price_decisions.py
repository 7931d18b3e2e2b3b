"""What becomes of a decided price: its status, what it was made with, what is on sale meanwhile.

How a price is computed is in `pricing`. Moves are measured from the *agreed* price: the last one
that was published or approved without reservation. What is on sale is the agreed price or, while a
bigger move waits for a person, the floor where the agreed price lies below it:

- Selling below the floor loses money with every order, so the part of an increase that reaches the
  floor needs nobody's approval. The rest of it does.
- The agreed price stays the measure meanwhile. When a supplier's mistyped cost is corrected, the
  agreed price comes back by itself instead of being one more move that is too big to believe.
- A price locked by the merchant is never touched; below its floor it is reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Final

import numpy as np

from zyenta_ops.domain.fx import Conversion, FxUnavailable
from zyenta_ops.domain.pricing import PriceColumns, PriceOutcome, PricingStrategy
from zyenta_ops.domain.pricing.staircase import Column


class DecisionStatus(StrEnum):
    """What became of a price decision."""

    APPLIED = "APPLIED"  # published when it was made
    WAITING = "WAITING"  # a person has to approve it
    BLOCKED = "BLOCKED"  # too far to believe; a person may approve it all the same
    REJECTED = "REJECTED"  # no price could be computed
    APPROVED = "APPROVED"  # a person approved it and it was published
    DECLINED = "DECLINED"  # a person declined it
    SUPERSEDED = "SUPERSEDED"  # was open when the variant was priced anew


ASKING: Final = (DecisionStatus.WAITING, DecisionStatus.BLOCKED)
"""Statuses that a person may end by approving or declining."""

OPEN: Final = (*ASKING, DecisionStatus.REJECTED)
"""Statuses that the next decision supersedes; a variant has at most one open decision."""

_STATUS_OF: Final = {
    PriceOutcome.APPLIED: DecisionStatus.APPLIED,
    PriceOutcome.UNCHANGED: DecisionStatus.APPLIED,  # recorded when the agreed price returns
    PriceOutcome.NEEDS_APPROVAL: DecisionStatus.WAITING,
    PriceOutcome.BLOCKED: DecisionStatus.BLOCKED,
    PriceOutcome.REJECTED: DecisionStatus.REJECTED,
}


def first_status(outcome: PriceOutcome) -> DecisionStatus:
    """The status a recorded decision begins with; a LOCKED one is not recorded."""
    return _STATUS_OF[outcome]


@dataclass(frozen=True, slots=True)
class PriceBasis:
    """The strategy and exchange rate that prices are made with, as a mark kept beside each price.

    A price is up to date while its mark lies between `lowest` and `highest`. These equal `mark`,
    except when there is no usable rate: then every price that the strategy made with an earlier
    rate stays, and only variants that must be priced for another reason are rejected. Marks consist
    of hexadecimal digits and sort alike in every collation.
    """

    mark: str
    lowest: str
    highest: str

    @classmethod
    def of(cls, strategy: PricingStrategy, fx: Conversion | FxUnavailable) -> PriceBasis:
        """The basis for one strategy and one pair of currencies.

        Equal rates give equal marks, whatever their dates: a rate confirmed moves no price.
        """
        made_by = strategy.fingerprint()
        if isinstance(fx, FxUnavailable):
            return cls(f"{made_by}{_NO_RATE}", made_by, f"{made_by}g")
        rate = f"{fx.base}/{fx.quote} {fx.factor}"
        mark = made_by + blake2b(rate.encode(), digest_size=_RATE_BYTES).hexdigest()
        return cls(mark, mark, mark)

    def covers(self, mark: str) -> bool:
        """Whether a price with this mark is up to date."""
        return self.lowest <= mark <= self.highest

    def same_strategy(self, mark: str) -> bool:
        """Whether a price with this mark was made with this strategy, by whichever rate."""
        return mark[: -len(_NO_RATE)] == self.mark[: -len(_NO_RATE)]


_RATE_BYTES: Final = 8
_NO_RATE: Final = "0" * (2 * _RATE_BYTES)


@dataclass(frozen=True, slots=True)
class OnSale:
    """What customers see, and the floor, by row: int64 minor units, 0 for none."""

    price_minor: Column
    compare_at_minor: Column
    floor_minor: Column


def on_sale(decided: PriceColumns, agreed_minor: Column, before: OnSale) -> OnSale:
    """What is on sale once these decisions are made; see the module's text for the rule.

    The floor is today's, also where the price does not follow; where none could be computed the
    last one stays. A crossed-out price is shown only above the price beside it.
    """
    applied = decided.where(PriceOutcome.APPLIED)
    unchanged = decided.where(PriceOutcome.UNCHANGED)
    held = decided.where(PriceOutcome.NEEDS_APPROVAL) | decided.where(PriceOutcome.BLOCKED)
    price = before.price_minor.copy()
    price[applied] = decided.price_minor[applied]
    price[unchanged] = agreed_minor[unchanged]
    price[held] = np.maximum(agreed_minor, decided.floor_minor)[held]
    fresh = applied | unchanged
    compare_at = np.where(fresh, decided.compare_at_minor, before.compare_at_minor)
    compare_at[(fresh | held) & (compare_at <= price)] = 0
    floor = np.where(decided.floor_minor > 0, decided.floor_minor, before.floor_minor)
    return OnSale(price, compare_at, floor)
