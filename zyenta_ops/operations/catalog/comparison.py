"""Reading a catalogue and staging what differs from what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from zyenta_ops.domain.catalog import (
    Answered,
    Entry,
    Offer,
    Rejection,
    SourceVersion,
    Unanswered,
    offer_id,
)
from zyenta_ops.domain.catalog_keys import SeenKeys
from zyenta_ops.domain.sweeps import (
    Difference,
    ListedOffer,
    MissingOffer,
    MissRule,
    StagedOffer,
    SweepCounts,
    classify,
    seen,
)
from zyenta_ops.operations.catalog.report import REJECTIONS_REMEMBERED
from zyenta_ops.ports import CatalogueReading, Database, Repositories
from zyenta_ops.ports.accounts import Outcome
from zyenta_ops.ports.catalog import Ending, Sweep


@dataclass
class Reading:
    """The running state of one pass over a catalogue."""

    sweep: Sweep
    counts: SweepCounts = field(default_factory=SweepCounts)
    offers: SeenKeys = field(default_factory=SeenKeys)
    products: SeenKeys = field(default_factory=SeenKeys)
    unread: SeenKeys = field(default_factory=SeenKeys)  # products with a rejected entry
    missing: int = 0  # offers listed that the last believed sweep lacked
    listed: int = 0  # offers found that were listed before
    staged: list[StagedOffer] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    version: SourceVersion | None = None  # once the source is open
    complete: bool = True
    answers: list[Answered] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)  # of products asked about
    changed: set[str] = field(default_factory=set)  # products with a difference; not of feeds
    ending: Ending = field(default_factory=Ending)  # once the entries are read

    def note_answers(self, entries: Sequence[Entry]) -> None:
        """Remember what asking about products came to."""
        for entry in entries:
            if isinstance(entry, Answered):
                self.answers.append(entry)
                self.outcomes[entry.product_ref] = Outcome(
                    entry.product_ref, raw=entry.raw, unknown=not entry.found
                )
            elif isinstance(entry, Unanswered):
                self.counts.unanswered += 1
                self.outcomes[entry.product_ref] = Outcome(
                    entry.product_ref, error=entry.reason, unknown=entry.unknown
                )
        self.counts.asked = len(self.outcomes)

    def watched(self) -> list[Outcome]:
        """What asking about each product came to."""
        return [
            replace(outcome, changed=ref in self.changed) for ref, outcome in self.outcomes.items()
        ]

    def unknown(self) -> list[str]:
        """Products that the supplier knows nothing of."""
        return [ref for ref, outcome in self.outcomes.items() if outcome.unknown]

    def failures(self) -> list[Outcome]:
        """What asking in vain came to, which stands whatever becomes of the sweep."""
        return [outcome for outcome in self.outcomes.values() if outcome.error is not None]


class Overtaken(Exception):
    """Another process closed this sweep; nothing it still reads can be promoted."""


@dataclass(frozen=True)
class Comparison:
    """Compares catalogues chunk by chunk; what differs is staged with the sweep."""

    database: Database
    misses: MissRule
    chunk: int

    def read(self, catalogue: CatalogueReading, reading: Reading, snapshot: Repositories) -> None:
        """Stage every difference between a catalogue and what is stored.

        Args:
            catalogue: opened, not read yet.
            reading: brought up to date as the catalogue is read.
            snapshot: of what is stored.

        Raises:
            SourceError: the catalogue could not be read to its end.
            Overtaken: another process closed the sweep.
        """
        reading.complete, reading.version = catalogue.complete, catalogue.version
        if reading.complete:
            listed = snapshot.sweeps.count_listed(reading.sweep)
            reading.counts.known, reading.counts.live_before, reading.missing = listed
        if catalogue.unchanged:
            if reading.missing == 0:
                return
            # The same catalogue again is one more that lacks what it lacked before.
            for page in snapshot.sweeps.listed_pages(reading.sweep, self.chunk):
                there = [each for each in page if each.miss_count == 0]
                reading.offers.add([each.offer_id for each in there])
                reading.products.add([each.product_ref for each in there])
        for entries in _chunks(catalogue.entries, self.chunk):
            self._compare_chunk(entries, reading, snapshot)
        reading.ending = catalogue.ending()
        reading.counts.left = reading.ending.left
        if reading.ending.failure is not None:
            raise reading.ending.failure
        self._flush(reading)
        if reading.complete:
            self._stage_missing(reading, snapshot)
        else:
            self._stage_missing_of_answers(reading, snapshot)

    def _compare_chunk(
        self, entries: Sequence[Entry], reading: Reading, snapshot: Repositories
    ) -> None:
        counts, sweep = reading.counts, reading.sweep
        offers = [entry for entry in entries if isinstance(entry, Offer)]
        rejected = [each for entry in entries for each in _rejections(entry)]
        room = REJECTIONS_REMEMBERED - len(reading.rejections)
        reading.rejections += rejected[: max(room, 0)]
        reading.note_answers(entries)
        ids = [
            offer_id(sweep.supplier_key, sweep.market, offer.product_ref, offer.variant_ref)
            for offer in offers
        ]
        repeated = reading.offers.add(ids)
        reading.products.add([offer.product_ref for offer in offers])
        reading.unread.add([each.product_ref for each in rejected if each.product_ref])
        found = {
            key: offer for key, offer, again in zip(ids, offers, repeated, strict=True) if not again
        }
        hashes = {key: offer.content_hash() for key, offer in found.items()}
        differing = snapshot.sweeps.differing(hashes)
        counts.entries += len(offers) + len(rejected)
        counts.offers += len(found)
        counts.rejected += len(rejected) + len(offers) - len(found)
        unlisted = sum(before is None or not before.listed for before in differing.values())
        reading.listed += len(found) - unlisted
        reading.staged += [
            classify(key, found[key], hashes[key], before, counts)
            for key, before in differing.items()
        ]
        if not reading.complete:
            reading.changed.update(found[key].product_ref for key in differing)
        if len(reading.staged) >= self.chunk:
            self._flush(reading)

    def _flush(self, reading: Reading) -> None:
        if reading.staged:
            with self.database.write() as records:
                if not records.sweeps.stage(reading.sweep, reading.staged):
                    raise Overtaken
            reading.staged = []

    def _stage_missing(self, reading: Reading, snapshot: Repositories) -> None:
        counts = reading.counts
        if reading.listed == counts.known + reading.missing:
            return
        for page in snapshot.sweeps.listed_pages(reading.sweep, self.chunk):
            absent = self._without_unread(reading, _absent(page, reading))
            listed = reading.products.contains([each.product_ref for each in absent])
            self._stage_absent(
                reading,
                absent,
                dict(zip((each.product_ref for each in absent), listed, strict=True)),
            )

    def _without_unread(self, reading: Reading, absent: Sequence[ListedOffer]) -> list[ListedOffer]:
        """Those that no rejected entry may speak of; the others are seen, whatever they say."""
        rejected = reading.unread.contains([each.product_ref for each in absent])
        unread = [each for each, there in zip(absent, rejected, strict=True) if there]
        reading.counts.unread += sum(each.miss_count == 0 for each in unread)
        again = [seen(each) for each in unread if each.miss_count]
        reading.counts.back += len(again)
        self._stage_outcomes(reading, again)
        return [each for each, there in zip(absent, rejected, strict=True) if not there]

    def _stage_missing_of_answers(self, reading: Reading, snapshot: Repositories) -> None:
        """As `_stage_missing`, for the products that were answered and wholly understood."""
        found = {each.product_ref: each.found for each in reading.answers if not each.faults}
        refs = list(found)
        for start in range(0, len(refs), self.chunk):
            page = snapshot.sweeps.listed_of(reading.sweep, refs[start : start + self.chunk])
            reading.counts.known += sum(each.miss_count == 0 for each in page)
            reading.counts.live_before += sum(each.live and each.miss_count == 0 for each in page)
            absent = _absent(page, reading)
            reading.changed.update(each.product_ref for each in absent)
            self._stage_absent(reading, absent, found)

    def _stage_absent(
        self, reading: Reading, absent: Sequence[ListedOffer], product_listed: Mapping[str, bool]
    ) -> None:
        """Stage what absence makes of offers, given whether their products are still listed."""
        counts, now = reading.counts, reading.sweep.started_at
        missing = [
            outcome
            for each in absent
            if (
                outcome := self.misses.apply(
                    each, now, product_listed=bool(product_listed[each.product_ref])
                )
            )
        ]
        gone = sum(each.difference is Difference.GONE for each in missing)
        counts.gone += gone
        counts.missing += len(absent) - gone
        vanished = [each for each in absent if each.miss_count == 0]
        counts.vanished += len(vanished)
        counts.live_vanished += sum(each.live for each in vanished)
        self._stage_outcomes(reading, missing)

    def _stage_outcomes(self, reading: Reading, outcomes: Sequence[MissingOffer]) -> None:
        if outcomes:
            with self.database.write() as records:
                if not records.sweeps.stage_missing(reading.sweep, outcomes):
                    raise Overtaken


def _absent(page: Sequence[ListedOffer], reading: Reading) -> list[ListedOffer]:
    """The offers of a page that were not found."""
    there = reading.offers.contains([each.offer_id for each in page])
    return [each for each, seen in zip(page, there, strict=True) if not seen]


def _rejections(entry: Entry) -> list[Rejection]:
    """What a person should read of an entry that is no offer."""
    if isinstance(entry, Rejection):
        return [entry]
    if isinstance(entry, Unanswered):
        return [Rejection(0, entry.product_ref, entry.reason)]
    if isinstance(entry, Answered):
        return [Rejection(0, entry.product_ref, fault) for fault in entry.faults]
    return []


def _chunks(entries: Iterator[Entry], size: int) -> Iterator[Sequence[Entry]]:
    while chunk := list(islice(entries, size)):
        yield chunk
