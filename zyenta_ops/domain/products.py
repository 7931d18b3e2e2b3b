"""What a store sells: products, their variants, and choosing them from a supplier's catalogue.

How stock moves a product's status is in `inventory`; prices are decided in `pricing`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from zyenta_ops.domain.catalog import Rejection
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.inventory import Availability, Listing, product_status
from zyenta_ops.domain.money import MAX_MINOR, Money
from zyenta_ops.domain.stores import ProductStatus

# What a product may begin as; every other status is the outcome of something that happened.
FIRST_STATUSES: Final = (ProductStatus.ACTIVE, ProductStatus.DRAFT, ProductStatus.ON_HOLD)

_DECIDED_BY_PEOPLE: Final = frozenset(
    {ProductStatus.DRAFT, ProductStatus.ON_HOLD, ProductStatus.ARCHIVED}
)


@dataclass(frozen=True, slots=True)
class Variant:
    """One buyable form of a product. Everything but its names is None until the first sync.

    `published_stock` None with an availability of AVAILABLE means on sale, quantity unknown.
    `cost` is in the supplier's currency, `price` and `compare_at` in the store's.
    """

    id: str
    product_id: str
    offer_id: str
    title: str
    sku: str | None = None
    availability: Availability | None = None
    stock: int | None = None
    published_stock: int | None = None
    cost: Money | None = None
    price: Money | None = None
    compare_at: Money | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """One supplier's product in one store."""

    id: str
    store_id: str
    supplier_key: str
    product_ref: str
    title: str
    status: ProductStatus = ProductStatus.ACTIVE
    images: tuple[str, ...] = ()
    price_locked: bool = False
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A stored offer as a store sees it: what it is, and what the store already has of it."""

    offer_id: str
    product_ref: str
    variant_ref: str
    title: str
    sku: str | None
    attributes: tuple[tuple[str, str], ...]
    images: tuple[str, ...]
    cost: Money
    stock: int | None
    saleable: bool
    listing: Listing
    product_id: str | None = None
    variant_id: str | None = None

    @property
    def in_stock(self) -> bool:
        """Whether it can be bought now; an unknown stock counts as stock."""
        return self.saleable and (self.stock is None or self.stock > 0)

    @property
    def variant_title(self) -> str:
        """What sets the variant apart, "Blue / M"; the offer's title when nothing does."""
        return " / ".join(value for _, value in self.attributes if value) or self.title


@dataclass(frozen=True, slots=True)
class OfferFilter:
    """Which offers of a supplier a store wants; an empty filter wants all of them.

    Attributes:
        product_refs: only these products; empty = any.
        title_contains: text that the title holds, whatever the case.
        cost_from: smallest unit cost wanted, in major units of the offer's own currency.
        cost_to: largest unit cost wanted, in major units of the offer's own currency.
        in_stock: only what can be bought now.

    Raises:
        Refused: a cost is no amount, or the range is upside down.
    """

    product_refs: tuple[str, ...] = ()
    title_contains: str = ""
    cost_from: Decimal | None = None
    cost_to: Decimal | None = None
    in_stock: bool = False

    def __post_init__(self) -> None:
        for bound in (self.cost_from, self.cost_to):
            if bound is not None and not (bound.is_finite() and 0 <= bound < MAX_MINOR):
                raise Refused(f"{bound} cannot bound a cost; write an amount such as 12.50")
        if self.cost_to is not None and (self.cost_from or 0) > self.cost_to:
            raise Refused(f"no cost is at least {self.cost_from} and at most {self.cost_to}")

    def accepts(self, entry: CatalogueEntry) -> bool:
        """Whether an offer is wanted."""
        if self.product_refs and entry.product_ref not in self.product_refs:
            return False
        if self.title_contains and self.title_contains.casefold() not in entry.title.casefold():
            return False
        if self.in_stock and not entry.in_stock:
            return False
        if self.cost_from is not None and entry.cost.amount < self.cost_from:
            return False
        return self.cost_to is None or entry.cost.amount <= self.cost_to


@dataclass(frozen=True, slots=True)
class ListedProduct:
    """One line of a merchant's product list; an empty `variant_ref` means every variant.

    `title`, `status` and `price_locked` are for a product that the store does not have yet; None
    leaves the supplier's title and the usual start.
    """

    line: int
    product_ref: str
    variant_ref: str = ""
    title: str | None = None
    status: ProductStatus | None = None
    price_locked: bool = False


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. Counts of products and variants; `rejections` keeps the first ones.

    `products_kept` and `variants_kept` were in the store before and are as they were, save that a
    kept product may have gained variants. `offers_skipped` did not pass the filter.
    """

    products_added: int = 0
    variants_added: int = 0
    products_kept: int = 0
    variants_kept: int = 0
    offers_skipped: int = 0
    rejected: int = 0
    rejections: tuple[Rejection, ...] = ()


def first_status(status: ProductStatus) -> ProductStatus:
    """A status that a product may be imported with.

    Raises:
        Refused: the status is the outcome of something that has not happened yet.
    """
    if status not in FIRST_STATUSES:
        raise Refused(f"a product cannot begin as {status}; choose {', '.join(FIRST_STATUSES)}")
    return status


def released_status(
    current: ProductStatus, availabilities: Iterable[Availability | None]
) -> ProductStatus:
    """The status of a product once a person puts it back on sale.

    DRAFT, ON_HOLD and ARCHIVED give way to what the variants' availability says; any other status
    says so already. A product that no sync has seen is ACTIVE; its first sync corrects that.
    """
    if current not in _DECIDED_BY_PEOPLE:
        return current
    known = [availability for availability in availabilities if availability is not None]
    return product_status(ProductStatus.ACTIVE, known) if known else ProductStatus.ACTIVE
