"""`zyenta-ops inbox`: events that came in, and those that could not be acted on."""

from __future__ import annotations

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import print_fields, print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.inbox import EventSource, InboxEvent, InboxStatus

_SOURCES = click.Choice([each.value for each in EventSource], case_sensitive=False)
_STATUSES = click.Choice([each.value for each in InboxStatus], case_sensitive=False)


@click.group(cls=Commands)
def inbox() -> None:
    """Look at events from outside, and act on them again."""


@inbox.command("list")
@click.option("--source", type=_SOURCES, help="Only events of this source.")
@click.option("--status", type=_STATUSES, help="Only events that stand there.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
@click.pass_obj
def list_(
    wiring: Wiring, source: str | None, status: str | None, limit: int, as_json: bool
) -> None:
    """List events, newest first, without their bodies."""
    found = wiring.operations().inbox.listed(
        EventSource(source.lower()) if source else None,
        InboxStatus(status.upper()) if status else None,
        limit,
    )
    answer([_summary(each) for each in found], as_json, lambda: _print(found))


@inbox.command()
@click.argument("event_id")
@json_option
@click.pass_obj
def show(wiring: Wiring, event_id: str, as_json: bool) -> None:
    """Show one event as it came in. Its body may hold personal data."""
    found = wiring.operations().inbox.show(event_id)
    body = found.body.decode("utf-8", "backslashreplace")
    answer(_summary(found) | {"body": body}, as_json, lambda: _show(found, body))


@inbox.command()
@click.argument("event_ids", metavar="[ID]...", nargs=-1)
@json_option
@click.pass_obj
def replay(wiring: Wiring, event_ids: tuple[str, ...], as_json: bool) -> None:
    """Act on events again: those named, or all that are PARKED."""
    revived = wiring.operations().inbox.replay(event_ids)
    answer(
        {"replayed": revived},
        as_json,
        lambda: click.echo(f"{revived} event(s) will be acted on again"),
    )


def _summary(event: InboxEvent) -> dict[str, object]:
    return {
        "id": event.id,
        "source": event.source,
        "event_id": event.event_id,
        "type": event.type,
        "account": event.account,
        "via": event.via,
        "verified": event.verified,
        "status": event.status,
        "attempts": event.attempts,
        "received_at": event.received_at,
        "occurred_at": event.occurred_at,
        "next_attempt_at": event.next_attempt_at,
        "processed_at": event.processed_at,
        "note": event.note,
    }


def _print(found: list[InboxEvent]) -> None:
    print_table(
        ("Id", "Received", "Source", "Type", "Via", "Status", ">Tries", "What it came to"),
        (
            (
                each.id,
                each.received_at,
                each.source,
                each.type,
                each.via.lower(),
                each.status.lower(),
                each.attempts,
                each.note,
            )
            for each in found
        ),
    )


def _show(event: InboxEvent, body: str) -> None:
    print_fields(
        [(name.replace("_", " ").capitalize(), value) for name, value in _summary(event).items()]
    )
    click.echo()
    click.echo("".join(each if each.isprintable() or each == "\n" else " " for each in body))
