"""The demo's world: who sells what from whom, and what the suppliers do to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import SyncFrequency
from zyenta_ops.sandbox.catalogues import apparel_feed, home_feed
from zyenta_ops.sandbox.faults import Rule
from zyenta_ops.sandbox.feeds import SupplierFeed, shopify_feed
from zyenta_ops.sandbox.world import SandboxWorld

_LARGEST_FEED_BYTES = 20_000_000


@dataclass(frozen=True)
class DemoStore:
    """A store of the demo and how it differs from the others."""

    name: str
    email: str
    currency: str
    country: str
    frequency: SyncFrequency
    strategy: dict[str, Any]
    preferences: dict[str, Any] = field(default_factory=dict)


STORES = (
    DemoStore(
        "Nordlicht", "mira@nordlicht.example", "EUR", "DE", SyncFrequency.HIGH,
        {"kind": "PERCENTAGE_MARGIN", "value": "50"},
    ),
    DemoStore(
        "Harborline", "sam@harborline.example", "USD", "US", SyncFrequency.STANDARD,
        {"kind": "TARGET_MARGIN", "value": "40", "min_margin": "25"},
    ),
    DemoStore(
        "Kissa Goods", "yuki@kissa.example", "JPY", "JP", SyncFrequency.STANDARD,
        {"kind": "FIXED_MARGIN", "value": "1500", "min_margin": "30"},
        {"stock_low_threshold": 8},
    ),
)  # fmt: skip

# Invented for the demo, near what they were in 2026.
RATES = (("EUR", "USD", Decimal("1.09")), ("EUR", "JPY", Decimal("163.40")))


@dataclass(frozen=True)
class DemoSupplier:
    """A supplier of the demo: its feed and the settings to read it with."""

    key: str
    name: str
    feed: SupplierFeed
    currency: str
    country: str
    preset: str


@dataclass(frozen=True)
class Vendor:
    """A supplier with an API that the sandbox answers for, and the settings to ask it with."""

    name: str
    config: dict[str, Any]


VENDORS = {
    "aliexpress": Vendor("AliExpress", {"requests_per_second": 20}),
    "cj": Vendor("CJ Dropshipping", {"level": 5, "calls_per_day": None}),
}
VENDOR_PRODUCTS = 200
VENDOR_IMPORTS = 12


@dataclass(frozen=True)
class Round:
    """One sync of every supplier, after something happened to feeds and in the sandbox."""

    title: str
    happens: Callable[[Sequence[DemoSupplier]], list[str]]
    at_vendors: Callable[[SandboxWorld], list[str]] = lambda _: []


def suppliers(files: Sequence[Path], seed: int) -> list[DemoSupplier]:
    """The demo's own two suppliers, or one for each given Shopify product CSV.

    Raises:
        Refused: a file that is not in the Shopify format.
    """
    if files:
        return [_from_file(path, seed + number) for number, path in enumerate(files)]
    return [
        DemoSupplier("fjord-apparel", "Fjord Apparel", apparel_feed(seed), "USD", "US", "shopify"),
        DemoSupplier("hafen-home", "Hafen Home", home_feed(seed), "EUR", "DE", "google"),
    ]


def _from_file(path: Path, seed: int) -> DemoSupplier:
    if path.stat().st_size > _LARGEST_FEED_BYTES:
        raise Refused(f"{path} is too large for the demo, which keeps its feeds in memory")
    try:
        feed = shopify_feed(path.name, path.read_text(encoding="utf-8-sig"), seed)
    except UnicodeDecodeError:
        raise Refused(f"{path} is not UTF-8 text; the demo takes Shopify product CSVs") from None
    columns = feed.rows[0].keys() if feed.rows else ()
    if not {feed.key, feed.price, feed.stock} <= set(columns):
        raise Refused(
            f"{path} is not a Shopify product CSV; look at other formats with"
            f" `zyenta-ops feed preview {path}`"
        )
    key = "".join(c if c.isalnum() else "-" for c in path.stem.lower()).strip("-")[:40] or "feed"
    return DemoSupplier(key, path.stem, feed, "USD", "US", "shopify")


def _opening(_: Sequence[DemoSupplier]) -> list[str]:
    return ["first sync of every supplier"]


def _changes(suppliers: Sequence[DemoSupplier]) -> list[str]:
    """The first supplier trades, the last one's feed turns empty."""
    lively, broken = suppliers[0].feed, suppliers[-1]
    share = max(1, sum(bool(row.get(lively.price)) for row in lively.rows) // 12)
    sold_out = lively.sell_out(share)
    low = lively.run_low(share, units=3)
    restocked = [row for row in lively.restock(2) if row not in sold_out]
    dearer = lively.raise_prices(share, percent=18)
    gone = lively.delist(1)
    happened = [
        f"{suppliers[0].name}: {len(sold_out)} sold out, {len(low)} low, {len(restocked)} back,"
        f" {len(dearer)} dearer by 18 %, '{gone[0]}' delisted"
    ]
    if len(suppliers) > 1:
        broken.feed.broken = True
        happened.append(f"{broken.name}: the feed turns empty")
    return happened


def _recovery(suppliers: Sequence[DemoSupplier]) -> list[str]:
    suppliers[-1].feed.broken = False
    restocked = suppliers[0].feed.restock(1_000)
    return [
        f"{suppliers[0].name}: {len(restocked)} back",
        f"{suppliers[-1].name}: the feed is whole again",
    ]


def _quiet(_: Sequence[DemoSupplier]) -> list[str]:
    return ["nothing changes; the delisted product is missing a third time"]


def _vendors_change(world: SandboxWorld) -> list[str]:
    """What the stores sell is among the first products of each vendor."""
    for vendor in VENDORS:
        trade = world.trades[vendor]
        sold = trade.catalogue.on_sale()[:VENDOR_IMPORTS]
        trade.catalogue.set_stock(sold[0], 0)
        for variant in sold[1].offered:
            trade.catalogue.set_price(sold[1], variant, variant.price * 13 // 10)
        if vendor == "cj":
            world.script.add(Rule("status", vendor=vendor, status=503, calls=(3,)))
    return [
        "AliExpress and CJ: a product sold out, another 30 % dearer; CJ answers once with HTTP 503"
    ]


def _vendors_recover(world: SandboxWorld) -> list[str]:
    for vendor in VENDORS:
        world.trades[vendor].catalogue.restock(1_000)
    return ["AliExpress and CJ: restocked"]


ROUNDS = (
    Round("Opening", _opening),
    Round("The suppliers change", _changes, _vendors_change),
    Round("The suppliers recover", _recovery, _vendors_recover),
    Round("A quiet hour", _quiet),
)
