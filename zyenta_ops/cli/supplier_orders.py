"""What `zyenta-ops orders` says of supplier orders, and the machine that they run on."""

from __future__ import annotations

from collections.abc import Sequence

import click

from zyenta_ops.cli.tables import cell, print_table
from zyenta_ops.domain.fulfillment import mermaid
from zyenta_ops.domain.fulfillment.standing import Standing


@click.command()
def diagram() -> None:
    """Print how supplier orders move from stage to stage, as a Mermaid diagram."""
    click.echo(mermaid())


def show_supplier_orders(standings: Sequence[Standing]) -> None:
    """Print every supplier order: where it is, why it waits, what happens next and when."""
    if not standings:
        return
    print_table(
        ("Bought from", "Reference", "Stage", ">Units", ">Cost", "There called"),
        (
            (
                each.supplier_order.supplier_key,
                each.supplier_order.client_ref,
                _stage(each),
                each.supplier_order.units(),
                None if each.supplier_order.quote is None else each.supplier_order.quote.total,
                ", ".join(external.external_id for external in each.supplier_order.external),
            )
            for each in standings
        ),
    )
    for each in standings:
        click.echo(cell(f"{each.supplier_order.supplier_key}: {_sentence(each)}"))
    parcels = [
        (shipment.parcel, shipment)
        for each in standings
        for shipment in each.supplier_order.shipments
    ]
    if parcels:
        print_table(
            ("Parcel", "Carrier", "State", "Sent", "Expected", "Delivered"),
            (
                (
                    parcel.number,
                    parcel.carrier,
                    parcel.state,
                    shipment.shipped_at,
                    parcel.expected_at,
                    shipment.delivered_at,
                )
                for parcel, shipment in parcels
            ),
        )


def _stage(standing: Standing) -> str:
    it = standing.supplier_order
    return it.stage if it.reason is None else f"{it.stage} ({it.reason})"


def _sentence(standing: Standing) -> str:
    """Why it waits, what happens next, and when."""
    next_ = standing.outlook
    if next_.step is not None:
        return f"{next_.why}; next: {next_.step}, at once"
    if standing.supplier_order.is_over:
        return next_.why
    when = "once something new is heard" if next_.at is None else f"at {cell(next_.at)}"
    return f"{next_.why}; looked at again {when}"
