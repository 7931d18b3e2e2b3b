"""Sweeping a supplier's catalogue: read, compare, stage, judge, promote.

A feed is read whole; a supplier with an API is asked about what is due, and only products that it
answered for can be missing something.

Differences are staged with the sweep and become offers in one transaction, so a reader sees the
old catalogue or the new one, never half of each, whatever dies when. What stores make of the
offers is in `inventory`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from zyenta_ops.domain.errors import NotFound, Paused, SourceError
from zyenta_ops.domain.stores import SupplierStatus, SweepScope
from zyenta_ops.domain.sweeps import (
    RECENT_PORTIONS,
    MissRule,
    SanityLimits,
    SweepStatus,
    Verdict,
    judge,
    judge_portions,
)
from zyenta_ops.operations.catalog.comparison import Comparison, Overtaken, Reading
from zyenta_ops.operations.catalog.report import DIFFERENCES_SHOWN, SweepReport
from zyenta_ops.operations.lookup import find_supplier
from zyenta_ops.ports import CatalogueSource, Clock, Database, NewId, Repositories
from zyenta_ops.ports.catalog import OfferDifference, Sweep, SweepRecord, SweepRequest

__all__ = ["Catalog", "SweepReport"]

# One query compares a chunk; SQLite takes at most 32,766 parameters in a statement.
CHUNK = 2_000

_EVERYTHING = SweepScope()
_STOPPED = (SweepStatus.QUARANTINED, SweepStatus.SUPERSEDED)


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
            Paused: the supplier is paused; it is not asked.
        """
        with self.database.read() as records:
            supplier = find_supplier(records, supplier_key)
        if supplier.status is SupplierStatus.PAUSED:
            raise Paused(
                f"the supplier '{supplier_key}' is paused; let it be read again with"
                f" `zyenta-ops supplier resume {supplier_key}`"
            )
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
        reading = Reading(sweep)
        comparison = Comparison(self.database, self.misses, self.chunk)
        try:
            with source.open(known) as catalogue, self.database.read() as snapshot:
                comparison.read(catalogue, reading, snapshot)
        except SourceError as error:
            self._abort(reading, str(error))
            raise
        except Overtaken:
            return self._settle(reading, Verdict(believed=False)), False
        except Exception as error:
            # A bug, or the database: recorded like any failure, and nothing staged is left behind.
            self._abort(reading, type(error).__name__)
            raise
        # What did not change was judged when it was new.
        verdict = Verdict(believed=True) if catalogue.unchanged else self._judged(reading)
        quiet = catalogue.unchanged or not reading.complete
        return self._settle(reading, verdict, unchanged=quiet), reading.ending.more

    def _judged(self, reading: Reading) -> Verdict:
        sweep, counts = reading.sweep, reading.counts
        first = sweep.base_sequence == 0
        verdict = judge(counts, self.limits, first=first, complete=reading.complete)
        if reading.complete or not verdict.believed or not counts.costs_moved:
            return verdict
        with self.database.read() as records:
            known, moves = records.sweeps.recent_moves(
                sweep, sweep.started_at - RECENT_PORTIONS, list(reading.outcomes)
            )
        return judge_portions(counts, known, moves, self.limits)

    def sweep_if_never(self, supplier_key: str) -> SweepReport | None:
        """Sweep a supplier that has no believed catalogue yet; None when it has one."""
        with self.database.read() as records:
            if records.sweeps.believed_version(supplier_key) is not None:
                return None
        return self.sweep(supplier_key)

    def quarantined(self, supplier_key: str) -> tuple[SweepRecord, list[OfferDifference]]:
        """The sweep that waits in quarantine and its most alarming differences.

        Raises:
            NotFound: no supplier has this key, or nothing of it waits.
        """
        with self.database.read() as records:
            record = self._waiting(records, supplier_key)
            return record, records.sweeps.differences(record.id, DIFFERENCES_SHOWN)

    def quarantines(self) -> list[SweepRecord]:
        """All sweeps that wait in quarantine, by supplier."""
        with self.database.read() as records:
            return records.sweeps.quarantined()

    def accept_quarantined(self, supplier_key: str) -> SweepReport:
        """Believe the quarantined sweep after all and make its differences the offers in force.

        What it lacks is gone at once: a person has looked, there is nothing to wait for.

        Raises:
            NotFound: no supplier has this key, nothing of it waits, or a newer sweep overtook it.
        """
        with self.database.write() as records:
            record = self._waiting(records, supplier_key)
            if not records.sweeps.hold(supplier_key, record.id):
                raise NotFound(
                    f"the quarantined sweep of '{supplier_key}' was overtaken by a newer one;"
                    " nothing is left to accept"
                )
            records.sweeps.promote(record.id, self.clock())
            gone = records.sweeps.believe_absences(record.id)
            counts = replace(
                record.counts,
                missing=record.counts.missing - gone,
                gone=record.counts.gone + gone,
            )
            records.sweeps.finish(record.id, SweepStatus.PROMOTED, self.clock(), counts=counts)
        return SweepReport(supplier_key, record.id, SweepStatus.PROMOTED, counts, record.reasons)

    def _waiting(self, records: Repositories, supplier_key: str) -> SweepRecord:
        find_supplier(records, supplier_key)
        record = records.sweeps.latest(
            supplier_key, (SweepStatus.QUARANTINED, SweepStatus.PROMOTED)
        )
        if record is None or record.status is not SweepStatus.QUARANTINED:
            raise NotFound(f"no catalogue of '{supplier_key}' waits in quarantine")
        return record

    def _settle(
        self, reading: Reading, verdict: Verdict, *, unchanged: bool = False
    ) -> SweepReport:
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
            records.watches.forget(sweep.supplier_key, reading.unknown())
        return self._report(reading, status, verdict.reasons, shown)

    def _abort(self, reading: Reading, error: str) -> None:
        with self.database.write() as records:
            self._finish(records, reading, SweepStatus.FAILED, error=error)
            records.sweeps.discard_staged(reading.sweep.id)
            # They wait their turn, so that the next run begins with others.
            records.watches.note(reading.sweep.supplier_key, reading.failures(), self.clock())

    def _finish(
        self,
        records: Repositories,
        reading: Reading,
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
        reading: Reading,
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
            trouble=reading.ending.trouble,
        )
