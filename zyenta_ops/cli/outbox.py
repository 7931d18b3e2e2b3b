"""`zyenta-ops outbox`: messages on their way out, and those that were given up."""

from __future__ import annotations

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.notifications import MessageRecord, MessageStatus

_STATUSES = click.Choice([each.value for each in MessageStatus], case_sensitive=False)


@click.group(cls=Commands)
def outbox() -> None:
    """Look at outbound messages, and try given-up ones again."""


@outbox.command("list")
@click.option("--status", type=_STATUSES, help="Only messages that stand there.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
@click.pass_obj
def list_(wiring: Wiring, status: str | None, limit: int, as_json: bool) -> None:
    """List messages, newest first, without their contents."""
    wanted = MessageStatus(status) if status else None
    found = wiring.operations().notifications.listed(wanted, limit)
    answer(found, as_json, lambda: _print(found))


@outbox.command()
@click.argument("message_ids", metavar="[ID]...", nargs=-1)
@json_option
@click.pass_obj
def retry(wiring: Wiring, message_ids: tuple[str, ...], as_json: bool) -> None:
    """Make FAILED and SUPPRESSED messages due again: those named, or all of them."""
    revived = wiring.operations().notifications.retry(message_ids)
    answer(
        {"retried": revived},
        as_json,
        lambda: click.echo(f"{revived} message(s) will be tried again"),
    )


def _print(found: list[MessageRecord]) -> None:
    print_table(
        ("Id", "Created", "Status", ">Tries", "Channel", "Recipient", "Template", "Last error"),
        (
            (
                each.id,
                each.created_at,
                each.status.lower(),
                each.attempts,
                each.channel.lower(),
                each.recipient,
                each.template,
                each.last_error,
            )
            for each in found
        ),
    )
