"""What a sweep of a supplier's catalogue came to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from zyenta_ops.domain.catalog import Rejection
from zyenta_ops.domain.sweeps import SweepCounts, SweepStatus
from zyenta_ops.ports.catalog import OfferDifference

REJECTIONS_REMEMBERED = 50
DIFFERENCES_SHOWN = 20


@dataclass(frozen=True)
class SweepReport:
    """What one sweep found; `differences` are the most alarming few."""

    supplier_key: str
    sweep_id: str
    status: SweepStatus
    counts: SweepCounts
    reasons: tuple[str, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    differences: tuple[OfferDifference, ...] = ()
    trouble: str | None = None  # what kept the reading from more

    def followed_by(self, further: SweepReport) -> SweepReport:
        """This report and that of the pass after it, as one."""
        promoted = SweepStatus.PROMOTED in (self.status, further.status)
        quiet = further.status is SweepStatus.UNCHANGED
        return replace(
            further,
            status=SweepStatus.PROMOTED if promoted and quiet else further.status,
            counts=self.counts.plus(further.counts),
            rejections=(self.rejections + further.rejections)[:REJECTIONS_REMEMBERED],
            differences=(self.differences + further.differences)[:DIFFERENCES_SHOWN],
            trouble=further.trouble or self.trouble,
        )

    @property
    def is_partial(self) -> bool:
        """Whether products that were due stay due: not asked about, or not answered."""
        return bool(self.counts.unanswered or self.counts.left or self.trouble)
