"""Which alerts a store's untold changes give cause for, and which alerts are over.

What changed only says where to look; what is told is how things stand now. A variant that went
out and came back before anybody was told is therefore no news.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from zyenta_ops.domain.alerts.lifecycle import AlertType
from zyenta_ops.domain.alerts.preferences import AlertPreferences
from zyenta_ops.domain.inventory import Availability, ChangeKind
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import ProductStatus


class Cause(StrEnum):
    """Why a variant is named in an alert."""

    OUT_OF_STOCK = "OUT_OF_STOCK"  # the supplier has none left
    NOT_SALEABLE = "NOT_SALEABLE"  # the supplier lists it and does not sell it
    VARIANT_GONE = "VARIANT_GONE"  # the supplier took this variant off
    DELISTED = "DELISTED"  # the supplier took the product off
    STOCK_LOW = "STOCK_LOW"  # at or below the store's threshold
    COST_UP = "COST_UP"  # the supplier asks more
    COST_DOWN = "COST_DOWN"  # the supplier asks less


class Selling(StrEnum):
    """What a supplier's new price did to the selling price."""

    ADJUSTED = "ADJUSTED"
    AWAITS_APPROVAL = "AWAITS_APPROVAL"
    BLOCKED = "BLOCKED"  # too far to believe
    UNPRICED = "UNPRICED"  # no price could be computed
    UNCHANGED = "UNCHANGED"


@dataclass(frozen=True, slots=True)
class Change:
    """One untold change of a variant; values are minor units or units of stock."""

    variant_id: str
    kind: ChangeKind
    before: int | None = None
    after: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class PendingPrice:
    """A price decision that nobody has settled, and the price it came to, if any."""

    selling: Selling
    price: Money | None


@dataclass(frozen=True, slots=True)
class VariantNow:
    """How a variant stands. `told_cost` is the cost its merchant was last told of."""

    variant_id: str
    product_id: str
    product_title: str
    variant_title: str
    product_status: ProductStatus
    availability: Availability | None = None
    published_stock: int | None = None
    cost: Money | None = None
    told_cost: Money | None = None
    price: Money | None = None
    pending: PendingPrice | None = None

    @property
    def hidden(self) -> bool:
        """Whether its product is off the storefront for want of anything to sell."""
        return self.product_status in _HIDDEN


@dataclass(frozen=True, slots=True)
class StockNews:
    """A variant that cannot be bought any more, or hardly."""

    variant: VariantNow
    cause: Cause
    previous_stock: int | None


@dataclass(frozen=True, slots=True)
class CostNews:
    """A variant whose supplier price moved beyond the store's threshold.

    `percent` is relative to the cost last told, to one decimal; None when that cost was zero.
    `price_before` is the selling price before it was adjusted, which it may also be while a higher
    one awaits approval: a price below its floor is raised to the floor at once.
    """

    variant: VariantNow
    cost_before: Money
    cost: Money
    percent: Decimal | None
    selling: Selling
    price_before: Money | None = None

    @property
    def cause(self) -> Cause:
        """Which way the cost moved."""
        return Cause.COST_UP if self.cost_before < self.cost else Cause.COST_DOWN


@dataclass(frozen=True, slots=True)
class News:
    """What one store should be told, by alert type. Empty where there is nothing to tell.

    `told_costs` are the costs that the next cost change of each variant is compared with.
    """

    stock_out: tuple[StockNews, ...] = ()
    stock_low: tuple[StockNews, ...] = ()
    costs: tuple[CostNews, ...] = ()
    told_costs: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A variant that an unresolved alert names; `now` None = the store no longer has it."""

    alert_id: str
    type: AlertType
    variant_id: str
    cause: Cause
    cost_before: Money | None
    now: VariantNow | None


_HIDDEN: Final = frozenset({ProductStatus.OUT_OF_STOCK, ProductStatus.DELISTED})
# Products a person hid, retired or never showed are nobody's news.
_SHOWN: Final = frozenset({ProductStatus.ACTIVE, *_HIDDEN})
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
    changes: Iterable[Change],
    variants: Mapping[str, VariantNow],
    named: Mapping[AlertType, Collection[str]],
    preferences: AlertPreferences,
) -> News:
    """What a store should be told of these changes.

    A variant that an unresolved alert of the same type already names is not told of again, except
    for its cost: that is told each time it has moved beyond the threshold since it was last told,
    so that small steps add up.

    Args:
        changes: the store's untold changes, oldest first.
        variants: how the changed variants stand; a change of any other variant is ignored.
        named: ids of the variants that unresolved alerts name, by alert type.
        preferences: the store's thresholds.
    """
    by_variant: dict[str, list[Change]] = {}
    for change in changes:
        by_variant.setdefault(change.variant_id, []).append(change)
    out: list[StockNews] = []
    low: list[StockNews] = []
    costs: list[CostNews] = []
    told: list[tuple[str, Money]] = []
    for variant_id, of_variant in by_variant.items():
        variant = variants.get(variant_id)
        if variant is None or variant.product_status not in _SHOWN:
            continue
        if variant_id not in named.get(AlertType.STOCK_OUT, ()):
            out += _stock_out(variant, of_variant)
        if variant_id not in named.get(AlertType.STOCK_LOW, ()):
            low += _stock_low(variant, of_variant, preferences.stock_low_threshold)
        base = _told_cost(variant, of_variant)
        if base is not None:
            news = _cost(variant, of_variant, base, preferences.cost_change_percent)
            costs += news
            told.append((variant_id, news[0].cost if news else base))
    return News(
        tuple(sorted(out, key=_by_title)),
        tuple(sorted(low, key=_by_title)),
        tuple(sorted(costs, key=_by_title)),
        tuple(told),
    )


def cause_now(variant: VariantNow) -> Cause | None:
    """Why a variant cannot be bought; None when it can, or was never synced."""
    return _CAUSES.get(variant.availability) if variant.availability else None


def is_over(subject: Subject, preferences: AlertPreferences, retold: Collection[str]) -> bool:
    """Whether what an alert says of a variant is no longer the case.

    Args:
        subject: the variant as the alert names it, and as it stands.
        preferences: the store's thresholds.
        retold: ids of variants whose cost a newer alert tells of.
    """
    now = subject.now
    if now is None or now.product_status is ProductStatus.ARCHIVED:
        return True
    if subject.type is AlertType.STOCK_OUT:
        return cause_now(now) is None
    if subject.type is AlertType.STOCK_LOW:
        return not _is_low(now, preferences.stock_low_threshold)
    if subject.variant_id in retold:
        return True
    if now.cost is None or subject.cost_before is None:
        return False
    if now.cost.currency != subject.cost_before.currency:
        return True
    return not _moved(subject.cost_before, now.cost, preferences.cost_change_percent)


def _by_title(news: StockNews | CostNews) -> tuple[str, str, str]:
    variant = news.variant
    return variant.product_title.casefold(), variant.product_id, variant.variant_title.casefold()


def _stock_out(variant: VariantNow, changes: Sequence[Change]) -> list[StockNews]:
    cause = cause_now(variant)
    losses: list[Change] = []
    for change in changes:
        if change.kind in _LOSSES:
            losses.append(change)
        elif change.kind is ChangeKind.RESTOCKED:
            losses = []
    return [StockNews(variant, cause, losses[0].before)] if cause and losses else []


def _stock_low(variant: VariantNow, changes: Sequence[Change], threshold: int) -> list[StockNews]:
    drops = [change for change in changes if change.kind is ChangeKind.STOCK_LOW]
    if not drops or not _is_low(variant, threshold):
        return []
    return [StockNews(variant, Cause.STOCK_LOW, drops[0].before)]


def _is_low(variant: VariantNow, threshold: int) -> bool:
    published = variant.published_stock
    return (
        variant.availability is Availability.AVAILABLE
        and published is not None
        and published <= threshold
    )


def _told_cost(variant: VariantNow, changes: Sequence[Change]) -> Money | None:
    """What the variant's cost is compared with; None when its cost is not what changed."""
    moves = [change for change in changes if change.kind is ChangeKind.COST]
    if not moves or variant.cost is None:
        return None
    if variant.told_cost is not None and variant.told_cost.currency == variant.cost.currency:
        return variant.told_cost
    first = moves[0]
    if first.before is not None and first.currency == variant.cost.currency:
        return Money(first.before, variant.cost.currency)
    return variant.cost


def _cost(
    variant: VariantNow, changes: Sequence[Change], base: Money, threshold: int
) -> list[CostNews]:
    cost = variant.cost
    if cost is None or not _moved(base, cost, threshold):
        return []
    percent = (
        (Decimal(cost.minor - base.minor) * 100 / base.minor).quantize(Decimal("0.1"))
        if base.minor
        else None
    )
    selling, price_before = _selling(variant, changes)
    return [CostNews(variant, base, cost, percent, selling, price_before)]


def _moved(before: Money, after: Money, percent: int) -> bool:
    return abs(after.minor - before.minor) * 100 > percent * abs(before.minor)


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
