"""Judging a sweep: is what a supplier's catalogue says today believable?

A sweep compares a supplier's catalogue with the last believed one and stages the differences.
Nothing reaches a store before `judge` has passed them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from zyenta_ops.domain.catalog import Offer
from zyenta_ops.domain.inventory import BETWEEN_MISSES, MISSES_BEFORE_GONE, Listing

# The portions of a catalogue that are judged together.
RECENT_PORTIONS: Final = timedelta(days=1)

_REDENOMINATED: Final = "state their cost in another currency"
_JUMPED: Final = "at least doubled or halved in cost"
_RAISED: Final = "cost at least one and a half times as much"
_LOWERED: Final = "cost at most two thirds as much"


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
    BACK = "BACK"  # had been missing or gone, is mentioned again


@dataclass(slots=True)
class SweepCounts:
    """What a sweep saw. Counts of offers unless said otherwise.

    `known` counts the offers listed before the sweep and not already missing, `live_before` those
    of them that could be bought. Of the known, `vanished` counts those the sweep no longer
    mentions, `unread` those of products it mentions in an entry that was rejected; `jumped` those
    whose cost at least doubled or at least halved, `raised` and `lowered` those whose cost moved up
    or down by a half or more of the smaller one, `redenominated` those whose cost is in another
    currency now, `estimated` those whose cost was stated and is not any more. Of the live,
    `zeroed` counts those that the sweep takes to zero or off sale, `live_vanished` those it no
    longer mentions, `untold` those whose stock was stated and is not any more.
    `missing` counts every listed offer that is absent and not yet believed gone, again or still.

    Where a supplier is asked product by product, `known` and `live_before` count offers of the
    answered products only; `asked` counts products asked about, `unanswered` those of them without
    an answer, `left` those that were due and not asked about.
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
    redenominated: int = 0
    vanished: int = 0
    live_vanished: int = 0
    unread: int = 0
    untold: int = 0
    estimated: int = 0
    raised: int = 0
    lowered: int = 0
    known: int = 0
    live_before: int = 0
    asked: int = 0
    unanswered: int = 0
    left: int = 0

    def plus(self, further: SweepCounts) -> SweepCounts:
        """These counts and those of a pass that went on after them."""
        sums = {
            each.name: getattr(self, each.name) + getattr(further, each.name)
            for each in fields(self)
        }
        return SweepCounts(**sums | {"left": further.left})

    @property
    def costs_moved(self) -> bool:
        """Whether a cost moved so far that it has to be judged."""
        return bool(self.jumped or self.raised or self.lowered or self.redenominated)

    @property
    def differences(self) -> int:
        """Offers that differ from what is stored."""
        return self.new + self.changed + self.missing + self.gone + self.back


@dataclass(frozen=True, slots=True)
class CostMoves:
    """Offers whose costs moved; the numbers mean what they mean in `SweepCounts`."""

    jumped: int = 0
    raised: int = 0
    lowered: int = 0
    redenominated: int = 0


@dataclass(frozen=True, slots=True)
class SanityLimits:
    """When a sweep is not believed. Shares are whole percent of the offers known before.

    `percent` is the share that no single kind of news may exceed, `drift_percent` that of costs
    which move by a half or more in one direction: a supplier that raises its prices does so to a
    part of its range, while a currency or a list read wrongly moves nearly all of it.
    """

    percent: int = 30
    drift_percent: int = 50
    # Below this many offers a share says nothing: two of three sold out is an ordinary day.
    smallest_catalogue: int = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sweep is believed, and if not every reason why, each a sentence."""

    believed: bool
    reasons: tuple[str, ...] = field(default=())


def judge(
    counts: SweepCounts, limits: SanityLimits, *, first: bool, complete: bool = True
) -> Verdict:
    """Decide whether a sweep may replace what is known.

    Quarantines a catalogue that turned empty, one that rejects more than it offers, and what goes
    beyond `limits`: mass zeros, mass disappearance, stocks or costs that are no longer stated, and
    mass moves of costs. A first sweep has nothing to
    compare with and is only refused when it brings no offer at all. What was missing before has
    been judged when it disappeared and is not held against the catalogue again. One that is not
    `complete` speaks of the products that were answered and is empty when none was.
    """
    reasons: list[str] = []
    if not complete:
        pass
    elif counts.offers == 0 and (first or counts.known):
        reasons.append(
            f"the catalogue is empty: {counts.entries} entries, none of them an offer"
            f" ({counts.known} offers were known)"
        )
    elif counts.rejected > counts.offers:
        reasons.append(
            f"more entries were rejected ({counts.rejected}) than understood ({counts.offers})"
        )
    if (counts.offers or not complete) and counts.known >= limits.smallest_catalogue:
        reasons += _mass_reasons(counts, limits)
    return Verdict(believed=not reasons, reasons=tuple(reasons))


def judge_portions(
    counts: SweepCounts, known: int, moves: CostMoves, limits: SanityLimits
) -> Verdict:
    """Decide whether a portion of a catalogue may be believed after those before it.

    A supplier that is asked product by product could move all its costs a few at a time, each
    time below the limits. So costs are judged by all that was answered within `RECENT_PORTIONS`.
    Only a kind of move that the portion itself holds speaks against it.

    Args:
        counts: of the portion.
        known: listed offers of the other products answered recently.
        moves: what became of their costs.
        limits: as of `judge`.
    """
    whole = known + counts.known
    if whole < limits.smallest_catalogue:
        return Verdict(believed=True)

    def together(limit: int, *kinds: tuple[str, str]) -> list[str]:
        tests = ((getattr(counts, kind), getattr(moves, kind), what) for kind, what in kinds)
        return _beyond(
            limit,
            *(
                (new + before, whole, f"read within a day {what}")
                for new, before, what in tests
                if new
            ),
        )

    reasons = together(
        limits.percent, ("redenominated", _REDENOMINATED), ("jumped", _JUMPED)
    ) or together(limits.drift_percent, ("raised", _RAISED), ("lowered", _LOWERED))
    return Verdict(believed=not reasons, reasons=tuple(reasons))


def _mass_reasons(counts: SweepCounts, limits: SanityLimits) -> list[str]:
    live, known, percent = counts.live_before, counts.known, limits.percent
    reasons = _beyond(
        percent,
        (counts.zeroed, live, "went to zero or off sale"),
        (counts.vanished, known, "disappeared"),
    )
    if not reasons:
        unbuyable = counts.zeroed + counts.live_vanished
        reasons = _beyond(percent, (unbuyable, live, "went to zero, off sale or disappeared"))
    reasons += _beyond(
        percent,
        (counts.unread, known, "stand in entries that were rejected"),
        (counts.untold, live, "no longer state their stock"),
        (counts.estimated, known, "no longer state their cost"),
        (counts.redenominated, known, _REDENOMINATED),
    )
    jumps = _beyond(percent, (counts.jumped, known, _JUMPED))
    return reasons + (
        jumps
        or _beyond(
            limits.drift_percent,
            (counts.raised, known, _RAISED),
            (counts.lowered, known, _LOWERED),
        )
    )


def _beyond(limit: int, *tests: tuple[int, int, str]) -> list[str]:
    return [
        f"{part} of {whole} offers {what} (more than {limit} %)"
        for part, whole, what in tests
        if part * 100 > whole * limit
    ]


@dataclass(frozen=True, slots=True)
class StoredOffer:
    """What a sweep needs to know of an offer that is already stored."""

    cost_minor: int
    cost_currency: str
    stock: int | None
    saleable: bool
    cost_estimated: bool | None  # None = was not noted
    listed: bool
    miss_count: int

    @property
    def live(self) -> bool:
        """Whether it can be bought: listed, sold, and stock unknown or above zero."""
        return self.listed and self.saleable and (self.stock is None or self.stock > 0)


@dataclass(frozen=True, slots=True)
class ListedOffer:
    """A listed offer, as far as its absence concerns it; `missed_at` is the last that counted."""

    offer_id: str
    product_ref: str
    miss_count: int
    missed_at: datetime | None
    live: bool


@dataclass(frozen=True, slots=True)
class StagedOffer:
    """A listed offer that differs from what is stored."""

    offer_id: str
    difference: Difference
    offer: Offer
    content_hash: str
    previous: StoredOffer | None


@dataclass(frozen=True, slots=True)
class MissingOffer:
    """What a stored offer becomes that is no offer of this catalogue."""

    offer_id: str
    difference: Difference
    listing: Listing
    miss_count: int


def classify(
    offer_id: str,
    offer: Offer,
    content_hash: str,
    previous: StoredOffer | None,
    counts: SweepCounts,
) -> StagedOffer:
    """How an offer differs from what is stored; `counts` of its sweep is brought up to date."""
    if previous is None:
        difference = Difference.NEW
        counts.new += 1
    elif not previous.listed or previous.miss_count:
        difference = Difference.BACK
        counts.back += 1
    else:
        difference = Difference.CHANGED
        counts.changed += 1
        _count_shocks(offer, previous, counts)
    return StagedOffer(offer_id, difference, offer, content_hash, previous)


def _count_shocks(offer: Offer, previous: StoredOffer, counts: SweepCounts) -> None:
    cost, before = offer.unit_cost.minor, previous.cost_minor
    if offer.unit_cost.currency != previous.cost_currency:
        counts.redenominated += 1
    elif cost != before:
        counts.jumped += cost >= 2 * before or 2 * cost <= before
        counts.raised += 2 * cost >= 3 * before
        counts.lowered += 3 * cost <= 2 * before
    counts.estimated += offer.cost_estimated and previous.cost_estimated is False
    if previous.live:
        counts.zeroed += not (offer.saleable and offer.stock != 0)
        untold = offer.stock is None and not offer.in_stock
        counts.untold += untold and previous.stock is not None


@dataclass(frozen=True, slots=True)
class MissRule:
    """When an absent offer is believed gone.

    Attributes:
        before_gone: absences that make it gone.
        between: time that must pass before an absence counts as a further one.
    """

    before_gone: int = MISSES_BEFORE_GONE
    between: timedelta = BETWEEN_MISSES

    def apply(
        self, offer: ListedOffer, now: datetime, *, product_listed: bool
    ) -> MissingOffer | None:
        """What its absence from a catalogue read now makes of an offer; None = nothing new."""
        if offer.missed_at is not None and now - offer.missed_at < self.between:
            return None
        misses = offer.miss_count + 1
        if misses < self.before_gone:
            return MissingOffer(offer.offer_id, Difference.MISSING, Listing.LISTED, misses)
        gone = Listing.VARIANT_GONE if product_listed else Listing.DELISTED
        return MissingOffer(offer.offer_id, Difference.GONE, gone, misses)


def seen(offer: ListedOffer) -> MissingOffer:
    """A listed offer that the catalogue mentions, though not so that it could be read."""
    return MissingOffer(offer.offer_id, Difference.BACK, Listing.LISTED, 0)
