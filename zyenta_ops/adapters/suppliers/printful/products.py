"""Products of a Printful store as items.

A store product says which catalogue variant each of its variants is made of; the catalogue says
what that costs and where it can be made. Cost is the catalogue price plus what each placement of
the variant's print files adds. Options that cost more (embroidery, inside labels) are not in it:
what an order costs is known when it is placed, and guarded when it is paid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from zyenta_ops.adapters.suppliers.answers import entries, entry, money, name, shortened, words
from zyenta_ops.adapters.suppliers.text import addresses, images, title
from zyenta_ops.domain.catalog import Offer
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.items import Item, ItemStatus, ItemVariant
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.supplier_errors import AnswerInvalid, RequestInvalid

# What is said of a variant in the store and of a region in the catalogue, and whether it can be
# made. The first two, "out_of_stock" and "discontinued" are published; the others were seen.
_CAN_BE_MADE: Final = {
    "in_stock": True,
    "stocked_on_demand": True,
    "active": True,
    "out_of_stock": False,
    "temporary_out_of_stock": False,
    "supplier_out_of_stock": False,
    "discontinued": False,
}
# Files that show the product instead of being printed on it.
_NOT_PRINTED: Final = frozenset({"preview"})


@dataclass(frozen=True)
class CatalogueProduct:
    """What Printful's catalogue says of a product: `currency` of its prices, variants by id."""

    currency: Any
    discontinued: bool
    placements: Mapping[str, Any]  # what printing there adds, by the place
    variants: Mapping[str, Mapping[str, Any]]
    raw: bytes

    @classmethod
    def of(cls, document: Any, raw: bytes) -> CatalogueProduct:
        """Read the result of `GET /products/{id}`."""
        product = entry(document["product"])
        return cls(
            currency=product.get("currency"),
            discontinued=product.get("is_discontinued") is True,
            placements={
                name(each.get("type") or each.get("id")): each.get("additional_price")
                for each in entries(product.get("files"))
            },
            variants={name(each.get("id")): each for each in entries(document["variants"])},
            raw=raw,
        )


@dataclass(frozen=True)
class StoreProduct:
    """A product of the store as it was answered."""

    facts: Mapping[str, Any]
    variants: tuple[Mapping[str, Any], ...]
    raw: bytes

    @classmethod
    def of(cls, document: Any, raw: bytes) -> StoreProduct:
        """Read the result of `GET /store/products/{id}`."""
        return cls(entry(document["sync_product"]), tuple(entries(document["sync_variants"])), raw)

    @property
    def made_of(self) -> tuple[str, ...]:
        """The catalogue products that the variants are made of."""
        found = (name(entry(each.get("product")).get("product_id")) for each in self.variants)
        return tuple(dict.fromkeys(each for each in found if each.isdigit()))


def path(product_ref: str) -> str:
    """Where a store product is: by Printful's number, or by an external id after an @.

    Raises:
        RequestInvalid: the reference is neither.
    """
    if product_ref.isascii() and product_ref.isdigit():
        return f"/store/products/{product_ref}"
    if product_ref.startswith("@") and len(product_ref) > 1:
        return f"/store/products/@{quote(product_ref[1:], safe='')}"
    raise RequestInvalid("a product at Printful is a number, or @ and an external id")


def item(
    product_ref: str, product: StoreProduct, catalogue: Mapping[str, CatalogueProduct]
) -> Item:
    """A store product, with the catalogue products it is made of.

    Raises:
        AnswerInvalid: none of its variants can be understood.
    """
    variants: list[ItemVariant] = []
    faults: list[str] = []
    for each in product.variants:
        try:
            variants.append(ItemVariant(_offer(product_ref, product.facts, each, catalogue)))
        except Refused as error:
            faults.append(f"variant {shortened(each.get('id'))}: {error}")
    if faults and not variants:
        raise AnswerInvalid(f"no variant of the product can be understood: {faults[0]}")
    on_sale = product.facts.get("is_ignored") is not True and any(
        each.offer.saleable for each in variants
    )
    return Item(
        product_ref,
        ItemStatus.ON_SALE if on_sale else ItemStatus.OFF_SALE,
        title=title(product.facts.get("name")),
        variants=tuple(variants),
        images=addresses(product.facts.get("thumbnail_url")),
        faults=tuple(faults),
        raw=b"\n".join((product.raw, *(each.raw for each in catalogue.values()))),
    )


def _offer(
    product_ref: str,
    product: Mapping[str, Any],
    variant: Mapping[str, Any],
    catalogue: Mapping[str, CatalogueProduct],
) -> Offer:
    made_of = entry(variant.get("product"))
    variant_ref = name(variant.get("id"))
    order_ref = name(variant.get("variant_id") or made_of.get("variant_id"))
    if not (variant_ref.isdigit() and order_ref.isdigit()):
        raise Refused("it names no catalogue variant; link it at Printful")
    source = catalogue.get(name(made_of.get("product_id")))
    listed = source.variants.get(order_ref) if source else None
    if source is None or listed is None:
        raise Refused("Printful's catalogue does not list what it is made of")
    sold = variant.get("synced") is not False and variant.get("is_ignored") is not True
    return Offer(
        product_ref=product_ref,
        variant_ref=variant_ref,
        order_ref=order_ref,
        title=title(variant.get("name") or product.get("name")),
        unit_cost=_cost(variant, listed, source),
        stock=None,  # made on demand, as many as are wanted
        in_stock=True,
        saleable=sold and not source.discontinued and _can_be_made(variant, listed),
        sku=words(variant.get("sku")) or None,
        attributes=_attributes(variant, listed),
        images=_images(variant, made_of, listed),
    )


def _cost(variant: Mapping[str, Any], listed: Mapping[str, Any], source: CatalogueProduct) -> Money:
    """Printful's price of one unit with its prints; `retail_price` is ours and no cost."""
    cost = money(listed.get("price"), source.currency, "price")
    if cost is None or not cost.minor:
        raise Refused("the catalogue says no price")
    printed = {name(each.get("type")) for each in entries(variant.get("files"))} - _NOT_PRINTED
    for place in sorted(printed):
        extra = money(source.placements.get(place), source.currency, f"price of '{place}'")
        cost = cost + extra if extra else cost
    return cost


def _can_be_made(variant: Mapping[str, Any], listed: Mapping[str, Any]) -> bool:
    """Whether the variant can be had, from some region at least."""
    if listed.get("in_stock") is False:
        return False
    in_store = [variant.get("availability_status")]
    regions = [each.get("status") for each in entries(listed.get("availability_status"))]
    return all(_any_can(said) for said in (in_store, regions) if any(said))


def _any_can(said: Sequence[Any]) -> bool:
    known = [_CAN_BE_MADE.get(words(each).lower()) for each in said]
    if True in known:
        return True
    if None in known:
        raise Refused(f"its availability is {shortened(said[known.index(None)])}, which is unknown")
    return False


def _attributes(
    variant: Mapping[str, Any], listed: Mapping[str, Any]
) -> tuple[tuple[str, str], ...]:
    found = {
        "Color": words(variant.get("color")) or words(listed.get("color")),
        "Size": words(variant.get("size")) or words(listed.get("size")),
    }
    return tuple((key, value) for key, value in found.items() if value)


def _images(
    variant: Mapping[str, Any], made_of: Mapping[str, Any], listed: Mapping[str, Any]
) -> tuple[str, ...]:
    previews = [
        addresses(each.get("preview_url"))
        for each in entries(variant.get("files"))
        if each.get("type") in _NOT_PRINTED
    ]
    return images(*previews, addresses(made_of.get("image")), addresses(listed.get("image")))
