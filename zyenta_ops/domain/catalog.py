"""What a supplier offers: offers, rejected rows and the identity of a catalogue's content.

How offers become a store's stock is in `inventory`, how they become prices in `pricing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from zyenta_ops.domain.money import Money


@dataclass(frozen=True, slots=True)
class Offer:
    """One variant as one supplier offers it in one market.

    `stock` is None when the supplier does not say: unknown is not zero. `in_stock` then tells
    whether it says that there is some, only not how much. `saleable` is False when the supplier
    lists the variant but does not sell it. `cost_estimated` is True when no cost was stated and
    `unit_cost` was made from the price. `variant_ref` names the variant within the
    product and stays the same from sweep to sweep; `order_ref` is what an order must quote.
    """

    product_ref: str
    variant_ref: str
    order_ref: str
    title: str
    unit_cost: Money
    list_price: Money | None = None
    stock: int | None = None
    saleable: bool = True
    sku: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    images: tuple[str, ...] = ()
    in_stock: bool = False
    cost_estimated: bool = False

    def content_hash(self) -> str:
        """A digest that changes exactly when any field of the offer changes."""
        fields = (
            self.product_ref,
            self.variant_ref,
            self.order_ref,
            self.title,
            self.unit_cost.minor,
            self.unit_cost.currency,
            self.list_price and (self.list_price.minor, self.list_price.currency),
            self.stock,
            self.saleable,
            self.sku,
            self.attributes,
            self.images,
            self.in_stock,
            self.cost_estimated,
        )
        # ascii, not repr: what repr shows of a character depends on the Unicode data of Python.
        return blake2b(ascii(fields).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A part of a catalogue that could not become an offer: where, which, and why.

    `product_ref` names the product it speaks of, where that much could be understood: what is
    stored of the product is then unread, not absent.
    """

    line: int
    reference: str | None
    reason: str
    product_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The end of what a supplier says of one product; what it did not offer of it is missing.

    Attributes:
        found: False when the supplier knows no such product.
        raw: name of the answer in the object store.
        faults: variants that could not be understood, each a sentence. They are not missing:
            nothing is known of them.
    """

    product_ref: str
    found: bool = True
    raw: str | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A product that was asked for in vain, and why; it stays due.

    `unknown` says that the supplier knows no such product, or could not have named one so.
    """

    product_ref: str
    reason: str
    unknown: bool = False


# What a pass over a catalogue yields. `Answered` and `Unanswered` come only from catalogues that
# are asked product by product.
Entry = Offer | Rejection | Answered | Unanswered


@dataclass(frozen=True, slots=True)
class Market:
    """Where an offer holds: the ship-to country and the currency costs are quoted in."""

    country: str
    currency: str

    def __str__(self) -> str:
        return f"{self.country}:{self.currency}"


@dataclass(frozen=True, slots=True)
class SourceVersion:
    """What identifies the content of a source, so that an unchanged one costs nothing.

    `reader` stands for how the source was read: the same bytes read otherwise are another
    catalogue.
    """

    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    reader: str | None = None


def offer_id(supplier: str, market: Market, product_ref: str, variant_ref: str) -> str:
    """The identity of an offer: the same supplier, market, product and variant give the same id.

    Deterministic, so a whole catalogue can be compared with what is stored by one indexed column.
    """
    key = "\x1f".join((supplier, str(market), product_ref, variant_ref))
    return blake2b(key.encode(errors="surrogatepass"), digest_size=16).hexdigest()
