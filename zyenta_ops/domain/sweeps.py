"""Judging a sweep: is what a supplier's catalogue says today believable?

A sweep compares a supplier's catalogue with the last believed one and stages the differences.
Nothing reaches a store before `judge` has passed them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class SweepStatus(StrEnum):
    """Where a sweep stands."""

    RUNNING = "RUNNING"  # staging differences; if its process died, the next sweep clears it
    PROMOTED = "PROMOTED"  # its differences are the offers now
    UNCHANGED = "UNCHANGED"  # the source was the same as at the last promoted sweep
    QUARANTINED = "QUARANTINED"  # not believed; waits for a person or a better sweep
    SUPERSEDED = "SUPERSEDED"  # another sweep was promoted while this one ran
    FAILED = "FAILED"  # the source could not be read


class Difference(StrEnum):
    """How an offer differs from what is stored."""

    NEW = "NEW"
    CHANGED = "CHANGED"
    MISSING = "MISSING"  # absent from a complete catalogue, not yet believed gone
    GONE = "GONE"  # absent often enough to be taken off
    BACK = "BACK"  # had been missing or gone, is listed again


@dataclass(slots=True)
class SweepCounts:
    """What a sweep saw. Counts of offers unless said otherwise.

    `live_before` counts listed, saleable offers with stock (or unknown stock) before the sweep;
    `zeroed` those of them that the sweep takes to zero or off sale; `jumped` known offers whose
    cost at least doubled or at least halved.
    """

    entries: int = 0
    offers: int = 0
    rejected: int = 0
    new: int = 0
    changed: int = 0
    missing: int = 0
    gone: int = 0
    back: int = 0
    zeroed: int = 0
    jumped: int = 0
    known: int = 0
    live_before: int = 0

    @property
    def differences(self) -> int:
        """Offers that differ from what is stored."""
        return self.new + self.changed + self.missing + self.gone + self.back


@dataclass(frozen=True, slots=True)
class SanityLimits:
    """When a sweep is not believed. Shares are whole percent of the offers known before."""

    zeroed_percent: int = 30
    jumped_percent: int = 30
    missing_percent: int = 30
    # Below this many offers a share says nothing: two of three sold out is an ordinary day.
    smallest_catalogue: int = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sweep is believed, and if not every reason why, each a sentence."""

    believed: bool
    reasons: tuple[str, ...] = field(default=())


def judge(counts: SweepCounts, limits: SanityLimits) -> Verdict:
    """Decide whether a complete sweep may replace what is known.

    Quarantines a catalogue that turned empty, one that rejects everything, and mass zeros, mass
    disappearance or mass cost jumps beyond `limits`. A first sweep has nothing to compare with
    and is only refused when it brings no offer at all.
    """
    reasons: list[str] = []
    if counts.offers == 0:
        reasons.append(
            f"the catalogue is empty: {counts.entries} entries, none of them an offer"
            f" ({counts.known} offers were known)"
        )
    elif counts.rejected > counts.offers:
        reasons.append(
            f"more entries were rejected ({counts.rejected}) than understood ({counts.offers})"
        )
    if counts.offers and counts.known >= limits.smallest_catalogue:
        reasons += _mass_reasons(counts, limits)
    return Verdict(believed=not reasons, reasons=tuple(reasons))


def _mass_reasons(counts: SweepCounts, limits: SanityLimits) -> list[str]:
    lost = counts.missing + counts.gone
    tests = (
        (counts.zeroed, counts.live_before, limits.zeroed_percent, "went to zero"),
        (lost, counts.known, limits.missing_percent, "disappeared"),
        (counts.jumped, counts.known, limits.jumped_percent, "at least doubled or halved in cost"),
    )
    return [
        f"{part} of {whole} offers {what} (more than {limit} %)"
        for part, whole, limit, what in tests
        if part * 100 > whole * limit
    ]
