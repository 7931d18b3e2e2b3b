"""`zyenta-ops orders refund`: give a customer money back."""

from __future__ import annotations

import hashlib

import click

from zyenta_ops.cli.output import answer, json_option
from zyenta_ops.cli.tables import cell
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import Order
from zyenta_ops.domain.refunds import Refund
from zyenta_ops.operations.payments import RefundRequest


@click.command()
@click.argument("ref")
@click.option("--reason", required=True, help="Why; kept with the order.")
@click.option("--amount-minor", type=click.IntRange(min=1), help="In minor units.")
@click.option(
    "--item",
    "items",
    multiple=True,
    metavar="ID:QTY",
    help="Units of an item of the order; can be given several times.",
)
@click.option("--key", metavar="KEY", help="Of this refund; the same key refunds once.")
@json_option
@click.pass_obj
def refund(
    wiring: Wiring,
    ref: str,
    reason: str,
    amount_minor: int | None,
    items: tuple[str, ...],
    key: str | None,
    as_json: bool,
) -> None:
    """Refund an order: an amount, units of its items, or everything that is left.

    The next run of `fulfill_orders` asks for it. The same command given twice refunds once, unless
    each has a --key of its own.
    """
    if amount_minor is not None and items:
        raise click.UsageError("give --amount-minor or --item, not both")
    operations = wiring.operations()
    if operations.refunds is None:
        raise Refused("no Stripe key is set; set ZYENTA_STRIPE_KEY to refund")
    order = operations.orders.show(ref).order
    wanted = RefundRequest(
        key=key or _key_of(reason, amount_minor, items),
        reason=reason,
        amount_minor=amount_minor,
        quantities=tuple(map(_units, items)),
    )
    planned = operations.refunds.request(order.id, wanted, "cli")
    answer(planned, as_json, lambda: _show(order, planned))


def _show(order: Order, planned: tuple[Refund, ...]) -> None:
    for each in planned:
        amount = Money(each.amount_minor, each.currency)
        click.echo(
            f"Refund {each.number} of order {cell(order.number)}: {amount} is {each.status}."
        )


def _units(text: str) -> tuple[str, int]:
    item, _, quantity = text.rpartition(":")
    if not item or not quantity.isdecimal() or int(quantity) < 1:
        raise click.BadParameter(f"'{text}' is not ID:QTY", param_hint="--item")
    return item, int(quantity)


def _key_of(reason: str, amount_minor: int | None, items: tuple[str, ...]) -> str:
    """What the same command has in common."""
    said = repr((reason, amount_minor, items)).encode()
    return f"cli:{hashlib.sha256(said).hexdigest()[:24]}"
