"""Where supplier orders are kept, and what is told of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zyenta_ops.domain.fulfillment import (
    Attempt,
    AutomationPolicy,
    External,
    Shipment,
    SpendState,
    SupplierLine,
    SupplierOrder,
    Verb,
)
from zyenta_ops.domain.fulfillment.invariants import Breach
from zyenta_ops.domain.fulfillment.planning import Source
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import FulfillmentStatus
from zyenta_ops.domain.stores import Document, Store, SupplierKind


@dataclass(frozen=True, slots=True)
class Claimed:
    """A supplier order that one process works on; `version` is its fence."""

    id: str
    order_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Action:
    """What an operator did, under a key of theirs; `digest` tells it from anything else."""

    request_key: str
    verb: Verb
    digest: str
    actor: str
    result: Document
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may wait for a person: a supplier order, or the hold of a source."""

    order_id: str
    since: datetime
    supplier_order_id: str = ""
    source: str = ""


class FulfillmentRecords(Protocol):
    """Supplier orders; every change is part of the caller's transaction.

    Whoever changes one holds its customer order (`OrderRecords.hold`); claiming alone does not.
    """

    def add(self, supplier_orders: Sequence[SupplierOrder], now: datetime) -> None:
        """Store planned supplier orders with their lines."""
        ...

    def of_order(self, order_id: str) -> tuple[SupplierOrder, ...]:
        """All of a customer order, in the order of their numbers."""
        ...

    def claim(self, limit: int, now: datetime, until: datetime) -> Sequence[Claimed]:
        """Take due supplier orders, and those whose lease is over, the longest waiting first.

        No other process is given them before `until`. Each claim is counted until work on the
        order ends in an orderly way.
        """
        ...

    def save(self, supplier_order: SupplierOrder, version: int, now: datetime) -> bool:
        """Store how one stands, under its own version; False when it has another than `version`.

        Lines, external orders, parcels and attempts are stored by themselves.
        """
        ...

    def save_lines(self, supplier_order: SupplierOrder) -> None:
        """Replace the lines."""
        ...

    def put_external(
        self, supplier_order: SupplierOrder, external: Sequence[External], now: datetime
    ) -> None:
        """Store orders at the supplier, new or as they are now."""
        ...

    def put_shipments(
        self, supplier_order: SupplierOrder, shipments: Sequence[Shipment], now: datetime
    ) -> None:
        """Store parcels, new or as they are now."""
        ...

    def put_attempt(self, supplier_order_id: str, attempt: Attempt) -> None:
        """Store an intent, or what it came to."""
        ...

    def drop_external(self, supplier_order_id: str, external_ids: Collection[str]) -> None:
        """Forget that orders at the supplier belong to a supplier order."""
        ...

    def call_off(self, supplier_order_id: str, now: datetime) -> None:
        """Note that one is not wanted any more, whoever works on it; it is due."""
        ...

    def source_named(self, ref: str, instead_of: SupplierLine) -> Source | None:
        """An offer that a line could be bought as, by its id or as SUPPLIER:PRODUCT:VARIANT.

        None = there is none; of several markets the one that the line is bought in.
        """
        ...

    def action_of(self, order_id: str, request_key: str) -> Action | None:
        """What an operator did under a key; None = nothing yet."""
        ...

    def add_action(self, order_id: str, action: Action) -> None:
        """Store what an operator did."""
        ...

    def waiting(
        self, store_ids: Collection[str] | None, limit: int, now: datetime
    ) -> Sequence[Candidate]:
        """What may wait for a person, the longest waiting first: supplier orders and open holds.

        Those of orders that were snoozed after they began to wait are left out until that is over.
        """
        ...

    def owner_of(self, supplier_key: str, external_ids: Collection[str]) -> Mapping[str, str]:
        """The supplier orders that orders at a supplier belong to, by their ids there."""
        ...

    def wake(self, order_id: str, now: datetime) -> None:
        """Make every supplier order of a customer order due that is not over."""
        ...

    def wake_named(self, kind: SupplierKind, refs: Collection[str], now: datetime) -> int:
        """Make supplier orders due by our references, the supplier's ids or parcels' numbers."""
        ...

    def wake_parcels(self, numbers: Collection[str], now: datetime) -> int:
        """Make the supplier orders of parcels due, by their numbers."""
        ...

    def count_due(self, now: datetime) -> int:
        """Supplier orders that could be claimed now."""
        ...

    def unplanned(self, limit: int) -> Sequence[str]:
        """Paid orders of which nothing is planned yet, refunded ones too; the oldest first."""
        ...

    def count_unplanned(self) -> int:
        """How many paid orders wait for being planned."""
        ...

    def sources(self, variant_ids: Collection[str]) -> Sequence[Source]:
        """What variants can be bought as, each variant's own offer first."""
        ...

    def add_source(self, variant_id: str, offer_id: str, rank: int, now: datetime) -> None:
        """Let a variant be bought as another offer, too, where those of lower rank fail."""
        ...

    def policy_of(self, of: Store) -> AutomationPolicy:
        """How far a store lets orders be bought by themselves.

        Raises:
            Refused: what is stored of it is none.
        """
        ...

    def set_status(self, order_id: str, status: FulfillmentStatus, now: datetime) -> None:
        """Store what the supplier orders of an order come to; raises the order's version."""
        ...

    def reserve_units(self, units: Mapping[str, int], now: datetime) -> None:
        """Keep so many more units of variants from being sold; fewer where negative."""
        ...

    def spent_on(self, store_id: str, day: str, but: str) -> int:
        """What a store's supplier orders of a day cost but for one of them, in its currency.

        Holds the store, so that of two who spend the last of a day only one does.
        """
        ...

    def reserve_spend(
        self, supplier_order: SupplierOrder, cost: Money, day: str, now: datetime
    ) -> None:
        """Set money aside for a supplier order, instead of what was."""
        ...

    def settle_spend(self, supplier_order_id: str, state: SpendState | None, now: datetime) -> None:
        """Say that the money is gone; None = it is free again."""
        ...


class FulfillmentInvariants(Protocol):
    """What always holds of orders and supplier orders."""

    def breaches(self, now: datetime, limit: int = 100) -> Sequence[Breach]:
        """Where an invariant does not hold, at most so many of each; changes nothing.

        `now` decides what is overdue. Reads all orders that are not delivered: for checks, not for
        every pass.
        """
        ...
