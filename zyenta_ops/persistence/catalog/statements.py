"""The statements of a sweep: staging its differences, showing them, making them offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Dialect,
    Insert,
    Integer,
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    distinct,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from zyenta_ops.domain.inventory import Listing
from zyenta_ops.domain.sweeps import Difference, StagedOffer
from zyenta_ops.persistence.schema import offer_observation, supplier_offer
from zyenta_ops.ports.catalog import Sweep

_PAYLOAD = [
    column.name
    for column in supplier_offer.columns
    if column.name in offer_observation.columns and column.name != "id"
]

_staged = offer_observation.c

# What may be wrong with a catalogue, each with a number; NULL for an ordinary difference.
_ALARM = case(
    (_staged.difference.in_([Difference.GONE.value, Difference.MISSING.value]), 0),
    (_staged.difference != Difference.CHANGED.value, null()),
    (~_staged.saleable, 1),
    (and_(_staged.stock == 0, func.coalesce(_staged.previous_stock, 1) > 0), 1),
    (and_(_staged.stock.is_(None), ~_staged.in_stock, _staged.previous_stock.is_not(None)), 4),
    (_staged.cost_currency != _staged.previous_cost_currency, 3),
    (_staged.cost_minor == _staged.previous_cost_minor, null()),
    (_staged.cost_minor >= 2 * _staged.previous_cost_minor, 2),
    (2 * _staged.cost_minor <= _staged.previous_cost_minor, 2),
    else_=null(),
)

_DIFFERENCE = (
    _staged.product_ref,
    _staged.variant_ref,
    _staged.title,
    _staged.difference,
    _staged.previous_stock,
    _staged.stock,
    _staged.previous_cost_minor,
    _staged.previous_cost_currency,
    _staged.cost_minor,
    _staged.cost_currency,
)

_NAME = (_staged.product_ref, _staged.variant_ref)


def upsert(dialect: Dialect, table: Any) -> Any:
    """An INSERT that knows ON CONFLICT in the dialect at hand."""
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)


def differing(json_each: Any) -> Select[Any]:
    """Selects what is stored of the offers in `found`, a JSON object of content hashes by id.

    All that comes back is what differs; the rest never leaves the database.

    Args:
        json_each: the engine's function from a JSON object to rows of key and value.
    """
    found = json_each(bindparam("found", type_=JSON)).table_valued("key", "value")
    stored = supplier_offer.c
    return (
        select(
            found.c.key,
            stored.id,
            stored.cost_minor,
            stored.cost_currency,
            stored.stock,
            stored.saleable,
            stored.cost_estimated,
            stored.listing,
            stored.miss_count,
        )
        .select_from(found.outerjoin(supplier_offer, stored.id == found.c.key))
        .where(
            or_(
                stored.id.is_(None),
                stored.content_hash != found.c.value,
                stored.listing != Listing.LISTED.value,
                stored.miss_count > 0,
            )
        )
    )


def observation(sweep: Sweep, staged: StagedOffer) -> dict[str, Any]:
    """The row of a staged difference of a listed offer."""
    offer, previous = staged.offer, staged.previous
    return {
        "sweep_id": sweep.id,
        "offer_id": staged.offer_id,
        "difference": staged.difference.value,
        "previous_cost_minor": previous.cost_minor if previous else None,
        "previous_cost_currency": previous.cost_currency if previous else None,
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
        "in_stock": offer.in_stock,
        "cost_estimated": offer.cost_estimated,
        "saleable": offer.saleable,
        "attributes": [list(pair) for pair in offer.attributes],
        "images": list(offer.images),
        "content_hash": staged.content_hash,
        "listing": Listing.LISTED.value,
        "miss_count": 0,
        "missed_at": None,
        "observed_at": sweep.started_at,
    }


def copy_of_missing(
    sweep: Sweep, difference: Difference, listing: Listing, misses: int, offer_ids: Sequence[str]
) -> Insert:
    """Stages stored offers as they are, but for what their absence, or its end, makes of them."""
    overridden = {
        "listing": literal(listing.value, String),
        "miss_count": literal(misses, Integer),
        "missed_at": literal(sweep.started_at if misses else None, supplier_offer.c.missed_at.type),
        "observed_at": literal(sweep.started_at, supplier_offer.c.observed_at.type),
    }
    payload = [overridden.get(name, supplier_offer.c[name]) for name in _PAYLOAD]
    return insert(offer_observation).from_select(
        [
            "sweep_id",
            "offer_id",
            "difference",
            "previous_cost_minor",
            "previous_cost_currency",
            "previous_stock",
            *_PAYLOAD,
        ],
        select(
            literal(sweep.id, String),
            supplier_offer.c.id,
            literal(difference.value, String),
            supplier_offer.c.cost_minor,
            supplier_offer.c.cost_currency,
            supplier_offer.c.stock,
            *payload,
        ).where(supplier_offer.c.id.in_(offer_ids)),
    )


def promotion(dialect: Dialect, sweep_id: str, sequence: int) -> Insert:
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


def absences_believed(sweep_id: str) -> tuple[Update, Update]:
    """What makes the missing of a promoted sweep gone: of the offers, then of the observations."""
    missing = and_(_staged.sweep_id == sweep_id, _staged.difference == Difference.MISSING.value)
    offer, other = supplier_offer.c, supplier_offer.alias("other")
    product_listed = exists().where(
        other.c.supplier_key == offer.supplier_key,
        other.c.product_ref == offer.product_ref,
        other.c.country == offer.country,
        other.c.currency == offer.currency,
        other.c.listing == Listing.LISTED.value,
        other.c.miss_count == 0,
    )
    taken_off = (
        update(supplier_offer)
        .where(offer.id.in_(select(_staged.offer_id).where(missing)))
        .values(
            listing=case((product_listed, Listing.VARIANT_GONE.value), else_=Listing.DELISTED.value)
        )
    )
    listing = select(offer.listing).where(offer.id == _staged.offer_id).scalar_subquery()
    said = (
        update(offer_observation)
        .where(missing)
        .values(difference=Difference.GONE.value, listing=listing)
    )
    return taken_off, said


def cost_moves(sweep_ids: Sequence[str], without: Sequence[str]) -> Select[Any]:
    """Counts the offers whose costs moved in any of the sweeps, as `CostMoves` names them."""
    cost, before = _staged.cost_minor, _staged.previous_cost_minor
    same = _staged.cost_currency == _staged.previous_cost_currency

    def offers(which: Any) -> Any:
        return func.count(distinct(case((which, _staged.offer_id))))

    moved = and_(same, cost != before)
    return select(
        offers(and_(moved, or_(cost >= 2 * before, 2 * cost <= before))),
        offers(and_(moved, 2 * cost >= 3 * before)),
        offers(and_(moved, 3 * cost <= 2 * before)),
        offers(~same),
    ).where(
        _staged.sweep_id.in_(sweep_ids),
        _staged.difference == Difference.CHANGED.value,
        _staged.product_ref.not_in(without),
    )


def alarming_differences(sweep_id: str) -> Select[Any]:
    """What may be wrong with a catalogue, the kinds of alarm by turns.

    By turns, since a few ordinary sell-outs must not hide that half the catalogue is missing.
    """
    turn = func.row_number().over(partition_by=_ALARM, order_by=_NAME)
    return _differences(sweep_id).where(_ALARM.is_not(None)).order_by(turn, _ALARM)


def ordinary_differences(sweep_id: str) -> Select[Any]:
    """All other differences."""
    return _differences(sweep_id).where(_ALARM.is_(None)).order_by(_staged.difference, *_NAME)


def _differences(sweep_id: str) -> Select[Any]:
    return select(*_DIFFERENCE).where(_staged.sweep_id == sweep_id)
