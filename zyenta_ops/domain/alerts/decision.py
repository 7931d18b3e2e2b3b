"""Which alerts a store's variants give cause for, and which alerts are over.

What changed only says where to look; what is told is how things stand now. A variant that went
out and came back before anybody was told is therefore no news. Low stock and missing prices are
states: they are told by how a variant stands, however it came there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from zyenta_ops.domain.alerts.costs import cost_move
from zyenta_ops.domain.alerts.facts import (
    HIDDEN,
    Cause,
    Change,
    CostNews,
    Criteria,
    News,
    PriceNews,
    Selling,
    StockNews,
    Subject,
    VariantNow,
)
from zyenta_ops.domain.alerts.lifecycle import AlertType
from zyenta_ops.domain.inventory import Availability, ChangeKind
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import ProductStatus

# Products a person hid, retired or never showed are nobody's news.
_SHOWN: Final = frozenset({ProductStatus.ACTIVE, *HIDDEN})
_LOSSES: Final = frozenset(
    {
        ChangeKind.STOCK_OUT,
        ChangeKind.DELISTED,
        ChangeKind.VARIANT_GONE,
        ChangeKind.WITHDRAWN,
    }
)
_CAUSES: Final = {
    Availability.OUT_OF_STOCK: Cause.OUT_OF_STOCK,
    Availability.NOT_SALEABLE: Cause.NOT_SALEABLE,
    Availability.VARIANT_GONE: Cause.VARIANT_GONE,
    Availability.DELISTED: Cause.DELISTED,
}


def decide(
    variants: Iterable[VariantNow],
    changes: Iterable[Change],
    named: Mapping[AlertType, Collection[str]],
    criteria: Criteria,
) -> News:
    """What a store should be told of some of its variants.

    A variant that an alert of the same type names, and that has been the case ever since, is not
    told of again, except for its cost: that is told each time it has moved beyond the threshold
    since it was last told, so that small steps add up.

    Args:
        variants: how the variants stand.
        changes: their untold changes, oldest first.
        named: ids of the variants that alerts name, by alert type.
        criteria: what they are judged by.
    """
    by_variant: dict[str, list[Change]] = {}
    for change in changes:
        by_variant.setdefault(change.variant_id, []).append(change)
    out: list[StockNews] = []
    low: list[StockNews] = []
    costs: list[CostNews] = []
    unpriced: list[PriceNews] = []
    told: list[tuple[str, Money]] = []
    for variant in variants:
        if variant.product_status not in _SHOWN:
            continue
        of_variant = by_variant.get(variant.variant_id, ())
        if variant.variant_id not in named.get(AlertType.STOCK_OUT, ()):
            out += _stock_out(variant, of_variant)
        if variant.variant_id not in named.get(AlertType.STOCK_LOW, ()):
            low += _stock_low(variant, of_variant, criteria)
        news, remembered = _cost(variant, of_variant, criteria)
        costs += news
        told += remembered
        unpriced += _unpriced(variant, criteria)
    return News(tuple(out), tuple(low), tuple(costs), tuple(unpriced), tuple(told))


def cause_now(variant: VariantNow) -> Cause | None:
    """Why a variant cannot be bought; None when it can, or was never synced."""
    return _CAUSES.get(variant.availability) if variant.availability else None


def is_over(subject: Subject, now: VariantNow, criteria: Criteria, retold: Collection[str]) -> bool:
    """Whether what an alert says of a variant is no longer the case.

    Args:
        subject: the variant as the alert names it.
        now: the variant as it stands.
        criteria: what it is judged by.
        retold: ids of variants whose cost a newer alert tells of.
    """
    if now.product_status is ProductStatus.ARCHIVED:
        return True
    if subject.type is AlertType.STOCK_OUT:
        return cause_now(now) is None
    if subject.type is AlertType.STOCK_LOW:
        return not _is_low(now, criteria)
    if subject.type is AlertType.PRICE_MISSING:
        return not now.on_sale or now.price is not None
    if subject.variant_id in retold:
        return True
    if now.cost is None or subject.cost_before is None:
        return False
    return not cost_move(subject.cost_before, now.cost, criteria).beyond


def _stock_out(variant: VariantNow, changes: Sequence[Change]) -> list[StockNews]:
    cause = cause_now(variant)
    losses: list[Change] = []
    for change in changes:
        if change.kind in _LOSSES:
            losses.append(change)
        elif change.kind is ChangeKind.RESTOCKED:
            losses = []
    return [StockNews(variant, cause, losses[0].before)] if cause and losses else []


def _stock_low(
    variant: VariantNow, changes: Sequence[Change], criteria: Criteria
) -> list[StockNews]:
    if not _is_low(variant, criteria):
        return []
    drops = (change.before for change in changes if change.kind is ChangeKind.STOCK_LOW)
    return [StockNews(variant, Cause.STOCK_LOW, next(drops, None))]


def _is_low(variant: VariantNow, criteria: Criteria) -> bool:
    published = variant.published_stock
    threshold = criteria.preferences.stock_low_threshold
    return variant.on_sale and published is not None and published <= threshold


def _cost(
    variant: VariantNow, changes: Sequence[Change], criteria: Criteria
) -> tuple[list[CostNews], list[tuple[str, Money]]]:
    """What to tell of a variant's cost, and the cost that its next change is compared with."""
    moves = [change for change in changes if change.kind is ChangeKind.COST]
    cost = variant.cost
    if not moves or cost is None:
        return [], []
    known = variant.told_cost or _first_known(moves[0], cost)
    move = cost_move(known, cost, criteria)
    if not move.beyond:
        # In the new currency from now on, else the rate's own moves would add to the supplier's.
        return [], [(variant.variant_id, move.base or known)]
    selling, price_before = _selling(variant, changes)
    news = CostNews(variant, move.cause, known, cost, move.percent, selling, price_before)
    return [news], [(variant.variant_id, cost)]


def _first_known(move: Change, cost: Money) -> Money:
    if move.before is not None and move.currency == cost.currency:
        return Money(move.before, cost.currency)
    return cost


def _selling(variant: VariantNow, changes: Sequence[Change]) -> tuple[Selling, Money | None]:
    """What became of the selling price, and what it was before if that is different and known."""
    first = next((change for change in changes if change.kind is ChangeKind.PRICE), None)
    before = None
    moved = first is not None and variant.price is not None
    if first and variant.price and first.before is not None:
        before = Money(first.before, first.currency or variant.price.currency)
        moved = before != variant.price
    if variant.pending is not None:
        return variant.pending.selling, before if moved else None
    return (Selling.ADJUSTED, before) if moved else (Selling.UNCHANGED, None)


def _unpriced(variant: VariantNow, criteria: Criteria) -> list[PriceNews]:
    cost, pending = variant.cost, variant.pending
    if not variant.on_sale or variant.price is not None or cost is None:
        return []
    # One that was never decided waits for its turn; that is no fault of its cost.
    if pending is None or pending.selling is not Selling.UNPRICED:
        return []
    convertible = criteria.worth(cost, variant.currency) is not None
    cause = Cause.NO_PRICE if convertible else Cause.NO_RATE
    return [PriceNews(variant, cause, cost, pending.reason)]
