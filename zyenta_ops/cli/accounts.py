"""`zyenta-ops supplier connect|check|rotate|disconnect`: our accounts at suppliers with an API."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

import click

from zyenta_ops.cli.output import answer, json_option, plain
from zyenta_ops.cli.sandbox import agreed_code, is_sandboxed
from zyenta_ops.cli.tables import print_table
from zyenta_ops.cli.wiring import Wiring
from zyenta_ops.domain.accounts import AccountStatus, SupplierAccount
from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.stores import Document, Supplier, SupplierKind
from zyenta_ops.operations.accounts import AccountCheck
from zyenta_ops.ports.gateway import Connector

_KINDS: Final = tuple(kind.value.lower() for kind in SupplierKind if kind.has_api)

store_option = click.option(
    "--store", "store_ref", metavar="REF", help="The account is that store's owner's."
)

settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting of a supplier with an API, see docs/suppliers.md; repeatable.",
)


@click.command()
@click.argument("key")
@click.option(
    "--kind", type=click.Choice(_KINDS), help="Whose API it is; told from KEY when left out."
)
@click.option("--country", help="Where goods are shipped to.  [default: US]")
@click.option("--currency", help="Of costs.  [default: USD]")
@click.option("--name", help="For people; the key when left out.")
@settings_option
@store_option
@click.option("--secrets-stdin", is_flag=True, help="Read NAME=VALUE lines from standard input.")
@click.option("--sandbox", is_flag=True, help="Let the running sandbox answer; asks for nothing.")
@json_option
@click.pass_obj
def connect(
    wiring: Wiring,
    /,
    key: str,
    kind: str | None,
    country: str | None,
    currency: str | None,
    name: str | None,
    settings: tuple[str, ...],
    store_ref: str | None,
    secrets_stdin: bool,
    sandbox: bool,
    as_json: bool,
) -> None:
    """Log in at a supplier with an API, adding the supplier if it is new.

    Without --store the account is the platform's own: it reads catalogues and places no orders.
    Connecting again replaces the owner's earlier account.
    """
    operations = wiring.operations()
    known = {each.key: each for each in operations.suppliers.list()}.get(key)
    config = given_settings(settings)
    vendor = SupplierKind((kind or _kind(key, operations.suppliers.list())).upper())
    if sandbox:
        config["base_url"] = _sandbox_url(wiring, vendor)
    supplier = operations.suppliers.draft(
        key=key,
        kind=vendor,
        config=config,
        country=country or (known.country if known else "US"),
        currency=currency or (known.currency if known else "USD"),
        name=name,
    )
    _refuse_to_move(wiring, known, supplier, sandbox)
    connector = operations.accounts.connector(supplier)
    given = (
        _sandbox_secrets(config["base_url"], vendor)
        if sandbox
        else _given(connector, secrets_stdin)
    )
    connected = operations.accounts.connect(supplier, given, store_ref=store_ref)
    content = plain(connected.account) | {"problem": connected.problem}
    answer(content, as_json, lambda: _show_connected(key, connected))
    if connected.problem:
        raise SystemExit(1)


@click.command()
@click.argument("key")
@json_option
@click.pass_obj
def check(wiring: Wiring, key: str, as_json: bool) -> None:
    """Ask a supplier whether our accounts work; one that does is used again at once.

    It is asked even while it wants to be left alone; an answer ends that. Accounts that were
    disconnected are not asked about.
    """
    accounts = wiring.operations().accounts
    known = accounts.of_supplier(key)
    checks = [
        accounts.check(each.id, despite_pause=True)
        for each in known
        if each.status is not AccountStatus.DISCONNECTED
    ]
    answer(checks, as_json, lambda: _show_checks(key, checks))
    if not known or any(each.problem for each in checks):
        raise SystemExit(1)


@click.command()
@click.argument("key")
@store_option
@json_option
@click.pass_obj
def rotate(wiring: Wiring, key: str, store_ref: str | None, as_json: bool) -> None:
    """Exchange an account's tokens for new ones now."""
    accounts = wiring.operations().accounts
    renewed = accounts.renew(accounts.owned(key, store_ref).id)
    answer(renewed, as_json, lambda: click.echo(f"{key} gave new tokens; {_life(renewed)}."))


@click.command()
@click.argument("key")
@store_option
@json_option
@click.pass_obj
def disconnect(wiring: Wiring, key: str, store_ref: str | None, as_json: bool) -> None:
    """Forget an account's secrets; nothing is asked with it any more."""
    accounts = wiring.operations().accounts
    gone = accounts.disconnect(accounts.owned(key, store_ref).id)
    answer(gone, as_json, lambda: click.echo(f"Forgot the account at {key}."))


def account_state(account: SupplierAccount) -> str:
    """How an account stands, in a word or two."""
    if account.status is not AccountStatus.ACTIVE or account.rests_until is None:
        return account.status
    word = "blocked" if account.blocked_until else "left alone"
    return f"{word} until {account.rests_until:%Y-%m-%d %H:%M}"


def given_settings(settings: tuple[str, ...]) -> Document:
    """What --set was given; raises Refused for a word without '='."""
    return dict(_pair(each) for each in settings)


def show_accounts(accounts: tuple[SupplierAccount, ...]) -> None:
    """A table of accounts for people."""
    print_table(
        ("Account", "Owner", "Status", "Access ends", "Renewable until", "Blocked until", "Why"),
        (
            (
                each.label or each.id,
                each.owner_id or "platform",
                each.status,
                each.access_expires_at,
                each.refresh_expires_at,
                each.rests_until,
                each.rest_reason,
            )
            for each in accounts
        ),
    )


def _kind(key: str, suppliers: Iterable[Supplier]) -> str:
    for known in suppliers:
        if known.key == key and known.kind.has_api:
            return known.kind
    for kind in _KINDS:
        if key == kind or key.startswith(f"{kind}-"):
            return kind
    raise click.UsageError(f"say whose API '{key}' is: --kind {'|'.join(_KINDS)}")


def _sandbox_url(wiring: Wiring, vendor: SupplierKind) -> str:
    from zyenta_ops.sandbox.world import BASES

    base = BASES.get(vendor.lower())
    if base is None:
        raise Refused(
            f"the sandbox does not answer for {vendor.lower()}, only for {', '.join(BASES)}"
        )
    return wiring.settings.sandbox_url.rstrip("/") + base


def _refuse_to_move(
    wiring: Wiring, known: Supplier | None, supplier: Supplier, sandbox: bool
) -> None:
    """What is sold for money never comes from the sandbox, and no real secret goes there."""
    if not sandbox and is_sandboxed(supplier, wiring.settings):
        raise Refused(
            f"'{supplier.key}' is answered by the sandbox; give the real account a supplier of its"
            f" own, such as '{supplier.kind.lower()}-{supplier.country.lower()}', or use --sandbox"
        )
    if sandbox and known is not None and not is_sandboxed(known, wiring.settings):
        raise Refused(
            f"'{known.key}' is asked at {known.config['base_url']}, not in the sandbox; choose a"
            f" different key, such as '{known.kind.lower()}-sandbox'"
        )


def _sandbox_secrets(base_url: str, vendor: SupplierKind) -> dict[str, str]:
    from zyenta_ops.sandbox.accounts import DEMO_SECRETS

    secrets = dict(DEMO_SECRETS[vendor.lower()])
    if "code" in secrets:
        secrets["code"] = agreed_code(base_url, secrets["app_key"])
    return secrets


def _given(connector: Connector, from_stdin: bool) -> dict[str, str]:
    if from_stdin:
        return dict(_pair(line) for line in sys.stdin.read().splitlines() if line.strip())
    click.echo(connector.guide, err=True)
    return {
        name: click.prompt(name.replace("_", " "), hide_input=True, err=True)
        for name in connector.asks_for
    }


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Refused("a line without '='; write NAME=VALUE")
    return name.strip(), value.strip()


def _show_connected(key: str, connected: AccountCheck) -> None:
    account = connected.account
    if connected.problem is None:
        click.echo(f"Connected {account.label} at {key}.")
        return
    click.echo(f"Connected an account at {key}, but it does not work: {connected.problem}")
    if account.blocked_until is not None:
        click.echo(
            f"Nothing is asked with it before {account.blocked_until:%Y-%m-%d %H:%M} UTC, or until"
            f" `zyenta-ops supplier check {key}` finds that it works."
        )


def _show_checks(key: str, checks: list[AccountCheck]) -> None:
    if not checks:
        click.echo(f"No account at {key} is connected; run `zyenta-ops supplier connect {key}`.")
    for each in checks:
        shown = each.account.label or each.account.id
        click.echo(
            f"✗ {shown}: {each.problem}"
            if each.problem
            else f"✓ {shown} works; {_life(each.account)}"
        )


def _life(account: SupplierAccount) -> str:
    end = account.refresh_expires_at
    return f"renewable until {end:%Y-%m-%d %H:%M} UTC" if end else "it does not expire"
