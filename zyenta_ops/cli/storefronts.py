"""`zyenta-ops store voice` and `store webhook …`: how customers and stores' systems are told."""

from __future__ import annotations

from typing import Any

import click

from zyenta_ops.cli.documents import read_json
from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import document_fields, print_fields
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.notifications import Channel
from zyenta_ops.domain.storefront_hooks import StorefrontHook


@click.command()
@click.argument("ref")
@click.argument("document", metavar="[JSON|FILE]", required=False)
@json_option
@click.pass_obj
def voice(wiring: Wiring, ref: str, document: str | None, as_json: bool) -> None:
    """Show how a store speaks to its customers, or replace it by a JSON document."""
    stores = wiring.operations().stores
    given = None if document is None else read_json(document, "the document")
    found = stores.show(ref) if given is None else stores.set_voice(ref, given)
    answer(found.voice, as_json, lambda: print_fields(document_fields(found.voice)))


@click.group("webhook", cls=Commands)
def webhook() -> None:
    """Tell a store's own system of its orders and their parcels, by Standard Webhooks."""


@webhook.command("set")
@click.argument("ref")
@click.argument("url", required=False)
@click.option(
    "--read-url",
    metavar="URL",
    help="Where it says what it shows, with {number} for the order's; empty = nowhere.",
)
@click.option("--rotate", is_flag=True, help="Sign with a new secret, too.")
@click.option("--drop-old", is_flag=True, help="Sign with the newest secret alone from now on.")
@json_option
@click.pass_obj
def set_(
    wiring: Wiring,
    ref: str,
    url: str | None,
    read_url: str | None,
    rotate: bool,
    drop_old: bool,
    as_json: bool,
) -> None:
    """Post the events of store REF to URL, or change how; turns the webhook on.

    A new secret is shown once. While there are several, every event is signed with each of them.
    """
    chosen = wiring.operations().storefront_hooks.set(
        ref, url, read_url, rotate=rotate, drop_old=drop_old
    )
    content = _document(chosen.hook) | ({"secret": chosen.secret} if chosen.secret else {})

    def show() -> None:
        _show(chosen.hook)
        if chosen.secret:
            click.echo(f"{chosen.secret}\nThis secret is not shown again; give it to the receiver.")

    answer(content, as_json, show)


@webhook.command()
@click.argument("ref")
@json_option
@click.pass_obj
def show(wiring: Wiring, ref: str, as_json: bool) -> None:
    """Show where the events of store REF are posted."""
    hook = wiring.operations().storefront_hooks.show(ref)
    answer(_document(hook), as_json, lambda: _show(hook))


@webhook.command()
@click.argument("ref")
@json_option
@click.pass_obj
def test(wiring: Wiring, ref: str, as_json: bool) -> None:
    """Post a test event to the system of store REF, and say whether it was taken."""
    operations = wiring.operations()
    transport = operations.notifications.transports[Channel.STOREFRONT]
    operations.storefront_hooks.test(ref, transport)
    answer({"taken": True}, as_json, lambda: click.echo("The test event was taken."))


@webhook.command()
@click.argument("ref")
@json_option
@click.pass_obj
def off(wiring: Wiring, ref: str, as_json: bool) -> None:
    """Tell the system of store REF nothing more, until it is set anew."""
    hook = wiring.operations().storefront_hooks.turn_off(ref)
    answer(_document(hook), as_json, lambda: click.echo("Turned off."))


def _document(hook: StorefrontHook) -> dict[str, Any]:
    return {
        "store_id": hook.store_id,
        "url": hook.url,
        "read_url": hook.read_url,
        "secrets": len(hook.secrets),
        "off_since": hook.off_since,
        "off_reason": hook.off_reason,
    }


def _show(hook: StorefrontHook) -> None:
    print_fields(
        [
            ("Posts to", hook.url),
            ("Reads back", hook.read_url or "nothing"),
            ("Secrets", len(hook.secrets)),
            ("State", f"off: {hook.off_reason}" if hook.off_since else "on"),
        ]
    )
