"""Sweeps and offers: staging, comparing and the one-transaction promotion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Dialect,
    Insert,
    Integer,
    Row,
    String,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from zyenta_ops.domain.catalog import Market, Rejection, SourceVersion
from zyenta_ops.domain.errors import NotFound
from zyenta_ops.domain.inventory import Listing
from zyenta_ops.domain.sweeps import (
    Difference,
    MissingOffer,
    StagedOffer,
    StoredOffer,
    SweepCounts,
    SweepStatus,
)
from zyenta_ops.persistence.schema import (
    catalog_sweep,
    offer_observation,
    supplier,
    supplier_offer,
)
from zyenta_ops.ports.catalog import OfferDifference, Sweep, SweepRecord

# Of the rejected entries of a sweep, so many are kept for people to read.
REJECTIONS_KEPT = 50

_PAYLOAD = [
    column.name
    for column in supplier_offer.columns
    if column.name in offer_observation.columns and column.name != "id"
]

_WAITING = (SweepStatus.RUNNING.value, SweepStatus.QUARANTINED.value)

# The differences a person should see first.
_ALARM = case(
    {
        Difference.GONE.value: 0,
        Difference.MISSING.value: 1,
        Difference.CHANGED.value: 2,
        Difference.BACK.value: 3,
    },
    value=offer_observation.c.difference,
    else_=4,
)


def upsert(dialect: Dialect, table: Any) -> Any:
    """An INSERT that knows ON CONFLICT in the dialect at hand."""
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)


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

    def count_known(self, sweep: Sweep) -> tuple[int, int]:
        """Offers listed and not missing, and those of them that can be bought."""
        live = and_(
            supplier_offer.c.saleable,
            or_(supplier_offer.c.stock.is_(None), supplier_offer.c.stock > 0),
        )
        row = self.connection.execute(
            select(func.count(), func.coalesce(func.sum(case((live, 1), else_=0)), 0))
            .select_from(supplier_offer)
            .where(_of_market(sweep), _listed(), supplier_offer.c.miss_count == 0)
        ).one()
        return int(row[0]), int(row[1])

    def stored(self, offer_ids: Sequence[str]) -> Mapping[str, StoredOffer]:
        """What is stored under these ids."""
        rows = self.connection.execute(
            select(
                supplier_offer.c.id,
                supplier_offer.c.content_hash,
                supplier_offer.c.cost_minor,
                supplier_offer.c.stock,
                supplier_offer.c.saleable,
                supplier_offer.c.listing,
                supplier_offer.c.miss_count,
            ).where(supplier_offer.c.id.in_(offer_ids))
        )
        return {
            row[0]: StoredOffer(row[1], row[2], row[3], row[4], row[5] == "LISTED", row[6])
            for row in rows
        }

    def listed_pages(self, sweep: Sweep, size: int) -> Iterator[Sequence[tuple[str, str, int]]]:
        """Every listed offer of the sweep's market, streamed."""
        result = self.connection.execute(
            select(
                supplier_offer.c.id, supplier_offer.c.product_ref, supplier_offer.c.miss_count
            ).where(_of_market(sweep), _listed()),
            execution_options={"yield_per": size},
        )
        for page in result.partitions():
            yield [row.tuple() for row in page]

    def count_missing(self, sweep: Sweep) -> int:
        """Listed offers that the last believed sweep did not mention."""
        return self.connection.execute(
            select(func.count())
            .select_from(supplier_offer)
            .where(_of_market(sweep), _listed(), supplier_offer.c.miss_count > 0)
        ).scalar_one()

    def stage(self, sweep: Sweep, offers: Sequence[StagedOffer]) -> None:
        """Keep differences of listed offers with the sweep."""
        if offers:
            self.connection.execute(
                insert(offer_observation), [_observation(sweep, staged) for staged in offers]
            )

    def stage_missing(self, sweep: Sweep, offers: Sequence[MissingOffer]) -> None:
        """Copy absent offers into the sweep with what their absence makes of them."""
        by_outcome: dict[tuple[Difference, Listing, int], list[str]] = {}
        for offer in offers:
            key = (offer.difference, offer.listing, offer.miss_count)
            by_outcome.setdefault(key, []).append(offer.offer_id)
        for (difference, listing, misses), offer_ids in by_outcome.items():
            overridden = {
                "listing": literal(listing.value, String),
                "miss_count": literal(misses, Integer),
                "observed_at": literal(sweep.started_at, supplier_offer.c.observed_at.type),
            }
            payload = [overridden.get(name, supplier_offer.c[name]) for name in _PAYLOAD]
            self.connection.execute(
                insert(offer_observation).from_select(
                    [
                        "sweep_id",
                        "offer_id",
                        "difference",
                        "previous_cost_minor",
                        "previous_stock",
                        *_PAYLOAD,
                    ],
                    select(
                        literal(sweep.id, String),
                        supplier_offer.c.id,
                        literal(difference.value, String),
                        supplier_offer.c.cost_minor,
                        supplier_offer.c.stock,
                        *payload,
                    ).where(supplier_offer.c.id.in_(offer_ids)),
                )
            )

    def promote(self, sweep_id: str, now: datetime) -> bool:
        """Make the sweep's differences the offers in force, if nothing overtook it meanwhile."""
        # A newer sweep that cleared this one away has also dropped its staged differences.
        sweep = self.connection.execute(
            update(catalog_sweep)
            .where(
                catalog_sweep.c.id == sweep_id,
                catalog_sweep.c.status.in_(_WAITING),
            )
            .values(finished_at=now)
            .returning(catalog_sweep)
        ).one_or_none()
        if sweep is None:
            return False
        # Compare-and-set: differences staged against another base would lose its updates.
        moved = self.connection.execute(
            update(supplier)
            .where(
                supplier.c.key == sweep.supplier_key,
                supplier.c.promoted_sequence == sweep.base_sequence,
            )
            .values(promoted_sequence=sweep.sequence, updated_at=now)
        )
        if moved.rowcount == 0:
            return False
        self.connection.execute(_promotion(self.connection.dialect, sweep_id, sweep.sequence))
        return True

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

    def differences(self, sweep_id: str, limit: int) -> list[OfferDifference]:
        """The first staged differences, the most alarming first."""
        seen = offer_observation.c
        rows = self.connection.execute(
            select(
                seen.product_ref,
                seen.variant_ref,
                seen.title,
                seen.difference,
                seen.previous_stock,
                seen.stock,
                seen.previous_cost_minor,
                seen.cost_minor,
                seen.cost_currency,
            )
            .where(seen.sweep_id == sweep_id)
            .order_by(_ALARM, seen.product_ref, seen.variant_ref)
            .limit(limit)
        )
        return [OfferDifference(*row.tuple()) for row in rows]


def _of_market(sweep: Sweep) -> Any:
    return and_(
        supplier_offer.c.supplier_key == sweep.supplier_key,
        supplier_offer.c.country == sweep.market.country,
        supplier_offer.c.currency == sweep.market.currency,
    )


def _listed() -> Any:
    return supplier_offer.c.listing == Listing.LISTED.value


def _observation(sweep: Sweep, staged: StagedOffer) -> dict[str, Any]:
    offer, previous = staged.offer, staged.previous
    return {
        "sweep_id": sweep.id,
        "offer_id": staged.offer_id,
        "difference": staged.difference.value,
        "previous_cost_minor": previous.cost_minor if previous else None,
        "previous_stock": previous.stock if previous else None,
        "supplier_key": sweep.supplier_key,
        "country": sweep.market.country,
        "currency": sweep.market.currency,
        "product_ref": offer.product_ref,
        "variant_ref": offer.variant_ref,
        "order_ref": offer.order_ref,
        "sku": offer.sku,
        "title": offer.title,
        "cost_minor": offer.unit_cost.minor,
        "cost_currency": offer.unit_cost.currency,
        "list_price_minor": offer.list_price.minor if offer.list_price else None,
        "stock": offer.stock,
        "saleable": offer.saleable,
        "attributes": dict(offer.attributes),
        "images": list(offer.images),
        "content_hash": staged.content_hash,
        "listing": Listing.LISTED.value,
        "miss_count": 0,
        "observed_at": sweep.started_at,
    }


def _promotion(dialect: Dialect, sweep_id: str, sequence: int) -> Insert:
    """The one statement that turns staged differences into offers."""
    staged = select(
        offer_observation.c.offer_id,
        *(offer_observation.c[name] for name in _PAYLOAD),
        literal(sequence, Integer),
    ).where(offer_observation.c.sweep_id == sweep_id)
    statement = upsert(dialect, supplier_offer).from_select(["id", *_PAYLOAD, "revision"], staged)
    new: Insert = statement.on_conflict_do_update(
        index_elements=["id"],
        set_={name: statement.excluded[name] for name in (*_PAYLOAD, "revision")},
    )
    return new


def _record(row: Row[Any]) -> SweepRecord:
    return SweepRecord(
        id=row.id,
        supplier_key=row.supplier_key,
        sequence=row.sequence,
        status=SweepStatus(row.status),
        version=SourceVersion(row.etag, row.last_modified, row.sha256),
        counts=SweepCounts(**row.counts),
        reasons=tuple(row.reasons),
        rejections=tuple(Rejection(**each) for each in row.rejections),
        error=row.error,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
