"""How often stores are synced: as they ask for, as far as their owner's plan goes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, not_, or_, select

from zyenta_ops.domain.entitlements import frequency_allowed
from zyenta_ops.domain.stores import PlanTier, SyncFrequency
from zyenta_ops.persistence.schema import account, store

_QUICK_TIERS: Final = [
    tier.value for tier in PlanTier if frequency_allowed(tier, SyncFrequency.HIGH)
]
# True for a store that is synced at HIGH.
is_high: ColumnElement[bool] = and_(
    store.c.sync_frequency == SyncFrequency.HIGH.value,
    store.c.account_id.in_(select(account.c.id).where(account.c.plan_tier.in_(_QUICK_TIERS))),
)
# The word for it.
frequency: ColumnElement[Any] = case(
    (is_high, SyncFrequency.HIGH.value), else_=SyncFrequency.STANDARD.value
)


def is_synced_at(frequencies: Collection[SyncFrequency]) -> ColumnElement[bool]:
    """True for a store that is synced at one of these."""
    kinds = {SyncFrequency.HIGH: is_high, SyncFrequency.STANDARD: not_(is_high)}
    return or_(*(kinds[each] for each in frequencies))
