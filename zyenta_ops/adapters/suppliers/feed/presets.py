"""Which preset a feed follows, told from its columns, and which columns it cannot do without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from zyenta_ops.adapters.suppliers.feed.columns import (
    GENERIC,
    GOOGLE,
    SHOPIFY,
    WOOCOMMERCE,
    C,
    Column,
    Names,
    listed,
    locate,
    plain_name,
)
from zyenta_ops.adapters.suppliers.feed.config import Preset
from zyenta_ops.domain.errors import SourceInvalid

_NAMES: Final[dict[Preset, Names]] = {
    Preset.SHOPIFY: SHOPIFY,
    Preset.WOOCOMMERCE: WOOCOMMERCE,
    Preset.GOOGLE: GOOGLE,
    Preset.GENERIC: GENERIC,
}

# Columns that together occur in no other kind of feed; any one group suffices.
_SIGNATURES: Final[tuple[tuple[Preset, tuple[str, ...]], ...]] = (
    (Preset.SHOPIFY, ("handle", "variantprice")),
    (Preset.SHOPIFY, ("handle", "option1value")),
    (Preset.SHOPIFY, ("urlhandle", "price")),
    (Preset.WOOCOMMERCE, ("type", "sku", "name", "regularprice")),
    (Preset.GOOGLE, ("id", "title", "price", "availability")),
    (Preset.GOOGLE, ("id", "title", "price", "imagelink")),
    (Preset.GOOGLE, ("id", "title", "price", "itemgroupid")),
)

# Every group must be met by at least one of its columns.
_NEEDED: Final[dict[Preset, tuple[tuple[Column, ...], ...]]] = {
    Preset.SHOPIFY: ((C.PRODUCT_REF,), (C.TITLE,), (C.PRICE, C.COST)),
    Preset.WOOCOMMERCE: ((C.SKU, C.PRODUCT_REF), (C.TITLE,), (C.PRICE, C.COST)),
    Preset.GOOGLE: ((C.PRODUCT_REF,), (C.TITLE,), (C.PRICE, C.COST)),
    Preset.GENERIC: ((C.PRODUCT_REF, C.SKU, C.VARIANT_REF), (C.TITLE,), (C.PRICE, C.COST)),
}


def preset_of(columns: Sequence[str], wanted: Preset) -> Preset:
    """The preset to read with: the wanted one, or the one whose signature the columns bear."""
    if wanted is not Preset.AUTO:
        return wanted
    held = {plain_name(name) for name in columns}
    for preset, signature in _SIGNATURES:
        if held.issuperset(signature):
            return preset
    return Preset.GENERIC


def positions_of(
    columns: Sequence[str], preset: Preset, chosen: Mapping[Column, str]
) -> dict[Column, int]:
    """Where each fact stands.

    Raises:
        SourceInvalid: a column that the preset cannot do without is missing.
    """
    positions = locate(columns, _NAMES[preset], chosen)
    missing = [group for group in _NEEDED[preset] if not positions.keys() & set(group)]
    if missing:
        facts = " and ".join(" or ".join(column.value for column in group) for group in missing)
        raise SourceInvalid(
            f"no column of the feed gives {facts}; name it under 'columns'. The feed has "
            f"{listed(columns)}"
        )
    return positions
