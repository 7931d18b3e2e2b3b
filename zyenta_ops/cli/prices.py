"""Commands about prices: `price explain` shows how a strategy turns a cost into a price.

Those about stored decisions are in `price_decisions`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from zyenta_ops.cli import price_decisions
from zyenta_ops.cli.documents import read_json
from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import print_table
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.fx import Conversion, FxRate, FxTable
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.pricing import PriceDecision, PricingStrategy, decide_price
from zyenta_ops.persistence.documents import read_document


@click.group("price", cls=Commands)
def prices() -> None:
    """How costs become prices."""


for command in price_decisions.COMMANDS:
    prices.add_command(command)


@prices.command()
@click.option("--cost", required=True, help="What the supplier asks, e.g. 10 or 9.50.")
@click.option("--currency", required=True, help="The store's currency, e.g. USD.")
@click.option("--cost-currency", help="The cost's currency, if not the store's.")
@click.option("--rate", help="Units of the store's currency for one of the cost's.")
@click.option(
    "--strategy",
    "document",
    help="A JSON file, JSON itself, or the name of a kind; else the default.",
)
@click.option("--current", help="The price in force.")
@click.option("--list-price", help="The supplier's list price, in the cost's currency.")
@click.option("--locked", is_flag=True, help="As if the merchant had fixed the price.")
@json_option
def explain(
    cost: str,
    currency: str,
    cost_currency: str | None,
    rate: str | None,
    document: str | None,
    current: str | None,
    list_price: str | None,
    locked: bool,
    as_json: bool,
) -> None:
    """Show every step from a cost to a price, changing nothing."""
    strategy = PricingStrategy() if document is None else _strategy(document)
    quoted_in = cost_currency or currency
    decision = decide_price(
        strategy,
        Money.of(cost, quoted_in),
        currency,
        _conversion(quoted_in, currency, rate),
        None if current is None else Money.of(current, currency),
        None if list_price is None else Money.of(list_price, quoted_in),
        locked,
    )
    result = {"strategy": strategy.fingerprint(), "decision": decision}
    answer(result, as_json, lambda: _show(decision))


def _strategy(argument: str) -> PricingStrategy:
    """The strategy in a file or in JSON; a single word is a kind with everything else usual."""
    named = re.fullmatch(r"[A-Za-z_]+", argument) and not Path(argument).exists()
    document = {"kind": argument.upper()} if named else read_json(argument, "the strategy")
    return read_document(PricingStrategy, document, "the strategy given")


def _conversion(base: str, quote: str, rate: str | None) -> Conversion:
    if base == quote:
        return Conversion.identity(quote)
    if rate is None:
        raise Refused(f"a cost in {base} needs --rate, the {quote} that one {base} buys")
    try:
        number = Decimal(rate)
    except InvalidOperation:
        raise Refused(f"--rate '{rate}' is not a number") from None
    now = datetime.now(UTC)
    found = FxTable([FxRate(base, quote, number, now, "command line")]).conversion(base, quote, now)
    if not isinstance(found, Conversion):
        raise Refused(found.reason)
    return found


def _show(decision: PriceDecision) -> None:
    currency = decision.price.currency if decision.price else ""
    print_table(
        ("Step", "How", f">{currency}"),
        ((step.name, step.detail, step.amount) for step in decision.steps),
    )
    price = "no price" if decision.price is None else f"{decision.price}"
    beside = f", compared at {decision.compare_at}" if decision.compare_at else ""
    flags = f" [{', '.join(decision.flags)}]" if decision.flags else ""
    click.echo(f"{decision.outcome}: {price}{beside}{flags}")
