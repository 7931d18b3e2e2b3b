"""`zyenta-ops tokens`: who may call the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

from zyenta_ops.cli.output import Commands, answer, json_option
from zyenta_ops.cli.tables import print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.ports.web import ApiToken


@click.group(cls=Commands)
def tokens() -> None:
    """Issue tokens for the API, list and revoke them."""


@tokens.command()
@click.argument("label")
@click.option("--store", "stores", multiple=True, metavar="REF", help="It reaches; repeatable.")
@click.option("--account-of", metavar="REF", help="It reaches every store of this store's owner.")
@click.option("--operator", is_flag=True, help="It reaches everything.")
@click.option("--days", type=click.IntRange(1, 3_650), help="It ends after; never when left out.")
@json_option
@click.pass_obj
def add(
    wiring: Wiring,
    label: str,
    stores: tuple[str, ...],
    account_of: str | None,
    operator: bool,
    days: int | None,
    as_json: bool,
) -> None:
    """Issue a token called LABEL and show it, once."""
    if [bool(stores), account_of is not None, operator].count(True) != 1:
        raise click.UsageError("say what the token reaches: --store, --account-of or --operator")
    operations = wiring.operations()
    issued = operations.tokens.add(
        label,
        store_refs=(account_of,) if account_of else stores,
        whole_account=account_of is not None,
        expires_at=operations.clock() + timedelta(days=days) if days else None,
    )
    answer(
        {"id": issued.token.id, "token": issued.text},
        as_json,
        lambda: click.echo(f"{issued.text}\nThis token is not shown again."),
    )


@tokens.command("list")
@json_option
@click.pass_obj
def list_(wiring: Wiring, as_json: bool) -> None:
    """List tokens, without their text, which nobody knows any more."""
    found = wiring.operations().tokens.listed()
    answer(found, as_json, lambda: _print(found))


@tokens.command()
@click.argument("token_id", metavar="ID")
@json_option
@click.pass_obj
def revoke(wiring: Wiring, token_id: str, as_json: bool) -> None:
    """End token ID at once."""
    wiring.operations().tokens.revoke(token_id)
    answer({"revoked": token_id}, as_json, lambda: click.echo("Revoked."))


def _print(found: Sequence[ApiToken]) -> None:
    print_table(
        ("Id", "Label", "Reaches", "Issued", "Ends", "Revoked", "Last used"),
        (
            (
                each.id,
                each.label,
                _reach(each),
                each.created_at,
                each.expires_at,
                each.revoked_at,
                each.last_used_at,
            )
            for each in found
        ),
    )


def _reach(token: ApiToken) -> str:
    if token.is_operators:
        return "everything"
    return ", ".join(token.store_ids) or f"account {token.account_id}"
