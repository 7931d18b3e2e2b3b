"""Stores, their owners and suppliers, and the closed sets of words that describe them.

What a store sells is in `products`, what names are allowed in `names`, how a supplier is logged
into in `credentials`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

# A value that is stored and shown as JSON and checked by the capability it belongs to.
Document = dict[str, Any]


class PlanTier(StrEnum):
    """What an account pays for."""

    FREE = "FREE"
    STARTER = "STARTER"
    AUTOPILOT = "AUTOPILOT"


class StoreStatus(StrEnum):
    """Whether a store is kept in sync."""

    ACTIVE = "ACTIVE"  # synced on its cadence
    PAUSED = "PAUSED"  # left as it is until resumed
    CLOSED = "CLOSED"  # kept for its history only


class SyncFrequency(StrEnum):
    """How often a store is synced."""

    HIGH = "HIGH"  # every 15 minutes
    STANDARD = "STANDARD"  # hourly


class Cadence(StrEnum):
    """Which stores a run serves."""

    HIGH = "HIGH"
    STANDARD = "STANDARD"
    FULL = "FULL"  # every active store, with deeper validation


class ProductStatus(StrEnum):
    """Where a product stands in its store."""

    DRAFT = "DRAFT"  # imported, not shown yet
    ACTIVE = "ACTIVE"  # on sale
    OUT_OF_STOCK = "OUT_OF_STOCK"  # hidden until the supplier restocks
    ON_HOLD = "ON_HOLD"  # hidden by a person; no sweep brings it back
    DELISTED = "DELISTED"  # hidden: the supplier no longer lists it
    ARCHIVED = "ARCHIVED"  # retired by a person


class SupplierKind(StrEnum):
    """Which adapter speaks to a supplier."""

    FEED = "FEED"  # a product feed at a path, URL or bucket
    ALIEXPRESS = "ALIEXPRESS"  # AliExpress Open Platform, dropshipping
    CJ = "CJ"  # CJ Dropshipping API 2.0
    PRINTFUL = "PRINTFUL"  # print on demand
    SPOCKET = "SPOCKET"  # a partner's gateway to Spocket, which has no public API

    @property
    def has_api(self) -> bool:
        """Whether it is asked product by product; a feed is read whole."""
        return self is not SupplierKind.FEED


class SupplierStatus(StrEnum):
    """Whether a supplier's catalogue is swept."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"


@dataclass(frozen=True, slots=True)
class SweepScope:
    """What one run of a supplier's assets covers.

    An empty `store_ids` means every active store of the cadence; `cadence` None means all
    cadences. FULL covers every active store whatever its frequency.
    """

    store_ids: tuple[str, ...] = ()
    cadence: Cadence | None = None
    budget_seconds: int = 600

    def frequencies(self) -> tuple[SyncFrequency, ...]:
        """The store frequencies that the cadence serves."""
        if self.cadence is Cadence.HIGH:
            return (SyncFrequency.HIGH,)
        if self.cadence is Cadence.STANDARD:
            return (SyncFrequency.STANDARD,)
        return tuple(SyncFrequency)


@dataclass(frozen=True, slots=True)
class Account:
    """Who owns stores and pays for them; known by e-mail address."""

    id: str
    email: str
    name: str
    plan_tier: PlanTier = PlanTier.FREE


@dataclass(frozen=True, slots=True)
class Store:
    """A shop that sells to one country in one currency.

    `pricing_strategy` is the document of `zyenta_ops.domain.pricing.PricingStrategy`,
    `alert_preferences` that of `zyenta_ops.domain.alerts.AlertPreferences`, `automation_policy`
    that of `zyenta_ops.domain.fulfillment.AutomationPolicy`, `voice` that of
    `zyenta_ops.domain.store_voice.StoreVoice`.
    """

    id: str
    account: Account
    name: str
    subdomain: str
    currency: str
    ship_to_country: str
    pricing_strategy: Document
    alert_preferences: Document
    created_at: datetime
    status: StoreStatus = StoreStatus.ACTIVE
    sync_frequency: SyncFrequency = SyncFrequency.STANDARD
    custom_domain: str | None = None
    automation_policy: Document = field(default_factory=dict)
    voice: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Supplier:
    """A source of offers for one market; `config` is read by the adapter of its `kind`.

    `last_sequence` numbers the newest sweep begun, `promoted_sequence` the one whose offers are in
    force; 0 = none yet. While `blocked_until` lies ahead nothing is asked of the supplier.
    """

    key: str
    name: str
    kind: SupplierKind
    config: Document
    country: str
    currency: str
    created_at: datetime
    status: SupplierStatus = SupplierStatus.ACTIVE
    has_credentials: bool = False
    blocked_until: datetime | None = None
    blocked_reason: str | None = None
    last_sequence: int = 0
    promoted_sequence: int = 0
