"""Where alerts are kept, and how the facts they are decided from are read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.alerts import (
    Alert,
    AlertPreferences,
    AlertStatus,
    AlertType,
    Cause,
    Change,
    Subject,
    VariantNow,
)
from zyenta_ops.domain.alerts.contents import Reach
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import Document


@dataclass(frozen=True, slots=True)
class StoreToTell:
    """A store and the person who is told about it."""

    id: str
    name: str
    owner_name: str
    owner_email: str
    preferences: AlertPreferences


@dataclass(frozen=True, slots=True)
class NewSubject:
    """A variant that a new alert names, and for costs what the merchant last knew."""

    variant_id: str
    product_id: str
    cause: Cause
    cost_before: Money | None = None


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An unresolved alert; `store_id` None = the internal team's."""

    alert_id: str
    type: AlertType
    dedupe_key: str
    store_id: str | None
    metadata: Document


class AlertFacts(Protocol):
    """Stores, their untold changes, and how the changed variants stand."""

    def stores_concerned(
        self, supplier_key: str, store_ids: Collection[str] | None
    ) -> Sequence[str]:
        """Active stores with something of the supplier to tell, or told and not over."""
        ...

    def concerned_pages(
        self, store_id: str, supplier_key: str, low_threshold: int, size: int
    ) -> Iterator[Sequence[str]]:
        """Ids of the store's variants to look at, in pages, each once and in order.

        Those are the variants with untold changes, those of which an alert's word is not over, and
        those on sale that are low on stock or got no price and are not told of.
        """
        ...

    def stores_selling(self, supplier_key: str, owner_id: str | None = None) -> Sequence[str]:
        """Active stores with a product of the supplier that is not archived; of an owner's."""
        ...

    def supplier_name(self, supplier_key: str) -> str:
        """The supplier's name.

        Raises:
            NotFound: there is no such supplier.
        """
        ...

    def lock_store(self, store_id: str) -> StoreToTell:
        """The store, which until the end of the transaction nobody else can lock.

        Raises:
            NotFound: there is no such store.
            Refused: its preferences cannot be read.
        """
        ...

    def claim_changes(
        self, store_id: str, supplier_key: str, variant_ids: Sequence[str], now: datetime
    ) -> Sequence[Change]:
        """The untold changes of variants, oldest first, which from now on count as told."""
        ...

    def count_untold(self, supplier_key: str, store_ids: Collection[str] | None) -> int:
        """Untold changes of active stores."""
        ...

    def variants(self, variant_ids: Sequence[str]) -> Sequence[VariantNow]:
        """How variants stand."""
        ...

    def remember_costs(self, told: Sequence[tuple[str, Money]]) -> None:
        """Store the cost that the next cost change of each variant is compared with."""
        ...


class AlertSubjects(Protocol):
    """The variants that alerts name."""

    def add(
        self, alert_id: str, store: StoreToTell, supplier_key: str, subjects: Sequence[NewSubject]
    ) -> None:
        """Name variants in an alert; one that it named before is the case again."""
        ...

    def current(self, variant_ids: Sequence[str]) -> Sequence[Subject]:
        """What alerts name of these variants and is not over, whether or not they are resolved."""
        ...

    def clear(self, over: Collection[tuple[str, str]], now: datetime) -> None:
        """Note that the word of alerts about variants, as (alert, variant), is over."""
        ...

    def set_causes(self, causes: Mapping[tuple[str, str], Cause]) -> None:
        """Change why alerts name variants, by (alert, variant)."""
        ...

    def reach(self, alert_id: str) -> Reach:
        """How much an alert still names."""
        ...

    def causes(self, alert_id: str, variant_ids: Sequence[str]) -> Mapping[str, Cause]:
        """Why an alert still names these of its variants; those that are over are left out."""
        ...


class AlertRecords(Protocol):
    """Alerts."""

    def open(
        self,
        alert: Alert,
        dedupe_key: str,
        digest_due_at: datetime | None = None,
        about: str | None = None,
    ) -> bool:
        """Store a new alert; False, and nothing stored, when an unresolved one has this key.

        With `digest_due_at` the daily mail due then tells of it; `about` names what issues are of.
        """
        ...

    def rewrite(self, alert: Alert, now: datetime) -> None:
        """Replace title, message and metadata of an alert."""
        ...

    def close(self, alert_ids: Collection[str], now: datetime) -> None:
        """Resolve alerts because their cause is over; whether they were read stays as it is."""
        ...

    def unresolved_keys(self, dedupe_keys: Collection[str]) -> Collection[str]:
        """Which of these dedupe keys an unresolved alert has."""
        ...

    def unresolved(self, dedupe_key: str) -> Alert | None:
        """The unresolved alert with this dedupe key, of which there is at most one."""
        ...

    def unresolved_of(self, supplier_key: str, types: Collection[AlertType]) -> Sequence[OpenAlert]:
        """The supplier's unresolved alerts of these types, internal ones included."""
        ...

    def unresolved_about(self, about: str) -> Mapping[str, str]:
        """The unresolved alerts about something: their ids by dedupe key."""
        ...

    def find(self, alert_id: str) -> Alert:
        """One alert.

        Raises:
            NotFound: there is no such alert.
        """
        ...

    def listed(
        self, store_id: str | None, status: AlertStatus | None, limit: int
    ) -> Sequence[Alert]:
        """Alerts, newest first; `store_id` None = of all stores and internal ones."""
        ...

    def save_status(self, alert: Alert, before: AlertStatus, now: datetime) -> bool:
        """Store status, read and times of an alert; False when it is not `before` any more."""
        ...

    def stores_with_digest_due(self, now: datetime) -> Sequence[str]:
        """Stores with alerts whose daily mail is due."""
        ...

    def take_digest(self, store_id: str, now: datetime) -> Sequence[Alert]:
        """The alerts whose daily mail is due, oldest first; they are not handed out again."""
        ...
