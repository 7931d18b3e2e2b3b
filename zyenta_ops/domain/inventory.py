"""How a supplier's offers become a store's stock: availability, publishable stock, status.

Zero, unknown, missing, variant gone and delisted are different facts and never stand for one
another. Prices are decided in `pricing`, what a merchant is told in `alerts`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from zyenta_ops.domain.stores import ProductStatus


class Listing(StrEnum):
    """Whether the supplier still lists an offer."""

    LISTED = "LISTED"
    VARIANT_GONE = "VARIANT_GONE"  # its product is listed, this variant no longer
    DELISTED = "DELISTED"  # the whole product is no longer listed


class Availability(StrEnum):
    """Why a variant can or cannot be bought."""

    AVAILABLE = "AVAILABLE"  # in stock, or stock unknown
    OUT_OF_STOCK = "OUT_OF_STOCK"  # listed, nothing left to publish
    NOT_SALEABLE = "NOT_SALEABLE"  # listed, the supplier does not sell it now
    VARIANT_GONE = "VARIANT_GONE"
    DELISTED = "DELISTED"


class ChangeKind(StrEnum):
    """What happened to a variant in its store."""

    STOCK_OUT = "STOCK_OUT"  # could be bought, cannot any more: nothing left
    STOCK_LOW = "STOCK_LOW"  # can be bought, at or below the store's threshold
    RESTOCKED = "RESTOCKED"  # could not be bought, can again
    DELISTED = "DELISTED"  # the supplier took the product off
    VARIANT_GONE = "VARIANT_GONE"  # the supplier took this variant off
    WITHDRAWN = "WITHDRAWN"  # the supplier lists it and does not sell it
    COST = "COST"  # the supplier's price moved
    PRICE = "PRICE"  # our selling price moved


# A feed that drops a row once is more often broken than final; three sweeps in a row is a fact.
MISSES_BEFORE_GONE = 3
# Sweeps right after one another see the same fault; the shortest cadence is 15 minutes.
BETWEEN_MISSES = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class StockState:
    """A variant's stock as the store sees it; `published` None = on sale, quantity unknown."""

    availability: Availability
    stock: int | None
    published: int | None

    @property
    def sold_out(self) -> bool:
        """Whether nothing was left when stock was last known, whatever else keeps it off sale."""
        return self.availability is Availability.OUT_OF_STOCK or self.stock == 0


def stock_state(
    *,
    listing: Listing,
    saleable: bool,
    supplier_stock: int | None,
    reserved: int,
    buffer: int = 0,
    in_stock: bool = False,
    before: StockState | None = None,
) -> StockState:
    """What a store may sell of one variant.

    Publishable stock = supplier stock - buffer - units paid for but not yet placed with the
    supplier, never below zero. Unknown supplier stock publishes an unknown quantity, not zero; but
    it is no news of what was out of stock, which stays so until the supplier says otherwise.

    Args:
        listing: whether the supplier still lists the offer.
        saleable: whether the supplier sells it now.
        supplier_stock: units, None = the supplier does not say.
        reserved: units customers have paid for that no supplier order has taken yet.
        buffer: units held back against sales the supplier has not reported yet.
        in_stock: whether the supplier says that there is some where it does not say how much.
        before: what the store knew of the variant, None at first.
    """
    if supplier_stock is None and not in_stock and before and before.sold_out:
        supplier_stock = before.stock
    if listing is not Listing.LISTED:
        return StockState(Availability(listing.value), supplier_stock, 0)
    if not saleable:
        return StockState(Availability.NOT_SALEABLE, supplier_stock, 0)
    if supplier_stock is None:
        return StockState(Availability.AVAILABLE, None, None)
    published = max(0, supplier_stock - buffer - reserved)
    availability = Availability.AVAILABLE if published else Availability.OUT_OF_STOCK
    return StockState(availability, supplier_stock, published)


_CHANGE_WHEN_TAKEN_OFF = {
    Availability.NOT_SALEABLE: ChangeKind.WITHDRAWN,
    Availability.VARIANT_GONE: ChangeKind.VARIANT_GONE,
    Availability.DELISTED: ChangeKind.DELISTED,
}


def stock_change(
    before: StockState | None, after: StockState, low_threshold: int
) -> ChangeKind | None:
    """What a merchant would call the step from one stock state to the next, or None.

    A variant seen for the first time (`before` None) makes no news. STOCK_LOW is news only when
    the threshold is crossed downwards, so that a slow seller is told of once.
    """
    if before is None:
        return None
    if before.availability is not after.availability:
        if after.availability is Availability.AVAILABLE:
            return ChangeKind.RESTOCKED
        if after.availability is not Availability.OUT_OF_STOCK:
            return _CHANGE_WHEN_TAKEN_OFF[after.availability]
        # Listed again without stock: what could not be bought before has not sold out.
        return ChangeKind.STOCK_OUT if before.availability is Availability.AVAILABLE else None
    if after.availability is Availability.AVAILABLE and _is_low(after, low_threshold):
        return None if _is_low(before, low_threshold) else ChangeKind.STOCK_LOW
    return None


def _is_low(state: StockState, threshold: int) -> bool:
    return state.published is not None and 0 < state.published <= threshold


# A person put the product there; only a person moves it.
_DECIDED_BY_PEOPLE = frozenset({ProductStatus.DRAFT, ProductStatus.ON_HOLD, ProductStatus.ARCHIVED})


def product_status(current: ProductStatus, availabilities: Iterable[Availability]) -> ProductStatus:
    """The status of a product from the availability of all its variants.

    ACTIVE when any variant can be bought, DELISTED when the supplier lists none of them any more,
    else OUT_OF_STOCK. DRAFT, ON_HOLD and ARCHIVED stay until a person changes them.
    """
    if current in _DECIDED_BY_PEOPLE:
        return current
    seen = set(availabilities)
    if Availability.AVAILABLE in seen:
        return ProductStatus.ACTIVE
    if seen and seen <= {Availability.DELISTED, Availability.VARIANT_GONE}:
        return ProductStatus.DELISTED
    return ProductStatus.OUT_OF_STOCK
