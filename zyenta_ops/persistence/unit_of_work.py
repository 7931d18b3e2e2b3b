"""One transaction's repositories, each made when first asked for."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import Connection

from zyenta_ops.persistence.accounts import AccountRecords
from zyenta_ops.persistence.alerts import AlertFacts, AlertRecords, AlertSubjects
from zyenta_ops.persistence.catalog import SweepRecords
from zyenta_ops.persistence.edge import EdgeRecords
from zyenta_ops.persistence.entitlements import EntitlementRecords
from zyenta_ops.persistence.fulfillment import FulfillmentRecords
from zyenta_ops.persistence.fulfillment.invariants import FulfillmentInvariants
from zyenta_ops.persistence.housekeeping import HousekeepingRecords
from zyenta_ops.persistence.inbox import InboxRecords
from zyenta_ops.persistence.inventory import InventoryRecords
from zyenta_ops.persistence.notifications import Outbox
from zyenta_ops.persistence.orders import OrderRecords
from zyenta_ops.persistence.payments import PaymentRecords
from zyenta_ops.persistence.pricing import PriceDecisionRecords, PriceRecords, RateRecords
from zyenta_ops.persistence.refunds import RefundRecords
from zyenta_ops.persistence.reporting import ReportingRecords
from zyenta_ops.persistence.storefronts import StorefrontRecords
from zyenta_ops.persistence.stores import ProductRecords, StoreRecords, SupplierRecords
from zyenta_ops.persistence.watches import WatchRecords


class Repositories:
    """The repositories of one open transaction; satisfies `zyenta_ops.ports.Repositories`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @cached_property
    def sweeps(self) -> SweepRecords:
        """Sweeps and offers."""
        return SweepRecords(self.connection)

    @cached_property
    def inventory(self) -> InventoryRecords:
        """Stock and status of stores' products."""
        return InventoryRecords(self.connection)

    @cached_property
    def stores(self) -> StoreRecords:
        """Accounts and their stores."""
        return StoreRecords(self.connection)

    @cached_property
    def suppliers(self) -> SupplierRecords:
        """Suppliers and our logins at them."""
        return SupplierRecords(self.connection)

    @cached_property
    def accounts(self) -> AccountRecords:
        """Our accounts at suppliers with an API."""
        return AccountRecords(self.connection)

    @cached_property
    def watches(self) -> WatchRecords:
        """The products that suppliers with an API are asked about."""
        return WatchRecords(self.connection)

    @cached_property
    def products(self) -> ProductRecords:
        """What stores sell."""
        return ProductRecords(self.connection)

    @cached_property
    def alert_facts(self) -> AlertFacts:
        """What alerts are decided from."""
        return AlertFacts(self.connection)

    @cached_property
    def alerts(self) -> AlertRecords:
        """Alerts."""
        return AlertRecords(self.connection)

    @cached_property
    def alert_subjects(self) -> AlertSubjects:
        """The variants that alerts name."""
        return AlertSubjects(self.connection)

    @cached_property
    def outbox(self) -> Outbox:
        """Messages on their way out."""
        return Outbox(self.connection)

    @cached_property
    def inbox(self) -> InboxRecords:
        """Events from outside."""
        return InboxRecords(self.connection)

    @cached_property
    def payments(self) -> PaymentRecords:
        """What the payment provider was seen to say."""
        return PaymentRecords(self.connection)

    @cached_property
    def refunds(self) -> RefundRecords:
        """Refunds that we ask for."""
        return RefundRecords(self.connection)

    @cached_property
    def fulfillment(self) -> FulfillmentRecords:
        """Supplier orders."""
        return FulfillmentRecords(self.connection)

    @cached_property
    def fulfillment_invariants(self) -> FulfillmentInvariants:
        """What always holds of orders and supplier orders."""
        return FulfillmentInvariants(self.connection)

    @cached_property
    def entitlements(self) -> EntitlementRecords:
        """Plans, and what was used of them."""
        return EntitlementRecords(self.connection)

    @cached_property
    def orders(self) -> OrderRecords:
        """Customers' orders."""
        return OrderRecords(self.connection)

    @cached_property
    def edge(self) -> EdgeRecords:
        """Who may speak to the HTTP edge."""
        return EdgeRecords(self.connection)

    @cached_property
    def storefronts(self) -> StorefrontRecords:
        """What customers and storefronts are told."""
        return StorefrontRecords(self.connection)

    @cached_property
    def reporting(self) -> ReportingRecords:
        """Figures over the history."""
        return ReportingRecords(self.connection)

    @cached_property
    def prices(self) -> PriceRecords:
        """Prices of stores' variants."""
        return PriceRecords(self.connection)

    @cached_property
    def price_decisions(self) -> PriceDecisionRecords:
        """The history of price decisions."""
        return PriceDecisionRecords(self.connection)

    @cached_property
    def rates(self) -> RateRecords:
        """Exchange rates."""
        return RateRecords(self.connection)

    @cached_property
    def housekeeping(self) -> HousekeepingRecords:
        """What is over."""
        return HousekeepingRecords(self.connection)
