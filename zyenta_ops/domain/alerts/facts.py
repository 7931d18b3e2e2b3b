"""What alerts are decided from, and what is decided: values without rules of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from zyenta_ops.domain.alerts.lifecycle import AlertType
from zyenta_ops.domain.alerts.preferences import AlertPreferences
from zyenta_ops.domain.fx import FxTable, FxUnavailable
from zyenta_ops.domain.inventory import Availability, ChangeKind
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.stores import ProductStatus


class Cause(StrEnum):
    """Why a variant is named in an alert."""

    OUT_OF_STOCK = "OUT_OF_STOCK"  # the supplier has none left
    NOT_SALEABLE = "NOT_SALEABLE"  # the supplier lists it and does not sell it
    VARIANT_GONE = "VARIANT_GONE"  # the supplier took this variant off
    DELISTED = "DELISTED"  # the supplier took the product off
    STOCK_LOW = "STOCK_LOW"  # at or below the store's threshold
    COST_UP = "COST_UP"  # the supplier asks more
    COST_DOWN = "COST_DOWN"  # the supplier asks less
    COST_CURRENCY = "COST_CURRENCY"  # in another currency, and no rate says whether it is more
    NO_RATE = "NO_RATE"  # no rate says what the cost is worth in the store's currency
    NO_PRICE = "NO_PRICE"  # no price can be made of the cost


class Selling(StrEnum):
    """What a supplier's new price did to the selling price."""

    ADJUSTED = "ADJUSTED"
    AWAITS_APPROVAL = "AWAITS_APPROVAL"
    BLOCKED = "BLOCKED"  # too far to believe
    UNPRICED = "UNPRICED"  # no price could be computed
    UNCHANGED = "UNCHANGED"


HIDDEN: Final = frozenset({ProductStatus.OUT_OF_STOCK, ProductStatus.DELISTED})
"""Statuses of products that are off the storefront for want of anything to sell."""


@dataclass(frozen=True, slots=True)
class Change:
    """One untold change of a variant; values are minor units or units of stock."""

    variant_id: str
    kind: ChangeKind
    before: int | None = None
    after: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class PendingPrice:
    """A price decision that nobody has settled, the price it came to, if any, and why."""

    selling: Selling
    price: Money | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VariantNow:
    """How a variant stands.

    `currency` is what its store sells in, `told_cost` the cost its merchant was last told of.
    """

    variant_id: str
    product_id: str
    product_title: str
    variant_title: str
    product_status: ProductStatus
    currency: str
    availability: Availability | None = None
    published_stock: int | None = None
    cost: Money | None = None
    told_cost: Money | None = None
    price: Money | None = None
    pending: PendingPrice | None = None

    @property
    def hidden(self) -> bool:
        """Whether its product is off the storefront for want of anything to sell."""
        return self.product_status in HIDDEN

    @property
    def on_sale(self) -> bool:
        """Whether it can be bought, as far as its stock goes."""
        return (
            self.product_status is ProductStatus.ACTIVE
            and self.availability is Availability.AVAILABLE
        )


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the facts of a store are judged by: its preferences, and the exchange rates of now."""

    preferences: AlertPreferences
    now: datetime
    rates: FxTable

    def worth(self, amount: Money, currency: str) -> Fraction | None:
        """An amount in unrounded minor units of a currency; None when no usable rate tells."""
        way = self.rates.conversion(amount.currency, currency, self.now)
        return None if isinstance(way, FxUnavailable) else way.minor(amount)


@dataclass(frozen=True, slots=True)
class StockNews:
    """A variant that cannot be bought any more, or hardly; `previous_stock` where it is known."""

    variant: VariantNow
    cause: Cause
    previous_stock: int | None


@dataclass(frozen=True, slots=True)
class CostNews:
    """A variant whose supplier price moved beyond the store's threshold.

    `percent` is relative to the cost last told, to one decimal; None when that was zero, or in
    another currency with no rate between the two. `price_before` is the selling price before it was
    adjusted, which it may also be while a higher one awaits approval: a price below its floor is
    raised to the floor at once.
    """

    variant: VariantNow
    cause: Cause
    cost_before: Money
    cost: Money
    percent: Decimal | None
    selling: Selling
    price_before: Money | None = None


@dataclass(frozen=True, slots=True)
class PriceNews:
    """A variant on sale that nobody can buy, since it has no price."""

    variant: VariantNow
    cause: Cause
    cost: Money
    reason: str


@dataclass(frozen=True, slots=True)
class News:
    """What one store should be told of some variants. Empty where there is nothing to tell.

    `unpriced` are all that have no price, also those that an alert names already. `told_costs` are
    the costs that the next cost change of each variant is compared with.
    """

    stock_out: tuple[StockNews, ...] = ()
    stock_low: tuple[StockNews, ...] = ()
    costs: tuple[CostNews, ...] = ()
    unpriced: tuple[PriceNews, ...] = ()
    told_costs: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A variant that an alert names and that is still the case.

    `alert_open` False = a person resolved the alert; the variant counts as told all the same.
    """

    alert_id: str
    type: AlertType
    alert_open: bool
    variant_id: str
    cause: Cause
    cost_before: Money | None = None
