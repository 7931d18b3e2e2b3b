"""`zyenta-ops alerts`: what merchants and operators were told, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from zyenta_ops.cli.output import Commands, answer, json_option, plain
from zyenta_ops.cli.tables import print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.alerts import Alert, AlertStatus

_STATUSES = click.Choice([each.value for each in AlertStatus], case_sensitive=False)


@click.group(cls=Commands)
def alerts() -> None:
    """List alerts, take note of them, close them."""


@alerts.command("list")
@click.option("--store", metavar="REF", help="Of this store alone; an id or subdomain.")
@click.option("--status", type=_STATUSES, help="Only alerts that stand there.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
@click.pass_obj
def list_(wiring: Wiring, store: str | None, status: str | None, limit: int, as_json: bool) -> None:
    """List alerts, newest first."""
    operations = wiring.operations()
    store_id = operations.stores.show(store).id if store else None
    wanted = AlertStatus(status) if status else None
    found = operations.alerts.listed(store_id, wanted, limit)
    names = {each.id: each.subdomain for each in operations.stores.list()}
    answer(
        [_document(each) | {"store": names.get(each.store_id or "")} for each in found],
        as_json,
        lambda: _print(found, names),
    )


@alerts.command()
@click.argument("alert_id", metavar="ID")
@json_option
@click.pass_obj
def ack(wiring: Wiring, alert_id: str, as_json: bool) -> None:
    """Note that somebody takes care of alert ID."""
    alert = wiring.operations().alerts.acknowledge(alert_id)
    answer(_document(alert), as_json, lambda: click.echo(f"acknowledged: {alert.title}"))


@alerts.command()
@click.argument("alert_id", metavar="ID")
@json_option
@click.pass_obj
def resolve(wiring: Wiring, alert_id: str, as_json: bool) -> None:
    """Close alert ID; alerts whose cause is over close themselves."""
    alert = wiring.operations().alerts.resolve(alert_id)
    answer(_document(alert), as_json, lambda: click.echo(f"resolved: {alert.title}"))


def _document(alert: Alert) -> dict[str, Any]:
    return {**plain(alert), "severity": alert.severity.value, "read": alert.read}


def _print(found: Sequence[Alert], names: Mapping[str, str]) -> None:
    print_table(
        ("Id", "Opened", "Severity", "Status", "Store", "Supplier", "Title"),
        (
            (
                each.id,
                each.opened_at,
                each.severity.lower(),
                each.status.lower(),
                names[each.store_id] if each.store_id else "internal",
                each.supplier_key,
                each.title,
            )
            for each in found
        ),
    )
