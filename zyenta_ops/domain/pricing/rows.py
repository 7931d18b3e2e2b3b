"""The columns that go into pricing and the ones that come out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.pricing.decision import PriceDecision, PriceFlag, PriceOutcome, flags_in
from zyenta_ops.domain.pricing.staircase import Column

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]

OUTCOMES: Final = tuple(PriceOutcome)
CODES: Final = {outcome: code for code, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True, slots=True)
class PriceRows:
    """The input of one run or one block, all columns of one length; see `decide_prices`."""

    cost: Column
    current: Column
    listed: Column
    locked: Mask

    @classmethod
    def of(
        cls, cost: Column, current: Column | None, listed: Column | None, locked: Mask | None
    ) -> PriceRows:
        """Check the columns and fill in the absent ones.

        Raises:
            Refused: a column has another length or another type.
        """
        nothing = np.broadcast_to(np.int64(0), len(cost))  # takes no memory
        rows = cls(
            cost=cost,
            current=nothing if current is None else current,
            listed=nothing if listed is None else listed,
            locked=np.broadcast_to(np.False_, len(cost)) if locked is None else locked,
        )
        for name in ("cost", "current", "listed", "locked"):
            column = getattr(rows, name)
            expected = np.dtype(np.bool_ if name == "locked" else np.int64)
            if column.dtype != expected or column.shape != (len(cost),):
                raise Refused(
                    f"column '{name}' is {column.dtype} of shape {column.shape}; "
                    f"pass {expected} of shape {(len(cost),)}"
                )
        return rows

    def __len__(self) -> int:
        return len(self.cost)

    def part(self, rows: slice) -> PriceRows:
        """A run of rows, without copying."""
        return PriceRows(self.cost[rows], self.current[rows], self.listed[rows], self.locked[rows])


@dataclass(frozen=True, slots=True)
class PriceColumns:
    """Decisions by row: amounts in minor units of the store's currency, 0 for none.

    `outcome` indexes `OUTCOMES`; `flags` is a sum of `PriceFlag.bit`. Everything means what it
    means in `PriceDecision`.
    """

    price_minor: Column
    compare_at_minor: Column
    floor_minor: Column
    outcome: Codes
    flags: Codes

    @classmethod
    def unpriced(cls, rows: PriceRows) -> PriceColumns:
        """Every row as it is without a usable cost or rate: locked, else rejected."""
        price, compare_at, floor = (np.zeros(len(rows), np.int64) for _ in range(3))
        outcome = np.full(len(rows), CODES[PriceOutcome.REJECTED], np.uint8)
        outcome[rows.locked] = CODES[PriceOutcome.LOCKED]
        return cls(price, compare_at, floor, outcome, np.zeros(len(rows), np.uint8))

    def where(self, outcome: PriceOutcome) -> Mask:
        """The rows with an outcome."""
        rows: Mask = self.outcome == CODES[outcome]
        return rows

    def outcome_of(self, row: int) -> PriceOutcome:
        """The outcome of one row."""
        return OUTCOMES[int(self.outcome[row])]

    def flags_of(self, row: int) -> tuple[PriceFlag, ...]:
        """The flags of one row, in their declared order."""
        return flags_in(int(self.flags[row]))

    def part(self, rows: slice) -> PriceColumns:
        """A run of rows, without copying: what is written to it is written here."""
        return PriceColumns(*(getattr(self, column.name)[rows] for column in fields(self)))

    def record(self, row: int, decision: PriceDecision) -> None:
        """Take over the decision of one row."""
        self.price_minor[row] = decision.price.minor if decision.price else 0
        self.compare_at_minor[row] = decision.compare_at.minor if decision.compare_at else 0
        self.floor_minor[row] = decision.floor.minor if decision.floor else 0
        self.outcome[row] = CODES[decision.outcome]
        self.flags[row] = sum(flag.bit for flag in decision.flags)
