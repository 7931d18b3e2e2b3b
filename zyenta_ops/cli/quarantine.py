"""`zyenta-ops quarantine`: catalogues that were not believed."""

from __future__ import annotations

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import cell, print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.money import Money
from zyenta_ops.ports.catalog import OfferDifference, SweepRecord


@click.group(cls=Commands)
def quarantine() -> None:
    """Look at catalogues that were not believed, and let them through."""


@quarantine.command("list")
@json_option
@click.pass_obj
def list_quarantined(wiring: Wiring, as_json: bool) -> None:
    """List the suppliers whose catalogues wait, and why."""
    waiting = wiring.operations().catalog.quarantines()
    answer(waiting, as_json, lambda: _print_list(waiting))


@quarantine.command()
@click.argument("supplier")
@json_option
@click.pass_obj
def show(wiring: Wiring, supplier: str, as_json: bool) -> None:
    """Show why SUPPLIER's catalogue is quarantined and what it would change."""
    record, differences = wiring.operations().catalog.quarantined(supplier)
    answer(
        {"sweep": record, "differences": differences},
        as_json,
        lambda: _print(record, differences),
    )


@quarantine.command()
@click.argument("supplier")
@json_option
@click.pass_obj
def accept(wiring: Wiring, supplier: str, as_json: bool) -> None:
    """Believe SUPPLIER's quarantined catalogue; stores follow with their next sync."""
    operations = wiring.operations()
    report = operations.catalog.accept_quarantined(supplier)
    operations.alerts.resolve_sync_failure(supplier)
    answer(
        report,
        as_json,
        lambda: click.echo(
            f"accepted: {report.counts.differences} offers of '{supplier}' changed;"
            " stores follow with their next sync"
        ),
    )


def _print_list(waiting: list[SweepRecord]) -> None:
    if not waiting:
        click.echo("No catalogue waits in quarantine.")
        return
    print_table(
        ("Supplier", "Since", "Why"),
        ((each.supplier_key, each.finished_at, "; ".join(each.reasons)) for each in waiting),
    )


def _print(record: SweepRecord, differences: list[OfferDifference]) -> None:
    click.echo(f"Quarantined since {cell(record.finished_at)}")
    for reason in record.reasons:
        click.echo(f"- {cell(reason)}")
    print_table(
        ("Product", "Variant", "What", ">Stock", ">Cost"),
        (
            (
                each.product_ref,
                each.variant_ref,
                each.difference.lower(),
                _arrow(each.stock_before, each.stock),
                _arrow(
                    _money(each.cost_before_minor, each.currency_before or each.currency),
                    _money(each.cost_minor, each.currency),
                ),
            )
            for each in differences
        ),
    )


def _money(minor: int | None, currency: str) -> str | None:
    return None if minor is None else str(Money(minor, currency))


def _arrow(before: object, after: object) -> str:
    shown = "unknown" if after is None else str(after)
    return shown if before is None or before == after else f"{before} → {shown}"
