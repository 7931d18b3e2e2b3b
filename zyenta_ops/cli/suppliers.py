"""`zyenta-ops supplier …`: add suppliers and our logins at them.

Credentials enter by option, standard input or prompt and never come out again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from zyenta_ops.cli.accounts import (
    account_state,
    check,
    connect,
    disconnect,
    given_settings,
    rotate,
    settings_option,
    show_accounts,
)
from zyenta_ops.cli.feed_options import feed_options, market_options
from zyenta_ops.cli.login_options import given_login, login_options
from zyenta_ops.cli.output import Commands, answer, json_option, plain
from zyenta_ops.cli.tables import document_fields, print_fields, print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.accounts import SupplierAccount
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import Document, Supplier, SupplierKind
from zyenta_ops.settings import Settings

_QUERY: Final = re.compile(r"(://[^?#]*)\?[^#]*")


@click.group("supplier", cls=Commands)
def supplier() -> None:
    """Suppliers: where their catalogues are and how to log in."""


@supplier.command()
@click.argument("key")
@click.option("--feed", "location", required=True, metavar="URL|PATH", help="Its product feed.")
@click.option("--name", help="For people; the key when left out.")
@market_options
@feed_options
@login_options
@json_option
@click.pass_obj
def add(
    wiring: Wiring,
    /,
    key: str,
    location: str,
    name: str | None,
    currency: str,
    country: str,
    feed: Document,
    as_json: bool,
    **given: Any,
) -> None:
    """Add a supplier with a product feed. KEY is its short name: a-z, digits and hyphens.

    What is not said about the feed is told from its content. Secrets given as options stay in the
    shell's history; --header-stdin and --basic-prompt keep them out of it.
    """
    added = wiring.operations().suppliers.add(
        key=key,
        kind=SupplierKind.FEED,
        name=name,
        config={"location": _location(location, wiring.settings), **feed},
        country=country,
        currency=currency,
        credentials=given_login(**given),
    )
    answer(_public(added), as_json, lambda: click.echo(f"Added the supplier {added.key}."))


@supplier.command()
@click.argument("key")
@click.option("--feed", "location", metavar="URL|PATH", help="Its product feed.")
@feed_options
@settings_option
@json_option
@click.pass_obj
def configure(
    wiring: Wiring,
    /,
    key: str,
    location: str | None,
    feed: Document,
    settings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Change how a supplier is read; what is not given stays as it is.

    A supplier with an API has settings (--set), one with a feed has all the other options. An empty
    name, such as --column cost= or --feed-limit rows=, takes an earlier one back.
    """
    suppliers = wiring.operations().suppliers
    given = feed if location is None else {"location": location, **feed}
    if suppliers.show(key).kind.has_api:
        changes = _api_changes(key, settings, given)
    else:
        changes = _feed_changes(key, settings, given, wiring.settings)
    if not changes:
        raise click.UsageError("say what to change; --help lists the options")
    changed = suppliers.reconfigure(key, changes)
    answer(
        _public(changed),
        as_json,
        lambda: click.echo(f"Changed how {key} is read, from its next sweep on."),
    )


@supplier.command("list")
@json_option
@click.pass_obj
def list_suppliers(wiring: Wiring, as_json: bool) -> None:
    """List all suppliers."""
    operations = wiring.operations()
    suppliers = operations.suppliers.list()
    with_api = any(each.kind.has_api for each in suppliers)
    accounts: dict[str, list[SupplierAccount]] = {}
    for account in operations.accounts.every() if with_api else ():
        accounts.setdefault(account.supplier_key, []).append(account)
    content = [
        _public(each) | {"accounts": plain(accounts.get(each.key, []))} for each in suppliers
    ]
    answer(content, as_json, lambda: _show_list(suppliers, accounts))


@supplier.command()
@click.argument("key")
@json_option
@click.pass_obj
def show(wiring: Wiring, key: str, as_json: bool) -> None:
    """Show one supplier; of its credentials only whether there are any and of which kind."""
    operations = wiring.operations()
    found = operations.suppliers.show(key)
    accounts = operations.accounts.of_supplier(key) if found.kind.has_api else ()
    login = None if found.kind.has_api else operations.suppliers.credentials(key)
    content = _public(found) | {
        "credentials": login.kind.value if login else None,
        "accounts": plain(accounts),
    }
    answer(content, as_json, lambda: _show(found, content, accounts))


@supplier.command()
@click.argument("key")
@json_option
@click.pass_obj
def pause(wiring: Wiring, key: str, as_json: bool) -> None:
    """Stop reading a supplier's catalogue; what is known of it stays."""
    _report(wiring.operations().suppliers.pause(key), as_json)


@supplier.command()
@click.argument("key")
@json_option
@click.pass_obj
def resume(wiring: Wiring, key: str, as_json: bool) -> None:
    """Read a supplier's catalogue again."""
    _report(wiring.operations().suppliers.resume(key), as_json)


@supplier.command()
@click.argument("key")
@login_options
@json_option
@click.pass_obj
def login(wiring: Wiring, /, key: str, as_json: bool, **given: Any) -> None:
    """Replace the login at a supplier."""
    credentials = given_login(**given)
    if credentials is None:
        raise click.UsageError("say how to log in; --help lists the ways")
    changed = wiring.operations().suppliers.set_credentials(key, credentials)
    answer(_public(changed), as_json, lambda: click.echo(f"Replaced the login at {key}."))


for _command in (connect, check, rotate, disconnect):
    supplier.add_command(_command)


def _api_changes(key: str, settings: tuple[str, ...], of_feed: Document) -> Document:
    if of_feed:
        raise Refused(f"'{key}' has an API and no feed; change its settings with --set")
    changes = given_settings(settings)
    if "base_url" in changes:
        raise Refused(
            "base_url says where the secrets of accounts are sent; change it by connecting again:"
            f" `zyenta-ops supplier connect {key} --set base_url=…`"
        )
    return changes


def _feed_changes(
    key: str, settings: tuple[str, ...], of_feed: Document, ours: Settings
) -> Document:
    if settings:
        raise Refused(f"'{key}' is a feed and has no settings for --set; --help lists its options")
    if "location" in of_feed:
        return of_feed | {"location": _location(of_feed["location"], ours)}
    return of_feed


def _location(text: str, settings: Settings) -> str:
    """An address as it is, a path made absolute: sweeps run in another folder.

    Raises:
        Refused: no sweep could read it.
    """
    from zyenta_ops.adapters.http import HttpPolicy
    from zyenta_ops.adapters.suppliers.feed import refuse_location

    refuse_location(text, HttpPolicy(allow_private=settings.private_networks))
    return text if "://" in text else str(Path(text).expanduser().absolute())


def _public(shown: Supplier) -> dict[str, Any]:
    """A supplier without the query of its address, where shops put access tokens."""
    content: dict[str, Any] = plain(shown)
    location = content["config"].get("location")
    if isinstance(location, str):
        content["config"] = content["config"] | {"location": _QUERY.sub(r"\1?***", location)}
    return content


def _report(changed: Supplier, as_json: bool) -> None:
    answer(_public(changed), as_json, lambda: click.echo(f"{changed.key} is {changed.status} now."))


def _show_list(
    suppliers: tuple[Supplier, ...], accounts: Mapping[str, list[SupplierAccount]]
) -> None:
    if not suppliers:
        click.echo("No supplier has been added yet; see `zyenta-ops supplier add --help`.")
        return
    print_table(
        ("Supplier", "Name", "Kind", "Market", "Status", ">Sweeps", "Blocked until", "Accounts"),
        (
            (
                each.key,
                each.name,
                each.kind,
                f"{each.country}:{each.currency}",
                each.status,
                each.last_sequence,
                each.blocked_until,
                ", ".join(account_state(account) for account in accounts.get(each.key, ())),
            )
            for each in suppliers
        ),
    )


def _show(found: Supplier, content: dict[str, Any], accounts: tuple[SupplierAccount, ...]) -> None:
    print_fields(
        [
            ("Supplier", found.key),
            ("Name", found.name),
            ("Kind", found.kind),
            ("Ships to", found.country),
            ("Currency", found.currency),
            ("Status", found.status),
            ("Credentials", content["credentials"]),
            ("Sweeps", found.last_sequence),
            ("In force", found.promoted_sequence or None),
            ("Blocked until", found.blocked_until),
            ("Blocked because", found.blocked_reason),
            ("Added", found.created_at),
            *document_fields(content["config"], "Config: "),
        ]
    )
    if accounts:
        show_accounts(accounts)
