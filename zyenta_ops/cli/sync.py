"""`zyenta-ops sync SUPPLIER`: read a supplier and bring its stores in line, now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zyenta_ops.cli.output import answer, json_option
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.errors import Refused

if TYPE_CHECKING:
    import dagster as dg

    from zyenta_ops.cli.runs import SupplierRun


@click.command()
@click.argument("supplier")
@click.option(
    "--store", "stores", multiple=True, metavar="REF", help="Only this store; may be repeated."
)
@json_option
@click.pass_obj
def sync(wiring: Wiring, supplier: str, stores: tuple[str, ...], as_json: bool) -> None:
    """Read SUPPLIER's catalogue now, and bring the stores that sell from it in line.

    The run is one of Dagster's and shows in its UI. Exits 1 when it failed or the catalogue was
    quarantined.
    """
    from rich.console import Console

    from zyenta_ops.cli.dev import prepare_instance
    from zyenta_ops.cli.runs import embedded_instance, sync_supplier
    from zyenta_ops.defs import build_defs
    from zyenta_ops.defs.keys import suppliers

    operations = wiring.operations()
    key = operations.suppliers.show(supplier).key
    store_ids = [operations.stores.show(ref).id for ref in stores]
    prepare_instance(wiring.settings)
    with embedded_instance(wiring.settings) as instance:
        _refuse_while_running(instance, key)
        instance.add_dynamic_partitions(str(suppliers.name), [key])
        with Console(stderr=True).status(f"syncing {key}"):
            run = sync_supplier(build_defs({"operations": operations}), instance, key, store_ids)
    answer(run, as_json, lambda: _show(run))
    if not run.succeeded:
        if run.quarantined:
            raise Refused(
                f"the catalogue of '{key}' is quarantined: {run.reason}; look at it with"
                f" `zyenta-ops quarantine show {key}`"
            )
        raise Refused(f"the sync of '{key}' failed: {run.reason}")


def _refuse_while_running(instance: dg.DagsterInstance, supplier: str) -> None:
    import dagster as dg

    from zyenta_ops.defs.keys import IN_PROGRESS, PARTITION_TAG

    wanted = dg.RunsFilter(statuses=IN_PROGRESS, tags={PARTITION_TAG: supplier})
    if running := instance.get_runs(wanted, limit=1):
        raise Refused(
            f"'{supplier}' has a run in progress already ({running[0].run_id}); wait for its end,"
            " or terminate it in the UI"
        )


def _show(run: SupplierRun) -> None:
    from rich.console import Console

    from zyenta_ops.cli.runs import runs_table

    Console(highlight=False).print(runs_table([run]))
    if run.succeeded:
        catalog = run.assets["supplier_catalog"]
        click.echo(
            f"{run.supplier}: {catalog['status'].lower()}, {catalog['offers']} offers read,"
            f" {catalog['rejected']} entries rejected, {run.seconds:g} s"
        )
