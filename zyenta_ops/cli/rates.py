"""`zyenta-ops fx …`: exchange rates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import cell, print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fx import DEFAULT_MAX_AGE, FxRate

if TYPE_CHECKING:
    from zyenta_ops.operations.rates import Rates


@click.group("fx", cls=Commands)
def fx() -> None:
    """Exchange rates, which turn suppliers' costs into stores' currencies."""


@fx.command("set")
@click.argument("base")
@click.argument("quote")
@click.argument("rate")
@click.option("--as-of", help="When it held, such as 2026-11-20 or 2026-11-20T16:00; UTC, now.")
@json_option
@click.pass_obj
def set_rate(
    wiring: Wiring, base: str, quote: str, rate: str, as_of: str | None, as_json: bool
) -> None:
    """Set how many QUOTE one BASE buys, as in `fx set EUR USD 1.0812`."""
    rates = wiring.operations().rates
    new = rates.set_rate(base, quote, _number(rate), None if as_of is None else _moment(as_of))

    def show() -> None:
        click.echo(f"1 {new.base} = {new.rate} {new.quote}; {_effect(new, rates)}.")

    answer(new, as_json, show)


@fx.command("import")
@click.argument("location", metavar="FILE|URL")
@json_option
@click.pass_obj
def import_rates(wiring: Wiring, location: str, as_json: bool) -> None:
    """Read the ECB's reference rates from a FILE or https URL, daily or historical."""
    result = wiring.operations().rates.import_rates(location)

    def show() -> None:
        newest = f", the newest of {result.newest:%Y-%m-%d}" if result.newest else ""
        click.echo(f"Read {result.read} rates{newest}; {result.changed} of them were new.")
        for reason, count in result.skipped.items():
            click.echo(f"Skipped {count}: {reason}.")

    answer(result, as_json, show)


@fx.command("list")
@json_option
@click.pass_obj
def list_rates(wiring: Wiring, as_json: bool) -> None:
    """List the newest rate of every pair of currencies."""
    rates = wiring.operations().rates.list_rates()
    answer(rates, as_json, lambda: _show(rates))


def _effect(new: FxRate, rates: Rates) -> str:
    pair = (new.base, new.quote)
    newest = next(each for each in rates.list_rates() if (each.base, each.quote) == pair)
    if newest.as_of > new.as_of:
        return f"the newer one of {cell(newest.as_of)} stays in force"
    if rates.clock() - new.as_of > DEFAULT_MAX_AGE:
        return "it is too old to make prices with"
    return "prices follow shortly"


def _show(rates: Sequence[FxRate]) -> None:
    if not rates:
        click.echo("There are no exchange rates yet; see `zyenta-ops fx import --help`.")
        return
    print_table(
        ("Pair", ">Rate", "As of", "Source"),
        ((f"{each.base}/{each.quote}", each.rate, each.as_of, each.source) for each in rates),
    )


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Refused(f"'{text}' is not a rate; write a number such as 1.0812") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"'{text}' is not a date; write one such as 2026-11-20") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
