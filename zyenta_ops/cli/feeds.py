"""`zyenta-ops feed …`: look at a supplier's feed before trusting it. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.domain.catalog import Market, Offer, Rejection
from zyenta_ops.domain.catalog_keys import SeenKeys
from zyenta_ops.domain.money import exponent_of

if TYPE_CHECKING:
    from zyenta_ops.adapters.suppliers.feed import FeedConfig, Understanding

_FORMATS = ("auto", "csv", "tsv", "json", "ndjson", "xml")
_PRESETS = ("auto", "shopify", "woocommerce", "google", "generic")
_MOST_SHOWN_REJECTIONS = 50
_COUNTED_AT_ONCE = 4096


@click.group("feed", cls=Commands)
def feed() -> None:
    """Supplier feeds in files, on web servers or in S3."""


@feed.command()
@click.argument("location", metavar="PATH_OR_URL")
@click.option("--preset", type=click.Choice(_PRESETS), default="auto", show_default=True)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="auto", show_default=True)
@click.option("--currency", default="USD", show_default=True, help="Of prices that state none.")
@click.option("--country", default="US", show_default=True, help="Where the offers ship to.")
@click.option(
    "--cost-share",
    default="60",
    show_default=True,
    help="Cost as a percentage of the price where the feed has no cost; 'none' rejects those rows.",
)
@click.option(
    "--column", "columns", multiple=True, metavar="FACT=NAME", help="Which column gives a fact."
)
@click.option("--item-path", help="Where the items are: path of the JSON array, XML element name.")
@click.option(
    "--allow-private",
    multiple=True,
    metavar="NETWORK",
    help="A private network or host that may be reached, e.g. 127.0.0.1/32.",
)
@click.option("--limit", type=click.IntRange(min=0), default=10, show_default=True, help="Offers.")
@json_option
def preview(
    location: str,
    preset: str,
    form: str,
    currency: str,
    country: str,
    cost_share: str,
    columns: tuple[str, ...],
    item_path: str | None,
    allow_private: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> None:
    """Show how a feed is understood, its first offers, and every row that is no offer."""
    from zyenta_ops.adapters.http import HttpPolicy
    from zyenta_ops.adapters.suppliers.feed import FeedConfig, FeedSource

    exponent_of(currency.upper())
    config = FeedConfig.of(
        {
            "location": location,
            "preset": preset,
            "format": form,
            "cost_share_percent": _percentage(cost_share),
            "columns": dict(_pair(each) for each in columns),
            "item_path": item_path,
        }
    )
    source = FeedSource(
        config,
        Market(country.upper(), currency.upper()),
        http=HttpPolicy(allow_private=allow_private),
    )
    with source.open(None) as reading:
        counts = _Counts(limit)
        for entry in reading.entries:
            counts.add(entry)
        counts.settle()
        understood = reading.understood
        tally = reading.tally
    if understood is None:
        return
    report = counts.report(understood, config, tally.cost_stated, tally.cost_estimated)
    answer(report, as_json, lambda: _show(report))


@dataclass
class _Counts:
    """What a whole feed holds, in flat memory but for its rejections."""

    limit: int
    first: list[Offer] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    variants: int = 0
    stock_known: int = 0
    saleable: int = 0
    _products: SeenKeys = field(default_factory=SeenKeys)
    _uncounted: list[str] = field(default_factory=list)

    def add(self, entry: Offer | Rejection) -> None:
        if isinstance(entry, Rejection):
            self.rejections.append(entry)
            return
        self.variants += 1
        self.stock_known += entry.stock is not None
        self.saleable += entry.saleable
        if len(self.first) < self.limit:
            self.first.append(entry)
        self._uncounted.append(entry.product_ref)
        if len(self._uncounted) >= _COUNTED_AT_ONCE:
            self.settle()

    def settle(self) -> None:
        """Count the products of the last offers."""
        self._products.add(self._uncounted)
        self._uncounted = []

    def report(
        self, understood: Understanding, config: FeedConfig, stated: int, estimated: int
    ) -> dict[str, Any]:
        """Everything the preview tells, for both kinds of output."""
        return {
            "understood": understood,
            "products": len(self._products),
            "variants": self.variants,
            "saleable": self.saleable,
            "stock": {"known": self.stock_known, "unknown": self.variants - self.stock_known},
            "cost": {
                "stated": stated,
                "estimated": estimated,
                "share_percent": config.cost_share_percent,
            },
            "rejected": len(self.rejections),
            "offers": self.first,
            "rejections": self.rejections,
        }


def _show(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for line in _summary(report):
        console.print(Text(line))
    if report["offers"]:
        table = Table()
        for heading in ("Product", "Variant", "Title", "Cost", "Price", "Stock", "For sale"):
            table.add_column(heading, overflow="fold")
        for offer in report["offers"]:
            table.add_row(*(Text(cell) for cell in _cells(offer)))
        console.print(table)
    for rejection in report["rejections"][:_MOST_SHOWN_REJECTIONS]:
        about = f" {rejection.reference}" if rejection.reference else ""
        console.print(Text(f"row {rejection.line}{about}: {rejection.reason}"))
    if report["rejected"] > _MOST_SHOWN_REJECTIONS:
        console.print(f"… and {report['rejected'] - _MOST_SHOWN_REJECTIONS} more; --json has all")


def _summary(report: dict[str, Any]) -> list[str]:
    understood: Understanding = report["understood"]
    columns = ", ".join(f"{fact} = {name!r}" for fact, name in understood.columns.items())
    return [
        f"Format   {_format_line(understood)}",
        f"Columns  {columns}",
        f"Found    {report['products']} products, {report['variants']} variants "
        f"({report['saleable']} for sale), {report['rejected']} rejected",
        f"Cost     {_cost_line(report['cost'])}",
        f"Stock    known {report['stock']['known']}, unknown {report['stock']['unknown']}",
    ]


def _format_line(understood: Understanding) -> str:
    parts = [understood.format.upper(), f"preset {understood.preset}"]
    if understood.compression != "none":
        parts.append(f"packed as {understood.compression}")
    if understood.encoding:
        parts.append(f"encoding {understood.encoding}")
    if understood.delimiter:
        parts.append(f"delimiter {understood.delimiter!r}")
    if understood.decimal:
        parts.append(f"decimal {understood.decimal!r}")
    return ", ".join(parts)


def _cost_line(cost: dict[str, Any]) -> str:
    parts = [f"{cost['stated']} from the feed"]
    if cost["estimated"]:
        parts.append(f"{cost['estimated']} estimated as {cost['share_percent']} % of the price")
    return ", ".join(parts)


def _cells(offer: Offer) -> tuple[str, ...]:
    return (
        offer.product_ref,
        offer.variant_ref,
        offer.title,
        str(offer.unit_cost),
        str(offer.list_price or "-"),
        "unknown" if offer.stock is None else str(offer.stock),
        "yes" if offer.saleable else "no",
    )


def _percentage(text: str) -> Decimal | None:
    if text == "none":
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise click.BadParameter("must be a number or 'none'", param_hint="--cost-share") from None


def _pair(text: str) -> tuple[str, str]:
    fact, equals, name = text.partition("=")
    if not equals:
        raise click.BadParameter("must be FACT=NAME, e.g. cost=Dealer", param_hint="--column")
    return fact, name
