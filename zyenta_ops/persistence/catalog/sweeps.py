"""Sweeps and offers: staging, comparing and the one-transaction promotion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from zyenta_ops.domain.catalog import Market, Rejection, SourceVersion
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.inventory import Listing
from zyenta_ops.domain.sweeps import (
    CostMoves,
    Difference,
    ListedOffer,
    MissingOffer,
    StagedOffer,
    StoredOffer,
    SweepCounts,
    SweepStatus,
)
from zyenta_ops.persistence.catalog.statements import (
    absences_believed,
    alarming_differences,
    copy_of_missing,
    cost_moves,
    differing,
    observation,
    ordinary_differences,
    promotion,
)
from zyenta_ops.persistence.schema import (
    catalog_sweep,
    offer_observation,
    supplier,
    supplier_offer,
    watched_product,
)
from zyenta_ops.ports.catalog import OfferDifference, Sweep, SweepRecord

# Of the rejected entries of a sweep, so many are kept for people to read.
REJECTIONS_KEPT = 50

# Statements that never change are built once.
_DIFFERING = {"sqlite": differing(func.json_each), "postgresql": differing(func.json_each_text)}

_LIVE = and_(
    supplier_offer.c.saleable,
    or_(supplier_offer.c.stock.is_(None), supplier_offer.c.stock > 0),
)
_LISTED_OFFER = select(
    supplier_offer.c.id,
    supplier_offer.c.product_ref,
    supplier_offer.c.miss_count,
    supplier_offer.c.missed_at,
    _LIVE,
)

_WAITING = (SweepStatus.RUNNING.value, SweepStatus.QUARANTINED.value)


class SweepRecords:
    """Satisfies `zyenta_ops.ports.catalog.SweepRecords`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def begin(self, supplier_key: str, sweep_id: str, run_id: str | None, now: datetime) -> Sweep:
        """Open a sweep with the supplier's next sequence number."""
        row = self.connection.execute(
            update(supplier)
            .where(supplier.c.key == supplier_key)
            .values(last_sequence=supplier.c.last_sequence + 1)
            .returning(
                supplier.c.last_sequence,
                supplier.c.promoted_sequence,
                supplier.c.country,
                supplier.c.currency,
            )
        ).one_or_none()
        if row is None:
            raise NotFound(f"there is no supplier '{supplier_key}'")
        self.connection.execute(
            insert(catalog_sweep).values(
                id=sweep_id,
                supplier_key=supplier_key,
                sequence=row.last_sequence,
                base_sequence=row.promoted_sequence,
                status=SweepStatus.RUNNING.value,
                counts={},
                reasons=[],
                rejections=[],
                run_id=run_id,
                started_at=now,
            )
        )
        market = Market(row.country, row.currency)
        return Sweep(sweep_id, supplier_key, market, row.last_sequence, row.promoted_sequence, now)

    def believed_version(self, supplier_key: str) -> SourceVersion | None:
        """The source version of the last believed sweep."""
        record = self.latest(supplier_key, (SweepStatus.PROMOTED, SweepStatus.UNCHANGED))
        return record.version if record else None

    def count_listed(self, sweep: Sweep) -> tuple[int, int, int]:
        """Listed offers that are not missing, those of them that can be bought, and the missing."""
        there = supplier_offer.c.miss_count == 0
        known, live_before, missing = self.connection.execute(
            select(_count(there), _count(and_(there, _LIVE)), _count(~there))
            .select_from(supplier_offer)
            .where(_of_market(sweep), _listed())
        ).one()
        return known, live_before, missing

    def differing(self, hashes: Mapping[str, str]) -> Mapping[str, StoredOffer | None]:
        """Offers that are not stored with this content, and what is stored instead."""
        statement = _DIFFERING[self.connection.dialect.name]
        return {
            key: StoredOffer(
                cost, currency, stock, saleable, estimated, listing == Listing.LISTED, misses
            )
            if known
            else None
            for key, known, cost, currency, stock, saleable, estimated, listing, misses in (
                self.connection.execute(statement, {"found": hashes}).all()
            )
        }

    def listed_pages(self, sweep: Sweep, size: int) -> Iterator[Sequence[ListedOffer]]:
        """Every listed offer of the sweep's market, streamed."""
        result = self.connection.execute(
            _LISTED_OFFER.where(_of_market(sweep), _listed()),
            execution_options={"yield_per": size},
        )
        for page in result.partitions():
            yield [ListedOffer(*row) for row in page]

    def listed_of(self, sweep: Sweep, product_refs: Sequence[str]) -> list[ListedOffer]:
        """Every listed offer of these products."""
        rows = self.connection.execute(
            _LISTED_OFFER.where(
                _of_market(sweep), _listed(), supplier_offer.c.product_ref.in_(product_refs)
            )
        )
        return [ListedOffer(*row) for row in rows]

    def stage(self, sweep: Sweep, offers: Sequence[StagedOffer]) -> bool:
        """Insert differences of listed offers, unless the sweep was closed."""
        if not self._is_running(sweep):
            return False
        self.connection.execute(
            insert(offer_observation), [observation(sweep, staged) for staged in offers]
        )
        return True

    def stage_missing(self, sweep: Sweep, offers: Sequence[MissingOffer]) -> bool:
        """Copy absent offers into the sweep with what their absence makes of them."""
        if not self._is_running(sweep):
            return False
        by_outcome: dict[tuple[Difference, Listing, int], list[str]] = {}
        for offer in offers:
            key = (offer.difference, offer.listing, offer.miss_count)
            by_outcome.setdefault(key, []).append(offer.offer_id)
        for (difference, listing, misses), offer_ids in by_outcome.items():
            self.connection.execute(copy_of_missing(sweep, difference, listing, misses, offer_ids))
        return True

    def _is_running(self, sweep: Sweep) -> bool:
        # Shared, so that whoever closes the sweep waits for these rows before dropping them.
        status = self.connection.execute(
            select(catalog_sweep.c.status)
            .where(catalog_sweep.c.id == sweep.id)
            .with_for_update(read=True)
        ).scalar_one()
        return bool(status == SweepStatus.RUNNING.value)

    def hold(self, supplier_key: str, sweep_id: str) -> bool:
        """Lock the supplier, then see whether the sweep was closed or overtaken.

        Every sweep that ends takes this one lock before any other, so ends never deadlock.
        """
        promoted = self.connection.execute(
            select(supplier.c.promoted_sequence)
            .where(supplier.c.key == supplier_key)
            .with_for_update(key_share=True)
        ).scalar_one()
        status, base = self.connection.execute(
            select(catalog_sweep.c.status, catalog_sweep.c.base_sequence).where(
                catalog_sweep.c.id == sweep_id
            )
        ).one()
        # Differences staged against another base would undo what was promoted meanwhile.
        return status in _WAITING and base == promoted

    def promote(self, sweep_id: str, now: datetime) -> None:
        """Move the supplier to this sweep and turn its staged differences into offers."""
        sweep = self.connection.execute(
            select(catalog_sweep.c.supplier_key, catalog_sweep.c.sequence).where(
                catalog_sweep.c.id == sweep_id
            )
        ).one()
        self.connection.execute(
            update(supplier)
            .where(supplier.c.key == sweep.supplier_key)
            .values(promoted_sequence=sweep.sequence, updated_at=now)
        )
        self.connection.execute(promotion(self.connection.dialect, sweep_id, sweep.sequence))

    def believe_absences(self, sweep_id: str) -> int:
        """Take missing offers off, then say so in their observations too."""
        taken_off, said = absences_believed(sweep_id)
        gone = self.connection.execute(taken_off).rowcount
        self.connection.execute(said)
        return gone

    def finish(
        self,
        sweep_id: str,
        status: SweepStatus,
        now: datetime,
        *,
        version: SourceVersion | None = None,
        counts: SweepCounts | None = None,
        reasons: Sequence[str] = (),
        rejections: Sequence[Rejection] = (),
        error: str | None = None,
    ) -> None:
        """Close a sweep with its outcome."""
        values: dict[str, Any] = {"status": status.value, "finished_at": now}
        if version is not None:
            values |= asdict(version)
        if counts is not None:
            values["counts"] = asdict(counts)
        if reasons:
            values["reasons"] = list(reasons)
        if rejections:
            values["rejections"] = [asdict(each) for each in rejections[:REJECTIONS_KEPT]]
        if error is not None:
            values["error"] = error
        self.connection.execute(
            update(catalog_sweep).where(catalog_sweep.c.id == sweep_id).values(**values)
        )

    def discard_staged(self, sweep_id: str) -> None:
        """Drop the staged differences of a sweep that will not be promoted."""
        self.connection.execute(
            delete(offer_observation).where(offer_observation.c.sweep_id == sweep_id)
        )

    def latest(
        self, supplier_key: str, statuses: Iterable[SweepStatus] | None = None
    ) -> SweepRecord | None:
        """The newest sweep of a supplier, of these statuses when given."""
        query = select(catalog_sweep).where(catalog_sweep.c.supplier_key == supplier_key)
        if statuses is not None:
            query = query.where(catalog_sweep.c.status.in_([each.value for each in statuses]))
        row = self.connection.execute(
            query.order_by(catalog_sweep.c.sequence.desc()).limit(1)
        ).one_or_none()
        return _record(row) if row else None

    def abandoned(self, supplier_key: str, before_sequence: int) -> list[str]:
        """Ids of older sweeps that still count as running or wait in quarantine."""
        return list(
            self.connection.execute(
                select(catalog_sweep.c.id).where(
                    catalog_sweep.c.supplier_key == supplier_key,
                    catalog_sweep.c.sequence < before_sequence,
                    catalog_sweep.c.status.in_(_WAITING),
                )
            ).scalars()
        )

    def quarantined(self) -> list[SweepRecord]:
        """All that waits in quarantine."""
        rows = self.connection.execute(
            select(catalog_sweep)
            .where(catalog_sweep.c.status == SweepStatus.QUARANTINED.value)
            .order_by(catalog_sweep.c.supplier_key, catalog_sweep.c.sequence)
        )
        return [_record(row) for row in rows]

    def quarantined_products(self, supplier_key: str) -> list[str]:
        """The products that the sweep in quarantine names."""
        staged, sweep = offer_observation.c, catalog_sweep.c
        return list(
            self.connection.execute(
                select(staged.product_ref)
                .join(catalog_sweep, sweep.id == staged.sweep_id)
                .where(
                    sweep.supplier_key == supplier_key,
                    sweep.status == SweepStatus.QUARANTINED.value,
                )
                .distinct()
                .order_by(staged.product_ref)
            ).scalars()
        )

    def recent_moves(
        self, sweep: Sweep, since: datetime, without: Sequence[str]
    ) -> tuple[int, CostMoves]:
        """How many offers were answered, and how their costs moved."""
        watched = watched_product.c
        known = self.connection.execute(
            select(func.count())
            .select_from(
                supplier_offer.join(
                    watched_product,
                    and_(
                        watched.supplier_key == supplier_offer.c.supplier_key,
                        watched.product_ref == supplier_offer.c.product_ref,
                    ),
                )
            )
            .where(
                _of_market(sweep),
                _listed(),
                supplier_offer.c.miss_count == 0,
                watched.read_at >= since,
                watched.product_ref.not_in(without),
            )
        ).scalar_one()
        promoted = self.connection.execute(
            select(catalog_sweep.c.id, catalog_sweep.c.reasons).where(
                catalog_sweep.c.supplier_key == sweep.supplier_key,
                catalog_sweep.c.status == SweepStatus.PROMOTED.value,
                catalog_sweep.c.finished_at >= since,
            )
        )
        # What was promoted in spite of reasons, a person has let through.
        believed = [sweep_id for sweep_id, reasons in promoted if not reasons]
        moves = self.connection.execute(cost_moves(believed, without)).one()
        return known, CostMoves(*moves)

    def differences(self, sweep_id: str, limit: int) -> list[OfferDifference]:
        """Alarming differences, then others while there is room."""
        alarming = alarming_differences(sweep_id).limit(limit)
        shown = [*self.connection.execute(alarming)]
        if len(shown) < limit:
            ordinary = ordinary_differences(sweep_id).limit(limit - len(shown))
            shown += self.connection.execute(ordinary)
        return [OfferDifference(*each) for each in shown]


def _of_market(sweep: Sweep) -> Any:
    return and_(
        supplier_offer.c.supplier_key == sweep.supplier_key,
        supplier_offer.c.country == sweep.market.country,
        supplier_offer.c.currency == sweep.market.currency,
    )


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((which, 1)))


def _listed() -> Any:
    return supplier_offer.c.listing == Listing.LISTED.value


def _record(row: Row[Any]) -> SweepRecord:
    return SweepRecord(
        id=row.id,
        supplier_key=row.supplier_key,
        sequence=row.sequence,
        status=SweepStatus(row.status),
        version=SourceVersion(row.etag, row.last_modified, row.sha256, row.reader),
        counts=SweepCounts(**row.counts),
        reasons=tuple(row.reasons),
        rejections=tuple(Rejection(**each) for each in row.rejections),
        error=row.error,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
