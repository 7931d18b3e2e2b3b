"""Protocols of everything outside: what operations need, said in domain values.

A protocol belongs here when an operation calls it, in the module of its capability;
implementations live in `adapters` and `persistence` and are chosen in `bootstrap`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from zyenta_ops.ports.accounts import AccountRecords, WatchRecords
from zyenta_ops.ports.alerts import AlertFacts, AlertRecords, AlertSubjects
from zyenta_ops.ports.catalog import (
    CatalogueReading,
    CatalogueSource,
    InventoryRecords,
    SweepRecords,
)
from zyenta_ops.ports.entitlements import EntitlementRecords
from zyenta_ops.ports.fulfillment import FulfillmentInvariants, FulfillmentRecords
from zyenta_ops.ports.housekeeping import HousekeepingRecords
from zyenta_ops.ports.inbox import InboxRecords
from zyenta_ops.ports.notifications import Outbox, Transport
from zyenta_ops.ports.payments import OrderRecords, PaymentRecords, RefundRecords
from zyenta_ops.ports.pricing import PriceDecisionRecords, PriceRecords, RateRecords
from zyenta_ops.ports.reporting import ReportingRecords
from zyenta_ops.ports.storefronts import StorefrontRecords
from zyenta_ops.ports.stores import ProductRecords, StoreRecords, SupplierRecords, Vault
from zyenta_ops.ports.web import EdgeRecords

Clock = Callable[[], datetime]
NewId = Callable[[], str]


class Repositories(Protocol):
    """The repositories of one transaction."""

    @property
    def sweeps(self) -> SweepRecords:
        """Sweeps and offers."""
        ...

    @property
    def stores(self) -> StoreRecords:
        """Accounts and their stores."""
        ...

    @property
    def suppliers(self) -> SupplierRecords:
        """Suppliers and our logins at them."""
        ...

    @property
    def accounts(self) -> AccountRecords:
        """Our accounts at suppliers with an API."""
        ...

    @property
    def watches(self) -> WatchRecords:
        """The products that suppliers with an API are asked about."""
        ...

    @property
    def products(self) -> ProductRecords:
        """What stores sell."""
        ...

    @property
    def inventory(self) -> InventoryRecords:
        """Stock and status of stores' products."""
        ...

    @property
    def alert_facts(self) -> AlertFacts:
        """What alerts are decided from."""
        ...

    @property
    def alerts(self) -> AlertRecords:
        """Alerts."""
        ...

    @property
    def alert_subjects(self) -> AlertSubjects:
        """The variants that alerts name."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Messages on their way out."""
        ...

    @property
    def inbox(self) -> InboxRecords:
        """Events from outside."""
        ...

    @property
    def orders(self) -> OrderRecords:
        """Customers' orders."""
        ...

    @property
    def payments(self) -> PaymentRecords:
        """What the payment provider was seen to say."""
        ...

    @property
    def refunds(self) -> RefundRecords:
        """Refunds that we ask for."""
        ...

    @property
    def fulfillment(self) -> FulfillmentRecords:
        """Supplier orders."""
        ...

    @property
    def fulfillment_invariants(self) -> FulfillmentInvariants:
        """What always holds of orders and supplier orders."""
        ...

    @property
    def entitlements(self) -> EntitlementRecords:
        """Plans, and what was used of them."""
        ...

    @property
    def edge(self) -> EdgeRecords:
        """Who may speak to the HTTP edge."""
        ...

    @property
    def storefronts(self) -> StorefrontRecords:
        """What customers and storefronts are told."""
        ...

    @property
    def reporting(self) -> ReportingRecords:
        """Figures over the history."""
        ...

    @property
    def prices(self) -> PriceRecords:
        """Prices of stores' variants."""
        ...

    @property
    def price_decisions(self) -> PriceDecisionRecords:
        """The history of price decisions."""
        ...

    @property
    def rates(self) -> RateRecords:
        """Exchange rates."""
        ...

    @property
    def housekeeping(self) -> HousekeepingRecords:
        """What is over."""
        ...


class Database(Protocol):
    """Where units of work come from."""

    def write(self) -> AbstractContextManager[Repositories]:
        """A transaction that commits when the block ends well and changes nothing otherwise."""
        ...

    def read(self) -> AbstractContextManager[Repositories]:
        """A consistent snapshot for reading."""
        ...


__all__ = [
    "AccountRecords",
    "AlertFacts",
    "AlertRecords",
    "AlertSubjects",
    "CatalogueReading",
    "CatalogueSource",
    "Clock",
    "Database",
    "EdgeRecords",
    "EntitlementRecords",
    "FulfillmentInvariants",
    "FulfillmentRecords",
    "HousekeepingRecords",
    "InboxRecords",
    "InventoryRecords",
    "NewId",
    "OrderRecords",
    "Outbox",
    "PaymentRecords",
    "PriceDecisionRecords",
    "PriceRecords",
    "ProductRecords",
    "RateRecords",
    "RefundRecords",
    "ReportingRecords",
    "Repositories",
    "StoreRecords",
    "StorefrontRecords",
    "SupplierRecords",
    "SweepRecords",
    "Transport",
    "Vault",
    "WatchRecords",
]
