"""Which offers a store wants: by a filter, or by a merchant's list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from zyenta_ops.domain.catalog import Rejection
from zyenta_ops.domain.inventory import Listing
from zyenta_ops.domain.products import CatalogueEntry, ListedProduct, OfferFilter
from zyenta_ops.domain.stores import ProductStatus


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a product that the store does not have yet begins; no title = the supplier's."""

    status: ProductStatus
    title: str | None = None
    price_locked: bool = False


class Choice(Protocol):
    """Which offers to import."""

    @property
    def complete(self) -> bool:
        """Whether no further offer can be wanted."""
        ...

    def beginning(self, entry: CatalogueEntry) -> Beginning | None:
        """How the offer's product begins, None = the offer is not wanted. Asked once an offer."""
        ...


@dataclass
class ByFilter:
    """Wants the listed offers that a filter accepts, of the first `limit` products with any."""

    wanted: OfferFilter
    start: Beginning
    limit: int | None
    complete: bool = False
    _products: int = 0
    _latest: str | None = None

    def beginning(self, entry: CatalogueEntry) -> Beginning | None:
        """How the offer's product begins; offers come by product reference."""
        if entry.listing is not Listing.LISTED or not self.wanted.accepts(entry):
            return None
        if entry.product_ref != self._latest:
            if self._products == self.limit:
                self.complete = True
                return None
            self._products += 1
            self._latest = entry.product_ref
        return None if self.complete else self.start


@dataclass
class ByList:
    """Wants the listed offers that lines of a product list name."""

    lines: Sequence[ListedProduct]
    default: Beginning
    complete: bool = field(default=False, init=False)
    _by_ref: dict[str, list[ListedProduct]] = field(init=False)
    _known: set[str] = field(default_factory=set, init=False)
    _met: set[int] = field(default_factory=set, init=False)
    _unlisted: set[int] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self._by_ref = {}
        for line in self.lines:
            self._by_ref.setdefault(line.product_ref, []).append(line)

    @property
    def product_refs(self) -> list[str]:
        """The products that the lines name."""
        return sorted(self._by_ref)

    def beginning(self, entry: CatalogueEntry) -> Beginning | None:
        """How the offer's product begins: as the first line that names the offer says."""
        self._known.add(entry.product_ref)
        naming = [
            line
            for line in self._by_ref.get(entry.product_ref, ())
            if line.variant_ref in ("", entry.variant_ref)
        ]
        listed = entry.listing is Listing.LISTED
        (self._met if listed else self._unlisted).update(line.line for line in naming)
        if not naming or not listed:
            return None
        first = naming[0]
        return Beginning(first.status or self.default.status, first.title, first.price_locked)

    def unmet(self, supplier_key: str) -> Iterator[Rejection]:
        """The lines that named nothing to import, with the reason of each."""
        for line in self.lines:
            if line.line in self._met:
                continue
            if line.line in self._unlisted:
                reason = f"{supplier_key} no longer lists it"
            elif line.product_ref in self._known:
                reason = f"{supplier_key} offers the product without a variant '{line.variant_ref}'"
            else:
                reason = f"{supplier_key} offers no such product"
            yield Rejection(line.line, line.product_ref, reason)
