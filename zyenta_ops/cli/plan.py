"""`zyenta-ops plan SUPPLIER`: how fresh a supplier's products can be kept."""

from __future__ import annotations

from datetime import timedelta

import click

from zyenta_ops.cli.output import answer, json_option
from zyenta_ops.cli.tables import print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.stores import Cadence
from zyenta_ops.operations.items import FreshnessPlan


@click.command()
@click.argument("key")
@click.option(
    "--cadence",
    type=click.Choice([each.value for each in Cadence], case_sensitive=False),
    default=Cadence.STANDARD.value,
    show_default=True,
    help="Of the run that would begin now.",
)
@json_option
@click.pass_obj
def plan(wiring: Wiring, key: str, cadence: str, as_json: bool) -> None:
    """Project how often each product can be read within the supplier's rate and quota."""
    planned = wiring.operations().items.plan(key, Cadence(cadence))
    answer(planned, as_json, lambda: _show(planned))


def _show(planned: FreshnessPlan) -> None:
    pace = planned.pace
    quota = f", {pace.per_day} a day ({pace.left_today} left today)" if pace.per_day else ""
    click.echo(
        f"{planned.supplier_key}: {planned.watched} products,"
        f" {pace.per_second:g} requests a second{quota}."
    )
    if pace.paused_until:
        click.echo(f"It wants to be left alone until {pace.paused_until:%Y-%m-%d %H:%M} UTC.")
    if not planned.projections:
        click.echo("Nothing is watched yet; import products with --ref.")
        return
    print_table(
        ("Products that are", ">Count", ">Due now", "Wanted every", "Read every"),
        (
            (
                each.urgency.name.lower(),
                each.products,
                each.due,
                span(each.wanted),
                span(each.expected) if each.expected else "never",
            )
            for each in planned.projections
        ),
    )
    click.echo(f"A run begun now asks about {planned.next_run} products.")


def span(duration: timedelta) -> str:
    """A duration for people: 15 min, 4.2 h, 12 days."""
    minutes = duration / timedelta(minutes=1)
    if minutes < 120:
        return f"{minutes:.0f} min"
    if minutes < 48 * 60:
        return f"{minutes / 60:.1f} h"
    return f"{minutes / 1440:.0f} days"
