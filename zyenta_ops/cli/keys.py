"""`zyenta-ops keys …`: the keyring that seals logins and webhooks' secrets."""

from __future__ import annotations

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.wiring import Wiring


@click.group("keys", cls=Commands)
def keys() -> None:
    """The keys under which secrets are stored."""


@keys.command()
@json_option
@click.pass_obj
def rotate(wiring: Wiring, as_json: bool) -> None:
    """Seal all secrets with the keyring's first key, so that older keys can be dropped."""
    operations = wiring.operations()
    sealing = (operations.accounts, operations.hooks, operations.storefront_hooks)
    count = sum(each.reseal() for each in sealing)
    answer({"resealed": count}, as_json, lambda: click.echo(f"Sealed {count} secrets again."))
