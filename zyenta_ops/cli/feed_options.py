"""Options that say how a supplier's feed is read, shared by the commands that take them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

import click

from zyenta_ops.domain.stores import Document

Command = TypeVar("Command", bound=Callable[..., Any])

_PRESETS: Final = ("auto", "shopify", "woocommerce", "google", "generic")
_FORMATS: Final = ("auto", "csv", "tsv", "json", "ndjson", "xml")
_COMPRESSIONS: Final = ("auto", "none", "gzip", "zip")


def feed_options(command: Command) -> Command:
    """One option for every setting of a feed but its location.

    The command receives as `feed` a document of the settings that were given, and of no others.
    """
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def market_options(command: Command) -> Command:
    """Where a feed's offers hold: the options `--currency` and `--country`."""
    for option in (
        click.option("--country", default="US", show_default=True, help="Where goods ship to."),
        click.option(
            "--currency", default="USD", show_default=True, help="Of prices that state none."
        ),
    ):
        command = option(command)
    return command


def _setting(
    option: str, field: str, read: Callable[[Any], Any] = lambda given: given, **attributes: Any
) -> Callable[[Command], Command]:
    def collect(context: click.Context, parameter: click.Parameter, given: Any) -> None:
        feed: Document = context.params.setdefault("feed", {})
        if given is not None and given != ():
            feed[field] = read(given)

    return click.option(option, expose_value=False, callback=collect, **attributes)


def _pairs(option: str, form: str) -> Callable[[tuple[str, ...]], dict[str, str | None]]:
    """Reads NAME=VALUE; nothing after the sign takes the name's value back."""

    def read(given: tuple[str, ...]) -> dict[str, str | None]:
        pairs: dict[str, str | None] = {}
        for text in given:
            name, equals, value = text.partition("=")
            if not equals:
                raise click.BadParameter(f"must be {form}", param_hint=option)
            pairs[name] = value or None
        return pairs

    return read


def _percentage(text: str) -> str | None:
    if text == "none":
        return None
    try:
        fits = 1 <= Decimal(text) <= 100
    except InvalidOperation:
        fits = False
    if not fits:
        raise click.BadParameter(
            "must be a number from 1 to 100, or 'none'", param_hint="--cost-share"
        )
    return text


_OPTIONS: Final = (
    _setting(
        "--preset",
        "preset",
        type=click.Choice(_PRESETS),
        help="Whose column names and row order it follows.",
    ),
    _setting("--format", "format", type=click.Choice(_FORMATS), help="How entries are written."),
    _setting("--compression", "compression", type=click.Choice(_COMPRESSIONS)),
    _setting("--encoding", "encoding", metavar="auto|NAME", help="Such as utf-8 or cp1252."),
    _setting(
        "--delimiter",
        "delimiter",
        lambda text: "\t" if text == "tab" else text,
        metavar="auto|tab|CHARACTER",
        help="Such as ; or |.",
    ),
    _setting(
        "--decimal", "decimal", type=click.Choice(("auto", ".", ",")), help="The decimal sign."
    ),
    _setting(
        "--item-path",
        "item_path",
        lambda text: text or None,
        metavar="PATH",
        help="Where the items are: path of the JSON array, name of the XML element.",
    ),
    _setting(
        "--cost-share",
        "cost_share_percent",
        _percentage,
        metavar="PERCENT|none",
        help="Cost as a share of the price where the feed states no costs, at first 60; 'none'"
        " rejects those rows.",
    ),
    _setting(
        "--column",
        "columns",
        _pairs("--column", "FACT=NAME, e.g. cost=Dealer"),
        multiple=True,
        metavar="FACT=NAME",
        help="Which column gives a fact; repeatable.",
    ),
    _setting(
        "--feed-limit",
        "limits",
        _pairs("--feed-limit", "NAME=NUMBER, e.g. rows=200000"),
        multiple=True,
        metavar="NAME=NUMBER",
        help="How much is accepted: download_bytes, uncompressed_bytes, rows, timeout_seconds;"
        " repeatable.",
    ),
)
