"""Stores' own systems: where they are reached, what they were told, what they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.customer_notices import Shop
from zyenta_ops.domain.storefront_hooks import StorefrontHook
from zyenta_ops.domain.storefronts import OrderTracking


@dataclass(frozen=True, slots=True)
class SealedHook:
    """A store's hook as it is kept: addresses and secrets are sealed."""

    store_id: str
    sealed: str = field(repr=False)
    reads_back: bool
    created_at: datetime
    off_since: datetime | None = None
    off_reason: str = ""


class StorefrontRecords(Protocol):
    """What customers and storefronts are told; every change is part of the caller's transaction."""

    def shop(self, store_id: str) -> Shop:
        """A store as its customers and its own system meet it.

        Raises:
            NotFound: there is no such store.
        """
        ...

    def hook(self, store_id: str) -> SealedHook | None:
        """Where a store's system hears of orders."""
        ...

    def hooks(self) -> Sequence[SealedHook]:
        """Every hook, by store."""
        ...

    def save_hook(self, hook: SealedHook, now: datetime) -> None:
        """Store a hook in place of the one the store had."""
        ...

    def tracking(self, order_id: str) -> OrderTracking | None:
        """What was told of an order's parcels."""
        ...

    def save_tracking(self, tracking: OrderTracking, now: datetime) -> None:
        """Store what was told."""
        ...

    def due(self, limit: int, now: datetime) -> Sequence[OrderTracking]:
        """Orders whose storefront should be looked at now, longest waiting first.

        Not those with an event that is still on its way, nor those of stores that cannot be asked.
        """
        ...

    def count_due(self, now: datetime) -> int:
        """Orders that `due` would give."""
        ...

    def check_all(self, store_id: str, now: datetime) -> None:
        """Have everything that a storefront was told looked at."""
        ...

    def drifting(self, store_id: str, at_least: int) -> int:
        """Orders of a store that were seen to differ so often in a row."""
        ...


class StorefrontReader(Protocol):
    """Asks a store's system what it shows."""

    def shown(self, hook: StorefrontHook, order_number: str) -> object:
        """The `trackingInfo` that it shows for an order, as it says it; None = it knows no such.

        Raises:
            Unreachable: it does not answer, or not with something that can be read.
        """
        ...
