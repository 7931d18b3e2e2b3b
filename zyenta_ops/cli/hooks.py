"""`zyenta-ops hooks`: the addresses that sources post to."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.ports.web import Endpoint

_SOURCES: Final = click.Choice([each.value for each in EventSource])

from_stdin = click.option("--secret-stdin", is_flag=True, help="Read it from standard input.")
prompted = click.option("--secret-prompt", is_flag=True, help="Ask for it without showing it.")


@click.group(cls=Commands)
def hooks() -> None:
    """Open addresses for webhooks, give them secrets, close them."""


@hooks.command()
@click.argument("source", type=_SOURCES)
@click.option("--label", default="", help="For people; the source when left out.")
@click.option("--account", default="", help="Ours at the source, where deliveries do not say it.")
@from_stdin
@prompted
@json_option
@click.pass_obj
def add(
    wiring: Wiring,
    /,
    source: str,
    label: str,
    account: str,
    secret_stdin: bool,
    secret_prompt: bool,
    as_json: bool,
) -> None:
    """Open an address for SOURCE and show it, once.

    Some sources make the secret when they are told the address: add it then with `hooks rotate`.
    """
    given = _secret(secret_stdin, secret_prompt)
    opened = wiring.operations().hooks.add(EventSource(source), label, account, given)
    base = wiring.settings.edge_url.rstrip("/")
    url = f"{base}/hooks/{source}/{opened.token}"

    def show() -> None:
        click.echo(f"{url}\nThis address is not shown again; keep it like a password.")
        if given is None:
            click.echo(
                "It takes nothing before it has a secret: zyenta-ops hooks rotate"
                f" {opened.endpoint.id} --secret-prompt"
            )

    answer({"id": opened.endpoint.id, "url": url}, as_json, show)


@hooks.command()
@click.argument("endpoint_id", metavar="ID")
@from_stdin
@prompted
@click.option("--drop-old", is_flag=True, help="Accept the newest secret alone from now on.")
@json_option
@click.pass_obj
def rotate(
    wiring: Wiring,
    endpoint_id: str,
    secret_stdin: bool,
    secret_prompt: bool,
    drop_old: bool,
    as_json: bool,
) -> None:
    """Give endpoint ID a new secret besides the old ones, or drop the old ones."""
    given = _secret(secret_stdin, secret_prompt)
    if (given is None) is not drop_old:
        raise click.UsageError("give a new secret with --secret-prompt, or --drop-old")
    operations = wiring.operations().hooks
    if given is None:
        count = operations.drop_old_secrets(endpoint_id)
    else:
        count = operations.add_secret(endpoint_id, given)
    answer(
        {"id": endpoint_id, "secrets": count},
        as_json,
        lambda: click.echo(f"The endpoint accepts {count} secret{'s' if count != 1 else ''}."),
    )


@hooks.command("list")
@json_option
@click.pass_obj
def list_(wiring: Wiring, as_json: bool) -> None:
    """List endpoints, without their addresses, which nobody knows any more."""
    operations = wiring.operations().hooks
    found = operations.listed()
    documents = [_document(each, len(operations.secrets_of(each))) for each in found]
    answer(documents, as_json, lambda: _print(documents))


@hooks.command()
@click.argument("endpoint_id", metavar="ID")
@json_option
@click.pass_obj
def revoke(wiring: Wiring, endpoint_id: str, as_json: bool) -> None:
    """Close endpoint ID for good."""
    wiring.operations().hooks.revoke(endpoint_id)
    answer({"revoked": endpoint_id}, as_json, lambda: click.echo("Closed."))


def _secret(from_stdin: bool, by_prompt: bool) -> str | None:
    if from_stdin and by_prompt:
        raise click.UsageError("give the secret with --secret-stdin or --secret-prompt, not both")
    if from_stdin:
        return sys.stdin.read().strip()
    if by_prompt:
        return str(click.prompt("secret", hide_input=True, err=True))
    return None


def _document(endpoint: Endpoint, secrets: int) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "source": endpoint.source,
        "label": endpoint.label,
        "account": endpoint.account,
        "secrets": secrets,
        "created_at": endpoint.created_at,
        "revoked_at": endpoint.revoked_at,
    }


def _print(documents: Sequence[dict[str, Any]]) -> None:
    print_table(
        ("Id", "Source", "Label", "Account", "Secrets", "Opened", "Closed"),
        (tuple(each.values()) for each in documents),
    )
