"""`zyenta-ops keys …`: the keyring that seals logins."""

from __future__ import annotations

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.wiring import Wiring


@click.group("keys", cls=Commands)
def keys() -> None:
    """The keys under which logins are stored."""


@keys.command()
@json_option
@click.pass_obj
def rotate(wiring: Wiring, as_json: bool) -> None:
    """Seal all logins with the keyring's first key, so that older keys can be dropped."""
    count = wiring.operations().accounts.reseal()
    answer({"resealed": count}, as_json, lambda: click.echo(f"Sealed {count} logins again."))
