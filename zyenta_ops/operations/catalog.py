"""Sweeping a supplier's catalogue: read, compare, stage, judge, promote.

A feed is read whole; a supplier with an API is asked about what is due, and only products that it
answered for can be missing something.

Differences are staged with the sweep and become offers in one transaction, so a reader sees the
old catalogue or the new one, never half of each, whatever dies when. What stores make of the
offers is in `inventory`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
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
from zyenta_ops.domain.errors import NotFound, SourceError
from zyenta_ops.domain.stores import SweepScope
from zyenta_ops.domain.sweeps import (
    Difference,
    ListedOffer,
    MissRule,
    SanityLimits,
    StagedOffer,
    SweepCounts,
    SweepStatus,
    Verdict,
    classify,
    judge,
)
from zyenta_ops.ports import CatalogueReading, CatalogueSource, Clock, Database, NewId, Repositories
from zyenta_ops.ports.accounts import Outcome
from zyenta_ops.ports.catalog import OfferDifference, Sweep, SweepRecord, SweepRequest

# One query compares a chunk; SQLite takes at most 32,766 parameters in a statement.
CHUNK = 2_000
REJECTIONS_REMEMBERED = 50
DIFFERENCES_SHOWN = 20

_EVERYTHING = SweepScope()
_STOPPED = (SweepStatus.QUARANTINED, SweepStatus.SUPERSEDED)


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
    trouble: str | None = None  # what ended a reading that had begun well

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
        )

    @property
    def is_partial(self) -> bool:
        """Whether products that were due stay due: not asked about, or not answered."""
        return bool(self.counts.unanswered or self.counts.left or self.trouble)


@dataclass
class _Pass:
    """The running state of one pass over a catalogue."""

    sweep: Sweep
    counts: SweepCounts = field(default_factory=SweepCounts)
    offers: SeenKeys = field(default_factory=SeenKeys)
    products: SeenKeys = field(default_factory=SeenKeys)
    listed: int = 0  # offers found that were listed before
    staged: list[StagedOffer] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    version: SourceVersion | None = None  # once the source is open
    complete: bool = True
    answers: list[Answered] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)  # of products asked about
    changed: set[str] = field(default_factory=set)  # products with a difference; not of feeds

    def note_answers(self, entries: Sequence[Entry]) -> None:
        """Remember what asking about products came to."""
        for entry in entries:
            if isinstance(entry, Answered):
                self.answers.append(entry)
                self.outcomes[entry.product_ref] = Outcome(entry.product_ref, raw=entry.raw)
            elif isinstance(entry, Unanswered):
                self.counts.unanswered += 1
                self.outcomes[entry.product_ref] = Outcome(entry.product_ref, error=entry.reason)
        self.counts.asked = len(self.outcomes)

    def watched(self) -> list[Outcome]:
        """What asking about each product came to."""
        return [
            replace(outcome, changed=ref in self.changed) for ref, outcome in self.outcomes.items()
        ]


class _Overtaken(Exception):
    """Another process closed this sweep; nothing it still reads can be promoted."""


@dataclass(frozen=True)
class Catalog:
    """The supplier side of the catalogue.

    Attributes:
        open_source: the source of what a request names; raises NotFound or Refused.
        misses: when an offer that catalogues lack is believed gone.
        chunk: rows read, compared and staged at a time; all that is held in memory.
    """

    database: Database
    open_source: Callable[[SweepRequest], CatalogueSource]
    clock: Clock
    new_id: NewId
    limits: SanityLimits = field(default_factory=SanityLimits)
    misses: MissRule = field(default_factory=MissRule)
    chunk: int = CHUNK

    def sweep(
        self,
        supplier_key: str,
        run_id: str | None = None,
        scope: SweepScope = _EVERYTHING,
        product_refs: Sequence[str] | None = None,
    ) -> SweepReport:
        """Compare the supplier's catalogue with what is stored and take over the differences.

        An unbelievable catalogue is kept as QUARANTINED and changes nothing; one overtaken by
        another sweep is SUPERSEDED and changes nothing.

        Args:
            supplier_key: whose catalogue.
            run_id: the run to name in the records.
            scope: of a supplier with an API, which products are due and how long to ask.
            product_refs: of a supplier with an API, ask about these whether due or not.

        Raises:
            SourceError: the catalogue could not be read; the sweep is recorded as FAILED.
            NotFound: there is no such supplier.
        """
        deadline = self.clock() + timedelta(seconds=scope.budget_seconds)
        source = self.open_source(SweepRequest(supplier_key, scope, deadline, product_refs))
        report, more = self._sweep_once(source, supplier_key, run_id)
        while more and report.status not in _STOPPED:
            try:
                further, more = self._sweep_once(source, supplier_key, run_id)
            except SourceError as error:
                return replace(report, trouble=str(error))
            report = report.followed_by(further)
        return report

    def _sweep_once(
        self, source: CatalogueSource, supplier_key: str, run_id: str | None
    ) -> tuple[SweepReport, bool]:
        """One pass, and whether the source has more to give."""
        with self.database.write() as records:
            sweep = records.sweeps.begin(supplier_key, self.new_id(), run_id, self.clock())
            known = records.sweeps.believed_version(supplier_key)
        reading = _Pass(sweep)
        try:
            with source.open(known) as catalogue, self.database.read() as snapshot:
                reading.complete = catalogue.complete
                reading.version = catalogue.version
                if reading.complete:
                    known_before = snapshot.sweeps.count_known(sweep)
                    reading.counts.known, reading.counts.live_before = known_before
                self._read(catalogue, reading, snapshot)
                reading.counts.left = catalogue.left()
        except SourceError as error:
            self._abort(reading, str(error))
            raise
        except _Overtaken:
            return self._settle(reading, Verdict(believed=False)), False
        except Exception as error:
            # A bug, or the database: recorded like any failure, and nothing staged is left behind.
            self._abort(reading, type(error).__name__)
            raise
        # What did not change was judged when it was new.
        verdict = (
            Verdict(believed=True)
            if catalogue.unchanged
            else judge(
                reading.counts,
                self.limits,
                first=sweep.base_sequence == 0,
                complete=reading.complete,
            )
        )
        quiet = catalogue.unchanged or not reading.complete
        return self._settle(reading, verdict, unchanged=quiet), catalogue.more()

    def sweep_if_never(self, supplier_key: str) -> SweepReport | None:
        """Sweep a supplier that has no believed catalogue yet; None when it has one."""
        with self.database.read() as records:
            if records.sweeps.believed_version(supplier_key) is not None:
                return None
        return self.sweep(supplier_key)

    def quarantined(self, supplier_key: str) -> tuple[SweepRecord, list[OfferDifference]]:
        """The sweep that waits in quarantine and its most alarming differences.

        Raises:
            NotFound: nothing of this supplier waits.
        """
        with self.database.read() as records:
            record = self._waiting(records, supplier_key)
            return record, records.sweeps.differences(record.id, DIFFERENCES_SHOWN)

    def accept_quarantined(self, supplier_key: str) -> SweepReport:
        """Believe the quarantined sweep after all and make its differences the offers in force.

        Raises:
            NotFound: nothing of this supplier waits, or it was overtaken by a newer sweep.
        """
        with self.database.write() as records:
            record = self._waiting(records, supplier_key)
            if not records.sweeps.hold(supplier_key, record.id):
                raise NotFound(
                    f"the quarantined sweep of '{supplier_key}' was overtaken by a newer one;"
                    " nothing is left to accept"
                )
            records.sweeps.promote(record.id, self.clock())
            records.sweeps.finish(record.id, SweepStatus.PROMOTED, self.clock())
        return SweepReport(
            supplier_key, record.id, SweepStatus.PROMOTED, record.counts, record.reasons
        )

    def _waiting(self, records: Repositories, supplier_key: str) -> SweepRecord:
        record = records.sweeps.latest(
            supplier_key, (SweepStatus.QUARANTINED, SweepStatus.PROMOTED)
        )
        if record is None or record.status is not SweepStatus.QUARANTINED:
            raise NotFound(f"no catalogue of '{supplier_key}' waits in quarantine")
        return record

    def _read(self, catalogue: CatalogueReading, reading: _Pass, snapshot: Repositories) -> None:
        """Stage every difference."""
        if catalogue.unchanged:
            if snapshot.sweeps.count_missing(reading.sweep) == 0:
                return
            # The same catalogue again is one more that lacks what it lacked before.
            for page in snapshot.sweeps.listed_pages(reading.sweep, self.chunk):
                there = [each for each in page if each.miss_count == 0]
                reading.offers.add([each.offer_id for each in there])
                reading.products.add([each.product_ref for each in there])
        for entries in _chunks(catalogue.entries, self.chunk):
            self._compare_chunk(entries, reading, snapshot)
        self._flush(reading)
        if reading.complete:
            self._stage_missing(reading, snapshot)
        else:
            self._stage_missing_of_answers(reading, snapshot)

    def _compare_chunk(
        self, entries: Sequence[Entry], reading: _Pass, snapshot: Repositories
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

    def _flush(self, reading: _Pass) -> None:
        if reading.staged:
            with self.database.write() as records:
                if not records.sweeps.stage(reading.sweep, reading.staged):
                    raise _Overtaken
            reading.staged = []

    def _stage_missing(self, reading: _Pass, snapshot: Repositories) -> None:
        counts = reading.counts
        if reading.listed == counts.known + snapshot.sweeps.count_missing(reading.sweep):
            return
        for page in snapshot.sweeps.listed_pages(reading.sweep, self.chunk):
            absent = _absent(page, reading)
            listed = reading.products.contains([each.product_ref for each in absent])
            self._stage_absent(
                reading,
                absent,
                dict(zip((each.product_ref for each in absent), listed, strict=True)),
            )

    def _stage_missing_of_answers(self, reading: _Pass, snapshot: Repositories) -> None:
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
        self, reading: _Pass, absent: Sequence[ListedOffer], product_listed: Mapping[str, bool]
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
        counts.vanished += sum(each.miss_count == 0 for each in absent)
        if missing:
            with self.database.write() as records:
                if not records.sweeps.stage_missing(reading.sweep, missing):
                    raise _Overtaken

    def _settle(self, reading: _Pass, verdict: Verdict, *, unchanged: bool = False) -> SweepReport:
        """End a sweep one way or another, unless it was overtaken."""
        sweep = reading.sweep
        with self.database.write() as records:
            if not records.sweeps.hold(sweep.supplier_key, sweep.id):
                records.sweeps.discard_staged(sweep.id)
                self._finish(records, reading, SweepStatus.SUPERSEDED)
                return self._report(reading, SweepStatus.SUPERSEDED)
            shown = tuple(records.sweeps.differences(sweep.id, DIFFERENCES_SHOWN))
            if not verdict.believed:
                status = SweepStatus.QUARANTINED
            elif unchanged and not reading.counts.differences:
                status = SweepStatus.UNCHANGED
            else:
                status = SweepStatus.PROMOTED
                records.sweeps.promote(sweep.id, self.clock())
            self._finish(records, reading, status, verdict.reasons)
            self._clear_older(records, sweep)
            records.watches.note(sweep.supplier_key, reading.watched(), self.clock())
        return self._report(reading, status, verdict.reasons, shown)

    def _abort(self, reading: _Pass, error: str) -> None:
        with self.database.write() as records:
            self._finish(records, reading, SweepStatus.FAILED, error=error)
            records.sweeps.discard_staged(reading.sweep.id)

    def _finish(
        self,
        records: Repositories,
        reading: _Pass,
        status: SweepStatus,
        reasons: Sequence[str] = (),
        error: str | None = None,
    ) -> None:
        records.sweeps.finish(
            reading.sweep.id,
            status,
            self.clock(),
            version=reading.version,
            counts=reading.counts,
            reasons=reasons,
            rejections=reading.rejections,
            error=error,
        )

    def _clear_older(self, records: Repositories, sweep: Sweep) -> None:
        """Close what dead processes left running, and the quarantine this sweep replaces."""
        for older in records.sweeps.abandoned(sweep.supplier_key, sweep.sequence):
            # Closed first: a process that is alive after all stages nothing from here on.
            records.sweeps.finish(older, SweepStatus.SUPERSEDED, self.clock())
            records.sweeps.discard_staged(older)

    def _report(
        self,
        reading: _Pass,
        status: SweepStatus,
        reasons: tuple[str, ...] = (),
        differences: tuple[OfferDifference, ...] = (),
    ) -> SweepReport:
        return SweepReport(
            supplier_key=reading.sweep.supplier_key,
            sweep_id=reading.sweep.id,
            status=status,
            counts=reading.counts,
            reasons=reasons,
            rejections=tuple(reading.rejections),
            differences=differences,
        )


def _absent(page: Sequence[ListedOffer], reading: _Pass) -> list[ListedOffer]:
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
