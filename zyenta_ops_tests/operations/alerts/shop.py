"""A store whose stock and prices a test moves the way the inventory and price syncs do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from zyenta_ops.domain.catalog import Market, offer_id
from zyenta_ops.domain.fx import FxRate
from zyenta_ops.operations.alerts import Alerts, Mailroom
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import (
    alert,
    alert_subject,
    outbox_message,
    price_decision,
    product,
    product_change,
    product_variant,
    store,
    supplier_offer,
)
from zyenta_ops_tests.builders import (
    THEN,
    a_change,
    a_product,
    a_store,
    a_supplier,
    a_variant,
    an_offer,
)
from zyenta_ops_tests.conftest import CountingIds, FixedClock

SUPPLIER = "my-feed"


@dataclass
class Shop:
    """One store selling from one supplier, and the alerts about it."""

    database: Database
    clock: FixedClock
    new_id: CountingIds
    subdomain: str = "my-shop"
    # Ids of changes, apart from those of alerts so that neither count disturbs the other.
    changes: CountingIds = field(default_factory=lambda: CountingIds(100_000))

    def __post_init__(self) -> None:
        self.store_id = f"store-{self.subdomain}"

    @property
    def alerts(self) -> Alerts:
        mailroom = Mailroom(self.new_id, "https://dash.example", "ops@example.com", True)
        return Alerts(self.database, self.clock, self.new_id, mailroom)

    def opened(self, **columns: Any) -> Shop:
        with self.database.write() as records:
            a_store(records.connection, self.subdomain, name="Fjord & Pine", **columns)
        return self

    def prefers(self, **preferences: Any) -> None:
        self.set(store, self.store_id, alert_preferences=preferences)

    def sells(self, ref: str, *variants: str, **columns: Any) -> list[str]:
        """A product with these variants, all with 20 in stock; the variants' ids."""
        with self.database.write() as records:
            product_id = a_product(
                records.connection,
                ref,
                store_id=self.store_id,
                id=f"p-{ref}-{self.subdomain}",
                title=ref.title(),
                **columns,
            )
            return [
                a_variant(
                    records.connection,
                    product_id,
                    self._offer(records.connection, ref, each),
                    id=f"v-{ref}-{each}-{self.subdomain}",
                    title=each.upper(),
                    availability="AVAILABLE",
                    stock=20,
                    published_stock=20,
                    cost_minor=1_000,
                    cost_currency="USD",
                    alerted_cost_minor=1_000,
                    alerted_cost_currency="USD",
                    price_minor=1_999,
                )
                for each in variants or ("m",)
            ]

    def _offer(self, connection: Connection, ref: str, variant: str) -> str:
        wanted = offer_id(SUPPLIER, Market("US", "USD"), ref, variant)
        known = connection.execute(
            select(supplier_offer.c.id).where(supplier_offer.c.id == wanted)
        ).scalar_one_or_none()
        return known or an_offer(connection, ref, variant)

    def stock(
        self,
        variant_id: str,
        units: int,
        kind: str | None = None,
        *,
        availability: str | None = None,
        status: str | None = None,
    ) -> None:
        """What the inventory sync writes when a variant's stock moves; `kind` is its news."""
        before = self.row(product_variant, variant_id)
        now = availability or ("AVAILABLE" if units else "OUT_OF_STOCK")
        self.set(product_variant, variant_id, stock=units, published_stock=units, availability=now)
        self.set(product, before["product_id"], status=status or ("ACTIVE" if units else now))
        if kind:
            self.change(variant_id, kind, before["published_stock"], units)

    def sells_out(self, variant_id: str, status: str | None = None) -> None:
        self.stock(variant_id, 0, "STOCK_OUT", status=status)

    def cost(
        self, variant_id: str, minor: int, price_minor: int | None = None, currency: str = "USD"
    ) -> None:
        """What the syncs write when the supplier's price, and perhaps ours, moves."""
        before = self.row(product_variant, variant_id)
        self.set(product_variant, variant_id, cost_minor=minor, cost_currency=currency)
        known = before["cost_minor"] if before["cost_currency"] == currency else None
        self.change(variant_id, "COST", known, minor, currency=currency)
        if price_minor:
            self.set(product_variant, variant_id, price_minor=price_minor)
            self.change(variant_id, "PRICE", before["price_minor"], price_minor, currency="EUR")

    def rate(self, base: str, quote: str, rate: str, age: timedelta = timedelta(0)) -> None:
        with self.database.write() as records:
            records.rates.put([FxRate(base, quote, Decimal(rate), self.clock.now - age, "test")])

    def loses_price(self, variant_id: str, reason: str = "there is no exchange rate") -> None:
        """What pricing writes when it finds no price for a variant that never had one."""
        self.set(product_variant, variant_id, price_minor=None)
        self.decides(variant_id, "REJECTED", None, reason)

    def gets_price(self, variant_id: str, price_minor: int = 1_999) -> None:
        """What pricing writes when it finds one after all."""
        self.set(product_variant, variant_id, price_minor=price_minor)
        with self.database.write() as records:
            records.connection.execute(
                update(price_decision)
                .where(price_decision.c.variant_id == variant_id)
                .values(status="SUPERSEDED")
            )

    def decides(
        self, variant_id: str, status: str, price_minor: int | None, reason: str = ""
    ) -> None:
        """A price decision that leaves the price in force as it is."""
        with self.database.write() as records:
            records.connection.execute(
                insert(price_decision).values(
                    id=self.changes(),
                    variant_id=variant_id,
                    store_id=self.store_id,
                    outcome="NEEDS_APPROVAL",
                    status=status,
                    price_minor=price_minor,
                    currency="EUR",
                    reason=reason,
                    inputs={},
                    steps=[],
                    priced_with="",
                    offer_id="",
                    decided_at=THEN,
                )
            )

    def change(self, variant_id: str, kind: str, *values: int | None, **columns: Any) -> None:
        with self.database.write() as records:
            a_change(records.connection, self.changes(), variant_id, kind, *values, **columns)

    def set(self, table: Table, row_id: str, **columns: Any) -> None:
        with self.database.write() as records:
            records.connection.execute(update(table).where(table.c.id == row_id).values(**columns))

    def row(self, table: Table, row_id: str) -> dict[str, Any]:
        with self.database.read() as records:
            found = records.connection.execute(select(table).where(table.c.id == row_id)).one()
            return dict(found._mapping)

    def rows(self, table: Table) -> list[dict[str, Any]]:
        with self.database.read() as records:
            found = records.connection.execute(select(table).order_by(*table.primary_key))
            return [dict(row._mapping) for row in found]

    def everything(self) -> list[list[dict[str, Any]]]:
        """All that telling may write, to compare before with after."""
        tables = (alert, alert_subject, outbox_message, product_change, product_variant)
        return [self.rows(table) for table in tables]

    def mails(self) -> list[dict[str, Any]]:
        return self.rows(outbox_message)

    def open_alerts(self) -> list[dict[str, Any]]:
        return [row for row in self.rows(alert) if row["status"] != "RESOLVED"]


def a_shop(database: Database, clock: FixedClock, new_id: CountingIds) -> Shop:
    """A shop with its supplier."""
    with database.write() as records:
        a_supplier(records.connection, SUPPLIER, name="Nordic Supply")
    return Shop(database, clock, new_id).opened()
