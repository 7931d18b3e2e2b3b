"""Seeded catalogues of invented products for the sandbox suppliers."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from zyenta_ops.sandbox.feeds import Row, SupplierFeed, google_feed, shopify_feed

_MATERIALS = ("Linen", "Merino", "Cork", "Bamboo", "Recycled Canvas", "Waxed Cotton", "Felt")
_GARMENTS = ("Shirt", "Scarf", "Tote", "Cap", "Apron", "Overshirt", "Socks", "Backpack", "Vest")
_COLOURS = ("Slate", "Moss", "Sand", "Ink", "Rust")
_SIZES = ("S", "M", "L")
_HOME = ("Lamp", "Vase", "Tray", "Candle Holder", "Wall Hook", "Planter", "Bowl", "Clock")
_FINISHES = ("Oak", "Walnut", "Stoneware", "Brass", "Enamel", "Glass")

_SHOPIFY_COLUMNS = (
    "Handle,Title,Body (HTML),Vendor,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,"
    "Variant Inventory Policy,Variant Price,Cost per item,Image Src,Image Position,Status"
)


def apparel_feed(seed: int = 11, products: int = 40) -> SupplierFeed:
    """A clothing supplier's Shopify export in US dollars, priced by `Cost per item`."""
    random = Random(seed)
    lines = [_SHOPIFY_COLUMNS]
    names = _combinations(random, _MATERIALS, _GARMENTS, products)
    for name in names:
        handle = name.lower().replace(" ", "-")
        cost = _amount(random, 4, 45)
        first = True
        for colour in random.sample(_COLOURS, random.randint(1, 2)):
            for size in _SIZES[: random.randint(1, 3)]:
                title = (
                    f"{name},A {name.lower()} made to last.,Fjord Supply,true" if first else ",,,"
                )
                stock = 0 if random.random() < 0.08 else random.randint(6, 90)
                image = f"https://images.example.com/{handle}-{colour.lower()}.jpg"
                sku = f"{handle[:6]}-{colour[:2]}-{size}".upper()
                lines.append(
                    f"{handle},{title},Colour,{colour},Size,{size},{sku},shopify,{stock},deny,"
                    f"{cost * 2},{cost},{image},1,active"
                )
                first = False
    feed = shopify_feed("apparel.csv", "\n".join(lines) + "\n", seed)
    feed.price = "Cost per item"
    return feed


def home_feed(seed: int = 23, products: int = 30) -> SupplierFeed:
    """A home-goods supplier's Google Merchant feed in euros."""
    random = Random(seed)
    rows: list[Row] = []
    for number, name in enumerate(_combinations(random, _FINISHES, _HOME, products)):
        for variant in range(random.randint(1, 2)):
            cost = _amount(random, 3, 80)
            rows.append(
                {
                    "id": f"HG-{number:03d}-{variant + 1}",
                    "item_group_id": f"HG-{number:03d}",
                    "title": f"{name} no. {variant + 1}",
                    "price": str(cost * 2),
                    "cost_of_goods_sold": str(cost),
                    "quantity": str(0 if random.random() < 0.05 else random.randint(6, 60)),
                    "image_link": f"https://images.example.com/hg-{number:03d}.jpg",
                }
            )
    return google_feed("home.xml", rows, seed)


def _combinations(
    random: Random, first: tuple[str, ...], second: tuple[str, ...], count: int
) -> list[str]:
    names = [f"{one} {two}" for one in first for two in second]
    random.shuffle(names)
    return sorted(names[:count])


def _amount(random: Random, low: int, high: int) -> Decimal:
    return Decimal(random.randint(low * 100, high * 100)) / 100
