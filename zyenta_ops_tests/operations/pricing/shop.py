"""A shop whose prices tests look at: one supplier, stores, and variants with costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from zyenta_ops.domain.fx import FxRate
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import SweepScope
from zyenta_ops.operations.pricing import Pricing, PricingReport, StorePrices
from zyenta_ops.persistence.engine import Database
from zyenta_ops.persistence.schema import (
    price_decision,
    product,
    product_change,
    product_variant,
    store,
)
from zyenta_ops_tests.builders import a_product, a_store, a_supplier, a_variant, an_offer
from zyenta_ops_tests.conftest import CountingIds, FixedClock

SUPPLIER = "my-feed"


@dataclass
class Shop:
    """A database with one supplier, and the operation under test on it."""

    database: Database
    clock: FixedClock
    new_id: CountingIds

    def __post_init__(self) -> None:
        self.pricing = Pricing(self.database, self.clock, self.new_id)
        with self.database.write() as records:
            a_supplier(records.connection, SUPPLIER)

    def add_store(self, subdomain: str = "my-shop", **columns: Any) -> str:
        with self.database.write() as records:
            return a_store(records.connection, subdomain, **columns)

    def add_variant(
        self, ref: str = "shirt", cost: str | None = "10.00 EUR", *, shop: str = "my-shop"
    ) -> str:
        """A synced variant of a product of its own; its id is `<ref>-<shop>`."""
        with self.database.write() as records:
            connection = records.connection
            offer = an_offer(connection, f"{ref}-{shop}", cost=cost or "1.00 EUR")
            owner = a_product(connection, f"{ref}-{shop}", store_id=f"store-{shop}")
            a_variant(connection, owner, offer, id=f"{ref}-{shop}", applied_revision=1)
        if cost is not None:
            self.cost(f"{ref}-{shop}", cost)
        return f"{ref}-{shop}"

    def cost(self, variant_id: str, cost: str, list_price: int | None = None) -> None:
        """What an inventory sync writes when the supplier's price moved."""
        amount, _, currency = cost.partition(" ")
        self._set(
            variant_id,
            cost_minor=Money.of(amount, currency).minor,
            cost_currency=currency,
            list_price_minor=list_price,
        )

    def _set(self, variant_id: str, **values: Any) -> None:
        with self.database.write() as records:
            records.connection.execute(
                update(product_variant).where(product_variant.c.id == variant_id).values(values)
            )

    def set_sku(self, variant_id: str, sku: str) -> None:
        self._set(variant_id, sku=sku)

    def set_status(self, table: str, row_id: str, status: str) -> None:
        rows = {"store": store, "product": product}[table]
        with self.database.write() as records:
            records.connection.execute(
                update(rows).where(rows.c.id == row_id).values(status=status)
            )

    def strategy(self, document: dict[str, Any], shop: str = "my-shop") -> None:
        with self.database.write() as records:
            records.connection.execute(
                update(store).where(store.c.subdomain == shop).values(pricing_strategy=document)
            )

    def lock(self, variant_id: str, locked: bool = True) -> None:
        owner = select(product_variant.c.product_id).where(product_variant.c.id == variant_id)
        with self.database.write() as records:
            records.connection.execute(
                update(product)
                .where(product.c.id == owner.scalar_subquery())
                .values(price_locked=locked)
            )

    def rate(self, base: str, quote: str, rate: str, age: timedelta = timedelta(0)) -> None:
        new = FxRate(base, quote, Decimal(rate), self.clock.now - age, "test")
        with self.database.write() as records:
            records.rates.put([new])

    def reprice(self, **scope: Any) -> PricingReport:
        return self.pricing.reprice(SUPPLIER, SweepScope(**scope), "run-1")

    def reprice_one(self) -> StorePrices:
        (result,) = self.reprice().stores
        assert result.error is None
        return result

    def variant(self, variant_id: str) -> Any:
        with self.database.read() as records:
            return records.connection.execute(
                select(product_variant).where(product_variant.c.id == variant_id)
            ).one()

    def price(self, variant_id: str) -> int | None:
        price: int | None = self.variant(variant_id).price_minor
        return price

    def decisions(self, variant_id: str | None = None) -> list[Any]:
        query = select(price_decision).order_by(price_decision.c.id)
        if variant_id is not None:
            query = query.where(price_decision.c.variant_id == variant_id)
        with self.database.read() as records:
            return list(records.connection.execute(query))

    def statuses(self, variant_id: str | None = None) -> list[str]:
        return [each.status for each in self.decisions(variant_id)]

    def moves(self, variant_id: str | None = None) -> list[tuple[int | None, int, str]]:
        """PRICE changes as (before, after, currency), oldest first."""
        query = (
            select(product_change)
            .where(product_change.c.kind == "PRICE")
            .order_by(product_change.c.id)
        )
        if variant_id is not None:
            query = query.where(product_change.c.variant_id == variant_id)
        with self.database.read() as records:
            return [
                (row.before_value, row.after_value, row.currency)
                for row in records.connection.execute(query)
            ]
