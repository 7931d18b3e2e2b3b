"""What a supplier's API answers about single products.

A feed is read whole (`catalog`, `sweeps`); an API is asked product by product, and each answer is a
fact of its own: on sale, off sale, not known to the supplier, or not answered this time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from zyenta_ops.domain.catalog import Offer
from zyenta_ops.domain.supplier_errors import SupplierError


class ItemStatus(StrEnum):
    """What the supplier says of a product."""

    ON_SALE = "ON_SALE"
    OFF_SALE = "OFF_SALE"  # listed, not sold now; its offers are not saleable
    NOT_FOUND = "NOT_FOUND"  # the supplier knows no such product


@dataclass(frozen=True, slots=True)
class ItemVariant:
    """One variant as the supplier's API tells of it.

    Attributes:
        offer: what the catalogue keeps of it.
        ships_from: ISO 3166 code of the warehouse that the stock and cost hold for; None = not
            said.
        firm_stock: units in the supplier's own warehouse, of those in `offer.stock`; None = it
            makes no difference.
        most_per_order: units one order may take; None = no limit is said.
        weight_grams: of one unit, packed; None = not said.
        tax_included: whether the cost holds the import tax of the market; None = not said.
    """

    offer: Offer
    ships_from: str | None = None
    firm_stock: int | None = None
    most_per_order: int | None = None
    weight_grams: int | None = None
    tax_included: bool | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A product as it was answered.

    Attributes:
        product_ref: as it was asked for.
        faults: variants that could not be understood, each a sentence with its reference.
        raw: the supplier's answer as it came, kept in the object store.
    """

    product_ref: str
    status: ItemStatus
    title: str = ""
    variants: tuple[ItemVariant, ...] = ()
    images: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ItemFault:
    """A product that was asked for and not answered; it stays due."""

    product_ref: str
    error: SupplierError


ItemAnswer = Item | ItemFault
