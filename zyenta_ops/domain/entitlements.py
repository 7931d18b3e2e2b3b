"""What a plan allows, and how far an action may go by itself.

Limits stop what can wait: new stores, new products, videos, quick cadences. They never stop what a
customer has paid for or what keeps a shop true; such use is counted all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from zyenta_ops.domain.stores import PlanTier, SyncFrequency

# After a failed payment of a subscription what was allowed stays allowed for this long.
GRACE: Final = timedelta(hours=72)


class Action(StrEnum):
    """What Zyenta Ops can do without being asked."""

    STOCK = "STOCK"  # publish stock, hide what is gone
    PRICES = "PRICES"
    PLACE_ORDERS = "PLACE_ORDERS"
    PAY_SUPPLIERS = "PAY_SUPPLIERS"
    TELL_CUSTOMERS = "TELL_CUSTOMERS"
    REFUND = "REFUND"
    MAKE_VIDEOS = "MAKE_VIDEOS"


class Autonomy(IntEnum):
    """How far an action goes by itself; the lower of two is the more careful."""

    OFF = 0
    OBSERVE = 1  # say what would have been done
    PROPOSE = 2  # prepare it, a person approves
    AUTO = 3


class Feature(StrEnum):
    """What is counted."""

    STORES = "stores"
    VARIANTS = "variants"
    VIDEOS = "videos"  # a month
    ORDERS = "orders"  # placed, a month
    TRACKING = "tracking"
    REFUNDS = "refunds"


# A paid order is placed, tracked and refunded whatever the plan says: a quota is no reason to
# strand a customer. Their use beyond a limit is billed, not refused.
NEVER_REFUSED: Final = frozenset({Feature.ORDERS, Feature.TRACKING, Feature.REFUNDS})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan allows.

    Attributes:
        quickest: the highest cadence that a store may ask for.
        limits: by feature, how much; a feature that is not named has no limit.
        ceilings: how far actions may go; one that is not named may not go at all.
    """

    quickest: SyncFrequency
    limits: Mapping[Feature, int] = field(default_factory=dict)
    ceilings: Mapping[Action, Autonomy] = field(default_factory=dict)


_EVERYTHING: Final = MappingProxyType(dict.fromkeys(Action, Autonomy.AUTO))

TERMS: Final[Mapping[PlanTier, Terms]] = MappingProxyType(
    {
        PlanTier.FREE: Terms(
            SyncFrequency.STANDARD,
            {Feature.STORES: 1, Feature.VARIANTS: 500, Feature.VIDEOS: 0, Feature.ORDERS: 50},
            {
                Action.STOCK: Autonomy.AUTO,
                Action.PRICES: Autonomy.PROPOSE,
                Action.PLACE_ORDERS: Autonomy.PROPOSE,
                Action.PAY_SUPPLIERS: Autonomy.PROPOSE,
                Action.TELL_CUSTOMERS: Autonomy.AUTO,
                Action.REFUND: Autonomy.PROPOSE,
                Action.MAKE_VIDEOS: Autonomy.OFF,
            },
        ),
        PlanTier.STARTER: Terms(
            SyncFrequency.STANDARD,
            {Feature.STORES: 3, Feature.VARIANTS: 10_000, Feature.VIDEOS: 10, Feature.ORDERS: 500},
            {
                **_EVERYTHING,
                Action.PLACE_ORDERS: Autonomy.PROPOSE,
                Action.PAY_SUPPLIERS: Autonomy.PROPOSE,
                Action.REFUND: Autonomy.PROPOSE,
            },
        ),
        PlanTier.AUTOPILOT: Terms(SyncFrequency.HIGH, {Feature.VIDEOS: 200}, _EVERYTHING),
    }
)

# The lookup keys of the features that Stripe's entitlements name, best plan first.
_TIERS: Final = (("autopilot", PlanTier.AUTOPILOT), ("starter", PlanTier.STARTER))
_ORDER: Final = tuple(PlanTier)


def tier_of(lookup_keys: Collection[str]) -> PlanTier:
    """The plan that entitlements come to; without a known one, FREE."""
    return next((tier for key, tier in _TIERS if key in lookup_keys), PlanTier.FREE)


def is_lower(tier: PlanTier, other: PlanTier) -> bool:
    """Whether a plan allows less than another."""
    return _ORDER.index(tier) < _ORDER.index(other)


def frequency_allowed(tier: PlanTier, wanted: SyncFrequency) -> bool:
    """Whether a plan allows a store's cadence."""
    return wanted is not SyncFrequency.HIGH or TERMS[tier].quickest is SyncFrequency.HIGH


def frequency_within(tier: PlanTier, wanted: SyncFrequency) -> SyncFrequency:
    """How often a store is synced: as it asks for, as far as the plan goes."""
    return wanted if frequency_allowed(tier, wanted) else TERMS[tier].quickest


def autonomy(
    tier: PlanTier,
    action: Action,
    *,
    store: Autonomy = Autonomy.AUTO,
    supplier: Autonomy = Autonomy.AUTO,
    kill_switch: Autonomy = Autonomy.AUTO,
) -> Autonomy:
    """How far an action may go: as far as the most careful of all who have a say.

    Args:
        tier: the plan of the store's owner.
        action: what is to be done.
        store: what the store's owner set.
        supplier: how far the supplier is trusted.
        kill_switch: what operators allow at all right now.
    """
    ceiling = TERMS[tier].ceilings.get(action, Autonomy.OFF)
    return min(ceiling, store, supplier, kill_switch)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something may be used; `reason` says why not, or that a limit is near or passed."""

    allowed: bool
    reason: str = ""


_WARN_AT: Final = 80  # percent


def judge(tier: PlanTier, feature: Feature, used: int, wanted: int = 1) -> Verdict:
    """Whether a plan allows so much more of a feature."""
    limit = TERMS[tier].limits.get(feature)
    if limit is None:
        return Verdict(True)
    total = used + wanted
    if total > limit:
        said = f"the {tier} plan includes {limit} {feature}; this would make {total}"
        return Verdict(feature in NEVER_REFUSED, said)
    if total * 100 >= limit * _WARN_AT:
        return Verdict(True, f"{total} of the {limit} {feature} of the {tier} plan are used")
    return Verdict(True)
