"""`zyenta-ops feed …`: look at a supplier's feed before trusting it. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from zyenta_ops.cli.feed_options import feed_options, market_options
from zyenta_ops.cli.login_options import given_login, login_options
from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import cell, print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.catalog import Market, Offer, Rejection
from zyenta_ops.domain.catalog_keys import SeenKeys
from zyenta_ops.domain.credentials import Credentials
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.names import country_code, currency_code
from zyenta_ops.domain.stores import Document
from zyenta_ops.domain.sweeps import SanityLimits, SweepCounts, judge

if TYPE_CHECKING:
    from zyenta_ops.adapters.suppliers.feed import FeedConfig, Understanding

_MOST_SHOWN_REJECTIONS = 50
_COUNTED_AT_ONCE = 4096


@click.group("feed", cls=Commands)
def feed() -> None:
    """Supplier feeds in files, on web servers or in S3."""


@feed.command()
@click.argument("location", metavar="[PATH_OR_URL]", required=False)
@click.option("--supplier", "supplier_key", metavar="KEY", help="The feed of this supplier.")
@market_options
@feed_options
@login_options
@click.option(
    "--allow-private",
    multiple=True,
    metavar="NETWORK",
    help="A private network or host that may be reached beside those of the settings.",
)
@click.option("--limit", type=click.IntRange(min=0), default=10, show_default=True, help="Offers.")
@json_option
@click.pass_obj
def preview(
    wiring: Wiring,
    /,
    location: str | None,
    supplier_key: str | None,
    currency: str,
    country: str,
    feed: Document,
    allow_private: tuple[str, ...],
    limit: int,
    as_json: bool,
    **given: Any,
) -> None:
    """Show how a feed is understood, its first offers, and every row that is no offer.

    With --supplier the stored address, settings, market and login are used; what is given besides
    replaces them for once.
    """
    from zyenta_ops.adapters.http import HttpPolicy
    from zyenta_ops.adapters.suppliers.feed import (
        FeedConfig,
        FeedCredentials,
        FeedSource,
        S3Access,
    )

    settings = wiring.settings
    document: Document = feed if location is None else {"location": location, **feed}
    market = Market(country_code(country), currency_code(currency))
    login = given_login(**given)
    credentials = Credentials.of(login) if login else None
    if supplier_key is not None:
        suppliers = wiring.operations().suppliers
        stored = suppliers.show(supplier_key)
        document = stored.config | document
        market = Market(stored.country, stored.currency)
        credentials = credentials or suppliers.credentials(supplier_key)
    elif location is None:
        raise click.UsageError("name a path or URL, or a supplier with --supplier")
    config = FeedConfig.of(document)
    source = FeedSource(
        config,
        market,
        FeedCredentials(credentials.header, credentials.basic) if credentials else None,
        http=HttpPolicy(allow_private=(*settings.private_networks, *allow_private)),
        s3=S3Access(endpoint_url=settings.s3_endpoint_url or None),
    )
    with source.open(None) as reading:
        counts = _Counts(limit)
        for entry in reading.entries:
            counts.add(entry)
        counts.settle()
        understood = reading.understood
    if understood is None:
        return
    report = counts.report(understood, config)
    answer(report, as_json, lambda: _show(report))
    if not counts.variants:
        sweep = SweepCounts(entries=len(counts.rejections), rejected=len(counts.rejections))
        raise Refused("; ".join(judge(sweep, SanityLimits(), first=True).reasons))


@dataclass
class _Counts:
    """What a whole feed holds, in flat memory but for its rejections."""

    limit: int
    first: list[Offer] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    variants: int = 0
    stock_known: int = 0
    estimated: int = 0
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
        self.estimated += entry.cost_estimated
        if len(self.first) < self.limit:
            self.first.append(entry)
        self._uncounted.append(entry.product_ref)
        if len(self._uncounted) >= _COUNTED_AT_ONCE:
            self.settle()

    def settle(self) -> None:
        """Count the products of the last offers."""
        self._products.add(self._uncounted)
        self._uncounted = []

    def report(self, understood: Understanding, config: FeedConfig) -> dict[str, Any]:
        """Everything the preview tells, for both kinds of output."""
        return {
            "understood": understood,
            "products": len(self._products),
            "variants": self.variants,
            "saleable": self.saleable,
            "stock": {"known": self.stock_known, "unknown": self.variants - self.stock_known},
            "cost": {
                "stated": self.variants - self.estimated,
                "estimated": self.estimated,
                "share_percent": config.cost_share_percent,
            },
            "rejected": len(self.rejections),
            "offers": self.first,
            "rejections": self.rejections,
        }


def _show(report: dict[str, Any]) -> None:
    for line in _summary(report):
        click.echo(cell(line))
    if report["offers"]:
        print_table(
            ("Product", "Variant", "Title", ">Cost", ">Price", ">Stock", "For sale"),
            map(_cells, report["offers"]),
        )
    for rejection in report["rejections"][:_MOST_SHOWN_REJECTIONS]:
        about = f" {rejection.reference}" if rejection.reference else ""
        click.echo(cell(f"row {rejection.line}{about}: {rejection.reason}"))
    if report["rejected"] > _MOST_SHOWN_REJECTIONS:
        click.echo(f"… and {report['rejected'] - _MOST_SHOWN_REJECTIONS} more; --json has all")


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


def _cells(offer: Offer) -> tuple[Any, ...]:
    return (
        offer.product_ref,
        offer.variant_ref,
        offer.title,
        offer.unit_cost,
        offer.list_price,
        "unknown" if offer.stock is None else offer.stock,
        offer.saleable,
    )
