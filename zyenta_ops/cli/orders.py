"""`zyenta-ops orders …`: take customers' orders over, look at them, hold and release them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

import click

from zyenta_ops.cli import acting, refunds, supplier_orders
from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import cell, print_fields, print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.documents import moment_of
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.money import Money
from zyenta_ops.domain.orders import Hold, Order, OrderEvent, PaymentStatus
from zyenta_ops.operations.orders import ImportReport, OrderDetails, Outcome, read_orders

_ACTOR: Final = "cli"
_MOST_SHOWN_REFUSALS: Final = 20


@click.group("orders", cls=Commands)
def orders() -> None:
    """Customers' orders. REF is an order's id, or STORE:NUMBER."""


@orders.command("import")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--store", "store_ref", metavar="REF", help="Where the orders do not say it.")
@json_option
@click.pass_obj
def import_orders(wiring: Wiring, path: Path, store_ref: str | None, as_json: bool) -> None:
    """Take over the orders in a JSON, NDJSON or CSV file; orders known already stay as they are.

    Exits 1 when an order was refused; the others are taken over all the same.
    """
    report = wiring.operations().orders.import_many(store_ref, read_orders(path), _ACTOR)
    answer(report, as_json, lambda: _show_report(report))
    if report.refused:
        raise Refused(f"{report.refused} of {len(report.orders)} orders in {path} were refused")


@orders.command("list")
@click.option("--store", "store_ref", metavar="REF", help="Of this store alone.")
@click.option(
    "--payment", type=click.Choice([each.value for each in PaymentStatus], case_sensitive=False)
)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--before", metavar="REF", help="Orders older than this one.")
@json_option
@click.pass_obj
def list_orders(
    wiring: Wiring,
    store_ref: str | None,
    payment: str | None,
    limit: int,
    before: str | None,
    as_json: bool,
) -> None:
    """List orders, newest first."""
    chosen = PaymentStatus(payment) if payment else None
    operations = wiring.operations()
    found = operations.orders.list(store_ref, chosen, limit, before=before)
    answer(found, as_json, lambda: _show_list(found, limit, operations.clock()))


@orders.command()
@click.argument("ref")
@json_option
@click.pass_obj
def show(wiring: Wiring, ref: str, as_json: bool) -> None:
    """Show an order: where it stands, what holds it, and what happened to it."""
    operations = wiring.operations()
    details = operations.orders.show(ref)
    answer(details, as_json, lambda: _show(details, operations.clock()))


@orders.command()
@click.argument("ref")
@click.option("--note", required=True, help="Why the order waits.")
@click.option("--until", metavar="TIME", help="When the hold ends by itself; ISO 8601 with zone.")
@json_option
@click.pass_obj
def hold(wiring: Wiring, ref: str, note: str, until: str | None, as_json: bool) -> None:
    """Keep an order from being bought."""
    expires_at = None if until is None else _moment(until)
    details = wiring.operations().orders.hold(ref, note, _ACTOR, expires_at)
    placed = details.timeline[-1].after["source"]
    answer(
        details,
        as_json,
        lambda: click.echo(f"Order {cell(details.order.number)} is held by {placed}."),
    )


@orders.command()
@click.argument("ref")
@click.argument("source")
@json_option
@click.pass_obj
def release(wiring: Wiring, ref: str, source: str, as_json: bool) -> None:
    """End the hold that SOURCE names; `orders show` lists them."""
    details = wiring.operations().orders.release(ref, source, _ACTOR)
    left = [each.source for each in details.order.holds if each.released_at is None]
    waits = f" and waits for {', '.join(left)}" if left else ""
    answer(
        details,
        as_json,
        lambda: click.echo(cell(f"Order {details.order.number} is released{waits}.")),
    )


orders.add_command(refunds.refund)
orders.add_command(supplier_orders.diagram)
orders.add_command(acting.act)
orders.add_command(acting.queue)


def _moment(text: str) -> datetime:
    moment = moment_of(text)
    if moment is not None:
        return moment
    raise click.BadParameter(f"'{text}' is not a time with its zone, such as 2026-11-30T12:00Z")


def _show_report(report: ImportReport) -> None:
    click.echo(
        f"{report.created} orders taken over, {report.known} were known already,"
        f" {report.refused} refused."
    )
    refused = [each for each in report.orders if each.outcome is Outcome.REFUSED]
    if refused:
        shown = refused[:_MOST_SHOWN_REFUSALS]
        print_table(("Where", "Reason"), ((each.where, each.reason) for each in shown))
    if len(refused) > _MOST_SHOWN_REFUSALS:
        click.echo(f"… and {len(refused) - _MOST_SHOWN_REFUSALS} more; --json lists them.")


def _show_list(found: tuple[Order, ...], limit: int, now: datetime) -> None:
    if not found:
        click.echo("There are no such orders.")
        return
    print_table(
        ("Order", "Number", "Placed", ">Total", "Payment", "Fulfilment", "Held by"),
        (
            (
                each.id,
                each.number,
                each.placed_at,
                _money(each, each.amounts.total_minor),
                each.payment_status,
                each.fulfillment_status,
                ", ".join(sorted({hold.reason for hold in each.holds if hold.holds_at(now)})),
            )
            for each in found
        ),
    )
    if len(found) == limit:
        click.echo(f"The newest {limit}; --limit or --before {found[-1].id} shows more.")


def _show(details: OrderDetails, now: datetime) -> None:
    order, amounts = details.order, details.order.amounts
    print_fields(
        [
            ("Order", order.id),
            ("Store", details.store),
            ("Number", order.number),
            ("Placed", order.placed_at),
            ("Payment", order.payment_status),
            ("Fulfilment", order.fulfillment_status),
            ("Customer", f"{order.customer.name} <{order.customer.email}>"),
            ("Ships to", ", ".join(order.address.lines)),
            ("Language", order.locale or "as the store speaks"),
            ("Subtotal", _money(order, amounts.subtotal_minor)),
            ("Discount", _money(order, amounts.discount_minor)),
            ("Shipping", _money(order, amounts.shipping_minor)),
            ("Tax", _money(order, amounts.tax_minor)),
            ("Total", _money(order, amounts.total_minor)),
            ("Paid", _money(order, order.paid_minor)),
            ("Refunded", _money(order, order.refunded_minor)),
        ]
    )
    print_table(
        ("Item", "SKU", ">Quantity", ">Price"),
        (
            (item.title, item.sku, item.quantity, _money(order, item.unit_price_minor))
            for item in order.items
        ),
    )
    if order.holds:
        print_table(
            ("Hold", "Reason", "Why", "Since", "State"),
            (
                (each.source, each.reason, each.note, each.opened_at, _state(each, now))
                for each in order.holds
            ),
        )
    supplier_orders.show_supplier_orders(details.supplier_orders)
    for refund in details.refunds:
        click.echo(
            f"Refund {refund.number}: {Money(refund.amount_minor, refund.currency)}"
            f" {refund.status}, {cell(refund.reason)}"
        )
    print_table(
        ("When", "What", "Who", "Why"),
        ((each.at, what_happened(each), each.actor, each.reason) for each in details.timeline),
    )


def _money(order: Order, minor: int) -> Money:
    return Money(minor, order.currency)


def _state(hold: Hold, now: datetime) -> str:
    if hold.released_at is not None:
        return f"released by {hold.released_by}"
    if not hold.holds_at(now):
        return "over"
    return "holds" if hold.expires_at is None else f"holds until {cell(hold.expires_at)}"


def what_happened(event: OrderEvent) -> str:
    """The kind of an entry, and where the payment went if its status changed."""
    before, after = (each.get("payment") for each in (event.before, event.after))
    return f"{event.kind} {before} → {after}" if before != after else event.kind
