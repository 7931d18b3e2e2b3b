"""Which column of a feed holds which fact of an offer, by the names feeds usually give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from zyenta_ops.domain.errors import SourceInvalid


class Column(StrEnum):
    """A fact that a row may state."""

    PRODUCT_REF = "product_ref"  # names the product; its variants share it
    VARIANT_REF = "variant_ref"  # names the variant within the product
    ORDER_REF = "order_ref"  # what an order must quote
    SKU = "sku"  # stock keeping unit
    TITLE = "title"
    PRICE = "price"  # what the supplier sells it for to anybody
    SALE_PRICE = "sale_price"  # the same while reduced
    SALE_DATES = "sale_dates"  # when the reduction holds
    COST = "cost"  # what the supplier charges the merchant
    CURRENCY = "currency"  # ISO 4217 code of price and cost
    STOCK = "stock"  # units on hand
    AVAILABILITY = "availability"  # in words: in stock, out of stock, …
    OVERSELL = "oversell"  # whether sold on below zero
    STATUS = "status"  # active, draft, archived
    PUBLISHED = "published"
    IMAGE = "image"  # one address or several
    MORE_IMAGES = "more_images"
    VARIANT_IMAGE = "variant_image"
    PARENT = "parent"  # the product a variation belongs to
    KIND = "kind"  # simple, variable, variation, …
    OPTION_1 = "option_1"  # value of the first option
    OPTION_2 = "option_2"
    OPTION_3 = "option_3"
    OPTION_1_NAME = "option_1_name"
    OPTION_2_NAME = "option_2_name"
    OPTION_3_NAME = "option_3_name"
    COLOR = "color"
    SIZE = "size"
    MATERIAL = "material"
    PATTERN = "pattern"


C = Column

Names = Mapping[Column, tuple[str, ...]]


def _names(spaced: str) -> tuple[str, ...]:
    return tuple(spaced.split())


SHOPIFY: Final[Names] = {
    C.PRODUCT_REF: ("Handle", "URL handle"),
    C.TITLE: ("Title",),
    C.SKU: ("Variant SKU", "SKU"),
    C.PRICE: ("Variant Price", "Price"),
    C.COST: ("Cost per item",),
    C.STOCK: ("Variant Inventory Qty", "Inventory quantity"),
    C.OVERSELL: ("Variant Inventory Policy", "Continue selling when out of stock"),
    C.STATUS: ("Status",),
    C.PUBLISHED: ("Published", "Published on online store"),
    C.IMAGE: ("Image Src", "Product image URL"),
    C.VARIANT_IMAGE: ("Variant Image", "Variant image URL"),
    C.OPTION_1: ("Option1 Value",),
    C.OPTION_2: ("Option2 Value",),
    C.OPTION_3: ("Option3 Value",),
    C.OPTION_1_NAME: ("Option1 Name",),
    C.OPTION_2_NAME: ("Option2 Name",),
    C.OPTION_3_NAME: ("Option3 Name",),
}

WOOCOMMERCE: Final[Names] = {
    C.PRODUCT_REF: ("ID",),
    C.KIND: ("Type",),
    C.SKU: ("SKU",),
    C.TITLE: ("Name",),
    C.PUBLISHED: ("Published",),
    C.AVAILABILITY: ("In stock?",),
    C.STOCK: ("Stock",),
    C.OVERSELL: ("Backorders allowed?",),
    C.PRICE: ("Regular price",),
    C.SALE_PRICE: ("Sale price",),
    C.SALE_DATES: ("Date sale price starts", "Date sale price ends"),
    C.COST: ("Cost of goods", "Meta: _wc_cog_cost", "Meta: _cogs_total_value"),
    C.IMAGE: ("Images",),
    C.PARENT: ("Parent",),
    C.OPTION_1: ("Attribute 1 value(s)",),
    C.OPTION_2: ("Attribute 2 value(s)",),
    C.OPTION_3: ("Attribute 3 value(s)",),
    C.OPTION_1_NAME: ("Attribute 1 name",),
    C.OPTION_2_NAME: ("Attribute 2 name",),
    C.OPTION_3_NAME: ("Attribute 3 name",),
}

GOOGLE: Final[Names] = {
    C.PARENT: ("item_group_id",),
    C.PRODUCT_REF: ("id",),
    C.VARIANT_REF: ("id",),
    C.TITLE: ("title",),
    C.PRICE: ("price",),
    C.SALE_PRICE: ("sale_price",),
    C.SALE_DATES: ("sale_price_effective_date",),
    C.COST: ("cost_of_goods_sold",),
    C.STOCK: ("quantity", "sell_on_google_quantity"),
    C.AVAILABILITY: ("availability",),
    C.IMAGE: ("image_link",),
    C.MORE_IMAGES: ("additional_image_link",),
    C.COLOR: ("color",),
    C.SIZE: ("size",),
    C.MATERIAL: ("material",),
    C.PATTERN: ("pattern",),
}

GENERIC: Final[Names] = {
    C.PRODUCT_REF: _names(
        "product_ref product_id product_code product_number product_no spu handle id item_id "
        "item_number item_no article_number article_no article artikelnummer artikel_nr reference "
        "ref code"
    ),
    C.PARENT: _names(
        "parent_ref parent_id parent_sku parent item_group_id group_id model_id style_code style"
    ),
    C.VARIANT_REF: _names("variant_ref variant_id variants.id variations.id variant variation_id"),
    C.ORDER_REF: ("order_ref", "order_code", "order_sku", "supplier_sku", "vendor_sku"),
    C.SKU: _names(
        "variants.sku variations.sku skus.sku sku variant_sku item_sku stock_code part_number mpn"
    ),
    C.TITLE: _names(
        "title name product_name product_title item_name bezeichnung artikelbezeichnung "
        "produktname designation nom nombre description_short"
    ),
    C.PRICE: _names(
        "variants.price variations.price skus.price price retail_price list_price rrp srp msrp uvp "
        "selling_price recommended_price regular_price unit_price preis prix precio"
    ),
    C.SALE_PRICE: ("sale_price", "special_price", "promo_price"),
    C.COST: _names(
        "variants.cost variants.wholesale_price cost unit_cost cost_price wholesale_price "
        "wholesale trade_price purchase_price dealer_price dropship_price net_price "
        "b2b_price your_price supplier_price einkaufspreis ek_preis "
        "ek haendlerpreis cost_per_item cost_of_goods_sold"
    ),
    C.CURRENCY: ("currency", "currency_code", "price_currency", "waehrung", "devise", "moneda"),
    C.STOCK: _names(
        "variants.stock variants.inventory_quantity variants.quantity variations.stock skus.stock "
        "stock quantity qty inventory inventory_quantity stock_quantity stock_qty stock_level "
        "available_quantity available_stock quantity_available on_hand bestand lagerbestand menge"
    ),
    C.AVAILABILITY: _names(
        "variants.available availability in_stock stock_status available verfuegbarkeit"
    ),
    C.STATUS: ("status", "product_status"),
    C.PUBLISHED: ("published", "active", "enabled", "is_active"),
    C.IMAGE: _names(
        "image images image_url image_urls image_link image_src main_image picture picture_url "
        "photo photos img bild bild_url images.src images.url"
    ),
    C.MORE_IMAGES: ("additional_image_link", "additional_images", "more_images", "gallery"),
    C.VARIANT_IMAGE: ("variant_image", "variants.image", "variants.featured_image.src"),
    C.OPTION_1: ("option1", "option_1", "option1_value", "variants.option1"),
    C.OPTION_2: ("option2", "option_2", "option2_value", "variants.option2"),
    C.OPTION_3: ("option3", "option_3", "option3_value", "variants.option3"),
    C.OPTION_1_NAME: ("option1_name", "option_1_name"),
    C.OPTION_2_NAME: ("option2_name", "option_2_name"),
    C.OPTION_3_NAME: ("option3_name", "option_3_name"),
    C.COLOR: ("color", "colour", "farbe", "couleur", "variants.color", "variations.color"),
    C.SIZE: ("size", "groesse", "taille", "talla", "variants.size", "variations.size"),
    C.MATERIAL: ("material",),
    C.PATTERN: ("pattern",),
}


# The first of several is as good as any.
_MAY_REPEAT: Final = frozenset({C.IMAGE, C.MORE_IMAGES, C.VARIANT_IMAGE})


def plain_name(name: str) -> str:
    """A column name without what writers vary: case, accents of spelling, separators, "g:"."""
    name = name.strip().lower().removeprefix("g:").replace("ß", "ss")
    for umlaut, spelt in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        name = name.replace(umlaut, spelt)
    return re.sub(r"[^a-z0-9.]+", "", name).strip(".")


def locate(columns: Sequence[str], names: Names, chosen: Mapping[Column, str]) -> dict[Column, int]:
    """The position of each fact that `columns` holds; a merchant's choice beats the usual names.

    Raises:
        SourceInvalid: a chosen column does not exist, or two columns bear the name of a fact.
    """
    positions: dict[str, int] = {}
    for position, name in enumerate(columns):
        positions.setdefault(plain_name(name), position)
    found: dict[Column, int] = {}
    for column, usual in names.items():
        for name in usual:
            if (position_ := positions.get(plain_name(name))) is not None:
                found[column] = position_
                break
    for column, name in chosen.items():
        if plain_name(name) not in positions:
            raise SourceInvalid(
                f"there is no column '{name}' for {column}; the feed has {listed(columns)}"
            )
        found[column] = positions[plain_name(name)]
    for column, at in found.items():
        if column not in _MAY_REPEAT and columns.count(columns[at]) > 1:
            raise SourceInvalid(
                f"two columns are called '{columns[at][:40]}', and either may hold the {column};"
                " give one another name"
            )
    return found


def listed(columns: Sequence[str]) -> str:
    """Column names for a sentence, at most twenty of them."""
    shown = ", ".join(f"'{name[:40]}'" for name in columns[:20])
    return f"{shown} and {len(columns) - 20} more" if len(columns) > 20 else shown or "none"
