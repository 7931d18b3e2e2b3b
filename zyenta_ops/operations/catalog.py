"""Sweeping a supplier's catalogue: read, compare, stage, judge, promote.

Differences are staged with the sweep and become offers in one transaction, so a reader sees the
old catalogue or the new one, never half of each, whatever dies when. What stores make of the
offers is in `inventory`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from zyenta_ops.domain.catalog import Offer, Rejection, SourceVersion, offer_id
from zyenta_ops.domain.catalog_keys import SeenKeys
from zyenta_ops.domain.errors import NotFound, SourceError
from zyenta_ops.domain.inventory import MISSES_BEFORE_GONE
from zyenta_ops.domain.sweeps import (
    SanityLimits,
    StagedOffer,
    SweepCounts,
    SweepStatus,
    Verdict,
    classify,
    judge,
    missing_offer,
)
from zyenta_ops.ports import CatalogueReading, CatalogueSource, Clock, Database, NewId, Repositories
from zyenta_ops.ports.catalog import OfferDifference, Sweep, SweepRecord

# One query compares a chunk; SQLite takes at most 32,766 parameters in a statement.
CHUNK = 2_000
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


@dataclass
class _Pass:
    """The running state of one pass over a catalogue."""

    sweep: Sweep
    counts: SweepCounts = field(default_factory=SweepCounts)
    offers: SeenKeys = field(default_factory=SeenKeys)
    products: SeenKeys = field(default_factory=SeenKeys)
    missing: int = 0  # offers listed that the last believed sweep lacked
    listed: int = 0  # offers found that were listed before
    staged: list[StagedOffer] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    version: SourceVersion | None = None  # once the source is open


class _Overtaken(Exception):
    """Another process closed this sweep; nothing it still reads can be promoted."""


@dataclass(frozen=True)
class Catalog:
    """The supplier side of the catalogue.

    Attributes:
        open_source: the source of a supplier by its key; raises NotFound or Refused.
        misses_before_gone: complete catalogues in a row that must lack an offer before it is
            believed gone.
        chunk: rows read, compared and staged at a time; all that is held in memory.
    """

    database: Database
    open_source: Callable[[str], CatalogueSource]
    clock: Clock
    new_id: NewId
    limits: SanityLimits = field(default_factory=SanityLimits)
    misses_before_gone: int = MISSES_BEFORE_GONE
    chunk: int = CHUNK

    def sweep(self, supplier_key: str, run_id: str | None = None) -> SweepReport:
        """Compare the supplier's catalogue with what is stored and take over the differences.

        An unbelievable catalogue is kept as QUARANTINED and changes nothing; one overtaken by
        another sweep is SUPERSEDED and changes nothing.

        Raises:
            SourceError: the catalogue could not be read; the sweep is recorded as FAILED.
            NotFound: there is no such supplier.
        """
        source = self.open_source(supplier_key)
        with self.database.write() as records:
            sweep = records.sweeps.begin(supplier_key, self.new_id(), run_id, self.clock())
            known = records.sweeps.believed_version(supplier_key)
        reading = _Pass(sweep)
        try:
            with source.open(known) as catalogue, self.database.read() as snapshot:
                listed = snapshot.sweeps.count_listed(sweep)
                reading.counts.known, reading.counts.live_before, reading.missing = listed
                reading.version = catalogue.version
                self._read(catalogue, reading, snapshot)
        except SourceError as error:
            self._abort(reading, str(error))
            raise
        except _Overtaken:
            return self._settle(reading, Verdict(believed=False))
        except Exception as error:
            # A bug, or the database: recorded like any failure, and nothing staged is left behind.
            self._abort(reading, type(error).__name__)
            raise
        # What did not change was judged when it was new.
        verdict = (
            Verdict(believed=True)
            if catalogue.unchanged
            else judge(reading.counts, self.limits, first=sweep.base_sequence == 0)
        )
        return self._settle(reading, verdict, unchanged=catalogue.unchanged)

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
            if reading.missing == 0:
                return
            # The same catalogue again is one more that lacks what it lacked before.
            for page in snapshot.sweeps.listed_pages(reading.sweep, self.chunk):
                there = [(offer, product) for offer, product, misses in page if misses == 0]
                reading.offers.add([offer for offer, _ in there])
                reading.products.add([product for _, product in there])
        for entries in _chunks(catalogue.entries, self.chunk):
            self._compare_chunk(entries, reading, snapshot)
        self._flush(reading)
        self._stage_missing(reading, snapshot)

    def _compare_chunk(
        self, entries: Sequence[Offer | Rejection], reading: _Pass, snapshot: Repositories
    ) -> None:
        counts, sweep = reading.counts, reading.sweep
        offers = [entry for entry in entries if isinstance(entry, Offer)]
        for entry in entries:
            if isinstance(entry, Rejection) and len(reading.rejections) < REJECTIONS_REMEMBERED:
                reading.rejections.append(entry)
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
        counts.entries += len(entries)
        counts.offers += len(found)
        counts.rejected += len(entries) - len(found)
        unlisted = sum(before is None or not before.listed for before in differing.values())
        reading.listed += len(found) - unlisted
        reading.staged += [
            classify(key, found[key], hashes[key], before, counts)
            for key, before in differing.items()
        ]
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
        if reading.listed == counts.known + reading.missing:
            return
        for page in snapshot.sweeps.listed_pages(reading.sweep, self.chunk):
            there = reading.offers.contains([offer for offer, _, _ in page])
            absent = [row for row, seen in zip(page, there, strict=True) if not seen]
            if not absent:
                continue
            listed = reading.products.contains([product for _, product, _ in absent])
            missing = [
                missing_offer(offer, misses, bool(product_listed), self.misses_before_gone)
                for (offer, _, misses), product_listed in zip(absent, listed, strict=True)
            ]
            gone = sum(each.miss_count >= self.misses_before_gone for each in missing)
            counts.gone += gone
            counts.missing += len(missing) - gone
            counts.vanished += sum(misses == 0 for _, _, misses in absent)
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


def _chunks(
    entries: Iterator[Offer | Rejection], size: int
) -> Iterator[Sequence[Offer | Rejection]]:
    while chunk := list(islice(entries, size)):
        yield chunk
